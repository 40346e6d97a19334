"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from flask import make_response, redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server.accounts import cookie, single_sign_on
from server.accounts.credentials import WrongPassword
from server.accounts.passkeys import PasskeyWanted, are_possible
from server.accounts.sessions import Half
from server.accounts.single_sign_on import ProviderDown, SignOnRefused, SignOnUnknown
from server.console.desk import LOCALES, blueprint, framed, local, shell
from server.console.pages import SignInPage
from server.current import services
from sync.errors import BadValue

BEGUN = "oidc"
"""Under which name the browser's cookie keeps what a sign-on began with."""


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
        found = cookie.sign_in(login, request.form.get("password", ""), in_steps=True)
    except WrongPassword:
        return _form(username=login, next=wanted, failed="wrong", status=403)
    except PasskeyWanted:
        return _form(username=login, next=wanted, failed="passkey", status=403)
    if isinstance(found, Half):
        step = "console.sign_in_code" if found.awaits == cookie.CODE else "console.sign_in_set_up"
        return redirect(url_for(step, next=wanted or None), 303)
    return redirect(wanted or url_for("console.home"), 303)


@blueprint.get("/sign-in/oidc", endpoint="sign_on")
def sign_on() -> Response:
    """Go to the provider of single sign-on, or tell that it is down."""
    wanted = local(request.args.get("next"))
    services().rates.check_sign_in(request)
    try:
        address, session[BEGUN] = single_sign_on.begin(services(), wanted)
    except ProviderDown as refusal:
        return _form(next=wanted, failed=refusal.code, status=503)
    return redirect(address, 303)


@blueprint.get(single_sign_on.BACK, endpoint="signed_on")
def signed_on() -> Response:
    """Come back from the provider: signed in where it proved a user who is linked, else told why not."""
    services().rates.check_sign_in(request)
    kept = session.pop(BEGUN, None)
    try:
        user, wanted = single_sign_on.finish(services(), kept, request.args)
    except SignOnUnknown as refusal:
        return _form(failed=refusal.code, subject=str(refusal.facts.get("subject", "")), status=403)
    except (SignOnRefused, ProviderDown) as refusal:
        return _form(failed=refusal.code, status=503 if isinstance(refusal, ProviderDown) else 403)
    cookie.sign_on(user)
    return redirect(local(wanted) or url_for("console.home"), 303)


def _form(  # the words of the page
    *,
    username: str = "",
    next: str = "",  # noqa: A002
    failed: str | None = None,
    subject: str = "",
    status: int = 200,
) -> Response:
    here = services()
    config = here.config
    page = SignInPage(
        origin=here.ledger.origin,
        username=username,
        next=next,
        failed=failed,
        passkeys=are_possible(here),
        subject=subject,
        provider=(config.oidc_label or gettext("Single sign-on")) if single_sign_on.is_on(config) else "",
    )
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
