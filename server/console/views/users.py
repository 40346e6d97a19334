"""User administration: the list, inviting, changing, disabling; and deputies of who is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import administration, cookie, deputations, invitations, single_sign_on, users
from server.accounts.administration import Wanted
from server.accounts.invitations import Invitation
from server.console.desk import blueprint, looking, show
from server.console.pages.users import Code, UserForm
from server.console.views.evidence import whole
from server.current import services
from server.queries import users as queries
from server.queries.reading import moment, page_number
from sync.errors import BadCode, BadValue, NotAllowed, NotFound, RecordExists, Refusal

FAULTS = (BadValue, BadCode, RecordExists)


@blueprint.get("/users", endpoint="users")
def everybody() -> str:
    """List users: `?role= &region= &stage= &page=`."""
    return _list(queries.asked(*(request.args.get(name, "") for name in ("role", "region", "stage"))))


@blueprint.post("/users", endpoint="search_users")
def search() -> str:
    """Search users by name or login: posted, since a name does not belong into an address."""
    form = request.form
    return _list(queries.asked(*(form.get(name, "") for name in ("role", "region", "stage", "words"))))


def _list(wanted: queries.Asked) -> str:
    with looking() as look:
        page = page_number(request.values.get("page"))
        return show(queries.users_page(look, wanted, page=page), look)


@blueprint.get("/users/new", endpoint="new_user")
def new() -> str:
    """Show the form that invites somebody."""
    with looking() as look:
        return show(queries.new_user_page(look, UserForm(region=request.args.get("region", ""))), look)


@blueprint.post("/users/new", endpoint="invite_user")
def invite() -> AnyResponse:
    """Make a user and show the code with which he chooses his password, this once."""
    who, typed = cookie.signed_in(), _typed()
    try:
        wanted = users.check(
            login=typed.login,
            name=typed.name,
            roles=typed.roles,
            region=typed.region,
            email=typed.email or None,
            institution=administration.institution(services(), typed.institution),
        )
        administration.enlisted(services(), who.id, wanted.region)
        made = invitations.invite(services(), wanted, by=who.id)
    except (*FAULTS, NotAllowed, NotFound) as refusal:
        form = replace(typed, failed=_words(refusal), fault=str(refusal.field or ""))
        with looking() as look:
            return make_response(show(queries.new_user_page(look, form), look), 422)
    flash(gettext("The user is made. The code below is shown this once."), "ok")
    return _with_code(made.user, made)


@blueprint.get("/users/<id>", endpoint="user")
def one(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one user."""
    with looking() as look:
        return show(queries.user_page(look, id), look)


@blueprint.post("/users/<id>", endpoint="change_user")
def change(id: str) -> AnyResponse:  # noqa: A002
    """Write what was changed, or show the form again with what does not fit."""
    who, typed = cookie.signed_in(), _typed()
    try:
        wanted = Wanted(
            version=whole(request.form.get("version"), "version"),
            name=typed.name,
            roles=typed.roles,
            region=typed.region,
            email=typed.email,
            certificate=typed.certificate,
            institution=administration.institution(services(), typed.institution),
        )
        done = administration.change(services(), who.id, id, wanted)
    except FAULTS as refusal:
        form = replace(typed, failed=_words(refusal), fault=str(refusal.field or ""))
        with looking() as look:
            return make_response(show(queries.user_page(look, id, form=form), look), 422)
    flash(gettext("Saved, and entered in the ledger.") if done else gettext("Nothing was different."), "ok")
    return redirect(url_for("console.user", id=id), 303)


@blueprint.post("/users/<id>/<act>", endpoint="user_act")
def act(id: str, act: str) -> AnyResponse:  # noqa: A002
    """Disable or enable a user, end his sessions, or give him a new code."""
    who = cookie.signed_in()
    if act in ("invite", "reset"):
        known = administration.one(services(), who.id, id)
        make = invitations.again if act == "invite" else invitations.reset
        return _with_code(id, make(services(), known, by=who.id))
    if act == "disable":
        administration.disable(services(), who.id, id)
        flash(gettext("The user is disabled: sign-in, sessions and every right ended with this entry."), "ok")
    elif act == "enable":
        administration.enable(services(), who.id, id)
        flash(gettext("The user may sign in again, with the roles that stand here."), "ok")
    elif act == "sign-out":
        ended = administration.sign_out(services(), who.id, id)
        flash(ngettext("%(num)s session was ended.", "%(num)s sessions were ended.", ended), "ok")
    elif act == "reset-factor":
        administration.reset_factor(services(), who.id, id)
        flash(gettext("Second factor and passkeys are gone, and every session has ended."), "ok")
    elif act == "link":
        subject = request.form.get("subject", "").strip()
        single_sign_on.link(services(), who.id, id, subject)
        flash(
            gettext("Linked: this person may sign in.") if subject else gettext("The link is taken away."),
            "ok",
        )
    else:
        raise NotFound
    return redirect(url_for("console.user", id=id), 303)


@blueprint.get("/users/deputies", endpoint="deputies")
def deputies() -> str:
    """Show who is away and who stands in."""
    with looking() as look:
        return show(queries.deputies_page(look), look)


@blueprint.post("/users/deputies", endpoint="appoint")
def appoint() -> AnyResponse:
    """Let one user stand in for another, or show the form again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    typed = {name: form.get(name, "").strip() for name in ("absent", "deputy", "first", "last")}
    roles = tuple(form.getlist("roles"))
    try:
        deputations.appoint(
            services(),
            administration.by_login(services(), who.id, typed["absent"]),
            users.find(services(), typed["deputy"]),
            first=_day(typed["first"], "first"),
            last=_day(typed["last"], "last"),
            roles=roles,
            by=who.id,
        )
    except (*FAULTS, NotFound) as refusal:
        failed = (str(refusal.field or ""), _words(refusal))
        with looking() as look:
            return make_response(
                show(queries.deputies_page(look, typed=typed, roles=roles, failed=failed), look), 422
            )
    flash(gettext("The deputy is appointed, and entered in the ledger."), "ok")
    return redirect(url_for("console.deputies"), 303)


@blueprint.post("/users/deputies/<id>/end", endpoint="end_deputation")
def end(id: str) -> AnyResponse:  # noqa: A002
    """End a deputation before its day."""
    who = cookie.signed_in()
    with looking() as look:
        if all(one.id != id for one in queries.reached(look)):
            raise NotFound(item=id)
    deputations.end(services(), id, by=who.id)
    flash(gettext("The deputation ended with this entry."), "ok")
    return redirect(url_for("console.deputies"), 303)


def _with_code(user: str, made: Invitation) -> AnyResponse:
    code = Code(purpose=made.purpose, code=made.code, url=made.url, expires_at=moment(made.expires_at))
    with looking() as look:
        return make_response(show(queries.user_page(look, user, code=code), look))


def _typed() -> UserForm:
    form = request.form
    words = {
        name: form.get(name, "").strip()
        for name in ("login", "name", "region", "email", "certificate", "institution")
    }
    return UserForm(roles=tuple(form.getlist("roles")), **words)


def _day(written: str, field: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise BadValue("a day is YYYY-MM-DD", field=field) from error


def _words(refusal: Refusal) -> str:
    """Return what does not fit, in the reader's language."""
    said = {
        "login": gettext(
            "The user name is taken, or has other signs than 2 to 64 small letters, digits, . _ @ -"
        ),
        "name": gettext("A name has 1 to 60 characters."),
        "display_name": gettext("A name has 1 to 60 characters."),
        "roles": gettext("Choose at least one role that fits; an institution’s user has that role alone."),
        "region": gettext("The region is a code inside your own region."),
        "email": gettext("This is no e-mail address; one that was entered can be changed, not left empty."),
        "certificate": gettext("The certificate number does not fit, or was left empty again."),
        "institution": gettext(
            "An institution’s user, and nobody else, has the code of an institution in the register."
        ),
        "deputy": gettext("The deputy is somebody else, who is active."),
        "until_on": gettext("The last day lies before the first, or is over."),
        "first": gettext("Enter the day as year, month, day."),
        "last": gettext("Enter the day as year, month, day."),
    }
    if isinstance(refusal, NotFound):
        return str(gettext("Nobody has this user name, or the code is not in the register."))
    return str(said.get(str(refusal.field or ""), gettext("Something that was entered does not fit.")))
