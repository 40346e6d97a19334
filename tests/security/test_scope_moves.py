"""Nobody reaches another's records by pointing a record of one's own at them."""

from __future__ import annotations

import pytest

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.storage import grant_store
from sync.errors import BadValue, NotAllowed
from tests.security.city import decide, edit, evidence, record
from tests.server.pushing import City, enrol, user


def neighbour(city: City) -> tuple[str, str]:
    """Return (a supervisor of another county, an inspection there that the supervisor leads)."""
    services = city.installation.services
    values = {"login": "neighbour", "display_name": "测试甲008", "region": "341503"}
    there = Draft("create", "user", new_id(services), values, add={"roles": ["supervisor"]})
    named = {
        "fixmedins_code": "H34150390001",
        "name": "测试第002医院",
        "kind": "hospital",
        "region": "341503",
    }
    hospital = Draft("create", "institution", new_id(services), named)
    act(services, [there, hospital], kind="setting")
    return there.record, inspect(city, hospital.record, there.record, there.record)


def inspect(city: City, institution: str, lead: str, by: str) -> str:
    """Let a supervisor create an inspection of an institution; returns its id."""
    values = {
        "kind": "routine_check",
        "mode": "open",
        "institution": institution,
        "lead": lead,
        "planned_on": "2026-11-17",
    }
    draft = Draft("create", "inspection", city.id(), values, add={"members": [lead]})
    act(city.installation.services, [draft], user=by)
    return draft.record


def roots_of(city: City, person: str) -> set[str]:
    """Return the roots over which somebody has a role."""
    services = city.installation.services
    with services.database.reading() as connection:
        return {grant.root for grant in grant_store.standing(connection, services.ledger.id, person)}


@pytest.mark.parametrize("target", ["inspection", "institution"])
def test_a_supervisor_who_points_an_inspection_at_another_county_is_refused(city: City, target: str):
    person, theirs = neighbour(city)
    wanted = getattr(city, target)
    with pytest.raises(NotAllowed):
        act(
            city.installation.services,
            [Draft("edit", "inspection", theirs, {"institution": wanted})],
            user=person,
        )
    assert wanted not in roots_of(city, person)


def test_an_edit_that_names_the_same_institution_again_is_in_force(city: City):
    decide(city, "inspection", city.inspection, {"institution": city.institution, "mode": "covert"})
    assert record(city, city.inspection).values["mode"] == "covert"


def test_an_inspection_of_something_that_is_no_institution_is_refused(city: City):
    with pytest.raises(BadValue):
        inspect(city, city.inspection, city.phones[0].user, city.supervisor)


def test_a_member_cannot_move_evidence_to_another_inspection(city: City):
    item, other = evidence(city), city.inspect()
    city.phones[1].push(item)
    assert edit(city, city.phones[1], "evidence", item.record, {"inspection": other}) == "refused"
    assert record(city, item.record).values["inspection"] == city.inspection


def test_a_member_cannot_let_others_in(city: City):
    stranger = user(city.installation, "stranger", "测试甲007", "inspector")
    act(city.installation.services, [stranger], kind="setting")
    draft = Draft("edit", "inspection", city.inspection, {}, add={"members": [stranger.record]})
    assert city.phones[1].push(draft).outcomes[0].verdict == "refused"
    assert roots_of(city, stranger.record) == {"341500"}


def test_a_phone_outside_an_inspection_records_nothing_in_it(city: City):
    stranger = user(city.installation, "stranger", "测试甲007", "inspector")
    act(city.installation.services, [stranger], kind="setting")
    phone = enrol(city.installation, stranger.record)
    outcomes = phone.push(evidence(city), city.finding()).outcomes
    assert [outcome.verdict for outcome in outcomes] == ["refused", "refused"]
