"""Choosing a password with a one-time code, and the second step of signing in."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server.accounts import cookie, invitations, second_factor, users
from server.accounts.choosing import WeakPassword
from server.accounts.credentials import PASSWORD_CHARS_MIN
from server.accounts.invitations import InvitationUnknown
from server.accounts.second_factor import WrongCode
from server.console.account import factor_page, fault_of
from server.console.desk import blueprint, framed, local, shell
from server.console.pages.account import CodePage, CodesPage, JoinPage
from server.current import services
from sync.errors import BadValue


@blueprint.get("/join")
def join() -> str:
    """Show the form; the code comes in the address's fragment, which never reaches the server, or is typed in."""
    return framed(JoinPage(chars_min=PASSWORD_CHARS_MIN), shell(cookie.reader()))


@blueprint.post("/join", endpoint="join_now")
def join_now() -> Response:
    """Choose a password with a code, or show the form again with what does not fit."""
    here, form = services(), request.form
    here.rates.check_sign_in(request)
    code = form.get("code", "")
    failed, status = "differ", 422
    if form.get("password") == form.get("again"):
        try:
            invitations.redeem(here, code, form.get("password", ""))
        except InvitationUnknown:
            failed, status = "link", 404
        except (WeakPassword, BadValue) as refusal:
            failed = fault_of(refusal)
        else:
            cookie.sign_out()
            flash(gettext("Your password is set. Sign in with it now."), "ok")
            return redirect(url_for("console.sign_in"), 303)
    page = JoinPage(chars_min=PASSWORD_CHARS_MIN, code=code, failed=failed)
    return make_response(framed(page, shell(cookie.reader())), status)


@blueprint.get("/sign-in/code")
def sign_in_code() -> Response:
    """Ask for the code of the moment."""
    wanted = local(request.args.get("next"))
    found = cookie.half()
    if found is None or found.awaits != cookie.CODE:
        return redirect(url_for("console.sign_in", next=wanted or None), 303)
    return make_response(framed(CodePage(next=wanted), shell(None)))


@blueprint.post("/sign-in/code", endpoint="sign_in_code_now")
def sign_in_code_now() -> Response:
    """Finish signing in."""
    wanted = local(request.form.get("next"))
    try:
        cookie.second_step(request.form.get("code", ""))
    except WrongCode:
        return make_response(framed(CodePage(next=wanted, failed="code"), shell(None)), 403)
    return redirect(wanted or url_for("console.home"), 303)


@blueprint.get("/sign-in/second-factor")
def sign_in_set_up() -> Response:
    """Show the secret of the factor that one's role asks for, before one gets in."""
    wanted, here = local(request.args.get("next")), services()
    found = cookie.half()
    if found is None or found.awaits != cookie.SET_UP:
        return redirect(url_for("console.sign_in", next=wanted or None), 303)
    user = users.load(here, found.user)
    waiting = second_factor.pending(here, user) or second_factor.begin(here, user)
    return make_response(framed(factor_page(waiting, at_sign_in=True, next=wanted), shell(None)))


@blueprint.post("/sign-in/second-factor", endpoint="sign_in_set_up_now")
def sign_in_set_up_now() -> Response:
    """Switch the factor on, get in, and show the recovery codes this once."""
    wanted, here = local(request.form.get("next")), services()
    found = cookie.set_up()
    try:
        codes = cookie.set_up_step(request.form.get("code", ""))
    except WrongCode as refusal:
        waiting = second_factor.pending(here, users.load(here, found.user))
        if waiting is None:
            return redirect(url_for("console.sign_in"), 303)
        page = factor_page(waiting, at_sign_in=True, next=wanted, failed=fault_of(refusal))
        return make_response(framed(page, shell(None)), 403)
    done = CodesPage(codes=tuple(codes), next=wanted or url_for("console.home"))
    return make_response(framed(done, shell(cookie.reader())))
