"""What waits for a reader, counted; and the few items that move or fall due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, func, or_

from server.casework.second_reviewing import ROLE
from server.console.pages import HomePage, Queue
from server.queries import course_extras, message_log, quarantine, second_reviews, waiting_rows
from server.queries.cases import by_urgency, case_rows, due_this_week
from server.queries.conflicts import open_conflicts
from server.queries.devices import count_troubled
from server.queries.origins import origins
from server.queries.overview import overview
from server.queries.reading import TABLE, Reading
from server.queries.rounds import round_rows
from sync.outcomes import LATE

SHOWN = 5
WAITING = {
    "evidence": "pending_review",
    "ward_round": "in_progress",
    "finding": "heard",
    "rectification_case": "report_submitted",
    "extension": "asked",
}
"""The stage of each type in which an item waits for the desk."""
RAIL = {
    "evidence": "evidence",
    "rounds": "ward_round",
    "findings": "finding",
    "verify": "rectification_case",
    "extensions": "extension",
}
QUEUES = (
    "evidence",
    "second",
    "conflicts",
    "late",
    "findings",
    "verify",
    "extensions",
    "cases",
    "sanctions",
    "tasks",
    "messages",
    "notices",
    "rounds",
    "devices",
    "quarantine",
)
"""What the to-do list counts, in its order."""
OLDEST = ("evidence", "findings", "verify", "extensions")
"""What is told with since when it waits."""


def counts(reading: Reading) -> dict[str, int]:
    """Return what waits by entry of the rail, `conflicts` besides, and `home`: all that waits for this very reader."""
    waits = or_(*(and_(TABLE.c.type == kind, TABLE.c.stage == stage) for kind, stage in WAITING.items()))
    # Said twice, so that the index over stages is used: a bureau has many records, and few of them wait.
    statement = reading.visible(*WAITING).where(TABLE.c.stage.in_(WAITING.values()), waits)
    grouped = statement.with_only_columns(TABLE.c.type, func.count(), maintain_column_froms=True)
    by_type: dict[str, int] = dict(reading.connection.execute(grouped.group_by(TABLE.c.type)).all())
    found = {name: by_type.get(kind, 0) for name, kind in RAIL.items()}
    found["cases"] = reading.count(due_this_week(reading))
    found["conflicts"] = reading.count(open_conflicts(reading))
    found["devices"] = count_troubled(reading)
    found |= {"late": waiting_rows.count(reading, LATE), "quarantine": quarantine.waiting(reading)}
    found |= {"messages": message_log.dead(reading), "notices": message_log.unread(reading)}
    found |= course_extras.waiting(reading)
    found["second"] = second_reviews.waiting(reading)
    looks_again = any(grant.role == ROLE for grant in reading.grants.rows)
    of_others = {"rounds"} if looks_again else {"rounds", "second"}
    found["home"] = sum(number for name, number in found.items() if name not in of_others)
    return found


def home_page(reading: Reading, waiting: Mapping[str, int]) -> HomePage:
    """Return the to-do list; waiting: from `counts`."""
    moving = reading.visible("ward_round").where(TABLE.c.stage == WAITING["ward_round"])
    rounds = reading.records(moving.order_by(TABLE.c.version.desc()).limit(SHOWN))
    cases = reading.records(due_this_week(reading).order_by(*by_urgency()).limit(SHOWN))
    return HomePage(
        queues=queues(reading, waiting),
        rounds=round_rows(reading, rounds),
        cases=case_rows(reading, cases),
        overview=overview(reading),
    )


def queues(reading: Reading, waiting: Mapping[str, int]) -> tuple[Queue, ...]:
    """Return each kind of work that waits, with how much; waiting: from `counts`."""
    oldest = {name: _oldest(reading, RAIL[name]) for name in OLDEST if waiting[name]}
    return tuple(Queue(name=name, count=waiting[name], oldest_at=oldest.get(name)) for name in QUEUES)


def _oldest(reading: Reading, kind: str) -> datetime | None:
    """Return since when the item that waits longest has waited."""
    statement = reading.visible(kind).where(TABLE.c.stage == WAITING[kind])
    first = statement.with_only_columns(func.min(TABLE.c.version), maintain_column_froms=True)
    index = reading.connection.execute(first).scalar_one()
    return origins(reading, [index])[index].received if index is not None else None
