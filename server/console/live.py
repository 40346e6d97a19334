"""Pages that are looked at again every few seconds: what they show follows from the ledger, so its size tells enough.

Stateless: any worker answers any look. A look that nobody asked for by hand keeps no session alive.
"""

from __future__ import annotations

import hashlib

from flask import Response, request

from server.accounts import cookie
from server.console.desk import blueprint, language
from server.current import services
from server.storage import ledger_store

MINUTE_MS = 60_000
MARK = "live_mark"


@blueprint.before_request
def _unchanged() -> Response | None:
    """Answer 304, before anything is read for the page, where a look would show what it showed before."""
    who = cookie.reader()
    if who is None or request.method != "GET" or not cookie.is_live():
        return None
    mark = _mark(who.id)
    request.environ[MARK] = mark
    if mark in request.if_none_match:
        answer = Response(status=304)
        answer.set_etag(mark)
        return answer
    return None


@blueprint.after_request
def _marked(answer: Response) -> Response:
    mark = request.environ.get(MARK)
    if mark and answer.status_code == 200 and answer.mimetype == "text/html":
        answer.set_etag(mark)
    return answer


def _mark(user: str) -> str:
    """Return a digest of all that a page follows from: the ledger, the reader, the address and the minute.

    The minute stands for what no entry tells: words like `3 minutes ago`, and messages that are on their way.
    """
    here = services()
    with here.database.reading() as connection:
        size = ledger_store.head(connection, here.ledger.id).size
    minute = here.now_ms() // MINUTE_MS
    parts = (here.ledger.origin, str(size), user, language(), request.full_path, str(minute))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
