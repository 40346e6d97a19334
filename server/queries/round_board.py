"""The board of many remote rounds: as many queries for fifty hospitals as for one ward."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select

from schemas import regions
from schemas.records.ward_round import BEFORE, REMOTE, sample_of
from server.access import scope
from server.casework.second_draw import first_entry
from server.console.pages import Chip
from server.console.pages.board import (
    ANSWERED,
    ATTENTION,
    DOUBTED,
    MISSED,
    OVER,
    RUNNING,
    SOON,
    STUCK,
    TO_COME,
    BoardPage,
    BoardRow,
    BoardTotal,
)
from server.queries import beds, people
from server.queries.bed_flags import Doubts, Look, called_of, capture_of, doubts_of_many, is_called
from server.queries.beds import UNCHECKED, Bed
from server.queries.days import asked_day
from server.queries.narrowing import in_region, region_of
from server.queries.origins import Origin, origins
from server.queries.reading import TABLE, Reading, moment
from server.rounds import flags
from server.rounds.calling import CALLER, INSTITUTIONS_MAX
from server.rounds.flags import Answer
from server.storage import ledger_store, record_store
from sync import lines
from sync.errors import BadValue
from sync.merge import VOIDED, Record

ROUNDS_MAX = INSTITUTIONS_MAX
"""So many rounds stand on one board: as many as one call may name."""
MANY = 500
PICTURES_MAX = 20_000
SOON_MS = 5 * 60_000
ENTRIES = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?")
ATTENTIVE = frozenset({STUCK, MISSED, DOUBTED, SOON})
WATCHED: Mapping[str, frozenset[str]] = {
    "attention": ATTENTIVE,
    "running": frozenset(ATTENTION) - {OVER},
    "over": frozenset({OVER}),
}
"""What each filter shows."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which board: entries: the ledger entries that ordered the rounds, as `120-169`; state: a word of WATCHED."""

    entries: str = ""
    day: date | None = None
    state: str = ""
    region: str = ""


def asked(given: Mapping[str, str]) -> Wanted:
    """Return what an address asks for; raises BadValue or BadCode."""
    state = given.get("state", "")
    if state and state not in WATCHED:
        raise BadValue("there is no such filter", field="state")
    day = asked_day(given.get("day"), "day")
    return Wanted(entries=given.get("entries", ""), day=day, state=state, region=region_of(given))


def board_page(reading: Reading, wanted: Wanted) -> BoardPage:
    """Return the board of a call, or of a day's remote rounds, today's unless said; raises BadValue."""
    entries, region, state = wanted.entries, wanted.region, wanted.state
    on = None if entries else wanted.day or reading.today
    statement = _ordered_by(reading, entries) if on is None else _of_day(reading, on)
    places = _regions(reading, statement)
    statement = in_region(statement, region)
    rounds = reading.records(statement.order_by(TABLE.c.version.desc(), TABLE.c.id).limit(ROUNDS_MAX))
    if on is not None:
        rounds = [one for one in rounds if _belongs(reading, one, on)]
    rows = sorted(_rows(reading, rounds), key=_urgency)
    shown = [row for row in rows if not state or row.attention in WATCHED[state]]
    return BoardPage(
        rows=tuple(shown),
        total=_total(rows),
        chips=_chips(rows, state),
        day=on,
        entries=entries,
        region=region,
        regions=places,
        left_out=max(0, reading.count(statement) - ROUNDS_MAX),
        may_call=CALLER in scope.roles(reading.connection, reading.services.ledger.id, reading.user),
        query=_query(entries, wanted.day, region),
    )


def entries_of(reading: Reading, rounds: Sequence[str]) -> str:
    """Return the ledger entries that ordered some rounds in one act, as a board's address names them."""
    made = [one.acts[0].index for one in reading.named(rounds).values()]
    return f"{min(made)}-{max(made)}"


def _query(entries: str, day: date | None, region: str) -> dict[str, str]:
    given = {"entries": entries, "day": day.isoformat() if day else "", "region": region}
    return {name: word for name, word in given.items() if word}


# -- which rounds ------------------------------------------------------------------------------------


def _remote(reading: Reading) -> Select[Any]:
    return reading.visible("ward_round").where(TABLE.c.state.contains(f'"mode":"{REMOTE}"'))


def _ordered_by(reading: Reading, entries: str) -> Select[Any]:
    """Return a select of the remote rounds that some ledger entries ordered; raises BadValue."""
    found = ENTRIES.fullmatch(entries)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
    if not 0 <= last - first < ROUNDS_MAX:
        raise BadValue(f"entries are written 120-169, at most {ROUNDS_MAX} of them", field="entries")
    bodies = ledger_store.bodies_at(
        reading.connection, reading.services.ledger.id, range(first, last + 1)
    ).values()
    changes = [lines.decode(body) for body in bodies]
    made = [one["record"] for one in changes if one.get("type") == "ward_round" and one.get("op") == "create"]
    return _remote(reading).where(TABLE.c.id.in_(made))


def _of_day(reading: Reading, day: date) -> Select[Any]:
    """Return a select in which a day's remote rounds are: what was called on a day has moved since it began."""
    since = first_entry(reading.services, reading.connection, day)
    return _remote(reading).where(TABLE.c.version >= since)


def _belongs(reading: Reading, ward_round: Record, day: date) -> bool:
    """Return whether a round is one of a day: called on it, or due on it, or waiting since."""
    values = ward_round.values
    at = values.get("called_at", values.get("call_at"))
    if at is None:
        return ward_round.stage in BEFORE and day == reading.today
    return bool(moment(int(at)).astimezone(reading.services.config.zone).date() == day)


def _regions(reading: Reading, statement: Select[Any]) -> tuple[tuple[str, str], ...]:
    codes = reading.connection.execute(statement.with_only_columns(TABLE.c.region).distinct()).scalars()
    return tuple((code, regions.name(code, reading.locale)) for code in sorted(codes))


# -- how they stand ----------------------------------------------------------------------------------


def _rows(reading: Reading, rounds: Sequence[Record]) -> list[BoardRow]:
    """Return rounds as the board shows them, each with the flags of its beds."""
    institutions = reading.named(one.values["institution"] for one in rounds)
    checks = _checks(reading, rounds)
    made = origins(reading, [check.acts[0].index for some in checks.values() for check in some])
    patients = _patients(reading, rounds)
    pictures = _pictures(reading, checks)
    looked: list[tuple[Look, list[Bed]]] = []
    for one in rounds:
        own = checks.get(one.id, [])
        listed = [patients[key] for key in sample_of(one.values) if key in patients]
        shots = {check.id: pictures[check.id] for check in own if check.id in pictures}
        place = institutions.get(str(one.values["institution"]))
        looked.append((Look(one, place, made, reading.fence(one.region), shots), beds.beds_of(listed, own)))
    judged = doubts_of_many(reading, [(look, {bed.id: bed.checks for bed in grid}) for look, grid in looked])
    now = reading.services.now_ms()
    return [
        _attended(_row(look, grid, found, made), now)
        for (look, grid), found in zip(looked, judged, strict=True)
    ]


def _checks(reading: Reading, rounds: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for some in _some([one.id for one in rounds]):
        statement = reading.visible("bed_check").where(TABLE.c.parent.in_(some), TABLE.c.life != VOIDED)
        rows = reading.connection.execute(statement.order_by(TABLE.c.id)).all()
        for row in rows:
            found.setdefault(str(row.parent), []).append(reading.seen(record_store.thaw(row, reading.vault)))
    return found


def _patients(reading: Reading, rounds: Sequence[Record]) -> dict[str, Record]:
    """Return where those lie whom the rounds look for; nobody's name is opened."""
    wanted = sorted({key for one in rounds for key in sample_of(one.values)})
    return {
        row.id: record_store.glimpse(row, ("ward", "bed"))
        for some in _some(wanted)
        for row in reading.connection.execute(
            record_store.selected(reading.services.ledger.id, "encounter").where(TABLE.c.id.in_(some))
        )
    }


def _pictures(reading: Reading, checks: Mapping[str, Sequence[Record]]) -> dict[str, list[str]]:
    """Return the evidence of each check: what names it, or what it names; by check."""
    every = {check.id for some in checks.values() for check in some}
    found: dict[str, list[str]] = {
        check.id: list(check.values.get("media") or ()) for some in checks.values() for check in some
    }
    for some in _some(list(checks)):
        there = reading.visible("evidence").where(TABLE.c.root.in_(some)).order_by(TABLE.c.id)
        for row in reading.connection.execute(there.limit(PICTURES_MAX)):
            check = str(record_store.glimpse(row, ("bed_check",)).values.get("bed_check"))
            if check in every and row.id not in found[check]:
                found[check].append(row.id)
    return {check: items for check, items in found.items() if items}


def _row(look: Look, grid: Sequence[Bed], found: Doubts, made: Mapping[int, Origin]) -> BoardRow:
    values = look.ward_round.values
    asked = set(sample_of(values))
    called = is_called(look.ward_round)
    in_time = len(found.in_time & asked)
    answered = sum(bed.id in asked and _by_ward(look, bed, made) for bed in grid) if called else 0
    presence = Counter(bed.presence or UNCHECKED for bed in grid)
    return BoardRow(
        id=look.ward_round.id,
        institution=people.institution(look.institution),
        wards=tuple(sorted(values.get("wards") or ())),
        state=str(look.ward_round.stage),
        attention=RUNNING,
        beds=len(asked),
        answered=answered,
        in_time=in_time,
        rate=100 * in_time // len(asked) if asked and called else None,
        flagged=sum(1 for bed in grid if found.beds[bed.id]),
        suspected=sum(bed.suspected for bed in grid),
        presence=dict(presence),
        called_at=_at(values, "called_at"),
        call_at=_at(values, "call_at"),
        respond_by=_at(values, "respond_by"),
        waiting_for=str(values.get("order_fault") or "") if look.ward_round.stage == "planned" else "",
    )


def _by_ward(look: Look, bed: Bed, made: Mapping[int, Origin]) -> bool:
    """Return whether the ward that was called answered a bed, in time or not."""
    answers = [Answer(one.created_by, capture_of(made[one.acts[0].index])) for one in bed.checks]
    return bool(flags.by_ward(answers, called_of(look.ward_round)))


def _at(values: Mapping[str, Any], name: str) -> Any:
    return moment(int(values[name])) if name in values else None


def _attended(row: BoardRow, now: int) -> BoardRow:
    """Return a row with what it asks of whoever watches."""
    return replace(row, attention=_attention(row, now))


def _attention(row: BoardRow, now: int) -> str:
    if row.state in ("concluded", "confirmed"):
        return OVER
    if row.called_at is None or row.respond_by is None:
        return STUCK if row.waiting_for else TO_COME
    left = row.respond_by.timestamp() * 1000 - now
    unanswered = row.answered < row.beds
    if unanswered and left <= 0:
        return MISSED
    if row.flagged or row.suspected:
        return DOUBTED
    if not unanswered:
        return ANSWERED
    return SOON if left < SOON_MS else RUNNING


def _urgency(row: BoardRow) -> tuple[Any, ...]:
    """Return what a board sorts by: the most urgent, then whose time ends first, then the lowest rate."""
    until = row.respond_by or row.call_at
    rank = ATTENTION.index(row.attention)
    return (rank, until is None, until.timestamp() if until else 0, row.rate or 0, row.institution.code)


def _total(rows: Iterable[BoardRow]) -> BoardTotal:
    every = list(rows)
    called = [row for row in every if row.called_at is not None]
    names = ("answered", "in_time", "flagged", "suspected")
    asked = sum(row.beds for row in called)
    numbers = {name: sum(getattr(row, name) for row in every) for name in names}
    rate = 100 * numbers["in_time"] // asked if asked else None
    return BoardTotal(rounds=len(every), called=len(called), beds=asked, rate=rate, **numbers)


def _chips(rows: Sequence[BoardRow], state: str) -> tuple[Chip, ...]:
    chips = [Chip(value="", count=len(rows), active=not state)]
    chips += [
        Chip(value=name, count=sum(row.attention in some for row in rows), active=name == state)
        for name, some in WATCHED.items()
    ]
    return tuple(chips)


def _some(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + MANY] for start in range(0, len(ids), MANY))


__all__ = ["ROUNDS_MAX", "WATCHED", "board_page", "entries_of"]
