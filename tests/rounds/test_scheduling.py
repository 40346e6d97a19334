"""Scheduled rounds are called once, in time, at times that can be computed again and were stored nowhere."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.ledger.audit import audit
from server.reminders.schedule import tick
from server.rounds import scheduling, timetable
from server.storage import ledger_store
from sync.errors import NotAllowed
from tests.rounds.town import Town

MONDAY = date(2026, 11, 16)


def schedule(town: Town, **values: Any) -> str:
    """Let the supervisor make a schedule of the hospital; the installation's clock shows Tuesday, 10:00."""
    made = new_id(town.services)
    known = {
        "region": "341500", "kind": "routine", "lead": town.supervisor, "from_minute": 11 * 60,
        "draw_method": "random", "draw_size": 2, "respond_minutes": 20, **values,
    }  # fmt: skip
    sets = {"institutions": [town.hospital], "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    act(town.services, [Draft("create", "round_schedule", made, known, add=sets)], user=town.supervisor)
    return made


def rounds(town: Town) -> list[dict[str, Any]]:
    return [dict(one.values) for one in town.of_type("ward_round")]


def test_a_routine_round_is_called_at_its_hour_and_once(town: Town):
    made = schedule(town)
    assert scheduling.fire(town.services) == {"weeks planned": 1}
    assert rounds(town) == []
    town.pass_minutes(60)
    assert scheduling.fire(town.services) == {"rounds called": 1}
    assert scheduling.fire(town.services) == {}
    (found,) = rounds(town)
    assert (found["schedule"], found["stage"], found["trigger"]) == (made, "in_progress", "plan")
    assert (found["operator"], len(found["drawn"])) == (town.operator, 2)
    assert audit(town.services).ok


def test_the_tick_of_the_reminders_calls_too(town: Town):
    schedule(town)
    town.pass_minutes(60)
    tally = tick(town.services, town.services.now(), {})
    assert tally == {"weeks planned": 1, "rounds called": 1}


def test_four_schedulers_at_once_call_a_round_once(town: Town):
    schedule(town)
    town.pass_minutes(60)
    at_once = threading.Barrier(4)
    failures: list[BaseException] = []

    def look() -> None:
        at_once.wait()
        try:
            for _ in range(3):
                tick(town.services, town.services.now(), {})
        except BaseException as error:  # noqa: BLE001 - told by the test below
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [one["stage"] for one in rounds(town)] == ["in_progress"]
    assert audit(town.services).ok


def test_a_surprise_comes_at_the_time_that_follows_from_the_entry_of_its_week(town: Town):
    made = schedule(town, kind="surprise", until_minute=20 * 60, times_a_week=7)
    scheduling.fire(town.services)
    known = town.record(made)
    with town.services.database.reading() as connection:
        seed = scheduling.week_seed(connection, town.services.ledger.id, known)
    zone = town.services.config.zone
    expected = [one.at for one in timetable.occurrences(made, known.values, MONDAY, seed, zone)]
    ahead = [at for at in expected if at > town.services.now()]
    called = []
    while town.services.now().astimezone(zone).date() < MONDAY + timedelta(days=7):
        town.pass_minutes(10)
        if scheduling.fire(town.services).get("rounds called"):
            called.append(town.services.now())
        if town.services.now().astimezone(zone).hour >= 20:
            town.pass_minutes(15 * 60)
            town.bring_census(town.services.now().astimezone(zone).date())
    assert len(called) == len(ahead)
    assert all(
        timedelta() <= at - due <= timedelta(minutes=10) for at, due in zip(called, ahead, strict=True)
    )


def test_the_times_of_a_week_are_stored_nowhere_before_they_come(town: Town):
    made = schedule(town, kind="surprise", until_minute=20 * 60, times_a_week=3)
    scheduling.fire(town.services)
    services = town.services
    with services.database.reading() as connection:
        seed = scheduling.week_seed(connection, services.ledger.id, town.record(made))
        last = ledger_store.head(connection, services.ledger.id).size - 1
        planned = json.loads(ledger_store.bodies_at(connection, services.ledger.id, [last])[last])
    assert planned["set"] == {"planned_week": MONDAY.isoformat()}
    assert seed not in json.dumps(planned)


def test_a_new_week_is_planned_anew(town: Town):
    made = schedule(town)
    scheduling.fire(town.services)
    town.pass_minutes(7 * 24 * 60)
    assert scheduling.fire(town.services) == {"weeks planned": 1}
    assert town.record(made).values["planned_week"] == "2026-11-23"


def test_a_call_that_nothing_was_running_for_is_missed_after_half_an_hour(town: Town):
    schedule(town)
    scheduling.fire(town.services)
    town.pass_minutes(60 + 31)
    assert scheduling.fire(town.services) == {}
    assert rounds(town) == []


def test_a_call_that_is_a_little_late_is_still_made(town: Town):
    schedule(town)
    town.pass_minutes(60 + 29)
    assert scheduling.fire(town.services)["rounds called"] == 1


def test_a_paused_schedule_calls_nobody_and_goes_on_when_it_is_resumed(town: Town):
    made = schedule(town)
    pause = {"stage": {"from": "active", "to": "paused"}}
    act(town.services, [Draft("edit", "round_schedule", made, pause)], user=town.supervisor)
    town.pass_minutes(60)
    assert scheduling.fire(town.services) == {}
    resume = {"stage": {"from": "paused", "to": "active"}}
    act(town.services, [Draft("edit", "round_schedule", made, resume)], user=town.supervisor)
    assert scheduling.fire(town.services)["rounds called"] == 1


def test_a_round_that_cannot_be_drawn_when_its_time_comes_says_why(town: Town):
    schedule(town, draw_method="random_by_ward")
    town.pass_minutes(4 * 24 * 60)
    scheduling.fire(town.services)
    town.pass_minutes(60)
    scheduling.fire(town.services)
    assert [one["order_fault"] for one in rounds(town)] == ["no_census"]


@pytest.mark.parametrize("who", ["lead", "operator"])
def test_a_schedule_is_made_by_a_supervisor(town: Town, who: str):
    known = {
        "region": "341500", "kind": "routine", "lead": town.supervisor, "from_minute": 1, "draw_method": "everybody",
    }  # fmt: skip
    sets = {"institutions": [town.hospital], "weekdays": ["mon"]}
    with pytest.raises(NotAllowed):
        act(town.services, [Draft("create", "round_schedule", new_id(town.services), known, add=sets)],
            user=getattr(town, who))  # fmt: skip
