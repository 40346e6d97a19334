"""What goes wrong, told in the form that was asked for: a page to people, a problem to programs."""

from __future__ import annotations

import structlog
from flask import Flask, make_response, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import BadHost, HTTPException
from werkzeug.wrappers import Response

from server import problems
from server.access.own_institution import is_party
from server.access.signed import AssertionWanted
from server.accounts import cookie
from server.console.desk import framed, local, shell
from server.console.pages import ErrorPage, Shell
from server.console.refusals import told_by_code
from server.console.signing import is_asking
from server.portal.pages import PortalError
from sync.errors import Busy, Refusal, SignInRequired

PROGRAMS = ("/v1/", "/api/", "/ledger/", "/healthz", "/readyz", "/metrics", "/add-checkpoint", "/static/")
"""Where programs ask; everywhere else a person does."""
PORTAL = ("/portal", "/ack")
BACK = {
    "console.review": "console.evidence",
    "console.together": "console.evidence_queue",
    "console.undo": "console.evidence_queue",
    "console.photo": "console.evidence",
    "console.confirm": "console.finding",
    "console.resolve": "console.conflict",
    "console.revoke_device": "console.device",
    "console.rule": "console.late",
    "console.begin_second_factor": "console.account",
    "console.remove_passkey": "console.account",
    "console.readmit": "console.kept",
    "console.report_lost": "console.device",
}
"""Where a person was who got an error from an address that is no page."""
log = structlog.get_logger()


class FormExpired(Refusal):
    """The form or request does not carry this session's token."""

    code = "form_expired"
    next = "Reload the page, or fetch GET /api/session and send its token as X-CSRFToken."


def install(app: Flask) -> None:
    """Answer every refusal and HTTP error; takes the place of the handlers that speak to programs alone."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(NoConnection, _crowded)


def _crowded(_: NoConnection) -> Response:
    """Answer where every connection of the pool stayed in use: nothing was asked of the database."""
    return _refused(Busy("every connection to the database is in use"))


def _refused(refusal: Refusal) -> Response:
    if request.path.startswith(PROGRAMS) or (isinstance(refusal, AssertionWanted) and is_asking()):
        return problems.refused(refusal)
    if isinstance(refusal, SignInRequired):
        return redirect(url_for("console.sign_in", next=_return_to()), 303)
    log.info("refused", code=refusal.code, path=request.url_rule.rule if request.url_rule else None)
    page = _page(problems.status_of(refusal), refusal.code, item=refusal.item or "")
    if (seconds := problems.retry_after(refusal)) is not None:
        page.headers["Retry-After"] = str(seconds)
    return page


def _http(error: HTTPException) -> Response:
    if isinstance(error, CSRFError):
        return _refused(FormExpired())
    # A request whose Host is none has no addresses that a page could lead to.
    if request.path.startswith(PROGRAMS) or error.code is None or isinstance(error, BadHost):
        return problems.http(error)
    answer = _page(error.code, f"http_{error.code}")
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _return_to() -> str:
    """Return the page to come back to after signing in: never one that only takes a form."""
    if request.method == "GET" and request.endpoint not in BACK:
        return local(request.full_path if request.query_string else request.path)
    return _back()


def _back() -> str:
    endpoint = BACK.get(request.endpoint or "")
    return url_for(endpoint, **(request.view_args or {})) if endpoint else ""


def _page(status: int, code: str, item: str = "") -> Response:
    words, frame = told_by_code(code), _frame()
    kind = PortalError if _is_of_the_portal(frame) else ErrorPage
    page = kind(
        status=status,
        code=code,
        happened=str(words.happened),
        kept=str(words.kept),
        next=str(words.next),
        item=item,
        back=_back(),
    )
    return make_response(framed(page, frame), status)


def _is_of_the_portal(frame: Shell) -> bool:
    """Return whether an error is told in the portal's frame: there, and to an institution's user anywhere."""
    party = frame.reader is not None and is_party(frame.reader.roles)
    return party or (frame.reader is None and request.path.startswith(PORTAL))


def _frame() -> Shell:
    """Return the frame of an error's page; without a reader if even that cannot be asked any more."""
    try:
        return shell(cookie.reader())
    except (SQLAlchemyError, Refusal):
        cookie.forget_reader()
        return shell(None)
