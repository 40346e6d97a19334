"""What an administrator does to users: each act a change of the user's record, so the ledger tells who did it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.codes import fixmedins_code
from schemas.drafting import Draft
from server.access import administering
from server.accounts import second_factor, sessions, users
from server.accounts.credentials import ACTIVE
from server.accounts.users import DISABLED
from server.commit.acts import act
from server.commit.submission import Result
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadTransition, BadValue, NotAllowed, NotFound, VersionChanged
from sync.merge import Record
from sync.rules import region_prefix

CERTIFICATE_CHARS_MAX = 32


@dataclass(frozen=True)
class Wanted:
    """What an administrator enters about a user; version: the one that was on the screen."""

    version: int
    name: str
    roles: tuple[str, ...]
    region: str
    email: str = ""
    certificate: str = ""
    institution: str | None = None


def one(services: Services, by: str, user: str) -> Record:
    """Return a user whom an administrator may manage; raises NotAllowed, NotFound."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        wanted = administering.reached(connection, ledger, by, "user").where(TABLE.c.id == user)
        vault = services.vault.session(connection, ledger)
        found = record_store.query(connection, vault, wanted)
    if not found:
        raise NotFound(item=user)
    return found[0]


def by_login(services: Services, by: str, login: str) -> Record:
    """Return the user of a login whom an administrator may manage; raises NotAllowed, NotFound."""
    return one(services, by, users.find(services, login).id)


def institution(services: Services, written: str) -> str | None:
    """Return the record of an institution's code, None for no code; raises BadCode, NotFound."""
    if not written:
        return None
    code = fixmedins_code(written)
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.by_natural_key(connection, vault, "institution", [code])
    if code not in found:
        raise NotFound(f"the ledger holds no institution {code}", field="institution")
    return found[code].id


def enlisted(services: Services, by: str, region: str) -> None:
    """Raise NotAllowed unless an administrator's own regions hold this one."""
    with services.database.reading() as connection:
        own = administering.regions(connection, services.ledger.id, by)
    if not any(region.startswith(region_prefix(code)) for code in own):
        raise NotAllowed("the region is outside the administrator's own", field="region")


def change(services: Services, by: str, user: str, wanted: Wanted) -> Result | None:
    """Write what differs and return the result, None where nothing does.

    Raises NotAllowed, NotFound, VersionChanged, BadValue, BadCode; OwnWork for one's own roles and region.
    """
    known = one(services, by, user)
    if known.version != wanted.version:
        raise VersionChanged(item=user, version=known.version)
    new = users.check(
        login=str(known.values.get("login", "")),
        name=wanted.name,
        roles=wanted.roles,
        region=wanted.region,
        email=wanted.email or None,
        institution=wanted.institution or known.values.get("institution"),
    )
    if len(wanted.certificate) > CERTIFICATE_CHARS_MAX:
        raise BadValue(f"at most {CERTIFICATE_CHARS_MAX} characters", field="certificate")
    enlisted(services, by, new.region)
    entered = {
        "display_name": new.display_name,
        "region": new.region,
        "email": new.email,
        "certificate": wanted.certificate or None,
        "institution": new.institution,
    }
    for name in ("email", "certificate"):
        if entered[name] is None and known.values.get(name):
            raise BadValue("enter another one: what was entered once is not left empty again", field=name)
    values = {name: value for name, value in entered.items() if value and value != known.values.get(name)}
    had = set(known.values.get("roles") or ())
    add, remove = sorted(set(new.roles) - had), sorted(had - set(new.roles))
    if not values and not add and not remove:
        return None
    sets = {"roles": add} if add else {}
    gone = {"roles": remove} if remove else {}
    draft = Draft("edit", "user", user, values, add=sets, remove=gone)
    return act(services, [draft], user=by, kind="setting", expect={user: known.version})


def disable(services: Services, by: str, user: str) -> None:
    """End a user's access, sessions and codes; raises OwnWork for oneself, BadTransition, NotFound, NotAllowed."""
    known = one(services, by, user)
    users.disable(services, str(known.values.get("login", "")), by=by)


def enable(services: Services, by: str, user: str) -> Result:
    """Let a disabled user in again, with the roles that he had; raises BadTransition, NotFound, NotAllowed."""
    known = one(services, by, user)
    if known.stage != DISABLED:
        raise BadTransition("the user is not disabled", item=user)
    draft = Draft("edit", "user", user, {"stage": {"from": DISABLED, "to": ACTIVE}})
    return act(services, [draft], user=by, kind="setting", expect={user: known.version})


def reset_factor(services: Services, by: str, user: str) -> bool:
    """Take a user's second factor and passkeys away and end his sessions; return whether there were any."""
    one(services, by, user)
    return second_factor.reset(services, user, by=by)


def sign_out(services: Services, by: str, user: str) -> int:
    """End every session of a user and return how many stood; the access log tells who did it."""
    one(services, by, user)
    return sessions.revoke(services, user, by=by)
