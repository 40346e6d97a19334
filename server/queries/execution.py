"""How remote rounds were carried out: what was planned, what was called, how much of it was answered, and in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext

from schemas.records import RULES
from schemas.records.ward_round import REMOTE, sample_of
from server.access.duties import team_of
from server.console.pages import ExecutionPage, ExecutionRow, Institution
from server.console.pages.reports import WHOLE, Table, TableColumn
from server.queries import people
from server.queries.bed_flags import capture_of
from server.queries.days import asked_day
from server.queries.origins import Origin, origins
from server.queries.reading import TABLE, Reading, moment
from server.rounds import flags, scheduling, timetable
from server.rounds.flags import Answer, Called
from server.storage import record_store
from sync import merge
from sync.errors import BadValue
from sync.merge import VOIDED, Record

DAYS_MAX = 92
ROUNDS_MAX = 5_000
MANY = 500
READ = (
    "institution", "mode", "called_at", "call_at", "respond_by", "operator", "drawn", "sample", "lead", "members",
    "stage", "order_fault",
)  # fmt: skip


@dataclass
class Tally:
    """One institution's numbers; what they mean: `ExecutionRow`."""

    planned: set[str] = field(default_factory=set)
    called: int = 0
    complete: int = 0
    concluded: int = 0
    waiting: int = 0
    beds: int = 0
    answered: int = 0
    in_time: int = 0


def period(since: str | None, until: str | None, today: date, *, days: int = 7) -> tuple[date, date]:
    """Return the days that are asked for: written 2026-11-17; the last `days` up to today unless said.

    Raises BadValue.
    """
    last = asked_day(until, "until") or today
    first = asked_day(since, "since") or last - timedelta(days=days - 1)
    if not first <= last <= first + timedelta(days=DAYS_MAX - 1):
        raise BadValue(f"a period has 1 to {DAYS_MAX} days", field="until")
    return first, last


def execution_page(reading: Reading, since: date, until: date, *, failed: bool = False) -> ExecutionPage:
    """Return how the remote rounds of some days were carried out, by institution.

    Numbers come from public values alone: no private line is opened. failed: see `ExecutionPage`
    """
    found: dict[str, Tally] = defaultdict(Tally)
    for schedule in reading.records(reading.visible("round_schedule")):
        for due in _due(reading, schedule, since, until):
            found[due.institution].planned.add(due.ward_round)
    rounds = _rounds(reading, since, until)
    answers = _answers(reading, rounds)
    for each in rounds:
        _count(found[str(each.values["institution"])], each, answers.get(each.id, {}))
    places = reading.named(found)
    rows = [_row(people.institution(places.get(key)), tally) for key, tally in found.items()]
    return ExecutionPage(
        since=since,
        until=until,
        rows=tuple(sorted(rows, key=lambda row: (row.institution.code, row.institution.name))),
        total=_row(Institution(name="", code=""), _sum(found.values())),
        failed=failed,
    )


def as_table(reading: Reading, since: date, until: date) -> Table:
    """Return the same as a table to take along."""
    names = ("planned", *_NUMBERS)
    words = {
        "planned": gettext("Planned"),
        "called": gettext("Called"),
        "complete": gettext("Rounds wholly in time"),
        "concluded": gettext("Concluded"),
        "waiting": gettext("Waiting"),
        "beds": gettext("Beds"),
        "answered": gettext("Beds answered"),
        "in_time": gettext("In time"),
    }
    page = execution_page(reading, since, until)
    return Table(
        name="execution",
        title=gettext("Remote rounds carried out"),
        columns=(
            TableColumn(name="institution", label=gettext("Institution")),
            TableColumn(name="code", label=gettext("Code")),
            *(TableColumn(name=name, label=words[name], kind=WHOLE) for name in names),
        ),
        rows=tuple(
            (row.institution.name, row.institution.code, *(getattr(row, name) for name in names))
            for row in page.rows
        ),
    )


def _due(reading: Reading, schedule: Record, since: date, until: date) -> Iterable[timetable.Occurrence]:
    """Return the calls of a schedule that fell due in a period, as each week was planned."""
    zone, now = reading.services.config.zone, reading.services.now()
    for write in schedule.writes.get("planned_week", ()):
        monday, index = date.fromisoformat(write.value), write.act.index
        if monday > until or monday + timedelta(days=6) < since:
            continue
        seed = scheduling.seed_at(reading.connection, reading.services.ledger.id, index)
        # A week is planned when its first scheduler looks: what had gone by then was never to be called.
        planned_at = origins(reading, [index])[index].received
        for due in timetable.occurrences(schedule.id, _as_planned(schedule, index), monday, seed, zone):
            if since <= due.at.date() <= until and planned_at <= due.at <= now:
                yield due


def _as_planned(schedule: Record, index: int) -> dict[str, Any]:
    """Return a schedule's values as they stood just after the entry that planned a week."""
    rules = RULES[schedule.type]
    found: dict[str, Any] = {}
    for name, writes in schedule.writes.items():
        if name in rules.fields:
            earlier = [write for write in writes if write.act.index <= index]
            found[name] = merge.settle(earlier, rules, rules.fields[name].merge).value if earlier else None
    return {name: value for name, value in found.items() if value is not None}


def _rounds(reading: Reading, since: date, until: date) -> list[Record]:
    """Return the remote rounds of a period: by the day of their call, or of the call that they wait for.

    One that waits for none belongs to the day when it was ordered.
    """
    statement = reading.visible("ward_round").where(TABLE.c.state.contains(f'"mode":"{REMOTE}"'))
    rows = reading.connection.execute(statement.order_by(TABLE.c.version.desc()).limit(ROUNDS_MAX))
    every = [record_store.glimpse(row, READ) for row in rows]
    at = {each.id: each.values.get("called_at", each.values.get("call_at")) for each in every}
    ordered = origins(reading, [each.acts[0].index for each in every if at[each.id] is None])
    zone = reading.services.config.zone
    found = []
    for each in every:
        known = at[each.id]
        when = ordered[each.acts[0].index].received if known is None else moment(int(known))
        if since <= when.astimezone(zone).date() <= until:
            found.append(each)
    return found


def _answers(reading: Reading, rounds: list[Record]) -> dict[str, dict[str, list[Answer]]]:
    """Return {round: {in-patient: answers}} of what its ward and its team said of those whom it looked for."""
    called = [each.id for each in rounds if "called_at" in each.values]
    rows = [
        row for start in range(0, len(called), MANY) for row in _checks(reading, called[start : start + MANY])
    ]
    made = origins(reading, [check.acts[0].index for _, check in rows])
    found: dict[str, dict[str, list[Answer]]] = {}
    for parent, check in rows:
        encounter = str(check.values.get("encounter"))
        answer = _answer(made[check.acts[0].index])
        found.setdefault(parent, {}).setdefault(encounter, []).append(answer)
    return found


def _checks(reading: Reading, rounds: list[str]) -> list[tuple[str, Record]]:
    statement = reading.visible("bed_check").where(TABLE.c.parent.in_(rounds), TABLE.c.life != VOIDED)
    rows = reading.connection.execute(statement)
    return [(str(row.parent), record_store.glimpse(row, ("encounter",))) for row in rows]


def _answer(origin: Origin) -> Answer:
    """Return an answer by its own time alone: what its pictures add is told on the round's page."""
    return Answer(origin.by, capture_of(origin))


def _count(tally: Tally, ward_round: Record, answers: Mapping[str, list[Answer]]) -> None:
    values = ward_round.values
    tally.planned.add(ward_round.id)
    if "called_at" not in values:
        tally.waiting += "order_fault" in values
        return
    asked = set(sample_of(values))
    called = Called(
        at=int(values["called_at"]),
        index=0,
        respond_by=int(values["respond_by"]),
        operator=str(values.get("operator", "")),
        team=team_of(ward_round),
    )
    by_ward = {
        encounter: flags.by_ward(some, called) for encounter, some in answers.items() if encounter in asked
    }
    answered = {encounter for encounter, some in by_ward.items() if some}
    in_time = {encounter for encounter, some in by_ward.items() if flags.is_in_time(some, called)}
    tally.called += 1
    tally.beds += len(asked)
    tally.answered += len(answered)
    tally.in_time += len(in_time)
    tally.complete += in_time == asked
    tally.concluded += ward_round.values.get("stage") in ("concluded", "confirmed")


def _sum(tallies: Iterable[Tally]) -> Tally:
    every = list(tallies)
    return Tally(
        {one for tally in every for one in tally.planned},
        *(sum(getattr(tally, name) for tally in every) for name in _NUMBERS),
    )


_NUMBERS = ("called", "complete", "concluded", "waiting", "beds", "answered", "in_time")


def _row(institution: Institution, tally: Tally) -> ExecutionRow:
    numbers = {name: getattr(tally, name) for name in _NUMBERS}
    return ExecutionRow(institution=institution, planned=len(tally.planned), **numbers)
