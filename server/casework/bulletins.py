"""The weekly bulletin (周通报): who is overdue, for how many weeks running; drafted by the machine, issued by people.

The streak counts bulletins that were issued in successive weeks: what follows from it follows from having been
named, so a draft that nobody issued adds no week. The steps are a ladder too, of weeks instead of days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta
from typing import Any

from schemas import regions
from schemas.drafting import Draft
from server.access import scope
from server.casework import bulletin_counts, proposing
from server.commit.acts import act
from server.reminders import working_calendars
from server.reminders.calendar import Calendar, add_working_days, instant, next_working_morning
from server.reminders.policies import RECTIFICATION
from server.storage import deadline_store, record_store
from server.storage.deadline_store import Clock
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadTransition, NotFound, RecordExists, VersionChanged
from sync.ids import named_id
from sync.merge import Record

KIND = "bulletin"
STEPS: tuple[tuple[int, str], ...] = (
    (1, "named"), (2, "phone_call"), (3, "interview"), (5, "settlement_suspension"),
)  # fmt: skip
"""From so many weeks running on, what follows."""
TASKS: Mapping[str, str] = {
    "phone_call": "phone_call",
    "interview": "interview",
    "settlement_suspension": "suspension_proposal",
}
LINES_MAX = 500
TASK_WORKING_DAYS = 3
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Line:
    """One institution of a bulletin."""

    institution: str
    cases_overdue: int
    weeks_running: int
    step: str


def step_of(weeks_running: int) -> str:
    """Return what follows from a streak: the highest step that it has reached."""
    return [step for weeks, step in STEPS if weeks <= weeks_running][-1]


def lines(overdue: Mapping[str, int], before: Mapping[str, int]) -> list[Line]:
    """Return the lines of a bulletin, the longest streak first. Pure.

    overdue: cases that are overdue, by institution; before: weeks running in the bulletin of the week before
    """
    found = [
        Line(place, count, (weeks := before.get(place, 0) + 1), step_of(weeks))
        for place, count in overdue.items()
        if count
    ]
    return sorted(found, key=lambda line: (-line.weeks_running, -line.cases_overdue, line.institution))[
        :LINES_MAX
    ]


def city_of(region: str) -> str:
    """Return the city that issues the bulletin of a region, the region itself above cities."""
    above = [one for one in regions.lineage(region) if regions.level(one) == "city"]
    return above[0] if above else region


def number_of(city: str, monday: date) -> str:
    """Return the number of a city's bulletin over the week that begins on a Monday."""
    year, week, _ = monday.isocalendar()
    return f"{city}-{year}-W{week:02d}"


def sweep(services: Services) -> int:
    """Draft the bulletins over the last whole week, all cities' in one act; return how many.

    They are there all or none, so one that is there tells that nothing is left to do.
    """
    today = services.today()
    monday = today - timedelta(days=today.weekday()) - WEEK
    with services.database.reading() as connection:
        week = TABLE.c.natural_key.endswith(number_of("", monday), autoescape=True)
        drafted = record_store.selected(services.ledger.id, KIND).where(week).with_only_columns(TABLE.c.id)
        if connection.execute(drafted.limit(1)).first() is not None:
            return 0
        late = deadline_store.overdue(connection, services.ledger.id, (monday + WEEK).isoformat())
        by_city: dict[str, list[Clock]] = {}
        for clock in late:
            by_city.setdefault(city_of(clock.region), []).append(clock)
        calendars = working_calendars.calendars(connection, services)
        if not by_city or not all(_due(services, monday, calendars.of(city)) for city in by_city):
            return 0
        vault = services.vault.session(connection, services.ledger.id)
        numbers = [number_of(city, monday - WEEK) for city in by_city]
        before = record_store.by_natural_key(connection, vault, KIND, numbers)
        vault.committed()
        ledger, zone = services.ledger.id, services.config.zone
        counts = {
            city: {
                "cases_open": bulletin_counts.standing_open(connection, ledger, city),
                "cases_closed": bulletin_counts.closed_within(
                    connection, ledger, city, monday, monday + WEEK, zone
                ),
            }
            for city in by_city
        }
    drafts = [
        _draft(city, monday, some, before.get(number_of(city, monday - WEEK)), counts[city])
        for city, some in sorted(by_city.items())
    ]
    try:
        act(services, drafts)
    except RecordExists:
        return 0  # Another scheduler was quicker.
    return len(drafts)


def _due(services: Services, monday: date, calendar: Calendar) -> bool:
    """Return whether the bulletin over the week that began on `monday` is to be drafted by now."""
    zone = services.config.zone
    ended = instant(monday + WEEK, time(0), zone)
    return next_working_morning(ended, calendar, zone, morning=RECTIFICATION.morning) <= services.now()


def _draft(
    city: str, monday: date, late: Sequence[Clock], earlier: Record | None, cases: Mapping[str, int]
) -> Draft:
    counts = Counter(clock.institution for clock in late)
    rows = earlier.values.get("lines", ()) if earlier is not None and earlier.stage == "issued" else ()
    before = {str(row["institution"]): int(row["weeks_running"]) for row in rows}
    values = {
        "number": number_of(city, monday),
        "region": city,
        "from_on": monday.isoformat(),
        "until_on": (monday + WEEK - timedelta(days=1)).isoformat(),
        "cases_overdue": len(late),
        **cases,
    }
    told = [asdict(one) for one in lines(counts, before)]
    key = named_id("wardledger bulletin", city, number_of(city, monday))
    return Draft("create", KIND, key, values, add={"lines": told})


def decide(
    bulletin: Record,
    version: int,
    oldest: Mapping[str, str],
    *,
    today: date,
    due_on: date,
    document: str = "",
    proposed: AbstractSet[str] = frozenset(),
) -> list[Draft]:
    """Return what issuing a bulletin does: the step, and for each streak its task, or the proposal beside it. Pure.

    oldest: the case that is overdue longest, by institution; document: the digest of its paper
    proposed: cases for which a sanction lies already
    Raises VersionChanged or BadTransition.
    """
    if bulletin.version != version:
        raise VersionChanged(item=bulletin.id, version=bulletin.version)
    if bulletin.stage != "draft":
        raise BadTransition(f"the bulletin is {bulletin.stage}", item=bulletin.id, field="stage")
    issued: dict[str, Any] = {"stage": {"from": "draft", "to": "issued"}, "issued_on": today.isoformat()}
    if document:
        issued["document"] = document
    drafts = [Draft("edit", KIND, bulletin.id, issued)]
    for row in bulletin.values.get("lines", ()):
        place, step = str(row["institution"]), str(row["step"])
        case = oldest.get(place)
        if step not in TASKS or case is None:
            continue
        task = {
            "about": case,
            "kind": TASKS[step],
            "cause": f"bulletin/{row['weeks_running']}",
            "for_role": "supervisor",
            "due_on": due_on.isoformat(),
        }
        drafts.append(Draft("create", "task", named_id("wardledger bulletin task", bulletin.id, place), task))
        if step == "settlement_suspension" and case not in proposed:
            key = named_id("wardledger bulletin sanction", bulletin.id, place)
            drafts.append(proposing.suspension(key, case, place, by="bulletin"))
    return drafts


def issue(services: Services, user: str, bulletin: str, version: int, *, document: str = "") -> int:
    """Issue a bulletin; return how many tasks it made. document: the digest of its paper

    Raises NotFound, VersionChanged, BadTransition or NotAllowed.
    """
    today = services.today()
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        seen = scope.visible(connection, services.ledger.id, user, KIND).where(TABLE.c.id == bulletin)
        found = record_store.query(connection, vault, seen)
        if not found:
            raise NotFound(item=bulletin)
        late = deadline_store.overdue(connection, services.ledger.id, today.isoformat())
        calendar = working_calendars.calendars(connection, services).of(found[0].region)
        vault.committed()
    oldest: dict[str, str] = {}
    for clock in late:
        oldest.setdefault(clock.institution, clock.case)
    due_on = add_working_days(today, TASK_WORKING_DAYS, calendar)
    with services.database.reading() as connection:
        places = [str(row["institution"]) for row in found[0].values.get("lines", ())]
        cases = [oldest[place] for place in places if place in oldest]
        proposed = proposing.lying(connection, services.ledger.id, cases)
    drafts = decide(
        found[0], version, oldest, today=today, due_on=due_on, document=document, proposed=proposed
    )
    act(services, drafts, user=user, expect={bulletin: version})
    return sum(one.type == "task" for one in drafts)
