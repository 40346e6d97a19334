"""Overdue cases give people something to do: once, at the right rung, dropped when it is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.drafting import Draft
from server.ledger.audit import audit
from server.reminders import rung_tasks, scan
from server.reminders.schedule import tick
from server.reminders.wanted_tasks import stands, wanted
from server.storage import record_store
from sync.merge import Record
from tests.reminders.served_case import Bureau, served_case

MORNING = "08:30"


def of_type(bureau: Bureau, kind: str) -> list[Record]:
    with bureau.services.database.reading() as connection:
        vault = bureau.services.vault.session(connection, bureau.services.ledger.id)
        every = record_store.selected(bureau.services.ledger.id, kind)
        return record_store.query(connection, vault, every.order_by(record_store.TABLE.c.version))


def tasks(bureau: Bureau) -> list[tuple[str, str, str, str]]:
    return [
        (str(one.values["kind"]), str(one.values["for_role"]), str(one.values["due_on"]), str(one.stage))
        for one in of_type(bureau, "task")
    ]


def to(bureau: Bureau, day: str, clock: str = MORNING) -> None:
    """Move the clock to a wall clock in Shanghai."""
    at = datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)
    bureau.installation.clock.now = round(at.timestamp() * 1000)


def test_each_rung_makes_its_task_on_its_morning_and_none_before(bureau: Bureau):
    case = served_case(bureau)
    steps = [
        ("2026-12-08", "08:30", None),
        ("2026-12-09", "08:29", None),
        ("2026-12-09", "08:30", ("phone_call", "supervisor", "2026-12-10", "open")),
        ("2026-12-11", "08:30", ("interview", "supervisor", "2026-12-16", "open")),
        ("2026-12-15", "08:30", ("suspension_proposal", "supervisor", "2026-12-18", "open")),
        ("2026-12-22", "08:30", ("sanction_proposal", "leader", "2026-12-29", "open")),
    ]
    expected: list[Any] = []
    for day, clock, made in steps:
        to(bureau, day, clock)
        tick(bureau.services, bureau.now, {})
        expected += [made] if made else []
        assert tasks(bureau) == expected, (day, clock)
        tick(bureau.services, bureau.now, {})
        assert tasks(bureau) == expected, "a second look makes nothing"
    (proposal,) = of_type(bureau, "sanction")
    assert (proposal.stage, proposal.values["proposed_by"], proposal.values["level"]) == (
        "proposed",
        "ladder",
        "2",
    )
    assert (proposal.values["case"], proposal.values["measures"]) == (case, ["settlement_suspension"])
    assert audit(bureau.services).ok


def test_after_an_outage_only_the_highest_rung_makes_a_task(bureau: Bureau):
    served_case(bureau)
    to(bureau, "2026-12-14")
    tick(bureau.services, bureau.now, {})
    assert [kind for kind, *_ in tasks(bureau)] == ["interview"]


def test_two_schedulers_make_one_task_and_who_dies_before_the_clock_is_set_leaves_nothing_undone(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
):
    served_case(bureau)
    to(bureau, "2026-12-09")

    def dying(*_: Any) -> int:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(scan, "_write", dying)
        with pytest.raises(SystemExit):
            tick(bureau.services, bureau.now, {})
    page = scan._read(bureau.services, bureau.now)
    assert len(page.tasks) == 1
    assert rung_tasks.make(bureau.services, page.tasks) == 0
    tick(bureau.services, bureau.now, {})
    assert [kind for kind, *_ in tasks(bureau)] == ["phone_call"]


@pytest.mark.parametrize("what", ["closed", "changed"])
def test_a_task_is_dropped_when_its_case_is_closed_or_gets_another_deadline(bureau: Bureau, what: str):
    case = served_case(bureau)
    to(bureau, "2026-12-09")
    tick(bureau.services, bureau.now, {})
    if what == "changed":
        bureau.edit("rectification_case", case, due_on="2026-12-18", due_version=2)
    else:
        for source, target in (
            ("rectifying", "report_submitted"),
            ("report_submitted", "verifying"),
            ("verifying", "closed"),
        ):
            by = bureau.other_supervisor() if target == "closed" else None
            step = {"stage": {"from": source, "to": target}}
            bureau.decide(Draft("edit", "rectification_case", case, step), user=by)
    assert tick(bureau.services, bureau.now, {})["tasks_over"] == 1
    assert [stage for *_, stage in tasks(bureau)] == ["dropped"]
    to(bureau, "2026-12-21")
    tick(bureau.services, bureau.now, {})
    assert [stage for *_, stage in tasks(bureau)] == ["dropped", *(["open"] if what == "changed" else [])]


def test_many_changes_are_looked_at_page_by_page_and_none_is_missed(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
):
    cases = [served_case(bureau) for _ in range(5)]
    to(bureau, "2026-12-09")
    tick(bureau.services, bureau.now, {})
    for case in cases:
        bureau.edit("rectification_case", case, due_on="2026-12-18", due_version=2)
    monkeypatch.setattr(rung_tasks, "MOVED_MAX", 2)
    dropped = [rung_tasks.drop_over(bureau.services) for _ in range(12)]
    assert sum(dropped) == 5
    assert dropped[-1] == 0
    assert {stage for *_, stage in tasks(bureau)} == {"dropped"}


def test_a_task_that_a_slow_scheduler_makes_for_a_closed_case_is_dropped_too(bureau: Bureau):
    served_case(bureau)
    to(bureau, "2026-12-09")
    page = scan._read(bureau.services, bureau.now)
    (case,) = (clock.case for clock in page.clocks)
    for source, target in (
        ("rectifying", "report_submitted"), ("report_submitted", "verifying"), ("verifying", "closed"),
    ):  # fmt: skip
        by = bureau.other_supervisor() if target == "closed" else None
        bureau.decide(
            Draft("edit", "rectification_case", case, {"stage": {"from": source, "to": target}}), user=by
        )
    assert rung_tasks.drop_over(bureau.services) == 0
    assert rung_tasks.make(bureau.services, page.tasks) == 1
    assert rung_tasks.drop_over(bureau.services) == 1


def test_a_task_that_was_done_or_that_a_person_made_is_left_alone(bureau: Bureau):
    case = served_case(bureau)
    own = {"about": case, "kind": "phone_call", "for_role": "supervisor", "due_on": "2026-12-01"}
    bureau.decide(Draft("create", "task", "01a1e73b-8500-7000-8000-00000000abcd", own))
    to(bureau, "2026-12-09")
    tick(bureau.services, bureau.now, {})
    (made,) = (one for one in of_type(bureau, "task") if one.values.get("cause"))
    bureau.decide(Draft("edit", "task", made.id, {"stage": {"from": "open", "to": "done"}}))
    bureau.edit("rectification_case", case, due_on="2026-12-18", due_version=2)
    assert tick(bureau.services, bureau.now, {})["tasks_over"] == 0
    assert Counter(stage for *_, stage in tasks(bureau)) == {"open": 1, "done": 1}


def test_who_has_not_acknowledged_is_asked_again_and_then_called(bureau: Bureau):
    case = served_case(bureau, acknowledged=False)
    tick(bureau.services, bureau.now, {})
    to(bureau, "2026-11-18")
    tick(bureau.services, bureau.now, {})
    assert tasks(bureau) == []
    assert [posted.key.rung for posted in bureau.outbox(case)] == ["served", "served+1"]
    to(bureau, "2026-11-19")
    tick(bureau.services, bureau.now, {})
    assert tasks(bureau) == [("acknowledgement", "inspector", "2026-11-20", "open")]
    bureau.decide(
        Draft("edit", "rectification_case", case, {"stage": {"from": "notified", "to": "rectifying"}})
    )
    assert tick(bureau.services, bureau.now, {})["tasks_over"] == 1


def test_who_acknowledged_in_time_is_neither_asked_again_nor_called(bureau: Bureau):
    case = served_case(bureau)
    for day in ("2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"):
        to(bureau, day, "10:00")
        tick(bureau.services, bureau.now, {})
    assert tasks(bureau) == []
    assert {posted.key.rung for posted in bureau.outbox(case)} == {"served"}


def test_a_proposal_that_stands_is_not_made_again_for_another_deadline(bureau: Bureau):
    case = served_case(bureau)
    to(bureau, "2026-12-15")
    tick(bureau.services, bureau.now, {})
    bureau.edit("rectification_case", case, due_on="2026-12-18", due_version=2)
    to(bureau, "2026-12-25")
    tick(bureau.services, bureau.now, {})
    assert [kind for kind, *_ in tasks(bureau)] == ["suspension_proposal", "suspension_proposal"]
    assert len(of_type(bureau, "sanction")) == 1


def test_what_is_wanted_follows_from_the_deadline_alone(open_deadline: Any, shanghai: Any):
    deadline = open_deadline()
    assert wanted(deadline, shanghai(10, 16, 8, 29)) is None
    first = wanted(deadline, shanghai(10, 16))
    assert first is not None
    assert (first.kind, first.cause, first.due_on) == ("phone_call", "overdue/1/v1", date(2026, 10, 19))
    assert wanted(deadline, shanghai(10, 16) + timedelta(hours=5)) == first
    assert wanted(replace(deadline, closed=True), shanghai(10, 16)) is None
    assert stands("overdue/1/v1", due_version=1, closed=False, unacknowledged=False)
    assert not stands("overdue/1/v1", due_version=2, closed=False, unacknowledged=False)
    assert not stands("overdue/1/v1", due_version=1, closed=True, unacknowledged=False)
    assert not stands("served/2/v1", due_version=1, closed=False, unacknowledged=False)
