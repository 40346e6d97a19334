"""How fast a robot is written to: a token bucket in the database, so that any number of schedulers keep it together."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from server.storage.database import add_if_absent, table_of
from server.storage.reminder_models import PaceRow

TABLE = table_of(PaceRow)
INTERVAL_MS = 4000
"""One message in so many ms, once the first ones are used up."""
BURST = 5
"""So many at once. With one every 4 s that is never more than 20 in any 60 s, which is what the vendors take."""
NEAR_MS = 1_000
"""How far two clocks of one office are apart at most."""


def by_the_database(connection: Connection, now: int, system: int) -> int:
    """Return `now` (Unix ms) by the clock of the database, so that a scheduler whose clock is ahead gains no room.

    system: what this machine's clock says; a clock within NEAR_MS of the database's is taken as it is. SQLite lies on
    the machine of its schedulers, who share one clock.
    """
    if connection.dialect.name == "sqlite":
        return now
    theirs = connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
    ahead = system - round(float(theirs) * 1000)
    return now if abs(ahead) < NEAR_MS else now - ahead


def room(connection: Connection, ledger: int, channel: str, address: str, now: int) -> int:
    """Return how many messages one address takes at `now` (Unix ms), from 0 to BURST.

    The row is held until the transaction ends, so two schedulers do not count the same room.
    """
    add_if_absent(
        connection, TABLE, {"ledger": ledger, "channel": channel, "address": address, "free_at": now}
    )
    where = (TABLE.c.ledger == ledger, TABLE.c.channel == channel, TABLE.c.address == address)
    free_at: int = connection.execute(select(TABLE.c.free_at).where(*where).with_for_update()).scalar_one()
    return max(0, min(BURST, (now - free_at) // INTERVAL_MS + BURST))


def take(connection: Connection, ledger: int, channel: str, address: str, now: int) -> bool:
    """Count one message at `now` (Unix ms) and return True, or count none and return False where there is no room."""
    if room(connection, ledger, channel, address, now) == 0:
        return False
    where = (TABLE.c.ledger == ledger, TABLE.c.channel == channel, TABLE.c.address == address)
    later = func.max if connection.dialect.name == "sqlite" else func.greatest
    connection.execute(update(TABLE).where(*where).values(free_at=later(TABLE.c.free_at, now) + INTERVAL_MS))
    return True
