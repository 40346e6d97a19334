"""What a reader may still take back: the reviews of his last act, for a minute after it."""

from __future__ import annotations

from collections.abc import Sequence

from server.casework.review import TARGETS, UNDO_SECONDS
from server.casework.reviewing import TOGETHER_MAX
from server.console.pages.frame import Undo
from server.queries.origins import origins
from server.queries.reading import TABLE, Reading
from sync.merge import Record

REVIEWED = "reviewed"
"""The word of the session under which the place of the last act stands."""
ENTRIES_MAX = 4 * TOGETHER_MAX
"""Of one act: a decision and a step for each item, and for each that it replaces."""


def undo_of(reading: Reading, reviewed: object) -> Undo | None:
    """Return the reader's last reviews as far as they can still be taken back, all of them or nothing.

    reviewed: [first entry of the act, how many], as the session keeps it
    """
    if not isinstance(reviewed, Sequence) or len(reviewed) != 2:
        return None
    first, count = (int(each) for each in reviewed)
    where = (TABLE.c.version >= first, TABLE.c.version < first + min(count, ENTRIES_MAX))
    statement = reading.visible("decision").where(TABLE.c.created_by == reading.user, *where)
    decisions = [each for each in reading.records(statement) if each.values["act"] in TARGETS]
    if not decisions:
        return None
    made = origins(reading, [decisions[0].version])[decisions[0].version].received
    left = UNDO_SECONDS - int((reading.services.now() - made).total_seconds())
    items = [_standing(reading, each) for each in decisions]
    if left <= 0 or not all(items):
        return None
    return Undo(
        act=str(decisions[0].values["act"]),
        items=tuple(f"{item.id}.{item.version}" for item in items if item),
        seconds_left=left,
    )


def _standing(reading: Reading, decision: Record) -> Record | None:
    """Return the item of a decision, if nothing has come to it since."""
    found = reading.records(reading.visible("evidence").where(TABLE.c.id == decision.values["about"]))
    item = found[0] if found else None
    moved = item is None or sum(act.index > decision.version for act in item.acts) != 1
    return None if moved else item
