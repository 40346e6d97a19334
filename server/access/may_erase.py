"""Erasing: who may decide it, and what may not be erased yet."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from schemas.bases import BASES, OVERRIDING, SERVERS
from server.keys.vault import VaultSession
from server.storage import record_store
from server.storage.record_store import TABLE
from sync.errors import BadValue, NotAllowed, Refusal
from sync.merge import VOIDED, Record
from sync.rules import MACHINE, Grants

DECIDING = frozenset({"leader"})
AGREEING = frozenset({"leader", "legal_reviewer"})
OVER = {
    "inspection": frozenset({"accepted", "archived"}),
    "ward_round": frozenset({"confirmed"}),
    "rectification_case": frozenset({"closed", "satisfied"}),
    "sanction": frozenset({"done", "revoked"}),
    "user": frozenset({"disabled"}),
}
"""Proceedings, and the stages in which one of them is over; a user's is his service."""
PARTIES = frozenset({"institution", "user"})
NEVER = frozenset({"device", "key", "conflict", "catalogue", "census", "reminder"})
"""Types that the ledger itself rests on; nothing in them names a patient."""


class UnderHold(Refusal):
    """The record is evidence in a proceeding that is not over, so nothing of it is erased yet."""

    code = "under_hold"
    next = (
        "Wait until the proceeding is over; only the order of a court or a superior authority goes before it."
    )


class NothingToErase(Refusal):
    """Nothing is left of the personal data that was to be erased."""

    code = "nothing_to_erase"
    next = "Nothing: look at the record's history, it tells by which entry it was erased."


def check(
    connection: Connection,
    vault: VaultSession,
    grants: Grants,
    records: Iterable[Record],
    *,
    user: str,
    second: str | None,
    basis: str,
    index: int,
) -> None:
    """Raise NotAllowed, BadValue or UnderHold unless both persons may erase all of these records now.

    grants: those of both persons; index: the ledger position at which they count
    """
    known = list(records)
    if basis not in BASES or (basis in SERVERS) != (user == MACHINE):
        raise BadValue(f"{basis} is no basis on which this is erased", field="basis")
    for record in known:
        if record.type in NEVER:
            raise NotAllowed(f"a {record.type} is part of the ledger itself", item=record.id)
        if user != MACHINE:
            _persons(grants, record, user, second, index)
    if user == MACHINE or basis in OVERRIDING:
        return
    for record in known:
        held_by = hold_on(connection, vault, record)
        if held_by is not None:
            words = f"{held_by.type} {held_by.id} is not over (stage {held_by.stage})"
            raise UnderHold(words, item=record.id)


def _persons(grants: Grants, record: Record, user: str, second: str | None, index: int) -> None:
    over = (record.root, record.region, index)
    if not DECIDING & grants.roles(user, *over):
        raise NotAllowed("a leader of the record's region decides on erasing", item=record.id)
    if second is None or second == user or not AGREEING & grants.roles(second, *over):
        raise NotAllowed("a second leader, or a legal reviewer, must agree to it", item=record.id)


def hold_on(connection: Connection, vault: VaultSession, record: Record) -> Record | None:
    """Return a proceeding that is not over and in which a record is evidence, or None.

    A record is evidence where it lies in such a proceeding, or where a record of one names it; who is inspected,
    and who inspects, is named by all of them and is evidence in none.
    """
    ledger = vault.ledger
    naming = select(TABLE.c.root).where(
        TABLE.c.ledger == ledger, TABLE.c.root != record.root, TABLE.c.state.contains(record.id)
    )
    roots = {record.root}
    if record.type not in PARTIES:
        roots.update(connection.execute(naming.distinct()).scalars())
    open_ones = select(TABLE).where(
        TABLE.c.ledger == ledger,
        TABLE.c.root.in_(roots),
        TABLE.c.type.in_(sorted(OVER)),
        TABLE.c.life != VOIDED,
    )
    for one in record_store.query(connection, vault, open_ones.order_by(TABLE.c.id)):
        if one.type == "user" and one.id != record.id:
            continue
        if one.type == "ward_round" and one.id != one.root:
            continue  # It is over with the inspection that it belongs to.
        if one.stage not in OVER[one.type]:
            return one
    return None
