"""My account: the password, the second factor, the sessions."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server.accounts import cookie, own_password, passkeys, second_factor, sessions, users
from server.accounts.choosing import WeakPassword
from server.accounts.credentials import WrongPassword
from server.accounts.second_factor import WrongCode
from server.console.account import account_page, factor_page, fault_of
from server.console.desk import blueprint, framed, looking, shell, show
from server.console.filters import ngettext
from server.console.pages.account import CodesPage
from server.current import services
from sync.errors import BadValue


@blueprint.get("/account")
def account() -> str:
    """Show one's own account."""
    return _page(None)


def _page(failed: str | None) -> str:
    with looking() as look:
        page = account_page(services(), cookie.signed_in(), failed=failed, proven=cookie.is_proven())
        return show(page, look)


@blueprint.post("/account/password")
def change_password() -> Response:
    """Change one's own password, or show the page again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    if form.get("password") != form.get("again"):
        return make_response(_page("differ"), 422)
    user = users.load(services(), who.id)
    try:
        own_password.change(
            services(), user, form.get("present", ""), form.get("password", ""), token=who.token
        )
    except (WrongPassword, WeakPassword, BadValue) as refusal:
        return make_response(_page(fault_of(refusal)), 422)
    flash(gettext("The password is changed. Every other session of yours has ended."), "ok")
    return _back()


@blueprint.post("/account/confirm")
def confirm_self() -> Response:
    """Take the password again, with a code where there is a factor, before keys and factors are changed."""
    form = request.form
    try:
        cookie.prove(password=form.get("present", ""), code=form.get("code", ""))
    except (WrongPassword, WrongCode) as refusal:
        return make_response(_page(f"prove_{fault_of(refusal)}"), 422)
    flash(gettext("For ten minutes you can change passkeys and the second factor here."), "ok")
    return _back()


@blueprint.post("/account/sessions/<handle>/end")
def end_session(handle: str) -> Response:
    """End one of one's own sessions."""
    who = cookie.signed_in()
    sessions.end_one(services(), who.id, handle)
    flash(gettext("The session has ended."), "ok")
    return _back()


@blueprint.post("/account/sessions/end-others")
def end_other_sessions() -> Response:
    """End every session of one's own but this one."""
    who = cookie.signed_in()
    ended = sessions.end_all(services(), who.id, but=who.token)
    flash(ngettext("%(num)s session has ended", "%(num)s sessions have ended", ended), "ok")
    return _back()


@blueprint.post("/account/passkeys/<key>/remove")
def remove_passkey(key: str) -> Response:
    """Remove one of one's own passkeys."""
    cookie.check_proven()
    passkeys.remove(services(), cookie.signed_in().id, key)
    flash(gettext("The passkey is removed here; remove it from its device as well."), "ok")
    return _back()


@blueprint.get("/account/second-factor")
def second_factor_form() -> Response:
    """Show the secret of a factor that waits for its first code."""
    waiting = second_factor.pending(services(), users.load(services(), cookie.signed_in().id))
    if waiting is None:
        return _back()
    with looking() as look:
        return make_response(show(factor_page(waiting), look))


@blueprint.post("/account/second-factor")
def begin_second_factor() -> Response:
    """Make a new secret."""
    cookie.check_proven()
    second_factor.begin(services(), users.load(services(), cookie.signed_in().id))
    return redirect(url_for("console.second_factor_form"), 303)


@blueprint.post("/account/second-factor/confirm")
def confirm_second_factor() -> Response:
    """Switch the factor on by its first code, and show the recovery codes this once."""
    who = cookie.signed_in()
    try:
        codes = second_factor.confirm(services(), who.id, request.form.get("code", ""), token=who.token)
    except WrongCode as refusal:
        waiting = second_factor.pending(services(), users.load(services(), who.id))
        if waiting is None:
            return _back()
        with looking() as look:
            return make_response(show(factor_page(waiting, failed=fault_of(refusal)), look), 422)
    return _codes(codes)


@blueprint.post("/account/second-factor/codes")
def renew_codes() -> Response:
    """Show ten new recovery codes; those of before open nothing."""
    who = cookie.signed_in()
    try:
        return _codes(second_factor.renew_codes(services(), who.id, request.form.get("code", "")))
    except WrongCode as refusal:
        return make_response(_page(fault_of(refusal)), 422)


@blueprint.post("/account/second-factor/off")
def switch_off_second_factor() -> Response:
    """Switch the factor off by one of its codes."""
    who = cookie.signed_in()
    try:
        second_factor.switch_off(services(), who.id, request.form.get("code", ""), token=who.token)
    except WrongCode as refusal:
        return make_response(_page(fault_of(refusal)), 422)
    flash(gettext("The second factor is off. A password alone signs you in."), "waiting")
    return _back()


def _codes(codes: list[str]) -> Response:
    page = CodesPage(codes=tuple(codes), next=url_for("console.account"))
    return make_response(framed(page, shell(cookie.reader())))


def _back() -> Response:
    return redirect(url_for("console.account"), 303)
