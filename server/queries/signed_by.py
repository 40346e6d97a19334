"""Whether a decision was signed by its maker's passkey, verified anew from the entries for each page that shows it."""

from __future__ import annotations

from collections.abc import Sequence

from server.access import signed
from server.access.signed import ASSERTION, DECISION, PASSKEY, UNREADABLE, AssertionUnfit
from server.console.pages.evidence import Signed
from server.queries.reading import TABLE, Reading
from server.storage import ledger_store, record_store
from server.storage.record_store import selected
from sync.entries import from_line
from sync.errors import Malformed
from sync.merge import Record


def signatures(reading: Reading, decisions: Sequence[Record]) -> dict[str, Signed]:
    """Return, by decision, the assertion that covers it; nothing for one that nobody signed."""
    found = {one.id: _over(reading, one) for one in decisions}
    return {key: shown for key, shown in found.items() if shown is not None}


def _over(reading: Reading, decision: Record) -> Signed | None:
    ledger = reading.services.ledger.id
    later = selected(ledger, ASSERTION).where(
        TABLE.c.created_by == decision.created_by, TABLE.c.version > decision.version
    )
    (own,) = reading.records(later.order_by(TABLE.c.version).limit(1)) or (None,)
    if own is None or own.version - int(own.values["count"]) > decision.version:
        return None
    try:
        _verify(reading, own)
    except (AssertionUnfit, Malformed, *UNREADABLE):
        return Signed(verdict="bad", index=own.version)
    return Signed(verdict="ok", index=own.version)


def _verify(reading: Reading, own: Record) -> None:
    """Return if an assertion signs what stands before it; raises AssertionUnfit."""
    connection, ledger = reading.connection, reading.services.ledger
    places = range(own.version - int(own.values["count"]), own.version)
    lines = ledger_store.lines_at(connection, ledger.id, places)
    entries = [from_line(lines[at]) for at in places]
    keys = record_store.load(connection, reading.vault, [str(own.values["passkey"])])
    key = keys.get(str(own.values["passkey"]))
    user = own.created_by
    if key is None or key.type != PASSKEY or key.values["user"] != user or {e.by for e in entries} != {user}:
        raise AssertionUnfit("signed by no passkey of this user")
    made = selected(ledger.id, DECISION).where(TABLE.c.version.in_(list(places)))
    seen = [int(each.values["about_version"]) for each in reading.records(made.order_by(TABLE.c.version))]
    text = signed.said(
        origin=ledger.origin,
        user=user,
        asked_at=int(own.values["asked_at"]),
        changes=[entry.change for entry in entries],
        seen=seen,
        lines=ledger_store.lines_at(connection, ledger.id, seen),
    )
    signed.check(own.values, key.values, text)
