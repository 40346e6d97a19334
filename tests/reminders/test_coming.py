"""What will be sent is shown at the desk and to programs as the scan itself would say it, to whoever sees the case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.drafting import Draft
from server.accounts import users
from server.reminders import scan
from tests.reminders.served_case import Bureau, served_case
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD


def desk(bureau: Bureau, login: str, role: str, region: str) -> Desk:
    users.enlist(
        bureau.services, users.check(login=login, name=f"测试{login}", roles=(role,), region=region), PASSWORD
    )
    return Desk(bureau, login)


def told(desk: Desk, **query: Any) -> list[tuple[str, str, str, str]]:
    page = desk.get("/api/reminders/coming", **query).json
    rows = [row for day in page["coming"] for row in day["rows"]]
    return [(row["at"][:16], row["case"], row["rung"], row["role"]) for row in rows]


def test_the_desk_and_programs_see_what_the_scan_will_send(bureau: Bureau):
    case = served_case(bureau)
    chief = desk(bureau, "chief", "supervisor", "341500")
    now = bureau.now
    foreseen = scan.coming(bureau.services, now, now + timedelta(days=30))
    assert len(foreseen) > 5
    assert told(chief) == [
        (one.send_at.isoformat()[:16], one.case, one.rung, one.role) for one, _ in foreseen
    ]
    page = chief.get("/reminders")
    said = words(page)
    for word in ("即将发送的催办", "2026年12月8日", "到期当日", "机构联系人", "六安市测试第001医院"):
        assert word in said
    assert f'href="/cases/{case}"' in page.text
    assert told(chief, days=1) == told(chief)[:1]


def test_a_case_outside_the_reader_s_region_or_closed_is_not_foreseen(bureau: Bureau):
    served_case(bureau)
    assert told(desk(bureau, "near", "supervisor", "341502"))
    assert told(desk(bureau, "far", "supervisor", "341503")) == []
    assert "没有即将发送的催办" in words(desk(bureau, "none", "auditor", "341503").get("/reminders"))
    chief = desk(bureau, "chief", "supervisor", "341500")
    assert told(chief, region="341502")
    assert told(chief, region="341503") == []


@pytest.mark.parametrize("query", [{"days": "0"}, {"days": "400"}, {"days": "soon"}, {"region": "x"}])
def test_what_is_no_number_of_days_and_no_region_is_refused(bureau: Bureau, query: dict[str, str]):
    chief = desk(bureau, "chief", "supervisor", "341500")
    assert chief.get("/api/reminders/coming", **query).status_code == 400
    assert chief.get("/reminders", **query).status_code == 400


def test_looking_ahead_changes_nothing(bureau: Bureau):
    case = served_case(bureau)
    chief = desk(bureau, "chief", "supervisor", "341500")
    assert told(chief) == told(chief)
    assert bureau.outbox(case) == []
    step = {"stage": {"from": "rectifying", "to": "report_submitted"}}
    bureau.decide(Draft("edit", "rectification_case", case, step))
    assert told(chief)
