"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from flask import make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response

from server.accounts import cookie
from server.accounts.credentials import WrongPassword
from server.console.desk import LOCALES, blueprint, framed, local, shell
from server.console.pages import SignInPage
from server.current import services
from sync.errors import BadValue


@blueprint.get("/sign-in")
def sign_in() -> Response:
    """Show the form, or go on if somebody is signed in."""
    wanted = local(request.args.get("next"))
    if cookie.reader() is not None:
        return redirect(wanted or url_for("console.home"), 303)
    return _form(next=wanted, failed="expired" if cookie.has_ended() else None)


@blueprint.post("/sign-in", endpoint="sign_in_now")
def sign_in_now() -> Response:
    """Sign in and return to the page that asked for it."""
    wanted = local(request.form.get("next"))
    login = request.form.get("username", "")
    try:
        cookie.sign_in(login, request.form.get("password", ""))
    except WrongPassword:
        return _form(username=login, next=wanted, failed="wrong", status=403)
    return redirect(wanted or url_for("console.home"), 303)


def _form(*, username: str = "", next: str = "", failed: str | None = None, status: int = 200) -> Response:  # noqa: A002
    page = SignInPage(origin=services().ledger.origin, username=username, next=next, failed=failed)
    return make_response(framed(page, shell(None)), status)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session on the server."""
    cookie.sign_out()
    return redirect(url_for("console.sign_in"), 303)


@blueprint.post("/language")
def language() -> Response:
    """Remember the language for this browser."""
    chosen = request.form.get("language")
    if chosen not in LOCALES:
        raise BadValue(f"the languages are {', '.join(LOCALES)}", field="language")
    session[cookie.LANGUAGE] = chosen
    return redirect(local(request.form.get("next")) or url_for("console.home"), 303)
