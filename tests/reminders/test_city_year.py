"""A city's year on a real ledger: 300 cases, holidays, outages, restarts, deadlines moved; an oracle apart agrees.

The oracle is that of test_simulated_year: a clerk's card per case, which counts by position in a list of days.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.commit.acts import new_id
from server.imports.calendars import header, import_calendar
from server.reminders import scan
from server.reminders.facts import instant_of
from server.storage import outbox_store
from tests.reminders import test_simulated_year as year
from tests.reminders.served_case import Bureau, bureau
from tests.server.builders import install

FIRST, LAST = date(2026, 11, 18), date(2027, 11, 17)
CASES = 300
OFF = ("2027-01-01,2027-01-03", "2027-02-05,2027-02-12", "2027-04-03,2027-04-05", "2027-05-01,2027-05-05",
       "2027-06-09,2027-06-11", "2027-09-15,2027-09-17", "2027-10-01,2027-10-07")  # fmt: skip
WORKED = ("2027-01-30", "2027-02-20", "2027-05-08", "2027-10-09")
TABLE = "day,until,kind\n" + "\n".join(
    [*(f"{one},off" for one in OFF), *(f"{one},,working" for one in WORKED)]
)
TICKS = (time(8, 30), time(13, 30), time(19, 30), time(21, 0))
Key = tuple[str, str, str, int]
HERE = ("institution_contact", "inspector", "supervisor", "city_supervisor")


def days_worked() -> list[date]:
    """Return the days that are worked, as the file above says and as 2026 was printed."""
    off: set[date] = set()
    for span in OFF:
        first, last = (date.fromisoformat(day) for day in span.split(","))
        off |= {first + timedelta(n) for n in range((last - first).days + 1)}
    extra = {date.fromisoformat(day) for day in WORKED}
    every = [date(2027, 1, 1) + timedelta(n) for n in range(420)]
    rest = [day for day in every if day in extra or (day.weekday() < 5 and day not in off)]
    return [*(day for day in year.DAYS if day.year < 2027), *rest]


def at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=year.SHANGHAI)


def opened(city: Bureau, day: date, count: int, dice: random.Random) -> dict[str, date]:
    """Open cases that were served and acknowledged today; return the last day of each."""
    found: dict[str, date] = {}
    drafts = []
    for _ in range(count):
        case = new_id(city.services)
        found[case] = year.DAYS[bisect_right(year.DAYS, day) + dice.choice([1, 3, 7, 15, 30]) - 1]
        values = {
            "inspection": city.inspection, "institution": city.institution, "served_on": day.isoformat(),
            "working_days": 15, "due_on": found[case].isoformat(), "due_version": 1,
            "stage": {"from": "assigned", "to": "notified"},
        }  # fmt: skip
        drafts.append(Draft("create", "rectification_case", case, values))
    step = {"stage": {"from": "notified", "to": "rectifying"}}
    city.decide(*drafts)
    city.decide(*(Draft("edit", "rectification_case", case, step) for case in found))
    return found


class Cards:
    """One card a case; notes what goes, by whom it is heard."""

    def __init__(self, city: Bureau):
        self.heard = dict(
            zip(HERE, (city.institution, city.lead, city.supervisor, city.supervisor), strict=True)
        )
        self.cards: dict[str, year.Oracle] = {}
        self.served: dict[str, datetime] = {}
        self.expected: Counter[tuple[datetime, str, str, str, int]] = Counter()

    def open(self, case: str, due_on: date, served_at: datetime, version: int = 1) -> None:
        card = year.Oracle(case, due_on, served_at, version)
        for place, (_, _, roles) in enumerate(year.LADDER):
            if not set(roles) & self.heard.keys():
                card.mornings[place] = None
        self.cards[case], self.served[case] = card, served_at

    def ask(self, now: datetime) -> None:
        for card in self.cards.values():
            told = [one.key for one in card.ask(now) if one.key.recipient in self.heard]
            goes = {(key.rung, self.heard[key.recipient]) for key in told}
            for rung, recipient in goes:
                self.expected[now.astimezone(UTC), card.case, rung, recipient, card.due_version] += 1


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_city_s_year_goes_as_the_cards_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = install(
        tmp_path / "home", f"sqlite:///{tmp_path / 'year.sqlite'}", WARDLEDGER_SMTP_URL="smtp://127.0.0.1:9"
    )
    city, dice = bureau(made), random.Random(7)
    import_calendar(city.services, TABLE.encode(), header("341500", 2027, date(2026, 11, 17)))
    days = days_worked()
    monkeypatch.setattr(year, "DAYS", days)
    monkeypatch.setattr(year, "WORKS", frozenset(days))
    cards, due, versions, down, missed = Cards(city), {}, Counter[str](), 0, 0
    went: dict[Key, datetime] = {}
    for n in range((LAST - FIRST).days):
        day = FIRST + timedelta(days=n)
        for clock in TICKS:
            now = at(day, clock)
            made.clock.now = round(now.timestamp() * 1000)
            if down == 0 and dice.random() < 0.01:
                down = dice.choice([2, 6, 20, 40])
                city.services.engine.dispose()
            if down:
                down, missed = down - 1, missed + 1
            else:
                before = set(went)
                scan.scan(city.services, now.astimezone(UTC))
                note(city, went, before, now)
                cards.ask(now)
            if clock == TICKS[0] and day in year.WORKS:
                change(city, cards, due, versions, at(day, time(10, 0)), dice)
    found = Counter((sent, *key) for key, sent in went.items())
    assert found == cards.expected
    assert len(due) == CASES
    assert missed > 20
    assert sum(versions.values()) > 5
    assert len(found) > 1_500
    assert all(8 <= sent.astimezone(year.SHANGHAI).hour < 20 for sent, *_ in found)
    assert all(sent.astimezone(year.SHANGHAI).date() in year.WORKS for sent, *_ in found)


def change(
    city: Bureau,
    cards: Cards,
    due: dict[str, date],
    versions: Counter[str],
    now: datetime,
    dice: random.Random,
) -> None:
    """Open a few cases and give another one more time."""
    city.installation.clock.now = round(now.timestamp() * 1000)
    if len(due) < CASES:
        fresh = opened(city, now.date(), min(3, CASES - len(due)), dice)
        due.update(fresh)
        for case, last in fresh.items():
            cards.open(case, last, now)
    if due and dice.random() < 0.2:
        case = dice.choice(sorted(due))
        if now.date() <= due[case]:
            versions[case] += 1
            due[case] = year.DAYS[bisect_right(year.DAYS, due[case]) + 6]
            version = versions[case] + 1
            city.edit("rectification_case", case, due_on=due[case].isoformat(), due_version=version)
            cards.open(case, due[case], cards.served[case], version)


def note(city: Bureau, went: dict[Key, datetime], before: set[Key], now: datetime) -> None:
    """Note what the scan has put into the outbox, by e-mail, since it was last looked at."""
    table = outbox_store.TABLE
    with city.services.engine.begin() as connection:
        rows = connection.execute(table.select().where(table.c.state == "queued")).all()
        connection.execute(table.update().where(table.c.state == "queued").values(state="sent"))
    for row in rows:
        if row.channel != "email":
            continue
        key = (row.case, row.rung, row.recipient, row.due_version)
        assert key not in before, "twice"
        assert instant_of(row.send_at) <= now
        went[key] = now.astimezone(UTC)
