"""Evidence: the queue, one item, and its file."""

from __future__ import annotations

from flask import Response, request

from server.accounts import access_log, cookie
from server.console.desk import blueprint, looking, show
from server.console.file_answer import file_answer, page_answer
from server.console.pages import EvidencePage
from server.console.record_answer import record_answer
from server.current import services
from server.queries import evidence as queries
from server.queries import evidence_queue as queue
from server.queries.evidence_queue import asked
from server.queries.reading import page_number
from sync.errors import BadValue


@blueprint.get("/evidence")
def evidence_queue() -> str:
    """List evidence by the words of the address; what waits for review unless told."""
    with looking() as look:
        wanted, page = asked(request.args), page_number(request.args.get("page"))
        return show(queue.evidence_queue(look, wanted, page), look)


@blueprint.get("/evidence/<id>")
def evidence(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one item with its proof recomputed now."""
    with looking() as look:
        page = queries.evidence_page(look, id, asked(request.args))
        note_late(page, id)
        return show(page, look)


@blueprint.get("/evidence/<id>/record.pdf", endpoint="record_file")
def record_file(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a written record as PDF/A."""
    with looking() as look:
        return record_answer(look, id)


@blueprint.get("/evidence/<id>/file")
def photo(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send the original, or a small version of it."""
    return file_answer(services(), cookie.signed_in().id, id, request.args.get("width"))


@blueprint.get("/evidence/<id>/pages/<page>")
def paper(id: str, page: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a page of a PDF as a picture."""
    return page_answer(services(), cookie.signed_in().id, id, page)


def note_late(page: EvidencePage, record: str) -> None:
    """Note that late changes of an item were read, where it has any."""
    if page.amendment and page.amendment.late:
        access_log.note_once(services(), cookie.signed_in().id, access_log.READ_LATE, record)


def whole(text: str | None, field: str) -> int:
    """Return a whole number from a form; raises BadValue."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadValue("a whole number is missing", field=field)
    return int(text)
