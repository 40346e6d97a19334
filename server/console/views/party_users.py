"""An institution's accounts at the desk: invited, given a new code, disabled, by the supervisor over it."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie, party_users
from server.accounts.invitations import Invitation
from server.console.desk import blueprint, looking, show
from server.console.pages.party_users import PartyUsersForm
from server.console.pages.users import Code
from server.current import services
from server.queries.party_users import party_users_page
from server.queries.reading import moment
from sync.errors import BadValue, NotFound, RecordExists


@blueprint.get("/institutions/<id>/users", endpoint="party_users")
def accounts(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """List an institution's accounts."""
    with looking() as look:
        return show(party_users_page(look, id), look)


@blueprint.post("/institutions/<id>/users", endpoint="invite_party_user")
def invite(id: str) -> AnyResponse:  # noqa: A002
    """Make a user of the institution and show his code, or show the form again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    typed = {name: form.get(name, "").strip() for name in ("login", "name", "email")}
    try:
        made = party_users.invite(
            services(), who.id, id, login=typed["login"], name=typed["name"], email=typed["email"] or None
        )
    except (BadValue, RecordExists) as refusal:
        field = str(refusal.field or "")
        again = PartyUsersForm(**typed, failed=_words(field), fault=field)
        with looking() as look:
            return make_response(show(party_users_page(look, id, form=again), look), 422)
    return _with_code(id, made)


@blueprint.post("/institutions/<id>/users/<user>/<act>", endpoint="party_user_act")
def act(id: str, user: str, act: str) -> AnyResponse:  # noqa: A002
    """Disable an account, or give a new code to somebody who has not used his."""
    who = cookie.signed_in()
    if act == "invite":
        return _with_code(id, party_users.again(services(), who.id, id, user))
    if act != "disable":
        raise NotFound
    party_users.disable(services(), who.id, id, user)
    flash(gettext("The user is disabled: sign-in, sessions and every right ended with this entry."), "ok")
    return redirect(url_for("console.party_users", id=id), 303)


def _with_code(institution: str, made: Invitation) -> AnyResponse:
    code = Code(purpose=made.purpose, code=made.code, url=made.url, expires_at=moment(made.expires_at))
    with looking() as look:
        return make_response(show(party_users_page(look, institution, code=code), look))


def _words(field: str) -> str:
    """Return what does not fit, in the reader's language."""
    said = {
        "login": gettext(
            "The user name is taken, or has other signs than 2 to 64 small letters, digits, . _ @ -"
        ),
        "display_name": gettext("A name has 1 to 60 characters."),
        "email": gettext("This is no e-mail address."),
    }
    return str(said.get(field, gettext("Something that was entered does not fit.")))
