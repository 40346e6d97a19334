"""From rows to one ledger entry: what is new is created, what differs is edited, what is the same is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from schemas.drafting import SALT_BYTES, Draft, write
from server.commit.acts import new_id
from server.commit.submission import Import
from server.imports.cells import Wanted
from server.imports.progress import PROGRESS_ROWS, Progress
from server.imports.table import RowFault, Table, refuse
from server.storage import ledger_store, record_store
from sync import changes, lines
from sync.changes import At, Change, Item
from sync.errors import BadValue
from sync.merge import Record

if TYPE_CHECKING:
    from server.wiring import Services


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did; index: its ledger entry, None where there was nothing to do.

    contested: fields that were left alone because a person must decide an open conflict first
    left_out: columns of the file that nobody asked for
    """

    type: str
    file: str
    rows: int
    created: int
    changed: int
    same: int
    contested: int
    left_out: tuple[str, ...]
    index: int | None

    def json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)


@dataclass(slots=True)
class _Count:
    created: int = 0
    changed: int = 0
    same: int = 0
    contested: int = 0


def bring_in(
    services: Services,
    kind: str,
    table: Table,
    wanted: tuple[Sequence[Wanted], Sequence[RowFault]],
    *,
    key: str,
    progress: Progress,
    parent: str | None = None,
) -> Report:
    """Commit a file's rows as one entry and return what came of it; raises BadRows and leaves nothing.

    kind: the record type; wanted: the rows that could be read, and the faults of the others
    key: the column of the natural key; parent: the record that the rows lie in, if they lie in one
    """
    rows, faults = wanted
    items, count, wrong = _items(services, kind, rows, key=key, parent=parent, progress=progress)
    if every := sorted([*faults, *_twice(rows, key), *wrong], key=lambda fault: fault.line):
        raise refuse(every, len(table.rows))
    index = _submit(services, kind, table, items, progress) if items else None
    return Report(
        type=kind,
        file=table.digest,
        rows=len(table.rows),
        created=count.created,
        changed=count.changed,
        same=count.same,
        contested=count.contested,
        left_out=table.left_out,
        index=index,
    )


def _twice(rows: Sequence[Wanted], key: str) -> list[RowFault]:
    first: dict[str, int] = {}
    return [
        RowFault(row.line, key, BadValue.code, f"stands in line {first[row.key]} already")
        for row in rows
        if first.setdefault(row.key, row.line) != row.line
    ]


def _items(
    services: Services,
    kind: str,
    rows: Sequence[Wanted],
    *,
    key: str,
    parent: str | None,
    progress: Progress,
) -> tuple[list[Item], _Count, list[RowFault]]:
    """Return the changes that the rows amount to, written and checked, and what is wrong with them."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        vault = services.vault.session(connection, ledger)
        keys = [row.key for row in rows]
        known = record_store.by_natural_key(connection, vault, kind, keys, parent=parent)
        epoch = ledger_store.head(connection, ledger).epoch
    items: list[Item] = []
    faults: list[RowFault] = []
    count = _Count()
    at = At(wall=services.now_ms())
    for done, row in enumerate(rows, start=1):
        draft = _draft(services, kind, row, known.get(row.key), epoch, count)
        if draft is not None:
            item = write(draft, change_id=new_id(services), at=at, random=services.random)
            items.append(item)
            if item.fault:
                place = (item.fault.field or key).split(".")
                column = place[1] if place[0] == "position" and len(place) > 1 else place[0]
                faults.append(RowFault(row.line, column, item.fault.code, item.fault.detail))
        if done % PROGRESS_ROWS == 0 or done == len(rows):
            progress("check", done, len(rows))
    return items, count, faults


def _draft(
    services: Services, kind: str, row: Wanted, known: Record | None, epoch: str, count: _Count
) -> Draft | None:
    """Return what a row asks for, or None where everything is so already."""
    if known is None:
        count.created += 1
        return Draft("create", kind, new_id(services), row.values)
    differing = {name: value for name, value in row.values.items() if known.values.get(name) != value}
    free = {name: value for name, value in differing.items() if name not in known.open_conflicts}
    count.contested += len(differing) - len(free)
    if not free:
        count.same += 1
        return None
    count.changed += 1
    return Draft("edit", kind, known.id, free, base=(epoch, known.version))


def _submit(services: Services, kind: str, table: Table, items: Sequence[Item], progress: Progress) -> int:
    progress("commit", 0, len(items))
    now = services.now_ms()
    result = services.door.submit(Import(_header(services, kind, table, items, now), tuple(items), now))
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
