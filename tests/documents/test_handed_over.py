"""A notice that is handed over with the confirmation: its paper's digest is fixed in that very act."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from schemas.drafting import Draft
from server.documents.notice import digest_of
from server.ledger.audit import audit
from tests.casework.cases import Cases
from tests.casework.conftest import cases as shared_cases
from tests.casework.test_at_the_desk import desk_of, notice_of, send
from tests.console.conftest import world as shared_world
from tests.server.desk_client import words

cases = shared_cases
world = shared_world


def handed(cases: Cases, **more: Any) -> str:
    """Confirm a finding whose notice was handed over on the spot; return the notice."""
    finding = cases.finding()
    told = {"served_on": cases.today.isoformat(), "working_days": 7, **more}
    answer = send(cases, desk_of(cases, "supervisor"), f"/api/findings/{finding}/confirm", finding, **told)
    assert answer.status_code == 201, answer.text
    return notice_of(cases, answer.json["case"])


def test_its_paper_has_the_digest_that_the_act_fixed(cases: Cases):
    desk = desk_of(cases, "supervisor")
    for day in (cases.today, cases.today - timedelta(days=1)):
        notice = handed(cases, served_on=day.isoformat())
        fixed = cases.record(notice).values["document"]
        assert digest_of(desk.get(f"/notices/{notice}/notice.pdf").data) == fixed
        assert "与制发时逐字节相同" in words(desk.get(f"/notices/{notice}"))
    assert audit(cases.world.services).ok


def test_it_stays_the_same_whatever_comes_later(cases: Cases):
    notice = handed(cases)
    desk, before = desk_of(cases, "city"), cases.record(notice).values["document"]
    cases.acknowledge(notice)
    hospital = cases.record(cases.world.hospital)
    cases.world.act(Draft("edit", "institution", hospital.id, {"name": "测试市改名医院"}))
    try:
        assert digest_of(desk.get(f"/notices/{notice}/notice.pdf").data) == before
    finally:
        cases.world.act(Draft("edit", "institution", hospital.id, {"name": hospital.values["name"]}))


def test_one_that_is_served_later_has_none_before_its_issue(cases: Cases):
    notice = cases.draft(cases.assigned())
    cases.sign_off(notice)
    assert "document" not in cases.record(notice).values
    answer = send(cases, desk_of(cases, "supervisor"), f"/api/notices/{notice}/issue", notice)
    assert answer.status_code == 200
    raw = desk_of(cases, "supervisor").get(f"/notices/{notice}/notice.pdf").data
    assert digest_of(raw) == cases.record(notice).values["document"]
