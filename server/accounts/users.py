"""Users: a record in the ledger, which never holds the password, and the password beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from schemas.codes import region_code
from schemas.drafting import Draft
from schemas.records.user import ROLES
from server.accounts.credentials import ACTIVE, add_password, hashed, login_hash, normal_login
from server.commit.acts import MACHINE, act, new_id
from server.commit.submission import Result
from server.storage import account_store, invitation_store, record_store, session_store
from sync.errors import BadTransition, BadValue, NotFound, RecordExists
from sync.lines import b64u
from sync.merge import Record

if TYPE_CHECKING:
    from server.wiring import Services

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@\-]{1,63}")
EMAIL = re.compile(r"[^@\s]{1,100}@[^@\s]{3,100}")
PASSWORD_BYTES = 12
DISABLED = "disabled"


@dataclass(frozen=True)
class NewUser:
    """Somebody to be given access; institution: the record id of an institution user's own institution."""

    login: str
    display_name: str
    roles: tuple[str, ...]
    region: str
    email: str | None = None
    institution: str | None = None


def check(
    *,
    login: str,
    name: str,
    roles: Sequence[str],
    region: str,
    email: str | None = None,
    institution: str | None = None,
) -> NewUser:
    """Return a new user in normal form; raises BadValue or BadCode for what cannot be one.

    institution: a record's id; an institution user has one, and nobody else
    """
    normal = normal_login(login)
    if not LOGIN.fullmatch(normal):
        raise BadValue("a login has 2 to 64 small letters, digits, . _ @ -", field="login")
    if not roles or not set(roles) <= set(ROLES):
        raise BadValue(f"a user has one or more of the roles {', '.join(ROLES)}", field="roles")
    if email is not None and not EMAIL.fullmatch(email):
        raise BadValue("not an e-mail address", field="email")
    if ("institution_user" in roles) != (institution is not None):
        raise BadValue("an institution_user, and nobody else, belongs to an institution", field="institution")
    if institution is not None and set(roles) != {"institution_user"}:
        raise BadValue("an institution_user has no other role", field="roles")
    return NewUser(normal, name.strip(), tuple(dict.fromkeys(roles)), region_code(region), email, institution)


def new_password(services: Services) -> str:
    """Return a password of 96 random bits, in four groups that can be read out."""
    text = b64u(services.random(PASSWORD_BYTES)).replace("-", "a").replace("_", "b")
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def enlist(
    services: Services, new: NewUser, password: str | None = None, *, by: str = MACHINE
) -> tuple[str, str]:
    """Make a user and return (its id, its password); raises RecordExists where the login is taken.

    password: a fresh one is made if none is given; by: the administrator, or "machine" at the command line
    """
    chosen = password or new_password(services)
    user = new_id(services)
    enlist_as(services, user, new, hashed(chosen), by=by)
    return user, chosen


def enlist_as(
    services: Services,
    user: str,
    new: NewUser,
    secret: str,
    *,
    by: str = MACHINE,
    after: Callable[[Connection], None] | None = None,
) -> None:
    """Make a user of an id, with the hash of a password; raises RecordExists where the login is taken.

    after: what is to be kept in the same transaction
    """
    key = login_hash(services.keyring.pepper, new.login)
    with services.database.reading() as connection:
        if account_store.find(connection, services.ledger.id, key):
            raise RecordExists("the login is taken", field="login")
    optional = {"email": new.email, "institution": new.institution}
    values = {"login": new.login, "display_name": new.display_name, "region": new.region}
    values |= {name: value for name, value in optional.items() if value is not None}

    def with_password(connection: Connection, _: Result) -> None:
        add_password(connection, services.ledger.id, login=key, user=user, password_hash=secret)
        if after is not None:
            after(connection)

    draft = Draft("create", "user", user, values, add={"roles": list(new.roles)})
    act(services, [draft], user=by, kind="setting", after=with_password)


def disable(services: Services, login: str, *, by: str = MACHINE) -> str:
    """End a user's access and return the user's id: every grant ends here; raises NotFound, BadTransition."""
    user = find(services, login)
    if user.stage != ACTIVE:
        raise BadTransition("the user is disabled already")

    def out(connection: Connection, _: Result) -> None:
        # Who is let in again later begins anew: no session of before stands up, no code is good.
        now = services.now_ms()
        session_store.end_all(connection, services.ledger.id, user.id, now)
        invitation_store.end_all(connection, services.ledger.id, user.id, now)

    draft = Draft("edit", "user", user.id, {"stage": {"from": ACTIVE, "to": DISABLED}})
    act(services, [draft], user=by, kind="setting", expect={user.id: user.version}, after=out)
    return user.id


def find(services: Services, login: str) -> Record:
    """Return the user who has a login; raises NotFound."""
    key = login_hash(services.keyring.pepper, login)
    ledger = services.ledger.id
    with services.database.reading() as connection:
        known = account_store.find(connection, ledger, key)
        if known is None:
            raise NotFound("nobody has this login; `wardledger user list` shows who is there")
        vault = services.vault.session(connection, ledger)
        return record_store.load(connection, vault, [known.user])[known.user]


def load(services: Services, user: str) -> Record:
    """Return a user by his record's id; raises NotFound."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [user]).get(user)
    if found is None or found.type != "user":
        raise NotFound("there is no such user", item=user)
    return found


def everybody(services: Services) -> list[Record]:
    """Return every user, by id: in the order in which they were made."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        vault = services.vault.session(connection, ledger)
        wanted = record_store.selected(ledger, "user").order_by(record_store.TABLE.c.id)
        return record_store.query(connection, vault, wanted)
