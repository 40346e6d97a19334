"""An institution's accounts at the portal, as the supervisor over it sees them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from schemas import regions
from schemas.records.user import OWN_INSTITUTION
from server.accounts.invitations import awaits_password
from server.console.pages.party_users import PartyUsersForm, PartyUsersPage
from server.console.pages.users import Code, UserRow
from server.queries.institutions import institution_rows
from server.queries.reading import TABLE, Reading
from server.storage import public_values, user_search
from sync.errors import NotAllowed, NotFound
from sync.merge import Record
from sync.rules import SUPERVISOR

SHOWN_MAX = 100
"""So many accounts of one institution are listed, the newest first; who has more has forgotten to disable some."""


def governed(reading: Reading, institution: str) -> Record:
    """Return an institution that the reader is a supervisor over; raises NotFound or NotAllowed."""
    found = reading.one("institution", institution)
    if SUPERVISOR not in reading.roles_over(found):
        raise NotAllowed("a supervisor of the region lets an institution's users in", item=institution)
    return found


def accounts(reading: Reading, institution: Record) -> tuple[UserRow, ...]:
    """Return the accounts of an institution, the newest first."""
    found = reading.records(_own(reading, institution).order_by(TABLE.c.id.desc()).limit(SHOWN_MAX))
    waiting = awaits_password(reading.services, [one.id for one in found])
    place = regions.name(institution.region, reading.locale)
    return tuple(
        UserRow(
            id=one.id,
            login=str(one.values.get("login", "")),
            name=str(one.values.get("display_name", "")),
            roles=tuple(one.values.get("roles") or ()),
            region=one.region,
            place=place,
            stage=str(one.stage),
            waiting=one.stage == "active" and one.id in waiting,
        )
        for one in found
    )


def one(reading: Reading, institution: str, user: str) -> Record:
    """Return a user of an institution that the reader is a supervisor over; raises NotFound or NotAllowed."""
    found = reading.records(_own(reading, governed(reading, institution)).where(TABLE.c.id == user))
    if not found:
        raise NotFound(item=user)
    return found[0]


def party_users_page(
    reading: Reading, institution: str, *, form: PartyUsersForm | None = None, code: Code | None = None
) -> PartyUsersPage:
    """Return an institution's accounts; form: what was typed and did not fit; code: one just made."""
    found = governed(reading, institution)
    rows = accounts(reading, found)
    return PartyUsersPage(
        institution=institution_rows(reading, [found])[0].institution,
        id=institution,
        rows=rows,
        form=form or PartyUsersForm(),
        code=code,
    )


def _own(reading: Reading, institution: Record) -> Select[Any]:
    named = public_values.text_in(reading.connection, "institution") == institution.id
    return reading.visible("user").where(named, user_search.has_role(reading.connection, OWN_INSTITUTION))
