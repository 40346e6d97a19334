"""The server draws and calls what rounds order: once, in time, and says why where it cannot."""

from __future__ import annotations

import threading

import pytest

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.ledger.audit import audit
from server.reminders.schedule import tick
from server.rounds import censuses, local_rules, orders
from server.rounds.calling import Call, call_now, order
from server.rounds.roll import roll_of
from server.storage import grant_store
from sync import draw
from sync.challenge import challenge
from sync.errors import BadTransition, BadValue, NotAllowed, NotFound
from sync.rules import OPERATOR
from tests.rounds.town import MINUTE_MS, Town, inspection, person


def bedside(town: Town, **values: object) -> str:
    """Order a draw in an inspection on the spot, as its lead."""
    made = new_id(town.services)
    given = {"mode": "bedside", "trigger": "plan", "inspection": inspection(town), **values}
    act(town.services, [Draft("create", "ward_round", made, given)], user=town.lead)
    return made


def seed_by_hand(town: Town, number: int) -> str:
    """Return the seed as the protocol says it, from the ledger's parts."""
    services = town.services
    (census,) = [one for one in town.of_type("census") if one.root == town.hospital]
    index = census.acts[0].index
    with services.database.reading() as connection:
        root = censuses.root_at(connection, services.ledger.id, index + 1)
        change = censuses.change_at(connection, services.ledger.id, index)
    return draw.seed_of(root, change, number)


def test_a_sample_is_drawn_from_the_census_as_the_protocol_says(town: Town):
    ward_round = bedside(town, draw_method="random", draw_size=5)
    assert orders.see_to(town.services, [ward_round]) == {"drawn": 1}
    found = town.record(ward_round)
    people = [one for _, one in roll_of(((p.id, p.values) for p in town.patients().values()), "2026-11-17")]
    seed = seed_by_hand(town, 1)
    assert found.stage == "sampled"
    assert sorted(found.values["drawn"]) == list(draw.draw(seed, people, 5))
    assert found.values["seed"] == seed
    assert found.values["population_count"] == len(people)
    assert found.values["population_digest"] == draw.population_digest(people)
    assert audit(town.services).ok


def test_the_second_draw_from_a_census_looks_for_others(town: Town):
    first, second = (bedside(town, draw_method="random", draw_size=5) for _ in range(2))
    orders.see_to(town.services, [first, second])
    one, two = town.record(first).values, town.record(second).values
    assert (one["draw_number"], two["draw_number"]) == (1, 2)
    assert one["census"] == two["census"]
    assert one["drawn"] != two["drawn"]


def test_wards_bound_the_population_and_each_has_its_share(town: Town):
    wards = sorted({one.values["ward"] for one in town.patients(town.other).values()})
    made = new_id(town.services)
    given = {"mode": "bedside", "trigger": "plan", "inspection": inspection(town, hospital=town.other)}
    given |= {"draw_method": "random_by_ward", "draw_size": 4}
    act(town.services, [Draft("create", "ward_round", made, given, add={"wards": wards[:2]})], user=town.lead)
    orders.see_to(town.services, [made])
    drawn = [town.patients(town.other)[one].values["ward"] for one in town.record(made).values["drawn"]]
    assert len(drawn) == 4
    assert set(drawn) <= set(wards[:2])


def test_an_order_is_carried_out_once_however_many_see_to_it(town: Town):
    ward_round = town.call(call_at=town.services.now_ms() + MINUTE_MS)
    town.pass_minutes(2)
    at_once = threading.Barrier(4)
    tallies: list[dict[str, int]] = []

    def look() -> None:
        at_once.wait()
        tallies.append(orders.sweep(town.services))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.get("drawn", 0) for one in tallies) == sum(one.get("called", 0) for one in tallies) == 1
    assert town.record(ward_round).stage == "in_progress"
    (census,) = [one for one in town.of_type("census") if one.root == town.hospital]
    assert census.values["draws"] == 1
    assert audit(town.services).ok


FAULTS = {
    "no_census": lambda town: town.pass_minutes(4 * 24 * 60),
    "nobody_listed": lambda _: None,
    "no_size": lambda _: None,
}


@pytest.mark.parametrize(
    ("fault", "given", "wards"),
    [
        ("no_census", {"draw_method": "everybody"}, []),
        ("nobody_listed", {"draw_method": "everybody"}, ["W99"]),
        ("no_size", {"draw_method": "random"}, []),
    ],
)
def test_what_cannot_be_drawn_says_why_and_is_drawn_once_it_is_mended(town: Town, fault, given, wards):
    FAULTS[fault](town)
    made = new_id(town.services)
    values = {"mode": "bedside", "trigger": "plan", "inspection": inspection(town), **given}
    act(town.services, [Draft("create", "ward_round", made, values, add={"wards": wards})], user=town.lead)
    assert orders.see_to(town.services, [made]) == {"faulty": 1}
    assert orders.see_to(town.services, [made]) == {}
    found = town.record(made)
    assert (found.stage, found.values["order_fault"]) == ("planned", fault)
    assert "drawn" not in found.values
    if fault == "no_census":
        town.bring_census()
    else:
        mended = Draft(
            "edit", "ward_round", made, {"draw_size": 3, "draw_method": "random"}, remove={"wards": wards}
        )
        act(town.services, [mended], user=town.lead)
    assert orders.see_to(town.services, [made]) == {"drawn": 1}


# -- the call ----------------------------------------------------------------------------------------


def test_a_call_draws_tells_the_ward_and_sets_its_term(town: Town):
    ward_round = town.call(respond_minutes=45, explain_minutes=60)
    found = town.record(ward_round)
    now = town.services.now_ms()
    assert (found.stage, found.root, found.values["operator"]) == ("in_progress", ward_round, town.operator)
    assert found.values["called_at"] == now
    assert found.values["respond_by"] == now + 45 * MINUTE_MS
    assert found.values["explain_by"] == now + 105 * MINUTE_MS
    assert sorted(found.values["drawn"]) == sorted(town.patients())
    assert audit(town.services).ok


def test_the_challenge_follows_from_a_root_that_was_not_there_before_the_draw(town: Town):
    ward_round = town.call()
    values = town.record(ward_round).values
    drawn_at = next(w.act.index for w in town.record(ward_round).writes["drawn"])
    services = town.services
    with services.database.reading() as connection:
        root = censuses.root_at(connection, services.ledger.id, values["challenge_size"])
    assert values["challenge_size"] > drawn_at
    assert values["challenge_root"] == root.hex()
    assert len(challenge(root, ward_round)) == 4


def test_the_ward_has_a_right_over_the_round_and_its_sample_alone(town: Town):
    ward_round = town.call(method="random", size=3)
    drawn = town.record(ward_round).values["drawn"]
    assert roots_of(town, town.operator) == {ward_round, *drawn}


def roots_of(town: Town, user: str) -> set[str]:
    """Return over what a user has the operator's role now."""
    with town.services.database.reading() as connection:
        grants = grant_store.standing(connection, town.services.ledger.id, user)
    return {grant.root for grant in grants if grant.role == OPERATOR}


def test_fifty_hospitals_are_called_by_one_order(town: Town):
    called = order(
        town.services,
        town.supervisor,
        Call(institutions=(town.hospital, town.other), method="random", size=2),
    )
    found = [town.record(one).values for one in called]
    assert [one["operator"] for one in found] == [town.operator, town.other_operator]
    assert all(len(one["drawn"]) == 2 for one in found)


def test_a_call_for_later_tells_the_ward_nothing_before_its_time(town: Town):
    ward_round = town.call(call_at=town.services.now_ms() + 10 * MINUTE_MS)
    assert orders.sweep(town.services) == {}
    found = town.record(ward_round)
    assert (found.stage, "drawn" in found.values, roots_of(town, town.operator)) == ("planned", False, set())
    town.pass_minutes(10)
    assert tick(town.services, town.services.now(), {}) == {"drawn": 1, "called": 1}
    assert town.record(ward_round).stage == "in_progress"


def test_a_call_for_later_may_be_made_at_once(town: Town):
    ward_round = town.call(call_at=town.services.now_ms() + 10 * MINUTE_MS)
    call_now(town.services, town.supervisor, ward_round)
    assert town.record(ward_round).stage == "in_progress"
    with pytest.raises(BadTransition):
        call_now(town.services, town.supervisor, ward_round)


def test_the_answers_are_due_then_explained_then_closed_by_the_clock_alone(town: Town):
    ward_round = town.call(respond_minutes=30, explain_minutes=30)
    for minutes, stage, step in (
        (29, "in_progress", {}),
        (1, "explanation_open", {"ended": 1}),
        (29, "explanation_open", {}),
    ):
        town.pass_minutes(minutes)
        assert orders.sweep(town.services) == step
        assert town.record(ward_round).stage == stage
        assert roots_of(town, town.operator)
    town.pass_minutes(1)
    assert orders.sweep(town.services) == {"closed": 1}
    assert orders.sweep(town.services) == {}
    assert roots_of(town, town.operator) == set()
    assert audit(town.services).ok


@pytest.mark.parametrize("who", ["operator", "other_operator", "lead"])
def test_only_whoever_supervises_the_region_or_inspects_the_hospital_calls(town: Town, who: str):
    before = town.size()
    with pytest.raises((NotAllowed, NotFound)):
        order(town.services, getattr(town, who), Call(institutions=(town.hospital,), method="everybody"))
    assert town.size() == before


def test_a_lead_calls_where_he_inspects(town: Town):
    inspection(town)
    (called,) = order(town.services, town.lead, Call(institutions=(town.hospital,), method="everybody"))
    assert town.record(called).stage == "in_progress"


@pytest.mark.parametrize(
    "wanted",
    [
        {"institutions": ()},
        {"institutions": ("twice", "twice")},
        {"operators": {"hospital": "other_operator"}},
        {"operators": {"hospital": "lead"}},
    ],
)
def test_a_call_that_names_the_wrong_places_or_people_makes_nothing(town: Town, wanted):
    given = {"institutions": (town.hospital,), **wanted}
    given["institutions"] = tuple(town.hospital if one == "twice" else one for one in given["institutions"])
    if "operators" in wanted:
        given["operators"] = {town.hospital: getattr(town, wanted["operators"]["hospital"])}
    before = town.size()
    with pytest.raises(BadValue):
        order(town.services, town.supervisor, Call(method="everybody", **given))
    assert town.size() == before


def test_of_several_users_who_could_answer_one_must_be_named(town: Town):
    second = person(town.services, "ward2", "institution_user", "341502", institution=town.hospital)
    with pytest.raises(BadValue, match="several"):
        town.call()
    ward_round = town.call(operators={town.hospital: second})
    assert town.record(ward_round).values["operator"] == second


def test_a_round_whose_operator_was_disabled_is_not_called(town: Town):
    ward_round = town.call(call_at=town.services.now_ms() + MINUTE_MS)
    step = {"stage": {"from": "active", "to": "disabled"}}
    act(town.services, [Draft("edit", "user", town.operator, step)], kind="setting")
    town.pass_minutes(2)
    assert orders.sweep(town.services) == {"faulty": 1}
    assert town.record(ward_round).values["order_fault"] == "operator_unfit"


def test_what_fails_while_an_order_is_carried_out_is_left_to_the_sweep(town: Town, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(local_rules, "of", refuse)
        ward_round = town.call()
    assert town.record(ward_round).stage == "planned"
    assert orders.sweep(town.services) == {"drawn": 1, "called": 1}


def refuse(*_: object) -> None:
    raise BadValue("a faulty file of rules")
