"""How remote rounds were carried out: planned, called, answered, in time; by institution, in the reader's scope."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from server.rounds import orders, scheduling
from tests.imports.files import HOSPITAL, OTHER
from tests.rounds.test_flags_at_the_desk import Ward
from tests.rounds.test_scheduling import schedule
from tests.rounds.town import MINUTE_MS, Town, desk, inspection
from tests.server.desk_client import Desk, words

NOTHING = {
    "planned": 0, "called": 0, "complete": 0, "concluded": 0, "waiting": 0, "beds": 0, "answered": 0, "in_time": 0,
}  # fmt: skip


@pytest.fixture
def chief(town: Town) -> Desk:
    """The city's supervisor, signed in."""
    return desk(town, "chief", "supervisor", "341500")


def numbers(row: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in row.items() if name != "institution" and value}


def told(who: Desk, **days: str) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Return each institution's numbers by its code, and the sums; noughts left out."""
    page = who.get("/api/ward-rounds/execution", **days).json
    return {row["institution"]["code"]: numbers(row) for row in page["rows"]}, numbers(page["total"])


def test_what_was_called_answered_and_in_time_is_counted_by_institution(town: Town, chief: Desk):
    ward = Ward(town, size=4)
    ward.answer(0)
    ward.answer(1)
    town.pass_minutes(40)
    ward.answer(2)
    ward.sync()
    town.call(institutions=(town.other,), method="random", size=2)
    town.call(institutions=(town.other,), method="random", size=2, wards=("W99",))
    rows, total = told(chief)
    assert rows == {
        HOSPITAL.fixmedins_code: {"planned": 1, "called": 1, "beds": 4, "answered": 3, "in_time": 2},
        OTHER.fixmedins_code: {"planned": 2, "called": 1, "beds": 2, "waiting": 1},
    }
    assert total == {"planned": 3, "called": 2, "beds": 6, "answered": 3, "in_time": 2, "waiting": 1}


def test_a_round_whose_every_bed_was_answered_in_time_is_complete_and_then_concluded(town: Town, chief: Desk):
    ward = Ward(town, size=2)
    ward.answer(0)
    ward.sync()
    assert "complete" not in told(chief)[1]
    ward.answer(1)
    town.pass_minutes(600)
    ward.sync()
    step = {"stage": {"from": "in_progress", "to": "concluded"}}
    act(town.services, [Draft("edit", "ward_round", ward.ward_round, step)], user=town.supervisor)
    assert told(Desk(town, "chief"))[1] == {
        "planned": 1, "called": 1, "beds": 2, "answered": 2, "in_time": 2, "complete": 1, "concluded": 1,
    }  # fmt: skip


def test_what_the_officers_say_of_a_bed_is_no_answer_of_the_ward(town: Town, chief: Desk):
    ward = Ward(town, size=1)
    act(
        town.services,
        [Draft("edit", "ward_round", ward.ward_round, {"lead": town.lead})],
        user=town.supervisor,
    )
    lead = town.phone(town.lead)
    lead.check_bed(ward.ward_round, encounter=ward.beds[0], bed_listed="1", presence="unverifiable")
    assert lead.sync().clean
    assert told(chief)[1] == {"planned": 1, "called": 1, "beds": 1}


def test_a_scheduled_call_that_nothing_was_running_for_counts_as_planned_and_not_called(
    town: Town, chief: Desk
):
    schedule(town)
    scheduling.fire(town.services)
    town.pass_minutes(60 + 31)
    assert scheduling.fire(town.services) == {}
    assert told(chief)[1] == {"planned": 1}


def test_a_scheduled_call_that_was_made_counts_once(town: Town, chief: Desk):
    schedule(town)
    scheduling.fire(town.services)
    town.pass_minutes(60)
    assert scheduling.fire(town.services)["rounds called"] == 1
    assert told(chief)[1] == {"planned": 1, "called": 1, "beds": 2}


def test_a_call_that_is_still_to_come_is_not_planned_yet(town: Town, chief: Desk):
    schedule(town)
    scheduling.fire(town.services)
    town.pass_minutes(59)
    assert told(chief) == ({}, {})


def test_a_schedule_that_was_changed_later_planned_what_it_said_then(town: Town, chief: Desk):
    made = schedule(town)
    scheduling.fire(town.services)
    town.pass_minutes(60 + 31)
    act(
        town.services,
        [Draft("edit", "round_schedule", made, {"from_minute": 23 * 60}, add={"institutions": [town.other]})],
        user=town.supervisor,
    )
    assert told(chief)[0] == {HOSPITAL.fixmedins_code: {"planned": 1}}


def test_only_the_days_that_are_asked_for_count(town: Town, chief: Desk):
    town.call(method="random", size=1)
    town.pass_minutes(24 * 60)
    town.bring_census(date(2026, 11, 18))
    town.call(method="random", size=2)
    chief = Desk(town, "chief")
    assert told(chief, since="2026-11-17", until="2026-11-17")[1]["beds"] == 1
    assert told(chief, since="2026-11-18", until="2026-11-18")[1]["beds"] == 2
    assert told(chief)[1]["beds"] == 3
    assert told(chief, since="2026-11-01", until="2026-11-16") == ({}, {})


def test_a_round_that_waits_for_its_hour_belongs_to_the_day_of_the_call(town: Town, chief: Desk):
    town.call(call_at=town.services.now_ms() + 24 * 60 * MINUTE_MS)
    assert told(chief)[1] == {}
    assert told(chief, since="2026-11-18", until="2026-11-18")[1] == {"planned": 1}


def test_a_round_that_cannot_be_called_stays_with_the_day_of_its_order(town: Town, chief: Desk):
    town.call(wards=("W99",))
    town.pass_minutes(3 * 24 * 60)
    chief = Desk(town, "chief")
    assert told(chief, since="2026-11-17", until="2026-11-17")[1] == {"planned": 1, "waiting": 1}
    assert told(chief, since="2026-11-18")[1] == {}


def test_a_round_at_the_bedside_is_no_remote_one(town: Town, chief: Desk):
    values = {"inspection": inspection(town), "mode": "bedside", "trigger": "plan"}
    act(town.services, [Draft("create", "ward_round", str(town.lead)[:-4] + "abcd", values)], user=town.lead)
    assert told(chief) == ({}, {})


def test_a_reader_of_another_region_sees_nothing(town: Town):
    Ward(town).sync()
    schedule(town)
    town.pass_minutes(24 * 60)
    orders.sweep(town.services)
    assert told(desk(town, "neighbour", "supervisor", "341599")) == ({}, {})


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"since": "2026-11-18", "until": "2026-11-17"}, "until"),
        ({"since": "2026-08-17", "until": "2026-11-17"}, "until"),
        ({"since": "17.11.2026"}, "since"),
        ({"until": "2026-02-30"}, "until"),
    ],
)
def test_a_period_that_is_none_is_refused_by_the_api_and_told_at_the_desk(
    town: Town, chief: Desk, days: dict[str, str], field: str
):
    refused = chief.get("/api/ward-rounds/execution", **days)
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (400, "bad_value", field)
    page = chief.get("/rounds/execution", **days)
    assert page.status_code == 200
    assert "统计期间为 1 至 92 天" in words(page)
    assert 'value="2026-11-11"' in page.text


def test_the_longest_period_is_ninety_two_days(town: Town, chief: Desk):
    page = chief.get("/rounds/execution", since="2026-08-18", until="2026-11-17")
    assert "统计期间为 1 至 92 天" not in words(page)
    assert 'value="2026-08-18"' in page.text


def test_the_page_shows_each_institution_and_the_sum(town: Town, chief: Desk):
    ward = Ward(town, size=4)
    ward.answer(0)
    ward.sync()
    said = words(chief.get("/rounds/execution"))
    assert HOSPITAL.fixmedins_code in said
    assert said.count("1 / 4") == 4
