"""What the desk does with evidence: load it, let a pure function decide, hand the drafts to the door.

Several items go as one act: all of them are decided on, or none, and each that may not be is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.records import TYPES
from server.casework import review, second_reviewing
from server.casework.desk import load
from server.casework.review import Review, Standing
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.evidence import proof
from server.storage import grant_store, ledger_store, record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync import entries
from sync.errors import BadValue, NotAllowed, Refusal
from sync.lines import INTEGER_MAX
from sync.merge import Record
from sync.rules import SUPERVISOR

TOGETHER_MAX = 50
"""Items that one act decides on: a page of the queue, and few enough that each was looked at."""
NAMING = {
    kind.name: tuple(field.name for field in kind.fields if field.ref in ("evidence", "any"))
    for kind in TYPES.values()
    if kind.name not in ("conflict", "assertion")
    and any(field.ref in ("evidence", "any") for field in kind.fields)
}
"""Types of record that can refer to evidence, with the fields that do; an assertion belongs to the decision itself."""


class NotAll(Refusal):
    """Not every chosen item can be decided on, so none was."""

    code = "not_all"
    next = "Leave out the items that `items` names, each with its own code, and send the rest again."


@dataclass(frozen=True)
class Prepared:
    """One item of an act: what would be written, or the refusal that stands against it."""

    evidence: str
    drafts: tuple[Draft, ...] = ()
    expect: tuple[tuple[str, int], ...] = ()
    refusal: Refusal | None = None


def review_evidence(services: Services, user: str, evidence: str, wanted: Review) -> Result:
    """Approve, return, reject or void an evidence item; raises a Refusal and changes nothing where that may not be."""
    return _commit(services, user, [_prepare(services, user, evidence, wanted)])


def undo_review(services: Services, user: str, evidence: str, version: int) -> Result:
    """Take the user's own last review of an item back, within a minute and while nothing has built on it."""
    return _commit(services, user, [_take_back(services, user, evidence, version)])


def review_together(
    services: Services, user: str, wanted: Sequence[tuple[str, Review]]
) -> tuple[Result, tuple[Prepared, ...]]:
    """Decide on several items in one act; raises NotAll, naming each that stands against it, and changes nothing."""
    prepared = prepare_together(services, user, wanted)
    _check_all(prepared)
    return _commit(services, user, prepared), prepared


def undo_together(services: Services, user: str, chosen: Sequence[tuple[str, int]]) -> Result:
    """Take back several reviews of the user's own in one act; raises NotAll and changes nothing where one stands."""
    _check_chosen([record for record, _ in chosen])
    prepared = _each(chosen, lambda record, version: _take_back(services, user, record, version))
    _check_all(prepared)
    return _commit(services, user, prepared)


def prepare_together(
    services: Services, user: str, wanted: Sequence[tuple[str, Review]]
) -> tuple[Prepared, ...]:
    """Return what deciding on several items would write, or what stands against each; changes nothing."""
    _check_chosen([record for record, _ in wanted])
    if any(each.act == review.VOID for _, each in wanted):
        raise BadValue("items are voided one at a time", field="act")
    return _each(wanted, lambda record, each: _prepare(services, user, record, each))


def _check_chosen(records: Sequence[str]) -> None:
    if not 1 <= len(records) <= TOGETHER_MAX or len(set(records)) != len(records):
        raise BadValue(f"choose 1 to {TOGETHER_MAX} items, each once", field="items")


def _each(wanted: Sequence[tuple[str, Any]], prepare: Callable[[str, Any], Prepared]) -> tuple[Prepared, ...]:
    found = []
    for record, each in wanted:
        try:
            found.append(prepare(record, each))
        except Refusal as refusal:
            found.append(Prepared(record, refusal=refusal))
    return tuple(found)


def _check_all(prepared: Sequence[Prepared]) -> None:
    failed = [
        {"item": each.evidence, "code": each.refusal.code} for each in prepared if each.refusal is not None
    ]
    if failed:
        raise NotAll(f"{len(failed)} of {len(prepared)} items cannot be decided on", items=failed)


def _commit(services: Services, user: str, prepared: Sequence[Prepared]) -> Result:
    drafts = [draft for each in prepared for draft in each.drafts]
    expect = dict(pair for each in prepared for pair in each.expect)
    return act(services, drafts, user=user, expect=expect)


def _prepare(services: Services, user: str, evidence: str, wanted: Review) -> Prepared:
    """Return the drafts of one review, with the proof recomputed and the file read again.

    What was whole when its page was opened may not be now. A void asks for neither: it may be the reason.
    """
    item, inspection = load(services, user, "evidence", evidence)
    expect = [(item.id, item.version), (inspection.id, inspection.version)]
    if wanted.act == review.VOID:
        drafts = review.void(user, wanted, item, inspection, new_id(services))
        return Prepared(evidence, tuple(drafts), tuple(expect))
    old = _replaced(services, item) if wanted.act == "approve" else None
    drafts = review.decide(
        user,
        wanted,
        item,
        inspection,
        new_id(services),
        replaced=(old, new_id(services)) if old is not None else None,
    )
    with services.database.reading() as connection:
        _check_supervisor(services, connection, user, item)
        second_reviewing.check_third(services, connection, user, item.id)
        proof.check(services, connection, item)
    if old is not None:
        expect.append((old.id, old.version))
    return Prepared(evidence, tuple(drafts), tuple(expect))


def _check_supervisor(services: Services, connection: Connection, user: str, item: Record) -> None:
    """Raise NotAllowed early; the door asks again, under the ledger's lock."""
    grants = grant_store.granted(connection, services.ledger.id, user)
    if SUPERVISOR not in grants.roles(user, item.root, item.region, INTEGER_MAX):
        raise NotAllowed(item=item.id)


def _replaced(services: Services, item: Record) -> Record | None:
    """Return the approved item of the same inspection in whose place this one was handed in."""
    named = item.values.get("supersedes")
    if not named or named == item.id:
        return None
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        old = record_store.load(connection, vault, [named]).get(named)
    fits = old is not None and old.type == "evidence" and old.root == item.root and old.stage == "approved"
    return old if fits else None


def _take_back(services: Services, user: str, evidence: str, version: int) -> Prepared:
    item, inspection = load(services, user, "evidence", evidence)
    with services.database.reading() as connection:
        last = standing(services, connection, item)
    drafts = review.undo(user, version, item, last, services.now_ms(), new_id(services))
    return Prepared(evidence, tuple(drafts), ((item.id, item.version), (inspection.id, inspection.version)))


def standing(services: Services, connection: Connection, item: Record) -> Standing | None:
    """Return the last decision on an item with what has come after it, None before the first."""
    ledger, vault = services.ledger.id, services.vault.session(connection, services.ledger.id)
    decisions = selected(ledger, "decision").where(TABLE.c.parent == item.id)
    found = record_store.query(connection, vault, decisions.order_by(TABLE.c.version.desc()).limit(1))
    if not found:
        return None
    (last,) = found
    line = ledger_store.lines_at(connection, ledger, [last.version])[last.version]
    built_on = _built_on(services, connection, item, last.version)
    return Standing(last, entries.from_line(line).at, built_on)


def _built_on(services: Services, connection: Connection, item: Record, since: int) -> bool:
    """Return whether anything in the item's inspection that refers to it, or that it replaced, moved since an entry."""
    ledger, vault = services.ledger.id, services.vault.session(connection, services.ledger.id)
    moved = selected(ledger, *NAMING).where(TABLE.c.root == item.root, TABLE.c.version > since)
    for record in record_store.query(connection, vault, moved):
        if record.id == item.values.get("supersedes") and record.stage == "superseded":
            return True
        for name in NAMING[record.type]:
            value = record.values.get(name)
            if value == item.id or (isinstance(value, list | tuple) and item.id in value):
                return True
    return False


__all__ = [
    "TOGETHER_MAX",
    "NotAll",
    "Prepared",
    "prepare_together",
    "review_evidence",
    "review_together",
    "standing",
    "undo_review",
    "undo_together",
]
