"""Changes that did not come into force at once: held for what has not arrived, or late, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from server.storage.database import table_of, upsert
from server.storage.ledger_store import PAGE
from server.storage.models import WaitingRow
from sync.outcomes import HELD, LATE

TABLE = table_of(WaitingRow)
OPEN = (HELD, LATE)
_WAITED_FOR = select(TABLE).where(
    TABLE.c.ledger == bindparam("ledger"),
    TABLE.c.waiting_for.in_(bindparam("some", expanding=True)),
    TABLE.c.verdict == HELD,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change of a device that waits, or waited; index: the entry that brought it.

    change: its id, None for what could not be read; record, type: what it is addressed to
    verdict, waiting_for: as they are by now; at: when it was received, Unix ms
    moved: the last entry that judged it again, None while there is none
    """

    index: int
    change: str | None
    device: str
    record: str | None
    type: str | None
    verdict: str
    waiting_for: str | None
    at: int
    moved: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits, for something to arrive or for somebody's word."""
        return self.verdict in OPEN


def _all(
    connection: Connection, statement: Select[Any], values: dict[str, Any] | None = None
) -> list[Waiting]:
    # By name: `index` is a method of every row.
    rows = connection.execute(statement, values or {}).mappings()
    return [Waiting(**{name: row[name] for name in Waiting.__slots__}) for row in rows]


def waited_for(connection: Connection, ledger: int, records: Collection[str]) -> list[Waiting]:
    """Return the changes that are held for one of these records, in ledger order."""
    wanted = sorted(records)
    found: list[Waiting] = []
    for at in range(0, len(wanted), PAGE):
        found += _all(connection, _WAITED_FOR, {"ledger": ledger, "some": wanted[at : at + PAGE]})
    return sorted(found, key=lambda one: one.index)


def at(connection: Connection, ledger: int, indexes: Iterable[int]) -> list[Waiting]:
    """Return the changes that these entries brought, as far as they wait or waited, in ledger order."""
    wanted = sorted(set(indexes))
    found: list[Waiting] = []
    for place in range(0, len(wanted), PAGE):
        some = TABLE.c.index.in_(wanted[place : place + PAGE])
        found += _all(connection, select(TABLE).where(TABLE.c.ledger == ledger, some))
    return sorted(found, key=lambda one: one.index)


def save(connection: Connection, ledger: int, rows: Iterable[Waiting]) -> None:
    """Write how these changes stand by now."""
    upsert(connection, TABLE, [{"ledger": ledger, **asdict(row)} for row in rows])


def open_ones(
    connection: Connection,
    ledger: int,
    *,
    after: int = -1,
    limit: int = PAGE,
    verdicts: Collection[str] = OPEN,
) -> list[Waiting]:
    """Return changes that still wait, in ledger order; after: the last index of the page before."""
    where = (TABLE.c.ledger == ledger, TABLE.c.verdict.in_(verdicts), TABLE.c.index > after)
    return _all(connection, select(TABLE).where(*where).order_by(TABLE.c.index).limit(limit))


def late_for(ledger: int, kind: str) -> Select[Any]:
    """Return a select over the records of a type for which a late change waits for somebody's word."""
    return select(TABLE.c.record).where(
        TABLE.c.ledger == ledger, TABLE.c.verdict == LATE, TABLE.c.type == kind, TABLE.c.record.is_not(None)
    )


def late_of(connection: Connection, ledger: int, record: str, *, limit: int) -> list[Waiting]:
    """Return the late changes of one record that nobody has ruled on, in ledger order, `limit` at most."""
    where = (TABLE.c.ledger == ledger, TABLE.c.verdict == LATE, TABLE.c.record == record)
    return _all(connection, select(TABLE).where(*where).order_by(TABLE.c.index).limit(limit))


def bringing(connection: Connection, ledger: int, records: Collection[str]) -> list[Waiting]:
    """Return the held changes of some records, in ledger order: a create among them would bring its record."""
    wanted = sorted(records)
    found: list[Waiting] = []
    for place in range(0, len(wanted), PAGE):
        where = (
            TABLE.c.ledger == ledger,
            TABLE.c.verdict == HELD,
            TABLE.c.record.in_(wanted[place : place + PAGE]),
        )
        found += _all(connection, select(TABLE).where(*where))
    return sorted(found, key=lambda one: one.index)


def tally(connection: Connection, ledger: int) -> dict[str, tuple[int, int]]:
    """Return {verdict: (how many changes still wait, when the oldest of them was received)}."""
    counted = select(TABLE.c.verdict, func.count(), func.min(TABLE.c.at))
    where = (TABLE.c.ledger == ledger, TABLE.c.verdict.in_(OPEN))
    rows = connection.execute(counted.where(*where).group_by(TABLE.c.verdict))
    return {verdict: (int(count), int(oldest)) for verdict, count, oldest in rows}


@dataclass(frozen=True, slots=True)
class Queue:
    """What of one device is held for one thing; at: when the oldest of its changes was received, Unix ms."""

    device: str
    waiting_for: str
    count: int
    at: int


def queues(connection: Connection, ledger: int) -> list[Queue]:
    """Return all that is held, by device and by what it waits for, the longest waiting first."""
    oldest = func.min(TABLE.c.at)
    counted = select(TABLE.c.device, TABLE.c.waiting_for, func.count(), oldest)
    where = (TABLE.c.ledger == ledger, TABLE.c.verdict == HELD, TABLE.c.waiting_for.is_not(None))
    grouped = counted.where(*where).group_by(TABLE.c.device, TABLE.c.waiting_for)
    rows = connection.execute(grouped.order_by(oldest, TABLE.c.device, TABLE.c.waiting_for))
    return [Queue(device, wanted, int(count), int(at)) for device, wanted, count, at in rows]


def late_since(connection: Connection, ledger: int) -> dict[str, int]:
    """Return {device: the first entry of its that is late and that nobody has ruled on}."""
    where = (TABLE.c.ledger == ledger, TABLE.c.verdict == LATE)
    rows = connection.execute(
        select(TABLE.c.device, func.min(TABLE.c.index)).where(*where).group_by(TABLE.c.device)
    )
    return {device: int(first) for device, first in rows}


def moved_between(
    connection: Connection, ledger: int, devices: Collection[str], *, after: int, upto: int, limit: int
) -> list[Waiting]:
    """Return the devices' changes that were judged again between two ledger positions, in order, `limit` at most."""
    where = (
        TABLE.c.ledger == ledger,
        TABLE.c.device.in_(devices),
        TABLE.c.moved > after,
        TABLE.c.moved <= upto,
    )
    return _all(connection, select(TABLE).where(*where).order_by(TABLE.c.moved).limit(limit))


def everything(connection: Connection, ledger: int) -> Iterable[Waiting]:
    """Yield every change that ever waited, in ledger order, a page at a time."""
    last = -1
    while True:
        where = (TABLE.c.ledger == ledger, TABLE.c.index > last)
        rows = _all(connection, select(TABLE).where(*where).order_by(TABLE.c.index).limit(PAGE))
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1].index
