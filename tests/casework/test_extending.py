"""More time: asked for by the last day, once, at most half of the term; the clock runs until it is granted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from schemas.drafting import Draft
from server.casework import case_desk
from server.casework.extending import Answer, most
from server.reminders.calendar import add_working_days
from server.storage import deadline_store
from sync.errors import BadTransition, BadValue, OwnWork, VersionChanged
from tests.casework.cases import Cases, world_id


def ask(cases: Cases, case: str, days: int = 3, by: str = "city") -> str:
    """Ask for more time, as a supervisor enters what came on paper."""
    values = cases.record(case).values
    asked = {
        "institution": cases.world.hospital, "case": case, "due_version": values["due_version"],
        "original_working_days": values["working_days"], "working_days": days, "reason": "procurement",
        "words": "设备采购需要时间。",
    }  # fmt: skip
    record = world_id(cases.world)
    cases.world.act(Draft("create", "extension", record, asked), by=by)
    return record


def answer(
    cases: Cases, extension: str, act: str = "granted", days: int = 3, words: str = "", by="supervisor"
):
    case_desk.decide_extension(
        cases.world.services, cases.user(by), extension, Answer(act=act, working_days=days, words=words),
        version=cases.version(extension),
    )  # fmt: skip


def test_a_grant_moves_the_last_day_from_the_old_one_under_a_new_version(cases: Cases):
    case = cases.rectifying()
    before = cases.record(case).values
    extension = ask(cases, case)
    assert cases.record(case).values["due_on"] == before["due_on"], "the clock runs until somebody decides"
    answer(cases, extension, days=3)
    services = cases.world.services
    due = add_working_days(date.fromisoformat(before["due_on"]), 3, services.calendar).isoformat()
    after, granted = cases.record(case).values, cases.record(extension)
    assert (after["due_on"], after["due_version"], after["extension"]) == (due, 2, extension)
    assert after["first_due_on"] == before["due_on"]
    assert (granted.stage, granted.values["due_on"], granted.values["granted_working_days"]) == (
        "granted",
        due,
        3,
    )
    with services.database.reading() as connection:
        clock = deadline_store.find(connection, services.ledger.id, case)
    assert clock is not None
    assert (clock.due_on, clock.due_version) == (due, 2)


def test_a_refusal_says_why_and_moves_nothing(cases: Cases):
    case = cases.rectifying()
    extension = ask(cases, case)
    with pytest.raises(BadValue):
        answer(cases, extension, "refused")
    answer(cases, extension, "refused", words="理由不充分。")
    assert cases.record(extension).stage == "refused"
    assert cases.record(case).values["due_version"] == 1


@pytest.mark.parametrize(("term", "granted", "fits"), [
    (15, 7, True), (15, 8, False), (7, 3, True), (7, 4, False), (3, 1, True), (3, 2, False), (15, 0, False),
])  # fmt: skip
def test_at_most_half_of_the_term_is_granted_rounded_down(cases: Cases, term, granted, fits):
    case = cases.rectifying(working_days=term)
    extension = ask(cases, case, days=1)
    if fits:
        answer(cases, extension, days=granted)
        assert most(term) == granted
    else:
        with pytest.raises(BadValue) as refused:
            answer(cases, extension, days=granted)
        assert refused.value.field == "working_days"
        assert cases.record(extension).stage == "asked"


def test_a_second_extension_is_not_granted(cases: Cases):
    case = cases.rectifying()
    first = ask(cases, case)
    answer(cases, first)
    second = ask(cases, case)
    with pytest.raises(BadTransition) as refused:
        answer(cases, second)
    assert refused.value.field == "extension"
    answer(cases, second, "refused", words="只能延期一次。")


def test_a_request_after_a_refused_one_is_not_granted_either(cases: Cases):
    case = cases.rectifying()
    answer(cases, ask(cases, case), "refused", words="理由不充分。")
    with pytest.raises(BadTransition):
        answer(cases, ask(cases, case))


@pytest.mark.parametrize(("late", "fits"), [(0, True), (1, False)])
def test_what_was_asked_on_the_last_day_is_in_time_and_a_day_later_it_is_not(cases: Cases, late, fits):
    case = cases.rectifying(working_days=3)
    due = date.fromisoformat(cases.record(case).values["due_on"])
    clock = cases.world.installation.clock
    clock.advance(seconds=86_400 * ((due - cases.today).days + late))
    assert cases.today == due + timedelta(days=late)
    extension = ask(cases, case, days=1)
    if not fits:
        with pytest.raises(BadTransition) as refused:
            answer(cases, extension, days=1)
        assert refused.value.field == "due_on"
        return
    clock.advance(seconds=86_400 * 3)
    answer(cases, extension, days=1)
    assert cases.record(extension).stage == "granted"


def test_a_last_day_that_changed_since_is_not_extended(cases: Cases):
    case = cases.rectifying()
    extension = ask(cases, case)
    cases.world.act(Draft("edit", "rectification_case", case, {"due_version": 2}), by="city")
    with pytest.raises(BadTransition):
        answer(cases, extension)


def test_whoever_entered_the_request_does_not_decide_and_a_stale_decision_is_refused(cases: Cases):
    case = cases.rectifying()
    extension = ask(cases, case, by="supervisor")
    with pytest.raises(OwnWork):
        answer(cases, extension, by="supervisor")
    with pytest.raises(VersionChanged):
        case_desk.decide_extension(
            cases.world.services, cases.user("city"), extension, Answer(act="granted", working_days=1),
            version=cases.version(extension) - 1,
        )  # fmt: skip
