"""Document numbers at the door: one number is one document of the ledger, whoever gave it and at the same moment.

A number is a natural key within its institution alone, as the records of an institution lie together; a document's
number is unique over all of them, and two that were signed off at once must not share it.
"""

from __future__ import annotations

from server.commit.work import Commit
from server.storage import record_store
from sync.errors import Refusal
from sync.reconcile import Judged

NUMBERED, NUMBER = ("notice", "sanction"), "number"
"""Records that bear the number of a document: a notice its own, a sanction that of its decision."""


class NumberTaken(Refusal):
    """Another document was given this number first."""

    code = "number_taken"
    next = "Sign off again: the next free number is given."


def check(work: Commit, judged: Judged) -> None:
    """Raise NumberTaken where an act gives a document a number that another one bears."""
    given = {
        str(record.values[NUMBER]): record.id
        for record in judged.records.values()
        if record.type in NUMBERED and NUMBER in record.values and _is_new(work, record.id)
    }
    if not given:
        return
    stored: set[str] = set()
    for kind in NUMBERED:
        stored |= record_store.bearers(work.connection, work.ledger.id, kind, given)
    beside = {
        record.id
        for record in work.table.values()
        if record.type in NUMBERED and str(record.values.get(NUMBER)) in given
    }
    for other in (stored | beside) - set(given.values()):
        raise NumberTaken(item=other, field=NUMBER)


def _is_new(work: Commit, record: str) -> bool:
    known = work.table.get(record)
    return known is None or NUMBER not in known.values
