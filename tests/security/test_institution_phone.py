"""A phone of somebody who belongs to the institution: its feed brings nothing that lies in the institution."""

from __future__ import annotations

from dataclasses import replace

from schemas.drafting import Draft
from server.commit.acts import act
from server.storage import feed_store, grant_store, ledger_store
from server.storage.feed_store import Cursor
from sync.rules import Grant
from tests.security.city import epoch
from tests.server.pushing import City, user


def member_of_staff(city: City) -> str:
    """Return a user who belongs to the inspected hospital."""
    draft = user(city.installation, "staff", "测试甲099", "institution_user")
    draft = replace(draft, values={**draft.values, "institution": city.institution})
    act(city.installation.services, [draft], kind="setting")
    return draft.record


def fed(city: City, who: str) -> list[str]:
    services = city.installation.services
    with services.database.reading() as connection:
        last = ledger_store.head(connection, services.ledger.id).size - 1
        cursor = Cursor(epoch(city), -1, "")
        kinds = ["encounter", "institution", "inspection"]
        rows = feed_store.page(
            connection, services.ledger.id, who, after=cursor, head=last, types=kinds, limit=50
        )
        return sorted(row.id for _, row in rows)


def test_staff_have_their_role_over_their_own_institution_alone(city: City):
    staff = member_of_staff(city)
    services = city.installation.services
    with services.database.reading() as connection:
        grants = grant_store.standing(connection, services.ledger.id, staff)
    assert [(g.role, g.root) for g in grants] == [("institution_user", city.institution)]
    assert all(isinstance(g, Grant) for g in grants)


def test_staff_without_an_institution_have_no_role(city: City):
    draft = user(city.installation, "nobody", "测试甲098", "institution_user")
    services = city.installation.services
    act(services, [draft], kind="setting")
    with services.database.reading() as connection:
        assert grant_store.standing(connection, services.ledger.id, draft.record) == []


def test_a_phone_of_staff_is_fed_nothing_of_the_institution(city: City):
    staff = member_of_staff(city)
    patient = {
        "institution": city.institution,
        "mdtrt_id": "M1",
        "name": "测试甲100",
        "ward": "A",
        "bed": "1",
        "admitted_on": "2026-11-10",
    }
    act(city.installation.services, [Draft("create", "encounter", city.id(), patient)])
    assert fed(city, staff) == []


def test_a_phone_of_the_team_is_fed_the_institution(city: City):
    assert city.institution in fed(city, city.phones[1].user)
