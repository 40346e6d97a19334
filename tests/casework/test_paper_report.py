"""A report that came on paper: entered whole by somebody of the desk, who then does not verify it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.drafting import Draft
from server.casework import case_desk, casefile
from server.casework.paper_reports import PaperReport
from server.casework.reports import Answer
from server.ledger.audit import audit
from sync.errors import BadTransition, BadValue, NotFound, OwnWork, VersionChanged
from tests.casework.cases import Cases, world_id
from tests.casework.test_at_the_desk import desk_of, post, send
from tests.server.desk_client import words

SCAN = "5c" * 32


def answer(cases: Cases, finding: str, **more: Any) -> Answer:
    told: dict[str, Any] = {"measure": "corrected", "words": "已逐床核对。", "proof": (SCAN,)}
    return Answer(finding=finding, **{**told, "done_on": cases.today, **more})


def paper(cases: Cases, case: str, **more: Any) -> PaperReport:
    told: dict[str, Any] = {
        "handed_in_by": "测试递交人",
        "handed_in_on": cases.today,
        "place": "档案室三柜",
        "scans": (SCAN,),
        "answers": tuple(answer(cases, one) for one in cases.findings(case)),
    }
    return PaperReport(**{**told, **more})


def enter(cases: Cases, case: str, by: str = "supervisor", **more: Any) -> None:
    case_desk.enter_report(
        cases.world.services, cases.user(by), case, paper(cases, case, **more), version=cases.version(case)
    )


def report_of(cases: Cases, case: str) -> Any:
    return casefile.load(cases.world.services, cases.user("supervisor"), case).report


def test_a_report_on_paper_takes_its_case_to_where_it_is_verified(cases: Cases):
    case = cases.rectifying()
    enter(cases, case)
    report = report_of(cases, case)
    assert cases.record(case).stage == "report_submitted"
    assert (report.stage, report.values["form"], report.values["round"]) == ("submitted", "paper", 1)
    assert report.values["paper_place"] == "档案室三柜"
    assert (
        report.values["notice"]
        == casefile.load(cases.world.services, cases.user("supervisor"), case).notices[-1].id
    )
    assert audit(cases.world.services).ok


def test_it_acknowledges_the_notice_that_nobody_acknowledged(cases: Cases):
    case, _ = cases.served()
    enter(cases, case)
    assert cases.record(case).stage == "report_submitted"


def test_whoever_entered_it_does_not_verify_it_and_another_does(cases: Cases):
    case = cases.rectifying()
    enter(cases, case)
    with pytest.raises(OwnWork):
        cases.verify(case, by="supervisor")
    cases.verify(case, by="city")
    assert cases.record(case).stage == "verifying"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"handed_in_by": " "}, "handed_in_by"),
        ({"handed_in_by": "名" * 61}, "handed_in_by"),
        ({"place": ""}, "place"),
        ({"scans": ()}, "scans"),
        ({"scans": ("5C" * 32,)}, "scans"),
    ],
)
def test_what_it_lacks_is_named_and_nothing_is_entered(cases: Cases, more: dict[str, Any], field: str):
    case = cases.rectifying()
    with pytest.raises(BadValue) as refused:
        enter(cases, case, **more)
    assert refused.value.field == field
    assert report_of(cases, case) is None


@pytest.mark.parametrize("days", [-1, 1])
def test_it_was_handed_in_after_the_service_and_not_tomorrow(cases: Cases, days: int):
    case = cases.rectifying()
    with pytest.raises(BadValue) as refused:
        enter(cases, case, handed_in_on=cases.today + timedelta(days=days))
    assert refused.value.field == "handed_in_on"


def test_each_finding_is_answered_once_with_its_day_and_proof(cases: Cases):
    case = cases.rectifying()
    (finding,) = cases.findings(case)
    one = answer(cases, finding)
    other = answer(cases, cases.finding())
    faults = (
        ((), BadValue, "measure"),
        ((answer(cases, finding, done_on=None),), BadValue, "done_on"),
        ((answer(cases, finding, proof=("ef" * 32,)),), BadValue, "proof"),
        ((one, one), NotFound, None),
        ((one, other), NotFound, None),
    )
    for answers, refusal, field in faults:
        with pytest.raises(refusal) as refused:
            enter(cases, case, answers=answers)
        assert refused.value.field == field
        assert refused.value.item in (finding, other.finding)


def test_a_case_that_waits_for_no_report_takes_none(cases: Cases):
    with pytest.raises(BadTransition):
        enter(cases, cases.assigned())
    case = cases.rectifying()
    enter(cases, case)
    with pytest.raises(BadTransition):
        enter(cases, case)


def test_who_looked_before_the_case_moved_is_told(cases: Cases):
    case = cases.rectifying()
    said, seen = paper(cases, case), cases.version(case) - 1
    with pytest.raises(VersionChanged):
        case_desk.enter_report(cases.world.services, cases.user("supervisor"), case, said, version=seen)


def test_a_draft_of_the_portal_gives_way_only_where_that_is_said(cases: Cases):
    case = cases.rectifying()
    begun = world_id(cases.world)
    values = {"institution": cases.world.hospital, "case": case, "round": 1}
    cases.world.act(Draft("create", "rectification_report", begun, values), by="supervisor")
    with pytest.raises(BadTransition) as refused:
        enter(cases, case)
    assert (refused.value.item, refused.value.field) == (begun, "instead")
    enter(cases, case, instead=True)
    assert report_of(cases, case).values["round"] == 2
    assert cases.record(begun).life == "voided"


def typed(cases: Cases, case: str, **more: str) -> dict[str, str]:
    (finding,) = cases.findings(case)
    today = cases.today.isoformat()
    return {
        "handed_in_by": "测试递交人", "handed_in_on": today, "place": "档案室三柜", "scans": SCAN,
        f"measure-{finding}": "corrected", f"words-{finding}": "已逐床核对。", f"done_on-{finding}": today, **more,
    }  # fmt: skip


def test_the_form_enters_it_and_the_page_says_where_the_paper_lies(cases: Cases):
    case = cases.rectifying()
    first, second = desk_of(cases, "supervisor"), desk_of(cases, "city")
    assert "录入纸质整改报告" in words(first.get(f"/cases/{case}"))
    entered = post(cases, first, f"/cases/{case}/report", case, **typed(cases, case))
    assert entered.status_code == 303, words(entered)
    shown = words(second.get(f"/cases/{case}"))
    assert "档案室三柜" in shown
    assert SCAN in shown
    assert "测试递交人" not in words(desk_of(cases, "auditor").get(f"/cases/{case}"))
    assert "请由他人核查和销号" in words(first.get(f"/cases/{case}"))


def test_a_form_with_a_fault_is_shown_again_with_what_was_typed(cases: Cases):
    case = cases.rectifying()
    desk = desk_of(cases, "supervisor")
    for more, told in (
        ({"scans": "abc"}, "扫描件的摘要"),
        ({"handed_in_on": ""}, "递交日期应在"),
        ({"handed_in_on": "x"}, "递交日期应在"),
    ):
        answered = post(cases, desk, f"/cases/{case}/report", case, **typed(cases, case, **more))
        assert answered.status_code == 400
        assert told in words(answered)
        assert 'value="档案室三柜"' in answered.text
    assert report_of(cases, case) is None


def test_a_program_enters_it_by_the_same_rules(cases: Cases):
    case = cases.rectifying()
    (finding,) = cases.findings(case)
    today = cases.today.isoformat()
    one = {"finding": finding, "measure": "planned", "words": "月底前完成。", "done_on": today}
    told = {"handed_in_by": "测试递交人", "handed_in_on": today, "place": "档案室三柜", "scans": [SCAN],
            "answers": [one]}  # fmt: skip
    desk = desk_of(cases, "supervisor")
    bad = send(cases, desk, f"/api/cases/{case}/report", case, **{**told, "answers": [{**one, "words": ""}]})
    assert bad.status_code == 400
    stale = desk.send(f"/api/cases/{case}/report", {**told, "version": 1})
    assert (stale.status_code, stale.json["code"]) == (409, "version_changed")
    done = send(cases, desk, f"/api/cases/{case}/report", case, **told)
    assert (done.status_code, done.json["stage"]) == (200, "report_submitted")
    shown = desk.get(f"/api/cases/{case}").json["work"]["report"]
    assert shown["paper"]["scans"] == [SCAN]
    assert shown["own"]


@pytest.mark.parametrize(("login", "status"), [("auditor", 403), ("member", 403), ("neighbour", 404)])
def test_who_has_no_office_enters_none(cases: Cases, login: str, status: int):
    case = cases.rectifying()
    desk = desk_of(cases, login)
    assert post(cases, desk, f"/cases/{case}/report", case, **typed(cases, case)).status_code == status
    assert "录入纸质整改报告" not in words(desk.get(f"/cases/{case}"))
