"""The recoveries of a ledger, and the receipts of earlier epochs that phones have shown since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from server.storage.database import add, add_if_absent, table_of
from server.storage.epoch_rows import EpochRow, OldReceiptRow
from server.storage.ledger_store import lines_at
from server.storage.models import BodyRow, ChangeSetRow
from sync.changes import Seen
from sync.epochs import Epochs, Recovery

EPOCHS, OLD = table_of(EpochRow), table_of(OldReceiptRow)
SETS, BODIES = table_of(ChangeSetRow), table_of(BodyRow)


@dataclass(frozen=True, slots=True)
class OldReceipt:
    """A receipt of an earlier epoch beyond its fork, with its first change's digest; back: its set is here, whole."""

    epoch: str
    first: int
    last: int
    device: str
    seq: int
    set: str
    change: str
    back: bool = False


def recoveries(connection: Connection, ledger: int) -> list[Recovery]:
    """Return the recoveries of a ledger, oldest first."""
    rows = connection.execute(select(EPOCHS).where(EPOCHS.c.ledger == ledger).order_by(EPOCHS.c.fork))
    return [
        Recovery(
            row.origin,
            row.epoch,
            Seen(row.former, row.fork, row.fork_root),
            Seen(row.last_epoch, row.last, row.last_root),
            row.at,
            row.statement,
        )
        for row in rows
    ]


def epochs(connection: Connection, ledger: int) -> Epochs:
    """Return the ledger's epochs, by which positions are carried forward."""
    return Epochs(recoveries(connection, ledger))


def write(connection: Connection, ledger: int, opened: Recovery) -> None:
    """Keep a recovery for ever."""
    row = {
        "ledger": ledger,
        "epoch": opened.epoch,
        "origin": opened.origin,
        "former": opened.fork.epoch,
        "fork": opened.fork.size,
        "fork_root": opened.fork.root,
        "last_epoch": opened.last.epoch,
        "last": opened.last.size,
        "last_root": opened.last.root,
        "at": opened.at,
        "statement": opened.jws,
    }
    add(connection, EPOCHS, [row])


def show(connection: Connection, ledger: int, one: OldReceipt, at: int) -> bool:
    """Keep a receipt that a phone has shown; return whether it is new."""
    names = ("epoch", "first", "last", "device", "seq", "set", "change")
    row = {"ledger": ledger, **{name: getattr(one, name) for name in names}, "at": at}
    return add_if_absent(connection, OLD, row)


_AGAIN = and_(
    SETS.c.ledger == OLD.c.ledger,
    SETS.c.device == OLD.c.device,
    SETS.c.seq == OLD.c.seq,
    SETS.c.digest == OLD.c.set,
    SETS.c.count == OLD.c.last - OLD.c.first + 1,
)
# A set that was sent as its manifest alone, for want of its text, holds no change line of it.
_HELD = and_(
    BODIES.c.ledger == SETS.c.ledger,
    BODIES.c.index == SETS.c.first,
    BODIES.c.n == 0,
    BODIES.c.digest == OLD.c.change,
)


def sent_again(connection: Connection, ledger: int, epoch: str, index: int) -> int | None:
    """Return where the change stands by now that an earlier epoch had at an index beyond its fork; None: nowhere."""
    where = (OLD.c.ledger == ledger, OLD.c.epoch == epoch, OLD.c.first <= index, OLD.c.last >= index)
    row = connection.execute(
        select(OLD.c.first.label("old"), SETS.c.first.label("new"))
        .join(SETS, _AGAIN)
        .join(BODIES, _HELD)
        .where(*where)
    ).first()
    return None if row is None else row.new + index - row.old


def shown(connection: Connection, ledger: int) -> list[OldReceipt]:
    """Return every receipt that phones have shown, in the order of the ledger that was lost."""
    rows = connection.execute(
        select(OLD, BODIES.c.index.label("again"))
        .join(SETS, _AGAIN, isouter=True)
        .join(BODIES, _HELD, isouter=True)
        .where(OLD.c.ledger == ledger)
        .order_by(OLD.c.epoch, OLD.c.first)
    ).mappings()
    names = ("epoch", "first", "last", "device", "seq", "set", "change")
    return [OldReceipt(**{name: row[name] for name in names}, back=row["again"] is not None) for row in rows]


def statements(connection: Connection, ledger: int) -> list[dict[str, str]]:
    """Return each epoch but the first as the key list tells of it: the statement, and the line of its entry."""
    opened = recoveries(connection, ledger)
    entries = lines_at(connection, ledger, [one.fork.size for one in opened]) if opened else {}
    return [{"statement": one.jws, "entry": entries[one.fork.size].decode()} for one in opened]
