"""Records as the API gives them and the registers show them: masked values, and who wrote them when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.declare import RecordType
from schemas.records import RULES
from server.console.pages import Officer
from server.queries import people
from server.queries.origins import Origin, origins
from server.queries.reading import Reading
from server.queries.record_values import fields, shown, shown_value
from sync.changes import Erased
from sync.erasure import erased_fields
from sync.merge import Record, Write
from sync.rules import SELF


@dataclass(frozen=True, kw_only=True)
class Who:
    """A user, or the server itself as `machine`."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Trace:
    """One entry of the ledger: its index, when it was received, whose change it holds, from which device."""

    index: int
    at: datetime
    by: Who
    device: str | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One of the values that stand against each other; change: the id by which a resolve names it.

    erased: whether the value is gone
    """

    change: str
    value: Any = None
    erased: bool = False
    written: Trace | None = None


@dataclass(frozen=True, kw_only=True)
class OpenConflict:
    """A field over which values stand against each other until somebody decides."""

    field: str
    candidates: tuple[Standing, ...]


@dataclass(frozen=True, kw_only=True)
class RecordAnswer:
    """A record as it stands.

    fields: values, masked where they tell who somebody is; a file's key is never among them
    erased: names of the fields of which a value was erased
    open_conflicts: names of contested fields; conflicts: what stands against what (of a single record)
    written: by field, which entry last wrote it (of a single record)
    """

    id: str
    type: str
    version: int
    life: str
    root: str
    region: str
    created_by: str
    fields: Mapping[str, Any]
    parent: str | None = None
    erased: tuple[str, ...] = ()
    open_conflicts: tuple[str, ...] = ()
    created: Trace
    changed: Trace
    conflicts: tuple[OpenConflict, ...] | None = None
    written: Mapping[str, Trace] | None = None


def answers(reading: Reading, kind: RecordType, records: Sequence[Record]) -> tuple[RecordAnswer, ...]:
    """Return records of one type as rows, in the order given, however many in the same few queries."""
    traces = _traces(reading, (index for record in records for index in (_first(record), _last(record))))
    return tuple(_answer(kind, record, traces) for record in records)


def answer(reading: Reading, kind: RecordType, record: Record) -> RecordAnswer:
    """Return one record with its conflicts and with who last wrote each field."""
    newest = {
        name: max((write.act.index for write in writes), default=-1)
        for name in fields(kind)
        if (writes := record.writes.get(name))
    }
    contested = [write.act.index for name in record.open_conflicts for write in record.writes.get(name, ())]
    traces = _traces(reading, (_first(record), _last(record), *newest.values(), *contested))
    return _answer(
        kind,
        record,
        traces,
        conflicts=tuple(_conflict(kind, record, name, traces) for name in record.open_conflicts),
        written={name: traces[index] for name, index in newest.items() if index in traces},
    )


def _first(record: Record) -> int:
    return record.acts[0].index if record.acts else record.version


def _last(record: Record) -> int:
    return max((act.index for act in record.acts), default=record.version)


def _traces(reading: Reading, indexes: Iterable[int]) -> dict[int, Trace]:
    found = origins(reading, indexes)
    names = people.officers(reading, [origin.by for origin in found.values()])
    return {index: _trace(origin, names) for index, origin in found.items()}


def _trace(origin: Origin, names: Mapping[str, Officer]) -> Trace:
    who = Who(id=origin.by, name=names[origin.by].name)
    return Trace(index=origin.index, at=origin.received, by=who, device=origin.device or None)


def _answer(
    kind: RecordType,
    record: Record,
    traces: Mapping[int, Trace],
    *,
    conflicts: tuple[OpenConflict, ...] | None = None,
    written: Mapping[str, Trace] | None = None,
) -> RecordAnswer:
    return RecordAnswer(
        id=record.id,
        type=record.type,
        version=record.version,
        life=record.life,
        root=record.root,
        region=record.region,
        created_by=record.created_by or "machine",
        fields=shown(kind, record.values),
        parent=parent_of(kind, record),
        erased=tuple(name for name in erased_fields(record) if name in fields(kind)),
        open_conflicts=record.open_conflicts,
        created=traces[_first(record)],
        changed=traces[_last(record)],
        conflicts=conflicts,
        written=written,
    )


def parent_of(kind: RecordType, record: Record) -> str | None:
    """Return the record in which this one lies, or whose region it shares; None of one that stands alone."""
    home = RULES[kind.name].home(record.values)
    name = home if home != SELF else kind.region_from
    value = record.values.get(name) if name else None
    return None if value is None else str(value)


def _conflict(kind: RecordType, record: Record, name: str, traces: Mapping[int, Trace]) -> OpenConflict:
    wrote = {write.act.change: write for write in record.writes.get(name, ())}
    return OpenConflict(
        field=name,
        candidates=tuple(
            _standing(kind, name, change, wrote.get(change), traces)
            for change in record.contests[name].candidates
        ),
    )


def _standing(
    kind: RecordType, name: str, change: str, write: Write | None, traces: Mapping[int, Trace]
) -> Standing:
    field = fields(kind).get(name)
    if write is None or field is None:
        # Two records for one thing stand against each other by their creates, which write no such value.
        return Standing(change=change)
    gone = type(write.value) is Erased
    value = None if gone else shown_value(field, write.value)
    return Standing(change=change, value=value, erased=gone, written=traces.get(write.act.index))
