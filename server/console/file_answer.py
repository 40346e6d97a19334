"""A file of evidence as an HTTP answer, for pages and API alike; every reading is logged."""

from __future__ import annotations

from flask import Response, request

from server import problems
from server.accounts import access_log
from server.evidence import paper, picture, ranges, watermark
from server.evidence.picture import MARKED_WIDTH, WIDTHS, Shown
from server.queries import people
from server.queries.reading import Reading, reading
from server.wiring import Services
from sync.errors import BadValue, NotFound, RangeUnsatisfiable
from sync.merge import Record

NAMES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/heic": "heic",
    "application/pdf": "pdf",
    "audio/mp4": "m4a",
    "video/mp4": "mp4",
    "application/json": "json",
}
"""The declared media types that are ever named to a browser, with the ending of a saved file."""
IN_PLACE = ("image/jpeg", "image/png", "audio/mp4", "video/mp4")
"""Only what cannot carry a script is shown in place; the type was fixed at capture and is never sniffed."""


def file_answer(services: Services, user: str, evidence: str, width: str | None = None) -> Response:
    """Return the original of an evidence item, a range of it, or a version `width` wide.

    Raises NotFound outside the user's scope, FileUnverified, FileCorrupt, BadValue for a width that is not offered.
    """
    with reading(services, user) as look:
        item = look.ever("evidence", evidence)
        marks = _marks(look, item) if width == str(MARKED_WIDTH) else ()
    if width is not None:
        if width not in map(str, WIDTHS):
            raise BadValue(f"the widths are {', '.join(map(str, WIDTHS))}", field="width")
        shown = picture.derivative(services, item, int(width), marks)
        access_log.note_once(services, user, access_log.READ_SMALL, evidence)
        return _answer(shown, evidence)
    etag, size = f'"{item.values["digest"]}"', int(item.values["size"])
    try:
        span = ranges.wanted(
            request.headers.get("Range"), request.headers.get("If-Range"), etag=etag, size=size
        )
    except RangeUnsatisfiable as refusal:
        return problems.respond(refusal)
    if span is None:
        shown = picture.original(services, item)
        access_log.note(services, user, access_log.READ_FILE, evidence)
    else:
        shown = picture.part(services, item, *span)
        access_log.note_once(services, user, access_log.READ_FILE, evidence)
    answer = _answer(shown, evidence)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["ETag"] = etag
    if span is not None:
        answer.status_code = 206
        answer.headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{size}"
    return answer


def page_answer(services: Services, user: str, evidence: str, number: str) -> Response:
    """Return a page of a PDF as a picture; raises NotFound outside the user's scope, and for a page that is not."""
    with reading(services, user) as look:
        item = look.ever("evidence", evidence)
    if not number.isascii() or not number.isdigit() or len(number) > 4:
        raise NotFound(item=evidence)
    shown = paper.page(services, item, int(number))
    # Whoever sees its pages has read the file.
    access_log.note_once(services, user, access_log.READ_FILE, evidence)
    return _answer(shown, evidence)


def _marks(look: Reading, item: Record) -> tuple[str, ...]:
    """Return what is drawn on a marked copy."""
    named = [user for user in (item.created_by, item.values.get("second_officer")) if user]
    known = people.officers(look, named)
    return watermark.words(item, [known[user].name for user in named], look.services.config.zone)


def _answer(shown: Shown, evidence: str) -> Response:
    known = shown.media_type if shown.media_type in NAMES else "application/octet-stream"
    way = "inline" if known in IN_PLACE else "attachment"
    answer = Response(shown.parts, content_type=known)
    answer.headers["Content-Length"] = str(shown.size)
    answer.headers["Content-Disposition"] = (
        f'{way}; filename="evidence-{evidence[-12:]}.{NAMES.get(known, "bin")}"'
    )
    return answer
