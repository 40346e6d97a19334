"""A case opens without a last day; its notice is drafted, signed off by another, issued, served, acknowledged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from schemas.drafting import Draft
from server.casework import case_desk, numbering
from server.casework.confirm import Confirmation
from server.casework.desk import confirm_finding
from server.commit.numbers import NumberTaken
from server.ledger.audit import audit
from server.reminders.calendar import due_date
from server.storage import deadline_store
from sync.errors import BadTransition, BadValue, NotAllowed, OwnWork, VersionChanged
from tests.casework.cases import Cases
from tests.server.world import World


def clock_of(world: World, case: str) -> deadline_store.Clock | None:
    with world.services.database.reading() as connection:
        return deadline_store.find(connection, world.services.ledger.id, case)


# Opening


def test_confirming_without_a_day_of_service_opens_a_case_whose_clock_stands_still(cases: Cases):
    case = cases.assigned(working_days=7)
    found = cases.record(case)
    assert (found.stage, found.values["working_days"]) == ("assigned", 7)
    assert not {"served_on", "due_on", "due_version", "number"} & found.values.keys()
    assert clock_of(cases.world, case) is None


def test_confirming_with_a_day_of_service_makes_notice_and_service_in_the_same_act(cases: Cases):
    case = cases.confirm(cases.finding(), served_on=cases.today, working_days=15)
    found = cases.record(case)
    due = due_date(cases.today, 15, cases.world.services.calendar).isoformat()
    assert (found.stage, found.values["due_on"], found.values["due_version"]) == ("notified", due, 1)
    (notice,) = notices_of(cases, case)
    assert (notice.stage, notice.values["number"]) == ("served", found.values["number"])
    assert notice.values["served_on"] == cases.today.isoformat()
    assert clock_of(cases.world, case) is not None


def notices_of(cases: Cases, case: str):
    from server.casework import casefile

    return casefile.load(cases.world.services, cases.user("supervisor"), case).notices


def test_a_further_finding_of_the_inspection_joins_an_open_case_and_its_draft_is_written_anew(cases: Cases):
    case = cases.assigned()
    notice = cases.draft(case)
    second = cases.finding(amount_fen=250)
    assert cases.confirm(second, case=case) == case
    assert second in cases.findings(case)
    assert cases.record(second).stage == "in_case"
    assert cases.record(notice).life == "voided"
    again = cases.draft(case)
    assert "3.50 元" in cases.record(again).values["demands"]


def test_a_case_whose_notice_was_signed_off_takes_no_further_finding(cases: Cases):
    case = cases.assigned()
    cases.sign_off(cases.draft(case))
    second = cases.finding()
    with pytest.raises(BadTransition):
        cases.confirm(second, case=case)
    assert cases.record(second).stage == "heard"


# Drafting and signing off


def test_a_draft_says_what_the_findings_say_and_has_no_number(cases: Cases):
    case = cases.assigned(amount_fen=123_456)
    draft = cases.record(cases.draft(case))
    assert "测试床位核查时无人" in draft.values["facts"]
    assert "1,234.56 元" in draft.values["demands"]
    assert list(draft.values["legal_basis"]) == ["SCFB-735-38"]
    assert draft.values["working_days"] == 15
    assert "number" not in draft.values


def test_there_is_one_draft_at_a_time(cases: Cases):
    case = cases.assigned()
    first = cases.draft(case)
    with pytest.raises(BadTransition):
        cases.draft(case)
    services, user = cases.world.services, cases.user("supervisor")
    case_desk.drop_notice(services, user, first, version=cases.version(first))
    assert cases.draft(case) != first


def test_a_draft_is_reworded_and_a_stale_rewording_is_refused(cases: Cases):
    from dataclasses import replace

    case = cases.assigned()
    notice = cases.draft(case)
    seen = cases.version(notice)
    said = replace(case_desk.prefilled(_file(cases, case)), demands="七日内改正。", working_days=7)
    services, user = cases.world.services, cases.user("supervisor")
    case_desk.change_notice(services, user, notice, said, version=seen)
    assert cases.record(notice).values["working_days"] == 7
    with pytest.raises(VersionChanged):
        case_desk.change_notice(services, user, notice, replace(said, working_days=8), version=seen)
    cases.sign_off(notice)
    assert cases.record(case).values["working_days"] == 7


def _file(cases: Cases, case: str):
    from server.casework import casefile

    return casefile.load(cases.world.services, cases.user("supervisor"), case)


def test_whoever_drafted_or_reworded_a_notice_does_not_sign_it_off(cases: Cases):
    from dataclasses import replace

    case = cases.assigned()
    notice = cases.draft(case)
    with pytest.raises(OwnWork):
        cases.sign_off(notice, by="supervisor")
    said = replace(case_desk.prefilled(_file(cases, case)), demands="逐项改正。")
    case_desk.change_notice(
        cases.world.services, cases.user("city"), notice, said, version=cases.version(notice)
    )
    with pytest.raises(OwnWork):
        cases.sign_off(notice, by="city")
    assert cases.record(notice).stage == "draft"


def test_numbers_run_within_their_bureau_and_year(cases: Cases):
    first, second = (cases.sign_off(cases.draft(cases.assigned())) for _ in range(2))
    opening = f"六金安医保改〔{cases.today.year}〕"
    assert first.startswith(opening)
    number = int(first.removeprefix(opening).removesuffix("号"))
    assert second == f"{opening}{number + 1}号"


def test_the_number_after_nine_is_ten(cases: Cases):
    while not cases.sign_off(cases.draft(cases.assigned())).endswith("〕10号"):
        pass
    assert cases.sign_off(cases.draft(cases.assigned())).endswith("〕11号")


def test_two_who_sign_off_at_the_same_moment_give_two_numbers(cases: Cases):
    drafts = [cases.draft(cases.assigned()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(cases.sign_off, drafts))
    assert len(set(given)) == 4
    assert audit(cases.world.services).ok


def test_the_door_gives_no_number_twice(cases: Cases):
    number = cases.sign_off(cases.draft(cases.assigned()))
    other = cases.draft(cases.assigned())
    step = {"number": number, "stage": {"from": "draft", "to": "signed_off"}}
    with pytest.raises(NumberTaken):
        cases.world.act(Draft("edit", "notice", other, step), by="city")
    assert cases.record(other).stage == "draft"


def test_a_number_that_others_keep_taking_is_given_up_kindly(cases: Cases):
    def taken(_: str) -> str:
        raise NumberTaken(field="number")

    with pytest.raises(NumberTaken):
        numbering.numbered(cases.world.services, "341502", "rectification", taken)


def test_a_notice_stands_word_for_word_once_it_is_signed_off_and_is_mended_by_a_new_one(cases: Cases):
    case = cases.assigned()
    notice = cases.draft(case)
    cases.sign_off(notice)
    with pytest.raises(NotAllowed):
        cases.world.act(Draft("edit", "notice", notice, {"demands": "改写。"}), by="supervisor")
    with pytest.raises(BadTransition):
        cases.draft(case)
    newer = cases.draft(case, replaces=notice)
    cases.sign_off(newer)
    cases.issue(newer)
    cases.issue(notice)
    with pytest.raises(BadTransition):
        cases.serve(notice)
    cases.serve(newer)
    assert cases.record(case).values["number"] == cases.record(newer).values["number"]


# Service and acknowledgement


def test_service_begins_the_term_and_the_clock(cases: Cases):
    case, notice = cases.served(working_days=7)
    found, services = cases.record(case), cases.world.services
    due = due_date(cases.today, 7, services.calendar).isoformat()
    assert (found.stage, found.values["due_on"], found.values["first_due_on"]) == ("notified", due, due)
    assert cases.record(notice).values["received_by"] == "测试签收人"
    clock = clock_of(cases.world, case)
    assert clock is not None
    assert (clock.due_on, clock.due_version, clock.closed) == (due, 1, False)
    assert audit(services).ok


def test_nothing_is_served_that_was_not_issued(cases: Cases):
    case = cases.assigned()
    notice = cases.draft(case)
    cases.sign_off(notice)
    with pytest.raises(BadTransition):
        cases.serve(notice)
    assert cases.record(case).stage == "assigned"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"method": "pigeon"}, "method"),
        ({"received_by": ""}, "received_by"),
        ({"method": "left"}, "witness"),
        ({"received_by": "签" * 61}, "received_by"),
    ],
)
def test_service_says_how_and_before_whom(cases: Cases, told, field):
    notice = cases.draft(cases.assigned())
    cases.sign_off(notice)
    cases.issue(notice)
    with pytest.raises(BadValue) as refused:
        cases.serve(notice, **told)
    assert refused.value.field == field
    cases.serve(notice, method="left", witness="测试见证人")
    assert cases.record(notice).stage == "served"


def test_what_is_sent_electronically_is_served_on_the_day_it_is_sent(cases: Cases):
    notice = cases.draft(cases.assigned())
    cases.sign_off(notice)
    cases.issue(notice)
    for days in (-1, 1):
        with pytest.raises(BadValue) as refused:
            cases.serve(notice, method="electronic", served_on=cases.today + timedelta(days=days))
        assert refused.value.field == "served_on"
    cases.serve(notice, method="electronic", received_by="")
    assert cases.record(notice).values["served_on"] == cases.today.isoformat()


def test_an_acknowledgement_on_paper_takes_the_case_to_rectifying_once(cases: Cases):
    case, notice = cases.served()
    cases.acknowledge(notice)
    assert (cases.record(notice).stage, cases.record(case).stage) == ("acknowledged", "rectifying")
    with pytest.raises(BadTransition):
        cases.acknowledge(notice)


def test_two_confirmations_on_the_spot_bear_two_numbers(cases: Cases):
    findings = [cases.finding() for _ in range(3)]
    services, user = cases.world.services, cases.user("supervisor")

    def confirm(finding: str) -> str:
        wanted = Confirmation(cases.version(finding), cases.today)
        result = confirm_finding(services, user, finding, wanted)
        return next(
            str(one.values["number"]) for one in result.records.values() if one.type == "rectification_case"
        )

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(confirm, findings))) == 3
