"""A file of evidence as an HTTP answer, for pages and API alike; reading an original is logged."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.evidence import picture
from server.evidence.picture import PICTURES, WIDTHS
from server.queries.reading import reading
from server.wiring import Services
from sync.errors import BadValue

NAMES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/heic": "heic",
    "application/pdf": "pdf",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
}
"""The declared media types that are ever named to a browser, with the ending of a saved file."""


def file_answer(services: Services, user: str, evidence: str, width: str | None = None) -> Response:
    """Return the original of an evidence item, or a small version `width` wide.

    Raises NotFound outside the user's scope, FileUnverified, FileCorrupt, BadValue for a width that is not offered.
    """
    with reading(services, user) as look:
        item = look.one("evidence", evidence)
    if width is not None:
        if width not in map(str, WIDTHS):
            raise BadValue(f"the widths are {', '.join(map(str, WIDTHS))}", field="width")
        shown = picture.derivative(services, item, int(width))
    else:
        shown = picture.original(services, item)
        access_log.note(services, user, access_log.READ_FILE, evidence)
    known = shown.media_type if shown.media_type in NAMES else "application/octet-stream"
    # Only what cannot carry a script is shown in place; the type was fixed at capture and is never sniffed.
    way = "inline" if known in PICTURES else "attachment"
    answer = Response(shown.parts, content_type=known)
    answer.headers["Content-Length"] = str(shown.size)
    answer.headers["Content-Disposition"] = (
        f'{way}; filename="evidence-{evidence[-12:]}.{NAMES.get(known, "bin")}"'
    )
    return answer
