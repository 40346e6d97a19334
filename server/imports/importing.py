"""From rows to one ledger entry: what is new is created, what differs is edited, what is the same is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from schemas.drafting import SALT_BYTES, Draft, write
from server.commit.acts import new_id
from server.commit.submission import Import
from server.imports.cells import Wanted
from server.imports.progress import PROGRESS_ROWS, Progress, unnoticed
from server.imports.table import BadRows, RowFault, Table
from server.imports.words import chinese
from server.keys.vault import VaultSession
from server.storage import ledger_store, record_store
from sync import changes, erasure, lines
from sync.changes import At, Change, Item
from sync.errors import BadValue, VersionChanged
from sync.merge import Record

if TYPE_CHECKING:
    from server.wiring import Services

TRIES = 3
"""How often an import is made anew because somebody else imported the same meanwhile."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; index: its ledger entry, None where there was nothing to do.

    contested: fields that were left alone because a person must decide an open conflict first
    left: in-patients whom the list leaves out and an earlier one named
    left_out: columns of the file that nobody asked for
    warnings: codes that no catalogue of the day has, and that were imported as they are
    unchecked: codes of places where no catalogue holds
    """

    type: str
    file: str
    rows: int
    created: int
    changed: int
    same: int
    contested: int
    left: int
    left_out: tuple[str, ...]
    index: int | None
    warnings: tuple[RowFault, ...] = ()
    unchecked: int = 0

    def json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)

    def text(self) -> list[str]:
        """Return the report in lines."""
        told = [f"rows      {self.rows}", f"created   {self.created}", f"changed   {self.changed}"]
        told.append(f"same      {self.same}")
        if self.left:
            told.append(f"left      {self.left}  (listed before, and not in this list)")
        if self.contested:
            words = "fields left alone: an open conflict must be decided first"
            told.append(f"contested {self.contested}  ({words})")
        if self.warnings:
            told.append(
                f"warnings  {len(self.warnings)}  (codes that no catalogue of the day has; imported as they are)"
            )
        if self.unchecked:
            told.append(
                f"unchecked {self.unchecked}  (diagnosis codes: no catalogue holds there on that day)"
            )
        if self.left_out:
            told.append(f"left out  columns {', '.join(self.left_out)}")
        return [*told, f"entry     {'none: there was nothing to do' if self.index is None else self.index}"]


@dataclass(slots=True)
class Count:
    """How many rows came to what."""

    created: int = 0
    changed: int = 0
    same: int = 0
    contested: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a row comes to: the record, its values afterwards, and the change that makes them so, if any."""

    row: Wanted
    record: str
    values: Mapping[str, Any]
    draft: Draft | None


@dataclass(frozen=True)
class Look:
    """One snapshot of the ledger, on which an import is made; epoch: of its head."""

    connection: Connection
    vault: VaultSession
    epoch: str


@dataclass
class More:
    """What an import does besides its rows; seen: {scope root: newest version in it} on which all was made."""

    drafts: list[Draft] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


Follow = Callable[[Look, Sequence[Plan], Count], More]


def nothing_more(_look: Look, _plans: Sequence[Plan], _count: Count) -> More:
    """Let the rows be all of an import."""
    return More()


def bring_in(
    services: Services,
    kind: str,
    table: Table,
    wanted: tuple[Sequence[Wanted], Sequence[RowFault]],
    *,
    key: str,
    progress: Progress,
    follow: Follow = nothing_more,
) -> Report:
    """Commit a file's rows as one entry and return what came of it; raises BadRows and leaves nothing.

    kind: the record type; wanted: the rows that could be read, and the faults of the others
    key: the column of the natural key; follow: what else the import does, once its rows are known
    """
    for attempt in range(1, TRIES + 1):
        tried = _try(services, kind, wanted, key, progress, follow)
        if tried.faults:
            raise BadRows(tried.faults, len(table.rows))
        try:
            index = _submit(services, kind, table, tried.items, tried.more, progress) if tried.items else None
        except VersionChanged:
            # Another import of the same hospital came in between: what is new and who left must be told anew.
            if attempt == TRIES:
                raise
            continue
        break
    return _report(kind, table, tried.count, index)


def try_out(
    services: Services,
    kind: str,
    table: Table,
    wanted: tuple[Sequence[Wanted], Sequence[RowFault]],
    *,
    key: str,
    follow: Follow = nothing_more,
) -> tuple[Report, tuple[RowFault, ...]]:
    """Return what `bring_in` would do now, and every fault for which it would do nothing; nothing is written."""
    tried = _try(services, kind, wanted, key, unnoticed, follow)
    return _report(kind, table, tried.count, None), tuple(tried.faults)


@dataclass(frozen=True)
class _Tried:
    """An import as it would be committed, and every fault of its rows by line."""

    items: Sequence[Item]
    more: More
    count: Count
    faults: Sequence[RowFault]


def _try(
    services: Services,
    kind: str,
    wanted: tuple[Sequence[Wanted], Sequence[RowFault]],
    key: str,
    progress: Progress,
    follow: Follow,
) -> _Tried:
    rows, faults = wanted
    plans, more, count = _plan(services, kind, rows, follow)
    items, wrong = _write(services, [*(p.draft for p in plans), *more.drafts], plans, key, progress)
    every = sorted([*faults, *_twice(rows, key), *wrong], key=lambda fault: fault.line)
    return _Tried(items, more, count, every)


def _report(kind: str, table: Table, count: Count, index: int | None) -> Report:
    return Report(
        type=kind,
        file=table.digest,
        rows=len(table.rows),
        **asdict(count),
        left_out=table.left_out,
        index=index,
    )


def _twice(rows: Sequence[Wanted], key: str) -> list[RowFault]:
    first: dict[tuple[str | None, str], int] = {}
    found: list[RowFault] = []
    for row in rows:
        line = first.setdefault((row.parent, row.key), row.line)
        if line != row.line:
            words = (f"stands in line {line} already", f"与第{line}行重复")
            found.append(RowFault(row.line, key, BadValue.code, *words))
    return found


def _plan(
    services: Services, kind: str, rows: Sequence[Wanted], follow: Follow
) -> tuple[list[Plan], More, Count]:
    """Return what the rows come to on one snapshot of the ledger."""
    count = Count()
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        look = Look(connection, vault, ledger_store.head(connection, services.ledger.id).epoch)
        known = _known(look, kind, rows)
        plans = [
            _plan_row(services, kind, row, known.get((row.parent, row.key)), look.epoch, count)
            for row in rows
        ]
        return plans, follow(look, plans, count), count


def _known(look: Look, kind: str, rows: Iterable[Wanted]) -> dict[tuple[str | None, str], Record]:
    keys: dict[str | None, list[str]] = {}
    for row in rows:
        keys.setdefault(row.parent, []).append(row.key)
    return {
        (parent, key): record
        for parent, some in keys.items()
        for key, record in record_store.by_natural_key(
            look.connection, look.vault, kind, some, parent=parent
        ).items()
    }


def _plan_row(
    services: Services, kind: str, row: Wanted, known: Record | None, epoch: str, count: Count
) -> Plan:
    """Return what a row comes to; without a draft where everything is so already."""
    if known is None:
        count.created += 1
        record = new_id(services)
        # A new record stands at its first stage; only a step from another one would have to be written.
        values = {name: value for name, value in row.values.items() if name != "stage"}
        return Plan(row, record, row.values, Draft("create", kind, record, values))
    # What was erased of somebody who is still on the list stays erased: nobody asked him anew.
    differing = {
        name: value
        for name, value in row.values.items()
        if known.values.get(name) != value and not erasure.is_erased(known, name)
    }
    free = {name: value for name, value in differing.items() if name not in known.open_conflicts}
    count.contested += len(differing) - len(free)
    after = {**known.values, **free}
    if "stage" in free:
        free["stage"] = {"from": known.stage, "to": row.values["stage"]}
    if not free:
        count.same += 1
        return Plan(row, known.id, after, None)
    count.changed += 1
    return Plan(row, known.id, after, Draft("edit", kind, known.id, free, base=(epoch, known.version)))


def _write(
    services: Services,
    drafts: Sequence[Draft | None],
    plans: Sequence[Plan],
    key: str,
    progress: Progress,
) -> tuple[list[Item], list[RowFault]]:
    """Return the changes that the drafts make, and what is wrong with those of rows; the first are the plans'."""
    at = At(wall=services.now_ms())
    items: list[Item] = []
    faults: list[RowFault] = []
    for place, draft in enumerate(drafts):
        if draft is not None:
            item = write(draft, change_id=new_id(services), at=at, random=services.random)
            items.append(item)
            if item.fault:
                assert place < len(plans), f"the import's own change is faulty: {item.fault.detail}"
                faults.append(_fault(plans[place].row.line, item, key))
        if (place + 1) % PROGRESS_ROWS == 0 or place + 1 == len(drafts):
            progress("check", place + 1, len(drafts))
    return items, faults


def _fault(line: int, item: Item, key: str) -> RowFault:
    assert item.fault is not None, "only what is wrong is told"
    place = (item.fault.field or key).split(".")
    column = place[1] if place[0] == "position" and len(place) > 1 else place[0]
    return RowFault(
        line, column, item.fault.code, item.fault.detail, chinese(item.fault.code, item.fault.detail)
    )


def _submit(
    services: Services, kind: str, table: Table, items: Sequence[Item], more: More, progress: Progress
) -> int:
    progress("commit", 0, len(items))
    now = services.now_ms()
    header = _header(services, kind, table, items, now)
    result = services.door.submit(Import(header, tuple(items), now, seen=more.seen))
    progress("commit", len(items), len(items))
    return result.first


def _header(services: Services, kind: str, table: Table, items: Sequence[Item], now: int) -> Item:
    """Return the change that the entry commits to: digest of the file, number and Merkle root of the rows."""
    bare = Change(
        id=new_id(services),
        op="import",
        type=kind,
        record=new_id(services),
        base=None,
        at=At(wall=now),
        set={"file": table.digest, "rows": len(items), "root": changes.root_hex([i.line for i in items])},
    )
    line = changes.change_line(bare, services.random(SALT_BYTES))
    return Item(line, replace(bare, line=line, digest=lines.digest(line)))
