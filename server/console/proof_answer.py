"""A file of a rectification report as an HTTP answer, for desk, portal and API alike."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.console.file_answer import IN_PLACE, NAMES
from server.portal import proof_files
from server.queries.reading import reading
from server.wiring import Services
from sync.merge import Record

REPORT = "rectification_report"
POLICY = "default-src 'none'; sandbox"
"""What an institution hands in runs nothing in the browser of whoever verifies it."""


def desk_answer(services: Services, user: str, report: str, digest: str) -> Response:
    """Return a file of a report to whoever reads the report at the desk; raises NotFound. Every reading is logged."""
    with reading(services, user) as look:
        found = look.one(REPORT, report)
    answer = proof_answer(services, found, digest)
    access_log.note(services, user, access_log.READ_FILE, report)
    return answer


def proof_answer(services: Services, report: Record, digest: str) -> Response:
    """Return a file that a report names; raises NotFound or FileCorrupt."""
    media_type, parts = proof_files.content(services, report, digest)
    way = "inline" if media_type in IN_PLACE else "attachment"
    answer = Response(parts, content_type=media_type if media_type in NAMES else "application/octet-stream")
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Content-Disposition"] = (
        f'{way}; filename="proof-{digest[:12]}.{NAMES.get(media_type, "bin")}"'
    )
    return answer
