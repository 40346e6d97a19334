"""The outbox and the clocks in figures: what waits, for how long, and what became of everything that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from server.storage.database import table_of
from server.storage.models import DeadlineRow
from server.storage.outbox_store import DEAD, QUEUED, SENDING, TABLE

CLOCKS = table_of(DeadlineRow)


@dataclass(frozen=True)
class Figures:
    """What is counted. Of messages by channel, or by (state, channel); instants in Unix ms, None where nothing waits.

    due: wait although their instant has come; overdue: of these, for longer than was allowed; dead: wait for a person
    scan_since: the instant at which the clock that waits longest for the scan wanted something
    """

    states: Mapping[tuple[str, str], int]
    due: Mapping[str, int]
    overdue: Mapping[str, int]
    oldest: Mapping[str, int]
    dead: Mapping[tuple[str, str], int]
    scan_since: int | None
    cases_open: int
    cases_overdue: int


def figures(connection: Connection, ledger: int, *, now: int, overdue_before: int, today: str) -> Figures:
    """Count; now, overdue_before: Unix ms, today: ISO date."""
    here = TABLE.c.ledger == ledger
    states = select(TABLE.c.state, TABLE.c.channel, func.count()).where(here)
    late = func.sum(case((TABLE.c.send_at < overdue_before, 1), else_=0))
    unsent = select(TABLE.c.channel, func.count(), late, func.min(TABLE.c.send_at)).where(
        here, TABLE.c.state.in_((QUEUED, SENDING)), TABLE.c.send_at <= now
    )
    waiting = connection.execute(unsent.group_by(TABLE.c.channel)).all()
    unmended = states.where(TABLE.c.state.in_(DEAD), TABLE.c.mended.is_(None))
    by_both = (TABLE.c.state, TABLE.c.channel)
    clocks = (CLOCKS.c.ledger == ledger, CLOCKS.c.closed.is_(False))
    past = func.sum(case((CLOCKS.c.due_on < today, 1), else_=0))
    open_, overdue = connection.execute(select(func.count(), past).where(*clocks)).one()
    wanting = select(func.min(CLOCKS.c.next_at)).where(*clocks, CLOCKS.c.next_at <= now)
    return Figures(
        states={(state, channel): n for state, channel, n in connection.execute(states.group_by(*by_both))},
        due={channel: n for channel, n, _, _ in waiting},
        overdue={channel: int(n) for channel, _, n, _ in waiting},
        oldest={channel: at for channel, _, _, at in waiting},
        dead={(state, channel): n for state, channel, n in connection.execute(unmended.group_by(*by_both))},
        scan_since=connection.execute(wanting).scalar_one(),
        cases_open=open_,
        cases_overdue=int(overdue or 0),
    )


def dead(connection: Connection, ledger: int) -> dict[str, int]:
    """Return how many messages of each state wait for a person to see to them."""
    where = (TABLE.c.ledger == ledger, TABLE.c.state.in_(DEAD), TABLE.c.mended.is_(None))
    counted = select(TABLE.c.state, func.count()).where(*where).group_by(TABLE.c.state)
    return {row[0]: int(row[1]) for row in connection.execute(counted)}
