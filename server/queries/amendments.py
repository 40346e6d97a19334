"""What would amend an item: a newer one handed in for it, or a late change of its own; and in what they differ."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import ColumnElement

from schemas.records import TYPES
from server.console.pages.amendments import Amendment, Difference, LateAmendment
from server.queries import waiting
from server.queries.reading import TABLE, Reading, oldest_first
from server.queries.record_values import said
from server.storage import waiting_store
from sync.errors import NotFound
from sync.merge import Record

APPROVED = "approved"
NEWER_MAX = 20
LATE_MAX = 5
"""So many late changes are shown on an item; all of them stand among what waits."""
REPLACING_MAX = 2_000
WAITING = ("captured", "uploaded", "pending_review")
SAID = ("kind", "form", "media_type", "size", "digest", "note", "original_place", "verified_on")
"""What is compared in words; how the two files differ, looking at both tells."""


def amendment(reading: Reading, item: Record) -> Amendment | None:
    """Return what an item replaces, and what waits to replace it; None where there is neither."""
    older = _older(reading, item)
    newer = _newer(reading, item) if item.stage == APPROVED else ()
    late = _late(reading, item)
    if older is None and not newer and not late:
        return None
    return Amendment(
        waiting=newer,
        replaces=older.id if older else None,
        stands=older is not None and older.stage == APPROVED,
        differences=_differences(reading, older, item) if older else (),
        late=late,
    )


def pending(reading: Reading) -> ColumnElement[bool]:
    """Return what holds of approved items for which an amendment waits: a late change of theirs, or a newer item."""
    late = waiting_store.late_for(reading.services.ledger.id, "evidence").distinct().limit(REPLACING_MAX)
    named = {*reading.connection.execute(late).scalars(), *_replaced(reading)}
    # Few are named and most are approved: a planner that could look for the stage would read them all.
    return (TABLE.c.stage.concat("") == APPROVED) & TABLE.c.id.in_(sorted(named))


def _replaced(reading: Reading) -> list[str]:
    """Return what newer items that wait name as the item in whose place they were handed in."""
    newer = reading.visible("evidence").where(
        TABLE.c.stage.in_(WAITING), TABLE.c.state.contains('"supersedes":"', autoescape=True)
    )
    # Few wait: in the order of versions a planner would walk all that there are until it has met so many.
    states = (
        newer.with_only_columns(TABLE.c.state).order_by((TABLE.c.version + 0).desc()).limit(REPLACING_MAX)
    )
    return [json.loads(text)["values"]["supersedes"] for text in reading.connection.execute(states).scalars()]


def _late(reading: Reading, item: Record) -> tuple[LateAmendment, ...]:
    """Return the late changes of an item, one for each group; a group that reaches out of sight is left out."""
    ledger = reading.services.ledger.id
    found, grouped = [], set[int]()
    for row in waiting_store.late_of(reading.connection, ledger, item.id, limit=LATE_MAX):
        if row.index in grouped:
            continue
        try:
            page = waiting.late_page(reading, row.index)
        except NotFound:
            continue
        grouped |= {change.index for change in page.changes}
        own = tuple(change for change in page.changes if change.record and change.record.id == item.id)
        found.append(LateAmendment(change=replace(page, changes=own), more=len(page.changes) - len(own)))
    return tuple(found)


def _older(reading: Reading, item: Record) -> Record | None:
    named = item.values.get("supersedes")
    if not named:
        return None
    found = reading.records(reading.visible("evidence").where(TABLE.c.id == named, TABLE.c.root == item.root))
    return found[0] if found else None


def _newer(reading: Reading, item: Record) -> tuple[str, ...]:
    statement = reading.visible("evidence").where(
        TABLE.c.root == item.root,
        TABLE.c.stage.in_(WAITING),
        # A public value, written with sorted keys and no blanks.
        TABLE.c.state.contains(f'"supersedes":"{item.id}"', autoescape=True),
    )
    ids = statement.with_only_columns(TABLE.c.id).order_by(*oldest_first()).limit(NEWER_MAX)
    return tuple(reading.connection.execute(ids).scalars())


def _differences(reading: Reading, older: Record, newer: Record) -> tuple[Difference, ...]:
    found = []
    for name in SAID:
        before, after = (_words(reading, each, name) for each in (older, newer))
        if before != after:
            found.append(Difference(field=name, before=before, after=after))
    return tuple(found)


def _words(reading: Reading, item: Record, name: str) -> str:
    field = TYPES["evidence"].by_name[name]
    value = item.values.get(name)
    if field.private:
        return said(item, name, reading.locale)
    if field.choices and value is not None:
        return field.choices[value][0 if reading.locale == "zh_CN" else 1]
    return "" if value is None else str(value)
