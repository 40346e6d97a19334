"""Records of any declared type: what may be asked of a list of them, one page of it, and one record.

Every list is narrowed to the reader's scope in SQL. A list in the order of ids is complete and names
nothing twice, however much changes meanwhile, because an id never does; in the order of versions it
tells what changed, so a record that changes while somebody reads on comes once more, as it is then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all

from schemas.codes import region_code
from schemas.declare import UUID, RecordType
from schemas.records import TYPES
from server.access import scope
from server.access.signed import ASSERTION
from server.console.register_marks import stages_of
from server.queries.reading import TABLE, Reading
from sync.errors import BadCode, BadValue, NotFound
from sync.lines import INTEGER_MAX
from sync.merge import VOIDED, Record
from sync.rules import region_prefix

BY_ID, NEWEST, BY_VERSION, LAST_CHANGED = "id", "-id", "version", "-version"
SORTS = (BY_ID, NEWEST, BY_VERSION, LAST_CHANGED)
OPEN = "open"
UUID_FORMAT = {"format": "uuid"}
"""What a description says of a word that is a record's id."""
COUNT_MAX = 10_000
"""A register is counted as far as this: whoever reads 10,000 rows narrows the list first."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a list; what is empty asks nothing.

    stage: a declared one; parent, root: ids; region: a code, its subtree is meant; changed_after: a ledger
    index; conflicts: only with open ones; voided: those alone; sort: one of SORTS
    """

    stage: str = ""
    parent: str = ""
    root: str = ""
    region: str = ""
    changed_after: int | None = None
    conflicts: bool = False
    voided: bool = False
    sort: str = BY_ID


@dataclass(frozen=True)
class Page:
    """One page of a list; next, previous: cursors of the pages beside it, "" where there is none."""

    records: tuple[Record, ...]
    next: str = ""
    previous: str = ""


UNLISTED = {ASSERTION, "user"}
"""Made by desk roles and no content of the field: their pages have rules of their own."""


def kinds() -> tuple[RecordType, ...]:
    """Return every type of record that has a register, by name: what phones share, and what the desk makes."""
    return tuple(kind for _, kind in sorted(TYPES.items()) if has_register(kind))


def has_register(kind: RecordType) -> bool:
    """Say whether records of a type are content of the field: users, devices and keys are not, nor is a signature."""
    return kind.synced or (bool(kind.create.roles & scope.DESK_ROLES) and kind.name not in UNLISTED)


def kind_of(name: str) -> RecordType:
    """Return the type of a name; raises NotFound for one that is not declared or has no list."""
    kind = TYPES.get(name)
    if kind is None or not has_register(kind):
        raise NotFound("there is no such type of record; GET /api/types names them all", field="type")
    return kind


def asked(kind: RecordType, given: Mapping[str, str]) -> Asked:
    """Return what is asked by the words of an address; raises BadValue or BadCode naming the word at fault."""
    stage = given.get("stage", "")
    if stage and stage not in stages_of(kind):
        raise BadValue(f"{kind.name} has no stage of this name", field="stage")
    sort = given.get("sort") or BY_ID
    if sort not in SORTS:
        raise BadValue(f"the orders are {', '.join(SORTS)}", field="sort")
    for name, only in (("conflicts", OPEN), ("life", VOIDED)):
        if given.get(name, "") not in ("", only):
            raise BadValue(f"{name} is {only}, or is left out", field=name)
    return Asked(
        stage=stage,
        parent=_id(given, "parent"),
        root=_id(given, "root"),
        region=_region(given.get("region", "")),
        changed_after=index_of(given.get("changed_after"), "changed_after"),
        conflicts=bool(given.get("conflicts")),
        voided=bool(given.get("life")),
        sort=sort,
    )


def _id(given: Mapping[str, str], name: str) -> str:
    text = given.get(name, "")
    if text and not UUID.fullmatch(text):
        raise BadValue("an id is a lower-case UUID", field=name)
    return text


def _region(words: str) -> str:
    try:
        return region_code(words) if words else ""
    except BadCode as bad:
        raise BadCode(bad.detail, field="region", **bad.facts) from bad


def index_of(words: str | None, name: str) -> int | None:
    """Return a ledger index from an address, None where none is given; raises BadValue."""
    if not words:
        return None
    if not words.isascii() or not words.isdigit() or len(words) > 16 or int(words) > INTEGER_MAX:
        raise BadValue("a ledger index is a whole number", field=name)
    return int(words)


def place_of(words: str) -> int:
    """Return a place in the ledger from a path; raises NotFound for what is none."""
    if not words.isascii() or not words.isdecimal() or len(words) > 15:
        raise NotFound("an entry is named by its number, from 0")
    return int(words)


def matching(reading: Reading, kind: RecordType, wanted: Asked) -> Select[Any]:
    """Return a select over the records that are asked for, as far as this reader may see them."""
    found = scope.reached(reading.connection, reading.services.ledger.id, reading.user, kind.name)
    parts: list[ColumnElement[bool]] = [TABLE.c.life == VOIDED if wanted.voided else TABLE.c.life != VOIDED]
    if wanted.stage:
        parts.append(TABLE.c.stage == wanted.stage)
    if wanted.parent:
        parts.append(TABLE.c.parent == wanted.parent)
    if wanted.root:
        parts.append(TABLE.c.root == wanted.root)
    if wanted.region:
        parts.append(TABLE.c.region.startswith(region_prefix(wanted.region), autoescape=True))
    if wanted.changed_after is not None:
        parts.append(TABLE.c.version > wanted.changed_after)
    if wanted.conflicts:
        parts.append(TABLE.c.open_conflicts > 0)
    return found.where(*parts)


def page(
    reading: Reading, kind: RecordType, wanted: Asked, *, limit: int, after: str = "", before: str = ""
) -> Page:
    """Return at most `limit` records after a cursor, or before one; raises BadValue for what is no cursor."""
    order = _Order(wanted)
    statement = matching(reading, kind, wanted)
    if cursor := before or after:
        statement = statement.where(order.beyond(cursor, "before" if before else "after"))
    found = reading.records(statement.order_by(*order.columns(backwards=bool(before))).limit(limit + 1))
    more, rows = len(found) > limit, found[:limit]
    if before:
        rows = rows[::-1]
    has_next, has_previous = (True, more) if before else (more, bool(after))
    return Page(
        tuple(rows),
        next=order.cursor(rows[-1]) if rows and has_next else "",
        previous=order.cursor(rows[0]) if rows and has_previous else "",
    )


class _Order:
    """The order of a list, and the cursors that name a place in it."""

    def __init__(self, wanted: Asked):
        self._versions = wanted.sort in (BY_VERSION, LAST_CHANGED)
        self._down = wanted.sort.startswith("-")
        # What lies in one record is little; in the order of the index of a whole type, a planner without
        # statistics would walk that instead.
        self._narrow = bool(wanted.parent or wanted.root)

    def columns(self, *, backwards: bool) -> tuple[Any, ...]:
        version: ColumnElement[Any] = TABLE.c.version + 0 if self._narrow else TABLE.c.version
        key: ColumnElement[Any] = TABLE.c.id.concat("") if self._narrow else TABLE.c.id
        columns = (version, key) if self._versions else (key,)
        return tuple(c.desc() if self._down != backwards else c.asc() for c in columns)

    def cursor(self, record: Record) -> str:
        return f"{record.version}.{record.id}" if self._versions else record.id

    def beyond(self, cursor: str, name: str) -> ColumnElement[bool]:
        """Return the condition for what comes after a cursor, or before it."""
        version, key = self._read(cursor, name)
        up = self._down == (name == "before")
        further = TABLE.c.id > key if up else TABLE.c.id < key
        if not self._versions:
            return further
        moved = TABLE.c.version > version if up else TABLE.c.version < version
        return or_(moved, and_(TABLE.c.version == version, further))

    def _read(self, cursor: str, name: str) -> tuple[int, str]:
        version, _, key = cursor.rpartition(".")
        number = version.isascii() and version.isdigit() and len(version) <= 15
        if not UUID.fullmatch(key) or number != self._versions:
            raise BadValue("not a cursor of this list in this order", field=name)
        return int(version or 0), key


def one(reading: Reading, kind: RecordType, record: str) -> Record:
    """Return a record, voided or not; raises NotFound, also for one outside the reader's scope."""
    statement = scope.reached(reading.connection, reading.services.ledger.id, reading.user, kind.name)
    found = reading.records(statement.where(TABLE.c.id == record))
    if not found:
        raise NotFound(item=record)
    return found[0]


def counts(reading: Reading, wanted: Mapping[str, Select[Any]]) -> dict[str, int]:
    """Return how many records each of some selects yields, COUNT_MAX at most, in one question."""
    parts = [
        select(literal(name).label("name"), func.count().label("number")).select_from(
            statement.with_only_columns(literal(1), maintain_column_froms=True).limit(COUNT_MAX).subquery()
        )
        for name, statement in wanted.items()
    ]
    return {str(name): int(number) for name, number in reading.connection.execute(union_all(*parts))}


def count_by_type(reading: Reading) -> dict[str, int]:
    """Return how many records of each type this reader may see, COUNT_MAX at most."""
    return counts(reading, {kind.name: matching(reading, kind, Asked()) for kind in kinds()})
