"""Letting somebody in by a one-time code: he chooses a password with it that nobody else has ever seen.

An invitation makes the user and a reset ends the old password; both end with the same page, at which the
code is typed in or comes in the fragment of a link, which no server ever logs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.records.user import OWN_INSTITUTION
from server.accounts import access_log
from server.accounts.choosing import chosen
from server.accounts.credentials import ACTIVE, nobodys_password
from server.accounts.users import NewUser, enlist_as
from server.commit.acts import MACHINE, new_id
from server.storage import account_store, grant_store, invitation_store, record_store, session_store
from server.storage.invitation_store import Kept
from sync.errors import NotAllowed, NotFound, Refusal
from sync.merge import Record
from sync.rules import SUPERVISOR, region_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from server.wiring import Services

INVITE, RESET = "invite", "reset"
CODE_BYTES = 10
"""80 bits: sixteen characters that can be read out, of which nobody guesses one in the time that it is good for."""
GROUP = 4
INVITATION_MS = 72 * 60 * 60 * 1000
"""Three days: an invitation of Friday is good on Monday."""
RESET_MS = 24 * 60 * 60 * 1000
PATH = "/join"
ALPHABET = str.maketrans("018", "OLB")
"""What a reader takes for a letter: base32 has no 0, 1 and 8."""


class InvitationUnknown(Refusal):
    """The code is not known, was used already, or has expired."""

    code = "invitation_unknown"
    next = "Check the code letter by letter, or ask an administrator for a new one."


@dataclass(frozen=True)
class Invitation:
    """A code to hand over, shown once; url: the page with the code in its fragment; expires_at: Unix ms."""

    user: str
    purpose: str
    code: str
    url: str
    expires_at: int


def invite(services: Services, new: NewUser, *, by: str = MACHINE) -> Invitation:
    """Make a user without a password, and return the code with which he chooses one.

    by: the administrator, whose right the door checks; raises RecordExists where the login is taken, NotAllowed.
    """
    user, code = new_id(services), services.random(CODE_BYTES)
    made = _kept(services, user, code, INVITE, INVITATION_MS, by)

    def with_invitation(connection: Connection) -> None:
        invitation_store.keep(connection, services.ledger.id, made)

    enlist_as(services, user, new, nobodys_password(services), by=by, after=with_invitation)
    access_log.note(services, by, access_log.INVITED, user)
    return _told(services, made, code)


def again(services: Services, user: Record, *, by: str = MACHINE) -> Invitation:
    """Return a new code for somebody invited who has not used his; the one before ends.

    Raises NotAllowed where he has chosen a password already, is disabled, or `by` may not let him in.
    """
    check_may_let_in(services, user, by)
    if not awaits_password(services, [user.id]).get(user.id):
        raise NotAllowed("the user has a password; `reset` gives another", item=user.id)
    return _renew(services, user, INVITE, INVITATION_MS, by)


def reset(services: Services, user: Record, *, by: str = MACHINE) -> Invitation:
    """End a user's password and sessions at once, and return the code with which he chooses another password.

    A second factor stays: who finds the code alone does not get in. Raises NotAllowed for a disabled user, and
    where `by` is neither an administrator nor the command line.
    """
    check_administrator(services, by)
    return _renew(services, user, RESET, RESET_MS, by)


def _renew(services: Services, user: Record, purpose: str, good_ms: int, by: str) -> Invitation:
    if user.stage != ACTIVE:
        raise NotAllowed("the user is disabled; a password would open nothing", item=user.id)
    code = services.random(CODE_BYTES)
    made = _kept(services, user.id, code, purpose, good_ms, by)
    secret, ledger = nobodys_password(services), services.ledger.id
    with services.engine.execution_options(immediate=True).begin() as connection:
        if not account_store.replace_of_user(connection, ledger, user=user.id, password=secret):
            raise NotFound("the user has no login here", item=user.id)
        session_store.end_all(connection, ledger, user.id, services.now_ms())
        invitation_store.keep(connection, ledger, made)
    access_log.note(services, by, access_log.INVITED if purpose == INVITE else access_log.RESET, user.id)
    return _told(services, made, code)


def _kept(services: Services, user: str, code: bytes, purpose: str, good_ms: int, by: str) -> Kept:
    now = services.now_ms()
    return Kept(_digest(services, shown(code)), user, purpose, by, now, now + good_ms)


def _told(services: Services, made: Kept, code: bytes) -> Invitation:
    written = shown(code)
    url = f"{services.config.url}{PATH}#{written}"
    return Invitation(made.user, made.purpose, written, url, made.expires_at)


def redeem(services: Services, code: str, password: str) -> str:
    """Choose a password with a code and return the user's id; raises InvitationUnknown, BadValue, WeakPassword.

    A password that is refused leaves the code good; one that is taken ends the code and every session.
    """
    ledger, key, now = services.ledger.id, _digest(services, code), services.now_ms()
    with services.database.reading() as connection:
        kept = invitation_store.find(connection, ledger, key)
        if kept is None or kept.ended_at is not None or kept.expires_at <= now:
            raise InvitationUnknown(field="code")
        vault = services.vault.session(connection, ledger)
        user = record_store.load(connection, vault, [kept.user]).get(kept.user)
    if user is None or user.stage != ACTIVE:
        raise InvitationUnknown(field="code")
    secret = chosen(password, str(user.values.get("login", "")))
    with services.engine.execution_options(immediate=True).begin() as connection:
        if not invitation_store.take(connection, ledger, key, services.now_ms()):
            raise InvitationUnknown(field="code")
        account_store.replace_of_user(connection, ledger, user=user.id, password=secret)
        session_store.end_all(connection, ledger, user.id, services.now_ms())
    access_log.note(services, user.id, access_log.CHOSEN)
    return user.id


def awaits_password(services: Services, users: Sequence[str]) -> dict[str, Kept]:
    """Return the invitations among some users that nobody has used yet, expired ones too, by user."""
    with services.database.reading() as connection:
        return invitation_store.unused(connection, services.ledger.id, users, INVITE)


def check_administrator(services: Services, by: str) -> None:
    """Raise NotAllowed unless somebody is an administrator, or the command line itself."""
    if by == MACHINE:
        return
    with services.database.reading() as connection:
        roles = {grant.role for grant in grant_store.standing(connection, services.ledger.id, by)}
    if "admin" not in roles:
        raise NotAllowed("an administrator does this")


def check_may_let_in(services: Services, user: Record, by: str) -> None:
    """Raise NotAllowed unless somebody is an administrator, or a supervisor over an institution's user."""
    if set(user.values.get("roles") or ()) != {OWN_INSTITUTION}:
        return check_administrator(services, by)
    with services.database.reading() as connection:
        standing = grant_store.standing(connection, services.ledger.id, by)
    over = {one.role for one in standing if user.region.startswith(region_prefix(one.root))}
    if SUPERVISOR not in over:
        check_administrator(services, by)
    return None


def shown(code: bytes) -> str:
    """Return a code as it is read out: base32 in groups of four."""
    text = base64.b32encode(code).decode()
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def typed(code: str) -> str:
    """Return a code however it was typed, in its one form."""
    kept = "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
    return kept.translate(ALPHABET)


def _digest(services: Services, code: str) -> str:
    plain = b"invitation\n" + typed(code).encode()
    return hmac.new(services.keyring.pepper, plain, hashlib.sha256).hexdigest()
