"""What waits for something to arrive or for somebody's word, group by group, with what it waits for in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.records import RULES, TYPES
from server.console.pages.registers import Named
from server.console.pages.waiting import WaitedFor, WaitingRow
from server.queries import people
from server.queries.origins import origins
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from server.queries.record_cells import names
from server.storage import ledger_store, waiting_store
from server.storage.waiting_store import Waiting
from sync.changes import CHANGES_MAX
from sync.errors import BadValue
from sync.rules import SELF

BATCH = 1000
DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True)
class Placed:
    """A change that waits, with the record by which this reader sees it, its group, and its public words."""

    row: Waiting
    place: str
    group: str
    body: Mapping[str, Any]


def groups(reading: Reading, verdict: str, *, after: int = -1, most: int) -> list[list[Placed]]:
    """Return groups of changes of one verdict that this reader sees, the longest waiting first, `most` at most.

    after: the first entry of the last group of the page before. Members of a group came in one set, so that they
    stand near each other: a group that began before is not taken for another.
    """
    connection, ledger = reading.connection, reading.services.ledger.id
    at, found = max(-1, after - CHANGES_MAX), dict[tuple[str, str], list[Placed]]()
    while True:
        rows = waiting_store.open_ones(connection, ledger, after=at, limit=BATCH, verdicts=(verdict,))
        for one in _placed(reading, rows):
            found.setdefault((one.row.device, one.group), []).append(one)
        begun = [members for members in found.values() if members[0].row.index > after]
        at = rows[-1].index if rows else at
        if len(rows) < BATCH or (len(begun) > most and at > begun[most][0].row.index + CHANGES_MAX):
            return begun[:most]


def _placed(reading: Reading, rows: Sequence[Waiting]) -> list[Placed]:
    if not rows:
        return []
    bodies = ledger_store.bodies_at(
        reading.connection, reading.services.ledger.id, [one.index for one in rows]
    )
    read = {one.index: json.loads(bodies[one.index]) if bodies.get(one.index) else {} for one in rows}
    wanted = {one.index: [one.record, _home(one, read[one.index]), one.device] for one in rows}
    asked = sorted({key for keys in wanted.values() for key in keys if key})
    seen = {
        row.id for row in reading.connection.execute(reading.visible(*TYPES).where(TABLE.c.id.in_(asked)))
    }
    found = []
    for one in rows:
        place = next((key for key in wanted[one.index] if key in seen), None)
        if place is not None:
            body = read[one.index]
            found.append(Placed(one, place, body.get("tx") or str(one.index), body))
    return found


def _home(row: Waiting, body: Mapping[str, Any]) -> str | None:
    """Return what a new record would lie in, as far as its public line says."""
    rules = RULES.get(row.type or "")
    given = body.get("set") or {}
    home = rules.home(given) if rules is not None else SELF
    return None if home == SELF else given.get(home)


def count(reading: Reading, verdict: str) -> int:
    """Return how many groups of changes of one verdict wait in sight, as far as a page of numbers goes."""
    return len(groups(reading, verdict, most=BATCH))


def page_of(
    reading: Reading, verdict: str, *, after: str = "", limit: int = PAGE_SIZE
) -> tuple[tuple[WaitingRow, ...], str]:
    """Return a page of groups as rows, and where the next one begins, '' after the last; raises BadValue."""
    if after and not (after.isascii() and after.isdigit() and len(after) <= 15):
        raise BadValue("not a cursor of this list", field="after")
    found = groups(reading, verdict, after=int(after) if after else -1, most=limit + 1)
    shown = found[:limit]
    return rows_of(reading, verdict, shown), str(shown[-1][0].row.index) if len(found) > limit else ""


def rows_of(reading: Reading, verdict: str, found: Sequence[Sequence[Placed]]) -> tuple[WaitingRow, ...]:
    """Return groups of changes that wait as rows."""
    firsts = [members[0] for members in found]
    made = origins(reading, [one.row.index for one in firsts])
    authors = people.officers(reading, [origin.by for origin in made.values()])
    named = names(reading, [one.place for one in firsts])
    wanted = _wanted(reading, firsts)
    now = reading.services.now_ms()
    return tuple(
        WaitingRow(
            index=first.row.index,
            verdict=verdict,
            type=first.row.type or "",
            record=named[first.place],
            author=authors[made[first.row.index].by].name,
            device=f"…{first.row.device[-8:]}",
            received=moment(first.row.at),
            days=max(0, now - first.row.at) // DAY_MS,
            count=len(members),
            waiting_for=first.row.waiting_for or "",
            wanted=wanted.get(first.row.index),
        )
        for members, first in zip(found, firsts, strict=True)
    )


def _wanted(reading: Reading, held: Sequence[Placed]) -> dict[int, WaitedFor]:
    """Return {entry: what its change waits for, in words}."""
    ids = {one.row.waiting_for for one in held if one.row.waiting_for and ":" not in one.row.waiting_for}
    known = names(reading, ids)
    carriers: dict[str, int] = {}
    for one in _placed(reading, waiting_store.bringing(reading.connection, reading.services.ledger.id, ids)):
        if one.body.get("op") == "create":
            carriers.setdefault(str(one.row.record), one.row.index)
    return {one.row.index: _in_words(one, known, carriers) for one in held if one.row.waiting_for is not None}


def _in_words(one: Placed, known: Mapping[str, Named], carriers: Mapping[str, int]) -> WaitedFor:
    wanted = str(one.row.waiting_for)
    what, _, name = wanted.partition(":")
    if name:
        return WaitedFor(kind=what, words=name)
    named = known[wanted]
    return WaitedFor(
        kind="record",
        words=named.words,
        type=named.kind or _type_of(one, wanted),
        record=named if named.kind else None,
        entry=carriers.get(wanted),
    )


def _type_of(one: Placed, wanted: str) -> str:
    """Return the type of a record that has not arrived, as the change that names it tells; '' where it does not."""
    if one.row.record == wanted:
        return one.row.type or ""
    declared = TYPES[one.row.type].by_name if one.row.type and one.row.type in TYPES else {}
    for part in ("set", "add"):
        for name, value in (one.body.get(part) or {}).items():
            said = value if isinstance(value, list) else [value]
            if wanted in said and name in declared:
                named = declared[name].ref
                return named if named and named in TYPES else ""
    return ""
