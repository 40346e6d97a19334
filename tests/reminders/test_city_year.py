"""A city's year on a real ledger: 300 cases, holidays, outages, restarts; cases are acknowledged late, given more time
once by a grant, and closed; an oracle apart agrees.

The oracle is a clerk's card per case, which counts by position in a list of days, as that of test_simulated_year.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.casework import case_desk
from server.casework.extending import Answer
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
UNACKNOWLEDGED = (
    ("served+1", 1, ["institution_contact", "institution_head"]),
    ("served+2", 2, ["inspector"]),
)
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


class Card:
    """What a clerk keeps of one case: its rungs with their mornings, and which went."""

    def __init__(self, due_on: date, served_at: datetime, acknowledged: bool, version: int = 1):
        self.due_on, self.served_at, self.version = due_on, served_at, version
        self.acknowledged = acknowledged
        mornings = year.Oracle("", due_on, served_at).mornings
        told = [(rung, roles, False) for rung, _, roles in year.LADDER]
        for place, (rung, days, roles) in enumerate(UNACKNOWLEDGED, 1):
            morning = at(year.DAYS[bisect_right(year.DAYS, served_at.date()) + days - 1], time(8, 30))
            assert mornings[0] is not None
            mornings.insert(place, morning if morning > mornings[0] else None)
            told.insert(place, (rung, roles, True))
        heard = [any(role in HERE for role in roles) for _, roles, _ in told]
        self.plan = [
            (morning, place, *told[place])
            for place, morning in enumerate(mornings)
            if morning is not None and heard[place]
        ]
        self.went: set[str] = set()

    def ask(self, now: datetime) -> tuple[str, list[str]]:
        """Return the rung that goes at `now` and who hears of it; '' where none does."""
        if now.date() not in year.WORKS or not time(8, 30) <= now.time() < time(20):
            return "", []
        reached = [one for one in self.plan if one[0] <= now and not (one[4] and self.acknowledged)]
        rung, roles = max(reached)[2:4] if reached else ("", [])
        if not rung or rung in self.went:
            return "", []
        self.went.add(rung)
        return rung, roles


class City:
    """The cases of a city, on the ledger and on cards beside each other."""

    def __init__(self, office: Bureau, dice: random.Random):
        self.office, self.dice, self.second = office, dice, office.other_supervisor()
        heard = (office.institution, office.lead, office.supervisor, office.supervisor)
        self.heard = dict(zip(HERE, heard, strict=True))
        self.cards: dict[str, Card] = {}
        self.terms: dict[str, int] = {}
        self.did: Counter[str] = Counter()
        self.expected: Counter[tuple[datetime, str, str, str, int]] = Counter()

    def ask(self, now: datetime) -> None:
        """Note what the cards say of this moment."""
        for case, card in self.cards.items():
            rung, roles = card.ask(now)
            for recipient in {self.heard[role] for role in roles if role in self.heard}:
                self.expected[now.astimezone(UTC), case, rung, recipient, card.version] += 1

    def go_on(self, now: datetime) -> None:
        """Do a day's work: open, acknowledge, give more time, close."""
        self.office.installation.clock.now = round(now.timestamp() * 1000)
        if len(self.terms) < CASES:
            self.open(now, min(3, CASES - len(self.terms)))
        for case, card in sorted(self.cards.items()):
            if not card.acknowledged:
                if card.served_at.date() < now.date() and self.dice.random() < 0.3:
                    self.acknowledge(case)
            elif self.dice.random() < 0.03:
                self.close(case)
        if self.cards and self.dice.random() < 0.9:
            self.extend(self.dice.choice(sorted(self.cards)), now)

    def open(self, now: datetime, count: int) -> None:
        """Open cases that are served today; most are acknowledged at once."""
        drafts, signed = [], []
        for _ in range(count):
            case, term = new_id(self.office.services), self.dice.choice([1, 3, 7, 15, 30])
            due_on = year.DAYS[bisect_right(year.DAYS, now.date()) + term - 1]
            values = {
                "inspection": self.office.inspection, "institution": self.office.institution,
                "served_on": now.date().isoformat(), "working_days": term, "due_on": due_on.isoformat(),
                "due_version": 1, "stage": {"from": "assigned", "to": "notified"},
            }  # fmt: skip
            drafts.append(Draft("create", "rectification_case", case, values))
            self.terms[case], acknowledged = term, self.dice.random() < 0.6
            signed += [case] if acknowledged else []
            self.cards[case] = Card(due_on, now, acknowledged)
        self.office.decide(*drafts)
        if signed:
            step = {"stage": {"from": "notified", "to": "rectifying"}}
            self.office.decide(*(Draft("edit", "rectification_case", case, step) for case in signed))

    def acknowledge(self, case: str) -> None:
        """Acknowledge a notice some days after its service."""
        self.office.edit("rectification_case", case, stage={"from": "notified", "to": "rectifying"})
        self.cards[case].acknowledged = True
        self.did["acknowledged late"] += 1

    def close(self, case: str) -> None:
        """Close a case: one supervisor verifies its report, another closes it."""
        for source, target, user in (
            ("rectifying", "report_submitted", None), ("report_submitted", "verifying", None),
            ("verifying", "closed", self.second),
        ):  # fmt: skip
            step = {"stage": {"from": source, "to": target}}
            self.office.decide(Draft("edit", "rectification_case", case, step), user=user)
        del self.cards[case]
        self.did["closed"] += 1

    def extend(self, case: str, now: datetime) -> None:
        """Ask for more time and grant half of the term, where both are still allowed."""
        card, more = self.cards[case], self.terms[case] // 2
        if card.version > 1 or not more or now.date() > card.due_on:
            return
        services, extension = self.office.services, new_id(self.office.services)
        asked = {
            "institution": self.office.institution, "case": case, "due_version": 1, "reason": "procurement",
            "original_working_days": self.terms[case], "working_days": more, "words": "测试",
        }  # fmt: skip
        self.office.decide(Draft("create", "extension", extension, asked), user=self.second)
        version = self.office.record(extension).version
        answer = Answer(act="granted", working_days=more)
        case_desk.decide_extension(services, self.office.supervisor, extension, answer, version=version)
        due_on = year.DAYS[bisect_right(year.DAYS, card.due_on) + more - 1]
        assert self.office.record(case).values["due_on"] == due_on.isoformat()
        self.cards[case] = Card(due_on, card.served_at, card.acknowledged, version=2)
        self.did["extended"] += 1


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_city_s_year_goes_as_the_cards_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = install(
        tmp_path / "home", f"sqlite:///{tmp_path / 'year.sqlite'}", WARDLEDGER_SMTP_URL="smtp://127.0.0.1:9"
    )
    office, dice = bureau(made), random.Random(7)
    import_calendar(office.services, TABLE.encode(), header("341500", 2027, date(2026, 11, 17)))
    days = days_worked()
    monkeypatch.setattr(year, "DAYS", days)
    monkeypatch.setattr(year, "WORKS", frozenset(days))
    city, down, missed = City(office, dice), 0, 0
    went: dict[Key, datetime] = {}
    for n in range((LAST - FIRST).days):
        day = FIRST + timedelta(days=n)
        for clock in TICKS:
            now = at(day, clock)
            made.clock.now = round(now.timestamp() * 1000)
            if down == 0 and dice.random() < 0.01:
                down = dice.choice([2, 6, 20, 40])
                office.services.engine.dispose()
            if down:
                down, missed = down - 1, missed + 1
            else:
                before = set(went)
                scan.scan(office.services, now.astimezone(UTC))
                note(office, went, before, now)
                city.ask(now)
            if clock == TICKS[0] and day in year.WORKS:
                city.go_on(at(day, time(10, 0)))
    found = Counter((sent, *key) for key, sent in went.items())
    assert found == city.expected
    assert len(city.terms) == CASES
    assert missed > 20
    assert min(city.did[one] for one in ("closed", "extended", "acknowledged late")) > 20
    assert {rung for _, _, rung, _, _ in found} >= {"served", "served+1", "served+2", "T", "T+5"}
    assert len(found) > 1_000
    assert all(8 <= sent.astimezone(year.SHANGHAI).hour < 20 for sent, *_ in found)
    assert all(sent.astimezone(year.SHANGHAI).date() in year.WORKS for sent, *_ in found)


def note(office: Bureau, went: dict[Key, datetime], before: set[Key], now: datetime) -> None:
    """Note what the scan has put into the outbox, by e-mail, since it was last looked at."""
    table = outbox_store.TABLE
    with office.services.engine.begin() as connection:
        rows = connection.execute(table.select().where(table.c.state == "queued")).all()
        connection.execute(table.update().where(table.c.state == "queued").values(state="sent"))
    for row in rows:
        if row.channel != "email":
            continue
        key = (row.case, row.rung, row.recipient, row.due_version)
        assert key not in before, "twice"
        assert instant_of(row.send_at) <= now
        went[key] = now.astimezone(UTC)
