"""A report is verified by somebody else, finding by finding; it goes back with a reason and a new day, or is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.casework import case_desk, casefile, closing
from server.casework.closing import NotFitToClose
from server.casework.verifying import Checked, Return, Verdict
from server.ledger.audit import audit
from server.reminders.calendar import add_working_days
from server.storage import deadline_store
from sync.errors import BadTransition, BadValue, OwnWork, VersionChanged
from tests.casework.cases import Cases


def give_back(cases: Cases, case: str, code: str = "proof_missing", by: str = "city", **more) -> None:
    why = Return(code=code, **more)
    services = cases.world.services
    case_desk.return_report(services, cases.user(by), case, why, version=cases.version(case))


def close(cases: Cases, case: str, by: str = "supervisor2", days: int = 30) -> None:
    on = cases.today + timedelta(days=days)
    services = cases.world.services
    case_desk.close_case(services, cases.user(by), case, version=cases.version(case), look_back_on=on)


@pytest.fixture(autouse=True)
def third(cases: Cases) -> None:
    """A third supervisor: who neither entered the report nor verified it."""
    cases.enlist("supervisor2")


def lacks(refused: pytest.ExceptionInfo[NotFitToClose]) -> set[str]:
    return {one["code"] for one in refused.value.facts["lacks"]}


def test_whoever_entered_a_report_does_not_verify_it(cases: Cases):
    case = cases.reported(by="supervisor")
    with pytest.raises(OwnWork):
        cases.verify(case, by="supervisor")
    cases.verify(case, by="city")
    assert cases.record(case).stage == "verifying"


def test_every_finding_gets_a_verdict_and_what_is_not_met_is_said(cases: Cases):
    case = cases.reported()
    (finding,) = cases.findings(case)
    services, user, version = cases.world.services, cases.user("city"), cases.version(case)
    for verdicts, field in (
        ({}, "verdict"),
        ({finding: Verdict("perfect")}, "verdict"),
        ({finding: Verdict("partly")}, "words"),
        ({finding: Verdict("met"), case: Verdict("met")}, "verdict"),
    ):
        with pytest.raises(BadValue) as refused:
            case_desk.verify_report(services, user, case, Checked(verdicts=verdicts), version=version)
        assert refused.value.field == field
    cases.verify(case, verdict="partly")
    (check,) = _file(cases, case).reports[-1].values["checks"]
    assert (check["verdict"], check["words"]) == ("partly", "尚未完成。")


def _file(cases: Cases, case: str) -> casefile.CaseFile:
    return casefile.load(cases.world.services, cases.user("supervisor"), case)


def test_a_report_that_moved_is_not_verified_unseen(cases: Cases):
    case = cases.reported()
    (finding,) = cases.findings(case)
    said = Checked(verdicts={finding: Verdict("met")})
    with pytest.raises(VersionChanged):
        case_desk.verify_report(
            cases.world.services, cases.user("city"), case, said, version=cases.version(case) - 1
        )


def test_a_return_has_a_reason_and_a_new_last_day_under_a_new_version(cases: Cases):
    case = cases.reported()
    cases.verify(case, verdict="not_met")
    give_back(cases, case, "measures", words="措施停留在纸面。", working_days=3)
    found, services = cases.record(case), cases.world.services
    due = add_working_days(cases.today, 3, services.calendar).isoformat()
    assert (found.stage, found.values["returns"], found.values["return_code"]) == (
        "rectifying",
        1,
        "measures",
    )
    assert (found.values["due_on"], found.values["due_version"]) == (due, 2)
    assert "measures" in found.values["failings"]
    assert _file(cases, case).reports[-1].stage == "returned"
    with services.database.reading() as connection:
        clock = deadline_store.find(connection, services.ledger.id, case)
    assert clock is not None
    assert (clock.due_on, clock.due_version) == (due, 2)
    stages = [write.value for write in found.writes["stage"]]
    assert stages[-2:] == ["returned", "rectifying"]


@pytest.mark.parametrize(
    ("code", "more", "field"),
    [("mood", {}, "code"), ("other", {}, "words"), ("incomplete", {"working_days": 0}, "working_days"),
     ("incomplete", {"working_days": 251}, "working_days"), ("incomplete", {"words": "字" * 2001}, "words")],
)  # fmt: skip
def test_a_return_without_a_fitting_reason_or_term_is_refused(cases: Cases, code, more, field):
    case = cases.reported()
    cases.verify(case, verdict="not_met")
    with pytest.raises(BadValue) as refused:
        give_back(cases, case, code, **more)
    assert refused.value.field == field
    assert cases.record(case).stage == "verifying"


def test_a_second_report_after_a_return_is_verified_and_closed(cases: Cases):
    case = cases.reported()
    cases.verify(case, verdict="not_met")
    give_back(cases, case, "attitude")
    cases.report(case, "supervisor")
    cases.verify(case)
    assert not cases.record(case).values.get("failings")
    close(cases, case)
    assert cases.record(case).stage == "closed"


# Closing


def test_a_case_that_lacks_nothing_is_closed_by_another_with_a_look_back(cases: Cases):
    case = cases.reported()
    cases.verify(case, by="city")
    with pytest.raises(OwnWork):
        close(cases, case, by="city")
    with pytest.raises(OwnWork):
        close(cases, case, by="supervisor")
    close(cases, case)
    found = cases.record(case)
    assert (found.stage, found.values["rechecked_by"]) == ("closed", cases.user("supervisor2"))
    assert found.values["look_back_on"] == (cases.today + timedelta(days=30)).isoformat()
    assert _file(cases, case).reports[-1].stage == "accepted"
    assert audit(cases.world.services).ok


@pytest.mark.parametrize(
    ("report", "check", "named"),
    [
        ({"answered": False}, {}, {"unanswered"}),
        ({"proof": False}, {}, {"unproven"}),
        ({}, {"verdict": "partly"}, {"not_met"}),
        ({}, {"settled": False}, {"money"}),
        ({}, {"failings": ["attitude", "measures"]}, {"failing"}),
        ({"proof": False}, {"verdict": "not_met", "settled": False, "failings": ["responsibility"]},
         {"unproven", "not_met", "money", "failing"}),
    ],
)  # fmt: skip
def test_a_refused_closing_names_each_thing_that_lacks(cases: Cases, report, check, named):
    case = cases.reported(**report)
    cases.verify(case, **check)
    with pytest.raises(NotFitToClose) as refused:
        close(cases, case)
    assert lacks(refused) == named
    assert cases.record(case).stage == "verifying"


def test_a_case_without_money_wants_none_settled(cases: Cases):
    case = cases.reported(amount_fen=0)
    cases.verify(case, settled=False)
    close(cases, case)
    assert cases.record(case).stage == "closed"


def test_recoveries_say_whether_the_money_is_settled_whatever_the_checker_says(cases: Cases):
    case = cases.reported(amount_fen=5_000)
    world = cases.world
    values = {"institution": world.hospital, "kind": "refund", "case": case, "found_fen": 5_000}
    recovery = world.make("recovery", values, by="supervisor", findings=cases.findings(case))
    cases.verify(case, settled=True)
    with pytest.raises(NotFitToClose) as refused:
        close(cases, case)
    assert lacks(refused) == {"money"}
    world.move("recovery", recovery, "found", "agreed", by="supervisor")
    close(cases, case)
    assert cases.record(case).stage == "closed"


@pytest.mark.parametrize("days", [0, closing.LOOK_BACK_DAYS_MAX + 1])
def test_a_look_back_lies_ahead_and_within_bounds(cases: Cases, days):
    case = cases.reported()
    cases.verify(case)
    with pytest.raises(BadValue):
        close(cases, case, days=days)
    close(cases, case, days=1)


# Afterwards


def closed(cases: Cases) -> str:
    case = cases.reported()
    cases.verify(case)
    close(cases, case)
    return case


def call(cases: Cases, case: str, result: str) -> None:
    case_desk.call_back(
        cases.world.services, cases.user("supervisor"), case, version=cases.version(case), on=cases.today,
        result=result,
    )  # fmt: skip


def satisfy(cases: Cases, case: str) -> None:
    case_desk.satisfy(cases.world.services, cases.user("supervisor"), case, version=cases.version(case))


def look(cases: Cases, case: str, result: str) -> None:
    case_desk.look_back(
        cases.world.services, cases.user("supervisor"), case, version=cases.version(case), on=cases.today,
        result=result,
    )  # fmt: skip


def reopen(cases: Cases, case: str, words: str = "回头看发现问题反弹。", days: int = 5) -> None:
    case_desk.reopen(
        cases.world.services, cases.user("supervisor"), case, version=cases.version(case), words=words,
        working_days=days,
    )  # fmt: skip


def test_a_closed_case_ends_to_satisfaction_once_the_call_back_said_so(cases: Cases):
    case = closed(cases)
    with pytest.raises(BadTransition):
        satisfy(cases, case)
    call(cases, case, "dissatisfied")
    with pytest.raises(BadTransition):
        satisfy(cases, case)
    call(cases, case, "satisfied")
    satisfy(cases, case)
    assert cases.record(case).stage == "satisfied"
    look(cases, case, "kept")
    assert cases.record(case).values["look_back_result"] == "kept"


def test_nothing_is_called_back_that_is_not_closed(cases: Cases):
    case = cases.reported()
    with pytest.raises(BadTransition):
        call(cases, case, "satisfied")
    with pytest.raises(BadTransition):
        look(cases, case, "kept")


def test_a_relapse_opens_the_case_again_with_a_new_last_day(cases: Cases):
    case = closed(cases)
    look(cases, case, "relapsed")
    call(cases, case, "satisfied")
    with pytest.raises(BadTransition):
        satisfy(cases, case)
    with pytest.raises(BadValue):
        reopen(cases, case, words=" ")
    reopen(cases, case)
    found, services = cases.record(case), cases.world.services
    due = add_working_days(cases.today, 5, services.calendar).isoformat()
    assert (found.stage, found.values["due_on"], found.values["due_version"]) == ("rectifying", due, 2)
    with services.database.reading() as connection:
        clock = deadline_store.find(connection, services.ledger.id, case)
    assert clock is not None
    assert (clock.closed, clock.due_version) == (False, 2)
    assert audit(services).ok


def test_a_case_that_is_not_closed_is_not_opened_again(cases: Cases):
    with pytest.raises(BadTransition):
        reopen(cases, cases.rectifying())
