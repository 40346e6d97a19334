"""A file that an institution handed in as an HTTP answer, for desk, portal and API alike."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.console.file_answer import IN_PLACE, NAMES
from server.portal import proof_files
from server.portal.handed_files import WRITINGS
from server.queries.reading import reading
from server.wiring import Services
from sync.errors import NotFound
from sync.merge import Record

REPORT = "rectification_report"
POLICY = "default-src 'none'; sandbox"
"""What an institution hands in runs nothing in the browser of whoever verifies it."""


def desk_answer(services: Services, user: str, kind: str, record: str, digest: str) -> Response:
    """Return a file to whoever reads at the desk the record that names it; raises NotFound. Each reading is logged."""
    with reading(services, user) as look:
        found = look.one(kind, record)
    answer = proof_answer(services, found, digest)
    access_log.note(services, user, access_log.READ_FILE, record)
    return answer


def writing_answer(services: Services, user: str, kind: str, record: str, digest: str) -> Response:
    """Return a file of a statement or an appeal as `desk_answer` does; raises NotFound for any other kind."""
    if kind not in WRITINGS:
        raise NotFound(item=record)
    return desk_answer(services, user, kind, record, digest)


def proof_answer(services: Services, record: Record, digest: str) -> Response:
    """Return a file that a record names; raises NotFound or FileCorrupt."""
    media_type, parts = proof_files.content(services, record, digest)
    way = "inline" if media_type in IN_PLACE else "attachment"
    answer = Response(parts, content_type=media_type if media_type in NAMES else "application/octet-stream")
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Content-Disposition"] = (
        f'{way}; filename="proof-{digest[:12]}.{NAMES.get(media_type, "bin")}"'
    )
    return answer
