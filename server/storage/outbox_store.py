"""The outbox: one row for each reminder that was ever wanted, from `queued` to what became of it.

`queued` waits, `sending` is in a worker's hands until its lease ends, then it is `sent`, `failed` (the provider
refuses it), `unknown` (handed over, and nobody knows whether it arrived) or `superseded` (it was no longer wanted when
its turn came). What was sent may be `delivered` and `acknowledged` later on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update

from server.reminders.ladder import ReminderKey
from server.storage.database import Database, add_if_absent, table_of
from server.storage.ledger_store import PAGE
from server.storage.reminder_models import OutboxRow

TABLE = table_of(OutboxRow)
QUEUED, SENDING, SENT, FAILED, UNKNOWN, SUPERSEDED = (
    "queued",
    "sending",
    "sent",
    "failed",
    "unknown",
    "superseded",
)
DELIVERED, ACKNOWLEDGED = "delivered", "acknowledged"
STATES = (QUEUED, SENDING, SENT, DELIVERED, UNKNOWN, FAILED, ACKNOWLEDGED, SUPERSEDED)
DEAD = (FAILED, UNKNOWN)
"""What a person has to look at, until he has mended it."""
PURPOSE = b"message"
"""Under what the words of a message are sealed, with the key of the case's root."""
KEY = tuple(TABLE.c[name] for name in ReminderKey._fields)


@dataclass(frozen=True, slots=True)
class Posted:
    """A row of the outbox.

    send_at: Unix ms, not to be sent before; attempts: how often it was handed to a channel
    claimed_by: names one claim, never two; lease_until: Unix ms
    sent_at: Unix ms at which it was handed over, or None; message: SHA-256 of what was handed over
    error: what the provider answered, or why it was superseded, without any address
    record: the id of the reminder in the ledger, once there is one; words: sealed
    id: follows from the key; mended: what a person made of it, one of schemas.records.reminder.MENDINGS
    joined: of how many reminders the one message was within which this one went; joined_in: that message's SHA-256
    """

    key: ReminderKey
    state: str
    send_at: int
    attempts: int
    claimed_by: str | None
    lease_until: int
    sent_at: int | None
    message: str | None
    error: str | None
    record: str | None
    words: bytes | None = field(repr=False)
    id: str
    mended: str | None
    joined: int | None = None
    joined_in: str | None = None


def _posted(row: Any) -> Posted:
    return Posted(
        ReminderKey(row.case, row.rung, row.recipient, row.channel, row.due_version),
        row.state,
        row.send_at,
        row.attempts,
        row.claimed_by,
        row.lease_until,
        row.sent_at,
        row.message,
        row.error,
        row.record,
        row.words,
        row.id,
        row.mended,
        row.joined,
        row.joined_in,
    )


def id_of(key: ReminderKey) -> str:
    """Return what a row is called in addresses: it follows from the key, and tells a stranger nothing."""
    return hashlib.sha256("\n".join(map(str, key)).encode()).hexdigest()[:32]


@contextmanager
def claiming(database: Database) -> Iterator[Connection]:
    """Yield a connection for the outbox alone, without the ledger's lock: mail waits for no commit.

    On PostgreSQL rows are locked one by one; SQLite knows one writer, so there it is BEGIN IMMEDIATE.
    Raises Busy when that writer's place was not to be had.
    """
    with database.engine.execution_options(immediate=True).begin() as connection:
        yield connection


def queue(connection: Connection, ledger: int, key: ReminderKey, send_at: int) -> bool:
    """Put a reminder into the outbox unless it was ever there; return whether it is new."""
    row = {"ledger": ledger, **key._asdict(), "state": QUEUED, "send_at": send_at, "attempts": 0}
    return add_if_absent(connection, TABLE, {**row, "lease_until": 0, "id": id_of(key)})


def keys(connection: Connection, ledger: int, cases: Collection[str]) -> set[ReminderKey]:
    """Return the keys of everything that the outbox ever held for some cases."""
    found: set[ReminderKey] = set()
    wanted = sorted(cases)
    for at in range(0, len(wanted), PAGE):
        where = (TABLE.c.ledger == ledger, TABLE.c.case.in_(wanted[at : at + PAGE]))
        found.update(ReminderKey(*row) for row in connection.execute(select(*KEY).where(*where)))
    return found


def take_waiting(
    connection: Connection,
    ledger: int,
    now: int,
    channels: Collection[str],
    passed_over: Collection[tuple[str, str]] = (),
) -> Posted | None:
    """Return the row that has waited longest and hold it until the transaction ends; None: nothing waits.

    passed_over: (recipient, channel) of whom nothing is to be taken now
    Rows that another worker holds are passed over, so workers do not wait for each other.
    """
    where = (
        TABLE.c.ledger == ledger,
        TABLE.c.state == QUEUED,
        TABLE.c.send_at <= now,
        TABLE.c.channel.in_(sorted(channels)),
        *(
            ~and_(TABLE.c.recipient == recipient, TABLE.c.channel == channel)
            for recipient, channel in sorted(passed_over)
        ),
    )
    oldest = select(TABLE).where(*where).order_by(TABLE.c.send_at, *KEY).limit(1)
    row = connection.execute(oldest.with_for_update(skip_locked=True)).one_or_none()
    return _posted(row) if row is not None else None


def waiting_for(
    connection: Connection, ledger: int, recipient: str, channel: str, now: int, limit: int
) -> list[Posted]:
    """Return what waits for one recipient and channel, the longest first, and hold it until the transaction ends."""
    where = (
        TABLE.c.ledger == ledger,
        TABLE.c.state == QUEUED,
        TABLE.c.send_at <= now,
        TABLE.c.recipient == recipient,
        TABLE.c.channel == channel,
    )
    oldest = select(TABLE).where(*where).order_by(TABLE.c.send_at, *KEY).limit(limit)
    return rows(connection, oldest.with_for_update(skip_locked=True))


def claim(
    connection: Connection,
    ledger: int,
    key: ReminderKey,
    *,
    claimed_by: str,
    now: int,
    lease_until: int,
    message: str,
    words: bytes | None = None,
    joined: int | None = None,
    joined_in: str | None = None,
) -> None:
    """Move a row that is held from `queued` to `sending`, for one attempt."""
    _set(
        connection,
        ledger,
        key,
        state=SENDING,
        claimed_by=claimed_by,
        lease_until=lease_until,
        attempts=TABLE.c.attempts + 1,
        sent_at=now,
        message=message,
        words=words,
        joined=joined,
        joined_in=joined_in,
    )


def postpone(connection: Connection, ledger: int, key: ReminderKey, send_at: int) -> None:
    """Let a row that is held wait longer."""
    _set(connection, ledger, key, send_at=send_at)


def supersede(connection: Connection, ledger: int, key: ReminderKey, reason: str) -> None:
    """End a row that is held without sending it."""
    _set(connection, ledger, key, state=SUPERSEDED, error=reason)


def requeue(
    connection: Connection, ledger: int, key: ReminderKey, *, claimed_by: str, send_at: int, error: str
) -> bool:
    """Let a claimed row wait for another attempt; return whether the claim still stood."""
    return _end_claim(
        connection,
        ledger,
        key,
        claimed_by,
        (SENDING,),
        state=QUEUED,
        send_at=send_at,
        sent_at=None,
        error=error,
    )


def settle(
    connection: Connection,
    ledger: int,
    key: ReminderKey,
    *,
    claimed_by: str,
    state: str,
    sent_at: int,
    record: str | None = None,
    error: str | None = None,
) -> bool:
    """Give a claimed row its final state; return whether the claim still stood.

    What somebody held for `unknown` because its lease ended may still be settled by who sent it.
    """
    standing = (SENDING,) if state == UNKNOWN else (SENDING, UNKNOWN)
    return _end_claim(
        connection,
        ledger,
        key,
        claimed_by,
        standing,
        state=state,
        sent_at=sent_at,
        record=record,
        error=error,
    )


def lost(connection: Connection, ledger: int, now: int, limit: int) -> list[Posted]:
    """Return claimed rows whose lease has ended: their worker died, and the message may have left."""
    where = (TABLE.c.ledger == ledger, TABLE.c.state == SENDING, TABLE.c.lease_until < now)
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.lease_until).limit(limit))
    return [_posted(row) for row in rows]


def may_have_left(connection: Connection, ledger: int, now: int) -> int:
    """Make `unknown` what was due or under way in a backup and may have been sent since; return how many."""
    due = (TABLE.c.state == SENDING) | ((TABLE.c.state == QUEUED) & (TABLE.c.send_at <= now))
    values = {"state": UNKNOWN, "error": "the ledger was restored from a backup"}
    return connection.execute(update(TABLE).where(TABLE.c.ledger == ledger, due).values(**values)).rowcount


def of_case(connection: Connection, ledger: int, case: str) -> list[Posted]:
    """Return all rows of a case, by the instant at which they were wanted."""
    where = (TABLE.c.ledger == ledger, TABLE.c.case == case)
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.send_at, *KEY))
    return [_posted(row) for row in rows]


def find(connection: Connection, ledger: int, row: str) -> Posted | None:
    """Return a row by its id, or None."""
    found = connection.execute(select(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.id == row)).one_or_none()
    return _posted(found) if found is not None else None


def rows(connection: Connection, statement: Select[Any]) -> list[Posted]:
    """Return the rows of a select over TABLE, in its order."""
    return [_posted(row) for row in connection.execute(statement)]


def mend(connection: Connection, ledger: int, row: Posted, mended: str, *, state: str, send_at: int) -> bool:
    """Enter what a person made of a row; return whether it still stood as he saw it.

    state: `queued` lets it be sent once more, as a new row would be
    """
    values: dict[str, Any] = {"state": state, "mended": mended}
    if state == QUEUED:
        values |= {"send_at": send_at, "attempts": 0, "claimed_by": None, "sent_at": None, "error": None}
        values["mended"] = None
    where = (*_where(ledger, row.key), TABLE.c.state == row.state, TABLE.c.mended.is_(None))
    return connection.execute(update(TABLE).where(*where).values(**values)).rowcount == 1


def enter(connection: Connection, ledger: int, row: Posted, record: str) -> None:
    """Note which record of the ledger tells of a row that had none."""
    _set(connection, ledger, row.key, record=record)


def follow(connection: Connection, ledger: int, row: Posted, state: str, error: str | None = None) -> bool:
    """Enter what became of a row after it was sent; return whether it still stood as it was read."""
    where = (*_where(ledger, row.key), TABLE.c.state == row.state, TABLE.c.record == row.record)
    return connection.execute(update(TABLE).where(*where).values(state=state, error=error)).rowcount == 1


def to_look_at(
    connection: Connection, ledger: int, channel: str, *, since: int, until: int, now: int, limit: int
) -> list[Posted]:
    """Return rows of a channel of which the provider may know more, the longest sent first.

    since, until: Unix ms between which they were handed over
    """
    where = (
        TABLE.c.ledger == ledger,
        TABLE.c.state.in_((SENT, UNKNOWN)),
        TABLE.c.channel == channel,
        TABLE.c.sent_at.between(since, until),
        TABLE.c.record.is_not(None),
        TABLE.c.mended.is_(None),
        or_(TABLE.c.look_at.is_(None), TABLE.c.look_at <= now),
    )
    return rows(connection, select(TABLE).where(*where).order_by(TABLE.c.sent_at, TABLE.c.id).limit(limit))


def look_again(connection: Connection, ledger: int, row: Posted, *, now: int, look_at: int) -> bool:
    """Set when the provider is next asked about a row; return whether nobody else has just done so."""
    unasked = or_(TABLE.c.look_at.is_(None), TABLE.c.look_at <= now)
    where = (*_where(ledger, row.key), TABLE.c.state == row.state, unasked)
    return connection.execute(update(TABLE).where(*where).values(look_at=look_at)).rowcount == 1


def newest(
    connection: Connection,
    ledger: int,
    limit: int,
    *,
    state: str | None = None,
    channel: str | None = None,
    case: str | None = None,
) -> list[Posted]:
    """Return rows, the newest first, narrowed by what is given."""
    given = {"state": state, "channel": channel, "case": case}
    where = [TABLE.c[name] == value for name, value in given.items() if value is not None]
    ordered = (
        select(TABLE).where(TABLE.c.ledger == ledger, *where).order_by(TABLE.c.send_at.desc(), TABLE.c.id)
    )
    return rows(connection, ordered.limit(limit))


def unmended(connection: Connection, ledger: int, limit: int) -> list[Posted]:
    """Return the dead letters that nobody has mended, the newest first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.state.in_(DEAD), TABLE.c.mended.is_(None))
    return rows(
        connection, select(TABLE).where(*where).order_by(TABLE.c.send_at.desc(), TABLE.c.id).limit(limit)
    )


def in_states(connection: Connection, ledger: int, states: Collection[str], limit: int) -> list[Posted]:
    """Return rows in some states, the newest first: what a person has to look at."""
    where = (TABLE.c.ledger == ledger, TABLE.c.state.in_(sorted(states)))
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.send_at.desc(), *KEY).limit(limit))
    return [_posted(row) for row in rows]


def counts(connection: Connection, ledger: int) -> dict[str, int]:
    """Return how many rows are in each state."""
    numbers = select(TABLE.c.state, func.count()).where(TABLE.c.ledger == ledger).group_by(TABLE.c.state)
    return {row.state: row[1] for row in connection.execute(numbers)}


def _where(ledger: int, key: ReminderKey) -> list[ColumnElement[bool]]:
    return [TABLE.c.ledger == ledger, *(TABLE.c[name] == value for name, value in key._asdict().items())]


def _set(connection: Connection, ledger: int, key: ReminderKey, **values: Any) -> None:
    connection.execute(update(TABLE).where(*_where(ledger, key)).values(**values))


def _end_claim(
    connection: Connection,
    ledger: int,
    key: ReminderKey,
    claimed_by: str,
    standing: Collection[str],
    **values: Any,
) -> bool:
    where = (*_where(ledger, key), TABLE.c.claimed_by == claimed_by, TABLE.c.state.in_(standing))
    return connection.execute(update(TABLE).where(*where).values(**values)).rowcount == 1
