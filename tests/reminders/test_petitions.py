"""Petitions run on the ladder's engine: asked for on their last day, the desk told when they are overdue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.drafting import Draft
from server.commit.acts import new_id
from server.reminders import petitions
from server.reminders.calendar import Calendar
from tests.reminders.served_case import Bureau
from tests.reminders.test_bulletins import of_type, to

SHANGHAI = ZoneInfo("Asia/Shanghai")


def petition(bureau: Bureau, received: str, due_on: str, number: str = "XF-2026-1") -> str:
    made = new_id(bureau.services)
    at = datetime.fromisoformat(f"{received}+08:00")
    values: dict[str, Any] = {
        "number": number, "region": "341502", "kind": "tip_off", "channel": "phone", "words": "测试内容",
        "received_at": round(at.timestamp() * 1000), "working_days": 1, "due_on": due_on,
    }  # fmt: skip
    bureau.decide(Draft("create", "petition", made, values))
    return made


def tasks(bureau: Bureau) -> list[tuple[str, str, str, str]]:
    return [
        (str(one.values["kind"]), str(one.values["for_role"]), str(one.values["cause"]), str(one.stage))
        for one in of_type(bureau, "task")
    ]


@pytest.mark.parametrize(
    ("received", "days", "last"),
    [
        ("2026-09-18T16:00", 1, date(2026, 9, 20)),  # a Friday before a Sunday that is worked
        ("2026-09-24T09:00", 1, date(2026, 9, 28)),  # the Mid-autumn Festival lies between
        ("2026-11-20T23:59", 3, date(2026, 11, 25)),
        ("2026-11-21T10:00", 1, date(2026, 11, 23)),
    ],
)
def test_its_last_day_is_counted_in_working_days_after_it_came(
    china: Calendar, received: str, days: int, last: date
):
    at = datetime.fromisoformat(f"{received}+08:00").astimezone(UTC)
    assert petitions.last_day(at, days, china, SHANGHAI) == last


def test_it_makes_its_tasks_once_each_on_their_mornings(bureau: Bureau):
    petition(bureau, "2026-11-17T09:00", "2026-11-18")
    for day, clock, count in (
        ("2026-11-17", "19:00", 0), ("2026-11-18", "08:29", 0), ("2026-11-18", "08:30", 1),
        ("2026-11-18", "23:00", 1), ("2026-11-19", "08:30", 2), ("2026-11-24", "08:30", 2),
    ):  # fmt: skip
        to(bureau, day, clock)
        petitions.sweep(bureau.services)
        assert len(tasks(bureau)) == count, (day, clock)
    assert tasks(bureau) == [
        ("petition_answer", "inspector", "before/0/v1", "open"),
        ("petition_answer", "supervisor", "overdue/1/v1", "open"),
    ]


def test_an_answered_petition_wants_nothing_and_its_task_is_dropped(bureau: Bureau):
    made = petition(bureau, "2026-11-17T09:00", "2026-11-18")
    to(bureau, "2026-11-18")
    petitions.sweep(bureau.services)
    for source, target in (("received", "assigned"), ("assigned", "handling"), ("handling", "answered")):
        bureau.decide(Draft("edit", "petition", made, {"stage": {"from": source, "to": target}}))
    assert petitions.sweep(bureau.services) == {"petition_tasks_over": 1}
    to(bureau, "2026-11-20")
    assert petitions.sweep(bureau.services) == {}
    assert [stage for *_, stage in tasks(bureau)] == ["dropped"]
