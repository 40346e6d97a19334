"""What a deadline wants at an instant, case by case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from server.reminders.ladder import (
    SCAN_MAX,
    Deadline,
    Recipient,
    Reminder,
    ReminderKey,
    due,
    may_go_at,
    next_due_at,
    reason_to_withhold,
)
from server.reminders.policies import CHANNELS, POLICIES, RECTIFICATION, Policy, Rung

Build = Callable[..., Deadline]
At = Callable[..., datetime]
EMAIL = frozenset({"email"})
NOBODY: frozenset[ReminderKey] = frozenset()


def rungs(reminders: list[Reminder]) -> set[str]:
    return {reminder.rung for reminder in reminders}


def recipients(reminders: list[Reminder]) -> list[str]:
    return [reminder.recipient for reminder in reminders]


def keys(reminders: list[Reminder]) -> frozenset[ReminderKey]:
    return frozenset(reminder.key for reminder in reminders)


CONTACT = "institution_contact"
BEFORE = [CONTACT, "inspector"]
CLOSE = [*BEFORE, "institution_head"]
OVERDUE = [*CLOSE, "supervisor"]


@pytest.mark.parametrize(
    ("when", "rung", "whom"),
    [
        ((9, 18, 10, 0), "served", [CONTACT]),
        ((9, 30, 8, 30), "T-7", BEFORE),
        ((10, 12, 8, 30), "T-3", BEFORE),
        ((10, 14, 8, 30), "T-1", CLOSE),
        ((10, 15, 8, 30), "T", CLOSE),
        ((10, 16, 8, 30), "T+1", OVERDUE),
        ((10, 20, 8, 30), "T+3", [*OVERDUE, "county_supervisor"]),
        ((10, 22, 8, 30), "T+5", ["city_supervisor"]),
        ((10, 29, 8, 30), "T+10", ["leader"]),
    ],
)
def test_each_rung_goes_on_its_morning_to_its_roles(
    open_deadline: Build, shanghai: At, when: tuple[int, ...], rung: str, whom: list[str]
) -> None:
    reminders = due([open_deadline()], NOBODY, shanghai(*when), channels=EMAIL)
    assert rungs(reminders) == {rung}
    assert recipients(reminders) == whom
    assert all(reminder.send_at == shanghai(*when) for reminder in reminders)


@pytest.mark.parametrize(
    ("last", "coming"),
    [((9, 18, 10, 0), (9, 30)), ((9, 30), (10, 12)), ((10, 14), (10, 15)), ((10, 15), (10, 16))],
)
def test_no_rung_goes_a_minute_early(
    open_deadline: Build, shanghai: At, last: tuple[int, ...], coming: tuple[int, int]
) -> None:
    sent = keys(due([open_deadline()], NOBODY, shanghai(*last), channels=EMAIL))
    assert next_due_at(open_deadline(), shanghai(*last), sent=sent, channels=EMAIL) == shanghai(*coming)
    assert due([open_deadline()], sent, shanghai(*coming, 8, 29), channels=EMAIL) == []
    assert due([open_deadline()], sent, shanghai(*coming, 8, 30), channels=EMAIL) != []


def test_what_is_in_the_outbox_is_not_due_again(open_deadline: Build, shanghai: At) -> None:
    first = due([open_deadline()], NOBODY, shanghai(10, 12), channels=EMAIL)
    assert due([open_deadline()], keys(first), shanghai(10, 12), channels=EMAIL) == []
    assert due([open_deadline()], keys(first), shanghai(10, 13, 11), channels=EMAIL) == []


def test_who_is_missing_in_the_outbox_is_still_due(open_deadline: Build, shanghai: At) -> None:
    first, second = due([open_deadline()], NOBODY, shanghai(10, 12), channels=EMAIL)
    (again,) = due([open_deadline()], {first.key}, shanghai(10, 12), channels=EMAIL)
    assert again.key == second.key
    assert again.skipped == ()


def test_a_closed_case_wants_nothing(open_deadline: Build, shanghai: At) -> None:
    closed = open_deadline(closed=True)
    assert due([closed], NOBODY, shanghai(10, 15), channels=EMAIL) == []
    assert next_due_at(closed, shanghai(10, 15), channels=EMAIL) is None


def test_nothing_is_due_before_service(open_deadline: Build, shanghai: At) -> None:
    assert due([open_deadline()], NOBODY, shanghai(9, 18, 9, 59), channels=EMAIL) == []


def test_the_oldest_deadline_comes_first(open_deadline: Build, shanghai: At) -> None:
    late = open_deadline(case="late", due_on=date(2026, 10, 13))
    soon = open_deadline(case="soon")
    reminders = due([soon, late], NOBODY, shanghai(10, 15), channels=EMAIL)
    assert list(dict.fromkeys(reminder.case for reminder in reminders)) == ["late", "soon"]


def test_more_deadlines_than_a_scan_may_hold_are_a_bug(open_deadline: Build, shanghai: At) -> None:
    with pytest.raises(AssertionError):
        due([open_deadline()] * (SCAN_MAX + 1), NOBODY, shanghai(10, 15), channels=EMAIL)


# --- channels and recipients --------------------------------------------------------------------------------


def test_each_channel_that_somebody_has_is_one_reminder(open_deadline: Build, shanghai: At) -> None:
    reached = open_deadline(recipients={CONTACT: (Recipient("c", frozenset({"sms", "email"})),)})
    reminders = due([reached], NOBODY, shanghai(10, 15))
    assert [reminder.channel for reminder in reminders] == ["sms", "email"]


def test_a_channel_that_is_not_delivered_is_left_out(open_deadline: Build, shanghai: At) -> None:
    reached = open_deadline(recipients={CONTACT: (Recipient("c", frozenset({"sms", "email"})),)})
    reminders = due([reached], NOBODY, shanghai(10, 15), channels=EMAIL)
    assert [reminder.channel for reminder in reminders] == ["email"]


def test_who_has_two_roles_hears_of_it_once(open_deadline: Build, shanghai: At) -> None:
    both = (Recipient("zhang", EMAIL),)
    deadline = open_deadline(recipients={"supervisor": both, "inspector": both})
    (reminder,) = due([deadline], NOBODY, shanghai(10, 16), channels=EMAIL)
    assert reminder.role == "inspector"


def test_a_rung_that_reaches_nobody_is_passed_over_for_the_one_below(
    open_deadline: Build, shanghai: At
) -> None:
    """T+5 goes to the city supervisor alone; where none is known, T+3 stays the highest."""
    deadline = open_deadline(recipients={CONTACT: (Recipient("c", EMAIL),)})
    assert rungs(due([deadline], NOBODY, shanghai(10, 23, 9), channels=EMAIL)) == {"T+3"}


def test_a_deadline_that_reaches_nobody_wants_nothing(open_deadline: Build, shanghai: At) -> None:
    deadline = open_deadline(recipients={})
    assert due([deadline], NOBODY, shanghai(10, 15), channels=EMAIL) == []
    assert next_due_at(deadline, shanghai(10, 15), channels=EMAIL) is None


def test_an_overdue_rung_names_the_task_that_it_asks_for(open_deadline: Build, shanghai: At) -> None:
    reminders = due([open_deadline()], NOBODY, shanghai(10, 22), channels=EMAIL)
    assert [reminder.task for reminder in reminders] == ["propose_settlement_suspension"]


# --- quiet hours --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("served", "goes"),
    [
        ((9, 18, 10, 0), (9, 18, 10, 0)),
        ((9, 18, 8, 0), (9, 18, 8, 0)),
        ((9, 18, 7, 59), (9, 18, 8, 30)),
        ((9, 18, 19, 59), (9, 18, 19, 59)),
        ((9, 18, 20, 0), (9, 20, 8, 30)),
        ((9, 19, 12, 0), (9, 20, 8, 30)),
        ((9, 30, 22, 0), (10, 8, 8, 30)),
    ],
)
def test_service_at_night_or_on_a_holiday_is_told_next_morning(
    open_deadline: Build, shanghai: At, served: tuple[int, ...], goes: tuple[int, ...]
) -> None:
    deadline = open_deadline(served_at=shanghai(*served), due_on=date(2026, 11, 30))
    before = shanghai(*served) - timedelta(minutes=1)
    assert next_due_at(deadline, before, channels=EMAIL) == shanghai(*goes)
    (told,) = due([deadline], NOBODY, shanghai(*goes), channels=EMAIL)
    assert (told.rung, told.send_at) == ("served", shanghai(*goes))


@pytest.mark.parametrize(
    "quiet", [(10, 15, 20, 0), (10, 15, 23, 59), (10, 16, 7, 59), (10, 17, 12, 0), (10, 18, 12, 0)]
)
def test_nothing_goes_in_quiet_hours_or_on_a_day_off(
    open_deadline: Build, shanghai: At, quiet: tuple[int, ...]
) -> None:
    assert due([open_deadline()], NOBODY, shanghai(*quiet), channels=EMAIL) == []


def test_what_waited_through_the_night_goes_at_half_past_eight(open_deadline: Build, shanghai: At) -> None:
    deadline, night = open_deadline(), shanghai(10, 12, 23)
    assert due([deadline], NOBODY, night, channels=EMAIL) == []
    assert due([deadline], NOBODY, shanghai(10, 13, 8, 10), channels=EMAIL) == []
    assert next_due_at(deadline, night, channels=EMAIL) == shanghai(10, 13)
    assert rungs(due([deadline], NOBODY, shanghai(10, 13), channels=EMAIL)) == {"T-3"}


def test_nothing_waits_for_the_morning_when_all_is_sent(open_deadline: Build, shanghai: At) -> None:
    sent = keys(due([open_deadline()], NOBODY, shanghai(10, 12), channels=EMAIL))
    night = shanghai(10, 12, 23)
    assert next_due_at(open_deadline(), night, sent=sent, channels=EMAIL) == shanghai(10, 14)


def test_the_day_itself_missed_at_night_gives_way_to_the_day_after(
    open_deadline: Build, shanghai: At
) -> None:
    deadline, night = open_deadline(), shanghai(10, 15, 21)
    assert next_due_at(deadline, night, channels=EMAIL) == shanghai(10, 16)
    reminders = due([deadline], NOBODY, shanghai(10, 16), channels=EMAIL)
    assert rungs(reminders) == {"T+1"}


def test_the_last_day_moves_before_the_gap_and_the_day_after_waits_for_its_end(
    open_deadline: Build, shanghai: At
) -> None:
    """A table published after the notice made the last day a holiday."""
    deadline = open_deadline(due_on=date(2026, 10, 5))
    assert rungs(due([deadline], NOBODY, shanghai(9, 30), channels=EMAIL)) == {"T"}
    sent = keys(due([deadline], NOBODY, shanghai(9, 30), channels=EMAIL))
    assert next_due_at(deadline, shanghai(9, 30), sent=sent, channels=EMAIL) == shanghai(10, 8)
    assert rungs(due([deadline], sent, shanghai(10, 8), channels=EMAIL)) == {"T+1"}


# --- outages ------------------------------------------------------------------------------------------------


def test_after_an_outage_only_the_highest_rung_goes_and_names_the_others(
    open_deadline: Build, shanghai: At
) -> None:
    deadline = open_deadline()
    sent = keys(due([deadline], NOBODY, shanghai(9, 18, 10, 0), channels=EMAIL))
    reminders = due([deadline], sent, shanghai(10, 14, 15), channels=EMAIL)
    assert rungs(reminders) == {"T-1"}
    assert {reminder.skipped for reminder in reminders} == {("T-7", "T-3")}
    assert reminders[0].why == "1 working day before 2026-10-15; supersedes T-7, T-3"
    assert due([deadline], sent | keys(reminders), shanghai(10, 14, 16), channels=EMAIL) == []


def test_without_an_outage_nothing_is_skipped(open_deadline: Build, shanghai: At) -> None:
    deadline = open_deadline()
    sent = keys(due([deadline], NOBODY, shanghai(9, 30), channels=EMAIL))
    assert {reminder.skipped for reminder in due([deadline], sent, shanghai(10, 12), channels=EMAIL)} == {()}


def test_a_short_period_leaves_out_the_rungs_before_its_service(open_deadline: Build, shanghai: At) -> None:
    """Three days from Saturday: served, T-1 and T; T-3 would be Friday, before the service."""
    short = open_deadline(served_at=shanghai(11, 21, 12, 0), due_on=date(2026, 11, 25))
    told = due([short], NOBODY, shanghai(11, 23), channels=EMAIL)
    assert rungs(told) == {"served"}
    assert next_due_at(short, shanghai(11, 23), sent=keys(told), channels=EMAIL) == shanghai(11, 24)
    later = due([short], keys(told), shanghai(11, 24), channels=EMAIL)
    assert (rungs(later), later[0].skipped) == ({"T-1"}, ())


def test_a_rung_on_the_morning_of_service_gives_way_to_the_service(
    open_deadline: Build, shanghai: At
) -> None:
    at_once = open_deadline(served_at=shanghai(11, 21, 12, 0), due_on=date(2026, 11, 24))
    assert rungs(due([at_once], NOBODY, shanghai(11, 23), channels=EMAIL)) == {"served"}


# --- changes ------------------------------------------------------------------------------------------------


def test_a_changed_deadline_is_told_anew(open_deadline: Build, shanghai: At) -> None:
    first = open_deadline()
    sent = keys(due([first], NOBODY, shanghai(10, 12), channels=EMAIL))
    extended = replace(first, due_on=date(2026, 10, 26), due_version=2)
    reminders = due([extended], sent, shanghai(10, 12, 9, 0), channels=EMAIL)
    assert {(reminder.rung, reminder.due_version) for reminder in reminders} == {("served", 2)}
    assert recipients(reminders) == [CONTACT]


def test_an_unchanged_deadline_is_not_told_anew(open_deadline: Build, shanghai: At) -> None:
    first = open_deadline()
    sent = keys(due([first], NOBODY, shanghai(10, 12), channels=EMAIL))
    assert due([replace(first)], sent, shanghai(10, 12, 9, 0), channels=EMAIL) == []


def test_a_waiting_reminder_may_go_while_its_rung_is_the_highest(open_deadline: Build, shanghai: At) -> None:
    deadline = open_deadline()
    (waiting, _) = due([deadline], NOBODY, shanghai(10, 12), channels=EMAIL)
    assert reason_to_withhold(deadline, waiting.key, shanghai(10, 13, 19), channels=EMAIL) is None


def test_a_waiting_reminder_is_withheld_once_it_is_overtaken(open_deadline: Build, shanghai: At) -> None:
    deadline = open_deadline()
    (waiting, _) = due([deadline], NOBODY, shanghai(10, 12), channels=EMAIL)

    def reason(now: datetime, **changes: object) -> str | None:
        changed = replace(deadline, **changes)  # type: ignore[arg-type]
        return reason_to_withhold(changed, waiting.key, now, channels=EMAIL)

    later = shanghai(10, 13)
    assert reason(shanghai(10, 14)) == "higher_rung"
    assert reason(later, closed=True) == "closed"
    assert reason(later, due_version=2) == "due_changed"
    assert reason(later, recipients={CONTACT: (Recipient("somebody else", EMAIL),)}) == "not_addressed"
    assert reason(shanghai(9, 17)) == "not_addressed"


def test_a_retry_at_night_waits_for_the_morning(open_deadline: Build, shanghai: At) -> None:
    planned, retry = shanghai(10, 12), shanghai(10, 12, 22)
    assert may_go_at(open_deadline(), planned, retry) == shanghai(10, 13)
    assert may_go_at(open_deadline(), planned, shanghai(10, 12, 9)) == shanghai(10, 12, 9)


# --- policies -----------------------------------------------------------------------------------------------


def test_every_rung_of_every_policy_can_go_by_mail() -> None:
    assert all("email" in rung.channels for policy in POLICIES.values() for rung in policy.rungs)
    assert all(CHANNELS.issuperset(rung.channels) for policy in POLICIES.values() for rung in policy.rungs)


def test_the_default_ladder_has_its_rungs() -> None:
    names = ["served", "served+1", "served+2", "T-7", "T-3", "T-1", "T", "T+1", "T+3", "T+5", "T+10"]
    assert [rung.name for rung in RECTIFICATION.rungs] == names


@pytest.mark.parametrize(
    "names_and_days",
    [
        [("T", 0), ("T-1", -1)],
        [("T", 0), ("T+1", 0)],
        [("T", 0), ("T", 1)],
        [("T-1", -1), ("served", None)],
    ],
)
def test_a_ladder_out_of_order_is_refused(names_and_days: list[tuple[str, int | None]]) -> None:
    broken = tuple(Rung(name, days, (), ()) for name, days in names_and_days)
    with pytest.raises(ValueError, match="broken"):
        Policy(name="broken", rungs=broken)


def test_a_morning_in_quiet_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="quiet"):
        Policy(name="early", rungs=(), morning=time(7))


def test_instants_are_aware_utc(open_deadline: Build, shanghai: At) -> None:
    (reminder, *_) = due([open_deadline()], NOBODY, shanghai(10, 15), channels=EMAIL)
    assert reminder.send_at.tzinfo is UTC
