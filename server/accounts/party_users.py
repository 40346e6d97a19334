"""Users of an institution, let in and out by the supervisor over it: invited, given a new code, disabled."""

from __future__ import annotations

from schemas.records.user import OWN_INSTITUTION
from server.accounts import invitations, users
from server.accounts.invitations import Invitation
from server.queries import party_users
from server.queries.reading import reading
from server.wiring import Services
from sync.merge import Record


def invite(
    services: Services, by: str, institution: str, *, login: str, name: str, email: str | None
) -> Invitation:
    """Make a user of an institution and return his code.

    Raises NotFound outside the supervisor's scope, NotAllowed, BadValue or RecordExists.
    """
    with reading(services, by) as look:
        place = party_users.governed(look, institution)
    new = users.check(
        login=login,
        name=name,
        roles=(OWN_INSTITUTION,),
        region=place.region,
        email=email,
        institution=place.id,
    )
    return invitations.invite(services, new, by=by)


def again(services: Services, by: str, institution: str, user: str) -> Invitation:
    """Return a new code for somebody invited who has not used his; raises NotFound, NotAllowed."""
    return invitations.again(services, _one(services, by, institution, user), by=by)


def disable(services: Services, by: str, institution: str, user: str) -> None:
    """End a user's access, sessions and codes; raises NotFound, NotAllowed, BadTransition."""
    known = _one(services, by, institution, user)
    users.disable(services, str(known.values.get("login", "")), by=by)


def _one(services: Services, by: str, institution: str, user: str) -> Record:
    with reading(services, by) as look:
        return party_users.one(look, institution, user)
