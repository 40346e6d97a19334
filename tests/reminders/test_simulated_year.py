"""A year of reminders, hour by hour with outages, against an oracle that shares no line with the ladder.

The oracle knows the days off of 2026 as printed, counts by position in a list of days, and keeps, per case,
the place of the last rung that went. It asks nothing of `server.reminders` but the nouns.
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.reminders.ladder import Deadline, Recipient, Reminder, ReminderKey, due, next_due_at, preview
from tests.tiers import examples

Build = Callable[..., Deadline]
SHANGHAI = ZoneInfo("Asia/Shanghai")
EMAIL = frozenset({"email"})
HOUR = timedelta(hours=1)
NEW_YEAR, YEAR_END = datetime(2026, 1, 1, tzinfo=SHANGHAI), datetime(2027, 2, 1, tzinfo=SHANGHAI)

OFF = ["1/1-3", "2/15-23", "4/4-6", "5/1-5", "6/19-21", "9/25-27", "10/1-7"]
WORKED = ["1/4", "2/14", "2/28", "5/9", "9/20", "10/10"]
CLOSE = ["institution_contact", "inspector", "institution_head"]
LADDER: list[tuple[str, int | None, list[str]]] = [
    ("served", None, CLOSE[:1]),
    ("T-7", -7, CLOSE[:2]),
    ("T-3", -3, CLOSE[:2]),
    ("T-1", -1, CLOSE),
    ("T", 0, CLOSE),
    ("T+1", 1, [*CLOSE, "supervisor"]),
    ("T+3", 3, [*CLOSE, "supervisor", "county_supervisor"]),
    ("T+5", 5, ["city_supervisor"]),
    ("T+10", 10, ["leader"]),
]


def _worked_days() -> list[date]:
    off: set[date] = set()
    for span in OFF:
        month, days = span.split("/")
        first, last = days.split("-")
        off |= {date(2026, int(month), day) for day in range(int(first), int(last) + 1)}
    worked = {date(2026, *map(int, day.split("/"))) for day in WORKED}
    # 2025 as printed for its last days; 2027 is not printed yet, so it is Monday to Friday.
    every = [date(2025, 12, 1) + timedelta(n) for n in range(500)]
    return [day for day in every if day in worked or (day.weekday() < 5 and day not in off)]


DAYS = _worked_days()
WORKS = frozenset(DAYS)


@dataclass(frozen=True)
class Sent:
    """What went, and when."""

    at: datetime
    key: ReminderKey


class Oracle:
    """Says what goes at a tick, by the rules as a clerk would keep them on a card per case."""

    def __init__(self, case: str, due_on: date, served_at: datetime, due_version: int = 1) -> None:
        self.case, self.due_version, self.last = case, due_version, -1
        first = served_at
        while not self._open(first) or (first.hour, first.minute) == (8, 0):
            first = (first + timedelta(minutes=30)).replace(minute=30 if first.minute == 0 else 0)
        self.mornings: list[datetime | None] = [first]
        at = bisect_right(DAYS, due_on) - 1
        for _, days, _ in LADDER[1:]:
            assert days is not None
            morning = datetime.combine(DAYS[at + days], time(8, 30), tzinfo=SHANGHAI)
            self.mornings.append(morning if morning > first else None)

    @staticmethod
    def _open(now: datetime) -> bool:
        return now.date() in WORKS and 8 <= now.hour < 20

    def ask(self, now: datetime) -> Iterator[Sent]:
        """Yield what goes at `now`, an instant on the half hour, and remember it."""
        if not self._open(now) or (now.hour == 8 and now.minute < 30):
            return
        reached = max(
            (n for n, morning in enumerate(self.mornings) if morning and morning <= now), default=-1
        )
        if reached <= self.last:
            return
        self.last = reached
        rung, _, roles = LADDER[reached]
        for role in roles:
            yield Sent(now.astimezone(UTC), ReminderKey(self.case, rung, role, "email", self.due_version))


def _ticks(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step


def _outages(dice: random.Random, ticks: Iterable[datetime]) -> Iterator[datetime]:
    """Yield the ticks at which the scheduler is up: a few dozen outages of an hour to ten days fall out."""
    down = 0
    for tick in ticks:
        if down == 0 and dice.random() < 0.004:
            down = dice.choice([1, 3, 12, 24, 72, 240])
        if down:
            down -= 1
        else:
            yield tick


def _cases(dice: random.Random, build: Build, count: int) -> list[Deadline]:
    """Return cases served at any hour of the year, but for the half hour in which only service may go."""
    cases = []
    for number in range(count):
        hour = dice.choice([0, 3, 9, 10, 12, 16, 19, 20, 23])
        served_at = NEW_YEAR + timedelta(days=dice.randrange(330), hours=hour)
        due_on = DAYS[bisect_right(DAYS, served_at.date()) + dice.choice([1, 3, 7, 15, 30]) - 1]
        # Some last days are set by hand and fall on a holiday.
        due_on += timedelta(days=dice.choice([0, 0, 0, 1, 2]))
        cases.append(build(case=f"case-{number}", due_on=due_on, served_at=served_at.astimezone(UTC)))
    return cases


def _oracle_of(deadline: Deadline) -> Oracle:
    served_at = deadline.served_at.astimezone(SHANGHAI)
    return Oracle(deadline.case, deadline.due_on, served_at, deadline.due_version)


class Scanner:
    """Runs the ladder as the scheduler does: reads what is due by `next_at`, and fills an outbox."""

    def __init__(self, deadlines: list[Deadline]) -> None:
        self.outbox: list[Sent] = []
        self.sent: set[ReminderKey] = set()
        self.next_at: dict[str, datetime | None] = {}
        self.deadlines = {deadline.case: deadline for deadline in deadlines}
        for deadline in deadlines:
            self.next_at[deadline.case] = deadline.served_at

    def scan(self, now: datetime) -> list[Reminder]:
        read = [self.deadlines[case] for case, at in self.next_at.items() if at is not None and at <= now]
        reminders = due(read, self.sent, now, channels=EMAIL)
        self.outbox += [Sent(now.astimezone(UTC), reminder.key) for reminder in reminders]
        assert len({reminder.key for reminder in reminders} - self.sent) == len(reminders), "sent twice"
        self.sent |= {reminder.key for reminder in reminders}
        for deadline in read:
            self.next_at[deadline.case] = next_due_at(deadline, now, sent=self.sent, channels=EMAIL)
        return reminders


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 6))])
def test_a_year_with_outages_goes_as_the_oracle_says(open_deadline: Build, seed: int) -> None:
    dice = random.Random(seed)
    cases = _cases(dice, open_deadline, 40)
    scanner, oracles = Scanner(cases), [_oracle_of(deadline) for deadline in cases]
    expected: list[Sent] = []
    start = NEW_YEAR + timedelta(minutes=30 * (seed % 2))
    for now in _outages(dice, _ticks(start, YEAR_END, HOUR)):
        scanner.scan(now.astimezone(UTC))
        expected += chain.from_iterable(oracle.ask(now) for oracle in oracles)
    assert set(scanner.outbox) == set(expected)
    assert len(scanner.outbox) == len(expected) > 400


def test_a_year_without_an_outage_sends_each_rung_on_its_own_morning(open_deadline: Build) -> None:
    cases = _cases(random.Random(7), open_deadline, 20)
    scanner = Scanner(cases)
    for now in _ticks(NEW_YEAR, YEAR_END, HOUR / 2):
        for reminder in scanner.scan(now.astimezone(UTC)):
            assert reminder.send_at == now
            assert reminder.skipped == ()
    planned = {
        (oracle.case, rung)
        for oracle in map(_oracle_of, cases)
        for morning, (rung, _, _) in zip(oracle.mornings, LADDER, strict=True)
        if morning
    }
    assert {sent.key[:2] for sent in scanner.outbox} == planned


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 3))])
def test_extensions_and_closings_take_effect_at_once(open_deadline: Build, seed: int) -> None:
    dice = random.Random(seed)
    cases = _cases(dice, open_deadline, 20)
    scanner, oracles = Scanner(cases), {deadline.case: _oracle_of(deadline) for deadline in cases}
    expected: list[Sent] = []
    for now in _ticks(NEW_YEAR, YEAR_END, HOUR):
        if now.hour == 2 and now.date() in WORKS and dice.random() < 0.2:
            case = dice.choice(cases).case
            if now.astimezone(UTC) > scanner.deadlines[case].served_at:
                later = scanner.deadlines[case].due_on + timedelta(days=7)
                version = scanner.deadlines[case].due_version + 1
                changed = replace(
                    scanner.deadlines[case], due_on=later, due_version=version, closed=dice.random() < 0.3
                )
                scanner.deadlines[case], scanner.next_at[case] = changed, now.astimezone(UTC)
                oracles[case] = _oracle_of(changed)
        scanner.scan(now.astimezone(UTC))
        open_cases = [case for case, deadline in scanner.deadlines.items() if not deadline.closed]
        expected += chain.from_iterable(oracles[case].ask(now) for case in open_cases)
    assert set(scanner.outbox) == set(expected)
    assert len(scanner.outbox) == len(expected)


HALF_HOURS = st.integers(0, 2 * 24 * 45)


@examples(25)
@given(served=HALF_HOURS, start=HALF_HOURS, period=st.sampled_from([1, 3, 7, 15]), seed=st.integers(0, 99))
def test_a_preview_is_what_the_scheduler_will_send(
    open_deadline: Build, served: int, start: int, period: int, seed: int
) -> None:
    """From any instant, with anything in the outbox: stepped by half hours without `next_at`."""
    spring = datetime(2026, 2, 2, tzinfo=SHANGHAI)
    served_at = spring + served * timedelta(minutes=30)
    due_on = DAYS[bisect_right(DAYS, served_at.date()) + period - 1]
    deadline = open_deadline(due_on=due_on, served_at=served_at.astimezone(UTC))
    begin = (spring + start * timedelta(minutes=30)).astimezone(UTC)
    end = begin + timedelta(days=14)
    dice = random.Random(seed)
    before = preview([deadline], set(), spring.astimezone(UTC), begin, channels=EMAIL)
    sent = {reminder.key for reminder in before if dice.random() < 0.7}
    foreseen = list(preview([deadline], sent, begin, end, channels=EMAIL))
    stepped = []
    for now in _ticks(begin, end, HOUR / 2):
        reminders = due([deadline], sent, now, channels=EMAIL)
        sent |= {reminder.key for reminder in reminders}
        stepped += [replace(reminder, send_at=now) for reminder in reminders]
    assert foreseen == stepped


def test_a_preview_of_many_is_in_the_order_of_sending(open_deadline: Build) -> None:
    cases = _cases(random.Random(3), open_deadline, 30)
    begin = NEW_YEAR.astimezone(UTC) + timedelta(days=100)
    foreseen = list(preview(cases, set(), begin, begin + timedelta(days=30), channels=EMAIL))
    instants = [reminder.send_at for reminder in foreseen]
    assert instants == sorted(instants)
    assert begin <= instants[0] <= instants[-1] < begin + timedelta(days=30)


def test_a_preview_changes_nothing_of_what_is_sent(open_deadline: Build) -> None:
    sent: set[ReminderKey] = set()
    begin = NEW_YEAR.astimezone(UTC)
    assert list(preview([open_deadline()], sent, begin, begin + timedelta(days=365), channels=EMAIL))
    assert sent == set()


@given(minutes=st.integers(0, 60 * 24 * 90), served=st.integers(0, 60 * 24 * 30))
def test_nothing_ever_goes_in_quiet_hours(open_deadline: Build, minutes: int, served: int) -> None:
    served_at = datetime(2026, 9, 1, tzinfo=SHANGHAI) + timedelta(minutes=served)
    due_on = DAYS[bisect_left(DAYS, served_at.date()) + 15]
    deadline = open_deadline(served_at=served_at.astimezone(UTC), due_on=due_on)
    now = datetime(2026, 9, 1, tzinfo=SHANGHAI) + timedelta(minutes=minutes)
    if due([deadline], set(), now.astimezone(UTC), channels=EMAIL):
        assert now.date() in WORKS
        assert time(8) <= now.time() < time(20)


@given(minutes=st.integers(0, 60 * 24 * 90))
def test_the_next_instant_is_later_and_nothing_goes_before_it(open_deadline: Build, minutes: int) -> None:
    """Even for a scanner that does not tell what is sent: it may look too early, never too late."""
    deadline = open_deadline(recipients={"institution_contact": (Recipient("c", EMAIL),)})
    now = deadline.served_at + timedelta(minutes=minutes)
    sent = {reminder.key for reminder in due([deadline], set(), now, channels=EMAIL)}
    cautious = next_due_at(deadline, now, channels=EMAIL)
    exact = next_due_at(deadline, now, sent=sent, channels=EMAIL)
    if cautious is not None:
        assert cautious > now
        assert due([deadline], sent, cautious - timedelta(seconds=1), channels=EMAIL) == []
    if exact is not None:
        assert cautious is not None
        assert cautious <= exact
        assert due([deadline], sent, exact, channels=EMAIL) != []
