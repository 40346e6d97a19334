"""What happened to a record: every entry of the ledger that concerns it, in force or not, oldest first."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.declare import RecordType
from server.access import may_see
from server.commit.work import PRIVATE_PURPOSE, ROOT_CHARS
from server.console.pages import Officer
from server.queries import people
from server.queries.reading import Reading, moment
from server.queries.record_answers import Who
from server.queries.record_values import fields, shown_value
from server.storage import ledger_store
from sync import entries
from sync.entries import Entry
from sync.erasure import ERASE
from sync.merge import Record
from sync.outcomes import NOT_IN_FORCE

PARTS = ("set", "add", "remove")


@dataclass(frozen=True)
class Written:
    """What a change wrote to one field, masked where it tells who somebody is; verdict: what became of it."""

    verdict: str
    set: Any = None
    add: tuple[Any, ...] = ()
    remove: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Happened:
    """One entry: where, when it was received, by whom, with which verdict, and what it wrote.

    op: None where the change cannot be read; erased: how many of its private lines have been erased,
    or, of an erasure, how many lines it erased
    """

    index: int
    at: datetime
    kind: str
    by: Who
    device: str | None
    op: str | None
    verdict: str
    code: str | None
    flags: tuple[str, ...]
    fields: Mapping[str, Written] = dataclasses.field(default_factory=dict)
    erased: int = 0


@dataclass(frozen=True)
class History:
    """One page of what happened; next: the index after which more stands, or None."""

    entries: tuple[Happened, ...]
    next: int | None


def history(reading: Reading, kind: RecordType, record: Record, *, after: int = -1, limit: int) -> History:
    """Return at most `limit` entries of a record after a ledger index."""
    wanted = [index for index in _indexes(reading, record) if index > after]
    some = wanted[:limit]
    return History(_read(reading, kind, record, some), next=some[-1] if len(wanted) > limit else None)


def newest(
    reading: Reading, kind: RecordType, record: Record, *, limit: int
) -> tuple[tuple[Happened, ...], int]:
    """Return the newest entries of a record, newest first, and how many stand before them."""
    wanted = _indexes(reading, record)
    some = wanted[-limit:]
    return _read(reading, kind, record, some)[::-1], len(wanted) - len(some)


def _indexes(reading: Reading, record: Record) -> list[int]:
    """Return the indexes of the entries that concern a record, in order."""
    named = ledger_store.indexes_of(reading.connection, reading.services.ledger.id, record.id)
    # A row of an import has no entry of its own; a derived record has none but that from which it follows.
    return sorted({*named, *(act.index for act in record.acts)} or {record.version})


def _read(reading: Reading, kind: RecordType, record: Record, some: Sequence[int]) -> tuple[Happened, ...]:
    made = {act.index: act.change for act in record.acts}
    found = ledger_store.lines_at(reading.connection, reading.services.ledger.id, some)
    told = {index: entries.from_line(line) for index, line in found.items()}
    changes = _changes(reading, some, made)
    if not may_see.private_fields(record, reading.roles_over(record)):
        # Which fields an entry wrote is no secret; what it wrote to a private one is for who works on the record.
        changes = {index: _Change(one.body, (), len(one.private)) for index, one in changes.items()}
    names = people.officers(reading, [entry.by for entry in told.values()])
    return tuple(_happened(index, told[index], changes.get(index), kind, names) for index in some)


@dataclass(frozen=True)
class _Change:
    """A change line with those of its private lines that still stand, and how many of them this reader may not see."""

    body: Mapping[str, Any]
    private: tuple[Mapping[str, Any], ...]
    withheld: int = 0

    @property
    def parts(self) -> Iterable[Mapping[str, Any]]:
        """The public part, then each private one."""
        return (self.body, *self.private)

    @property
    def erased(self) -> int:
        """How many private lines are gone."""
        return len(self.body.get("private", ())) - len(self.private) - self.withheld


def _changes(reading: Reading, indexes: Sequence[int], made: Mapping[int, str]) -> dict[int, _Change]:
    """Return the change of each entry, of an import the record's own row; without those that are not kept."""
    connection, ledger = reading.connection, reading.services.ledger.id
    mine = ledger_store.bodies_named(connection, ledger, [made[each] for each in indexes if each in made])
    # The same id may have come twice; the second time it was refused, and is told as that entry's change.
    found = {(body.index, body.n): body.line for body in mine if body.index in indexes and body.index in made}
    rest = set(indexes) - {index for index, _ in found}
    found |= {
        (index, 0): line for index, line in ledger_store.bodies_at(connection, ledger, list(rest)).items()
    }
    standing = {place: line for place, line in found.items() if line}
    private = _private(reading, list(standing))
    return {
        place[0]: _Change(json.loads(line), tuple(private.get(place, ()))) for place, line in standing.items()
    }


def _private(
    reading: Reading, places: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[Mapping[str, Any]]]:
    found: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for index, n, sealed in ledger_store.privates_at(reading.connection, reading.services.ledger.id, places):
        root = sealed[:ROOT_CHARS].decode("ascii")
        found.setdefault((index, n), []).append(
            json.loads(reading.vault.open(root, PRIVATE_PURPOSE, sealed[ROOT_CHARS:]))
        )
    return found


def _happened(
    index: int, entry: Entry, change: _Change | None, kind: RecordType, names: Mapping[str, Officer]
) -> Happened:
    outcome = entries.entry_outcome(entry)
    gone = len(change.body["set"]["lines"]) if change and entry.kind == ERASE else 0
    return Happened(
        index=index,
        at=moment(entry.at),
        kind=entry.kind,
        by=Who(id=entry.by, name=names[entry.by].name),
        device=entry.device,
        op=change.body["op"] if change else None,
        verdict=outcome.verdict,
        code=outcome.code,
        flags=outcome.flags,
        fields=_fields(change, kind, outcome.verdict, outcome.fields) if change and not gone else {},
        erased=gone or (change.erased if change else 0),
    )


def _fields(
    change: _Change, kind: RecordType, verdict: str, verdicts: Mapping[str, str]
) -> dict[str, Written]:
    """Return what a change wrote by field; of one that is not declared (a newer app's) only its name."""
    found: dict[str, dict[str, Any]] = {}
    for part in change.parts:
        for way in PARTS:
            for name, value in part.get(way, {}).items():
                found.setdefault(name, {})[way] = value
    return {
        name: _written(kind, name, ways, verdicts.get(name, verdict)) for name, ways in sorted(found.items())
    }


def _written(kind: RecordType, name: str, ways: Mapping[str, Any], verdict: str) -> Written:
    field = fields(kind).get(name)
    if field is None:
        return Written(verdict)
    single = ways.get("set")
    if name == "stage" and isinstance(single, Mapping):
        single = single.get("to")
    return Written(
        verdict,
        set=shown_value(field, single),
        add=tuple(shown_value(field, each) for each in ways.get("add", ())),
        remove=tuple(shown_value(field, each) for each in ways.get("remove", ())),
    )


def standing_at(reading: Reading, kind: RecordType, record: Record, name: str, index: int) -> Any:
    """Return what was in force in one field of a record by an entry of the ledger, None where nobody had written it.

    So a paper of that day names a body as it was called then. A later write counts before an earlier one.
    """
    some = [each for each in _indexes(reading, record) if each <= index]
    for happened in reversed(_read(reading, kind, record, some)):
        written = happened.fields.get(name)
        if written is not None and written.set is not None and written.verdict not in NOT_IN_FORCE:
            return written.set
    return None
