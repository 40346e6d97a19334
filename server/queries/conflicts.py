"""Conflicts that wait: the queue in a reader's scope, and one with every value, who wrote it and what he knew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import Select, and_, exists, func

from schemas.declare import Field
from schemas.records import RULES, TYPES
from server.access.duties import team_of
from server.casework import conflicts as deciding
from server.casework.conflicts import Contested
from server.console.pages import Officer, Paging
from server.console.pages.conflicts import (
    ConflictPage,
    ConflictRow,
    ConflictsPage,
    Contender,
    Entry,
    Piece,
)
from server.console.pages.frame import Chip
from server.console.pages.registers import Cell
from server.queries import people
from server.queries.origins import Origin, origins
from server.queries.reading import PAGE_SIZE, TABLE, Reading, oldest_first
from server.queries.record_cells import Known, cell, names, places, title
from server.queries.record_values import fields, shown_value
from sync.changes import NO_BASE, Erased
from sync.errors import NotFound
from sync.merge import VOIDED, Record, Write
from sync.rules import ALIAS, STAGE

OPEN = "open"
NEVER_MERGES = frozenset({"amount_fen", "facts", "violation_code"})
WRITTEN = frozenset({"fen", "integer", "day", "choice", "code", "text", "flag"})
"""Kinds of value that somebody can write by hand at the desk."""
COMPARED_CHARS_MAX = 3000
"""Longer texts stand side by side without their differences: comparing them grows with the square."""


def open_conflicts(reading: Reading, kind: str = "") -> Select[Any]:
    """Return the select of the conflicts in scope that wait, of one type of record where told."""
    about = TABLE.alias("about")
    alive = and_(about.c.ledger == TABLE.c.ledger, about.c.id == TABLE.c.parent, about.c.life != VOIDED)
    if kind:
        alive = and_(alive, about.c.type == kind)
    return reading.visible("conflict").where(TABLE.c.stage == OPEN, exists().where(alive))


def conflicts_page(reading: Reading, *, kind: str = "", page: int = 1) -> ConflictsPage:
    """Return the queue, the longest waiting first; kind: of one type of record alone."""
    counts = _by_type(reading)
    counts[""] = sum(counts.values())
    ordered = open_conflicts(reading, kind).order_by(*oldest_first())
    records = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return ConflictsPage(
        chips=tuple(Chip(value=each, count=counts[each], active=each == kind) for each in sorted(counts)),
        rows=conflict_rows(reading, records),
        paging=Paging(total=counts.get(kind, 0), page=page, size=PAGE_SIZE),
    )


def _by_type(reading: Reading) -> dict[str, int]:
    about = TABLE.alias("about_type")
    joined = (
        open_conflicts(reading)
        .join(about, and_(about.c.ledger == TABLE.c.ledger, about.c.id == TABLE.c.parent))
        .with_only_columns(about.c.type, func.count(), maintain_column_froms=True)
        .group_by(about.c.type)
    )
    return {str(kind): int(n) for kind, n in reading.connection.execute(joined)}


def conflict_rows(reading: Reading, conflicts: Sequence[Record]) -> tuple[ConflictRow, ...]:
    """Return conflicts as rows, however many in the same few queries."""
    abouts = reading.named(str(each.values["about"]) for each in conflicts)
    roots = reading.named(each.root for each in abouts.values())
    where = places(reading, list(abouts.values()))
    made = origins(reading, {each.version for each in conflicts} | _indexes(conflicts, abouts))
    wrote = people.officers(reading, [origin.by for origin in made.values()])
    rows = []
    for each in conflicts:
        record, name = abouts[str(each.values["about"])], str(each.values["field"])
        standing = _writes(record, name)
        known = Known(reading.locale, names(reading, _named_ids(record, name, standing)))
        place = where.get(record.root)
        rows.append(
            ConflictRow(
                id=each.id,
                record_type=record.type,
                record=record.id,
                title=title(TYPES[record.type], record, reading.locale, place.words if place else ""),
                place=place.words if place else "",
                name=name,
                label=_label(reading, record, name),
                reason=reason_of(record, name),
                values=tuple(_cell(record, name, write, known) for write in standing),
                officers=tuple(dict.fromkeys(wrote[made[w.act.index].by].name for w in standing)),
                since=made[each.version].received,
                may=_may(reading, Contested(record, name), roots.get(record.root)),
            )
        )
    return tuple(rows)


def reason_of(record: Record, name: str) -> str:
    """Return why values of a field wait for a person, by `device_marks.CONFLICT_REASONS`."""
    if name == ALIAS:
        return "same_thing"
    if RULES[record.type].fields[name].merge == STAGE:
        return "stage_race"
    return "never_merges" if name in NEVER_MERGES else "unaware"


def _indexes(conflicts: Iterable[Record], abouts: Mapping[str, Record]) -> set[int]:
    return {
        write.act.index
        for each in conflicts
        for write in _writes(abouts[str(each.values["about"])], str(each.values["field"]))
    }


def _writes(record: Record, name: str) -> list[Write]:
    """Return the writes that stand against each other, in the order of the ledger."""
    standing = record.contests[name].candidates if name in record.contests else ()
    found = [write for write in record.writes.get(name, ()) if write.act.change in standing]
    return sorted(found, key=lambda write: (write.act.index, write.act.n))


def _named_ids(record: Record, name: str, standing: Iterable[Write]) -> set[str]:
    field = TYPES[record.type].by_name[name]
    return {str(write.value) for write in standing if field.kind == "id" and isinstance(write.value, str)}


def _label(reading: Reading, record: Record, name: str) -> str:
    field = TYPES[record.type].by_name[name]
    return field.zh if reading.locale == "zh_CN" else field.en


def _cell(record: Record, name: str, write: Write, known: Known) -> Cell:
    field = _field(record, name)
    gone = type(write.value) is Erased
    return cell(field, None if gone else shown_value(field, write.value), known, erased=gone)


def _field(record: Record, name: str) -> Field:
    found = fields(TYPES[record.type]).get(name)
    if found is None:
        raise NotFound(item=record.id)
    return found


def _may(reading: Reading, contested: Contested, root: Record | None) -> bool:
    return deciding.may_resolve(contested, reading.roles_over(contested.record), root)


# -- one conflict -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tried:
    """What somebody just tried and was refused: the code, what he had written, and the values that he saw."""

    failed: str = ""
    typed: str = ""
    over: frozenset[str] = frozenset()


NOTHING_TRIED = Tried()


def conflict_page(reading: Reading, conflict: str, tried: Tried = NOTHING_TRIED) -> ConflictPage:
    """Return one conflict with everything that a decision needs; raises NotFound."""
    contested = deciding.find(reading.connection, reading.vault, reading.user, conflict)
    record, name = reading.seen(contested.record), contested.field
    root = reading.named([record.root]).get(record.root)
    standing = _standing(reading, replace(contested, record=record), root)
    open_ = name in record.open_conflicts
    known = Known(
        reading.locale, names(reading, {record.id, *_named_ids(record, name, _writes(record, name))})
    )
    queue = [row.id for row in reading.connection.execute(open_conflicts(reading).order_by(*oldest_first()))]
    number = queue.index(conflict) + 1 if conflict in queue else 0
    field = _field(record, name)
    shown = record.values.get(name)
    return ConflictPage(
        id=conflict,
        record_type=record.type,
        record=known.named[record.id],
        place=places(reading, [record]).get(record.root),
        name=name,
        label=_label(reading, record, name),
        reason=reason_of(record, name),
        standing=standing,
        now=cell(field, shown_value(field, shown), known),
        entry=_entry(reading, field, name, tried.typed),
        blocked=None if not open_ else _blocked(reading, contested, root),
        failed=tried.failed,
        fresh=len({each.change for each in standing} - tried.over) if tried.over else 0,
        settled=not open_,
        number=number,
        waiting=len(queue),
        previous=queue[number - 2] if number > 1 else None,
        next=queue[number] if 0 < number < len(queue) else None,
    )


def next_in_queue(reading: Reading, conflict: str) -> str | None:
    """Return the conflict to look at once this one is decided, None where it was the last."""
    queue = [row.id for row in reading.connection.execute(open_conflicts(reading).order_by(*oldest_first()))]
    at = queue.index(conflict) if conflict in queue else len(queue)
    rest = queue[at + 1 :] + queue[:at]
    return rest[0] if rest else None


def field_of(reading: Reading, conflict: str) -> Field:
    """Return the declaration of the field that a conflict is about; raises NotFound."""
    contested = deciding.find(reading.connection, reading.vault, reading.user, conflict)
    return _field(contested.record, contested.field)


def _blocked(reading: Reading, contested: Contested, root: Record | None) -> str | None:
    if _may(reading, contested, root):
        return None
    roles = RULES[contested.record.type].resolve.roles
    return "lead_decides" if roles == frozenset({"lead"}) else "not_permitted"


def _entry(reading: Reading, field: Field, name: str, typed: str) -> Entry:
    if name in (ALIAS, "stage") or field.kind not in WRITTEN or field.many:
        return Entry(kind="")
    at = 0 if reading.locale == "zh_CN" else 1
    return Entry(
        kind=field.kind,
        choices={code: words[at] for code, words in field.choices.items()},
        typed=typed,
        chars_max=field.chars_max,
    )


def _standing(reading: Reading, contested: Contested, root: Record | None) -> tuple[Contender, ...]:
    record, name = contested.record, contested.field
    writes = _writes(record, name)
    if name == ALIAS and not writes:
        return _twins(reading, contested)
    made = origins(reading, [write.act.index for write in writes])
    who = _Who(reading, root, made)
    known = Known(reading.locale, names(reading, _named_ids(record, name, writes)))
    texts = [write.value if isinstance(write.value, str) else "" for write in writes]
    plain = _field(record, name).kind == "text" and _field(record, name).masked is None
    return tuple(
        Contender(
            change=write.act.change,
            cell=_cell(record, name, write, known),
            pieces=differences(texts[at], texts[0 if at else -1]) if plain and texts[at] else (),
            seen=write.act.base if write.act.base != NO_BASE else None,
            unknown=any(write.act.base < other.act.index for other in writes if other is not write),
            **who.of(write.act.index),
        )
        for at, write in enumerate(writes)
    )


def _twins(reading: Reading, contested: Contested) -> tuple[Contender, ...]:
    """Return the two records that carry one number, the one with the smaller id first."""
    twins = [one for one in (contested.first, contested.record) if one is not None]
    made = origins(reading, [one.acts[0].index for one in twins])
    who = _Who(reading, None, made)
    named = names(reading, [one.id for one in twins])
    return tuple(
        Contender(
            change=one.acts[0].change,
            cell=None,
            record=named[one.id],
            own=one.id == contested.record.id,
            seen=None,
            unknown=True,
            **who.of(one.acts[0].index),
        )
        for one in twins
    )


class _Who:
    """Who wrote what stands, as the page tells it."""

    def __init__(self, reading: Reading, root: Record | None, made: Mapping[int, Origin]) -> None:
        self.made = made
        users = [origin.by for origin in made.values()]
        self.officers = people.officers(reading, users)
        self.users = reading.named(user for user in users if user != "machine")
        self.lead = root.values.get("lead") if root is not None and team_of(root) else None

    def of(self, index: int) -> dict[str, Any]:
        """Return what the page says of the origin of an entry."""
        origin = self.made[index]
        user = self.users.get(origin.by)
        roles = sorted(user.values.get("roles") or ()) if user else []
        role = "lead_inspector" if origin.by == self.lead else (roles or [""])[0]
        return {
            "officer": self.officers.get(origin.by, Officer(name="–")),
            "role": role,
            "captured": origin.captured,
            "received": origin.received,
            "index": index,
            "device": f"…{origin.device[-8:]}" if origin.device else "",
        }


def differences(text: str, other: str) -> tuple[Piece, ...]:
    """Return a text in pieces, marked where another one reads differently; whole where either is too long."""
    if text == other or max(len(text), len(other)) > COMPARED_CHARS_MAX:
        return (Piece(text),)
    found = []
    for what, start, end, _, _ in SequenceMatcher(None, text, other, autojunk=False).get_opcodes():
        if end > start:
            found.append(Piece(text[start:end], differs=what != "equal"))
    return tuple(found)
