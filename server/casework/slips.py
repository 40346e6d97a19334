"""Signed service slips (送达回证) that were photographed on a phone: evidence that names its notice or its case."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, or_

from server.access import scope
from server.keys.vault import VaultSession
from server.storage import record_store
from server.storage.record_store import TABLE
from sync.errors import BadValue
from sync.merge import Record

SLIPS_MAX = 20
"""So many slips of one case are shown and chosen from, the newest."""
VERIFIED = "verified"
OUT_OF_USE = ("returned", "rejected", "superseded")
NAMED = '"slip_of":"{record}"'


def of_notice(
    connection: Connection, vault: VaultSession, user: str, case: Record, notice: str
) -> tuple[Record, ...]:
    """Return the slips of a notice, or of its case, that a user may see, the newest first."""
    named = or_(*(TABLE.c.state.contains(NAMED.format(record=each)) for each in (notice, case.id)))
    within = scope.visible(connection, vault.ledger, user, "evidence").where(TABLE.c.root == case.root, named)
    newest = within.order_by(TABLE.c.version.desc(), TABLE.c.id.desc()).limit(SLIPS_MAX)
    return tuple(record_store.query(connection, vault, newest))


def is_ready(slip: Record) -> bool:
    """Return whether a slip may prove a service: its file arrived as it was photographed, and nobody turned it down."""
    return slip.values.get("file_state") == VERIFIED and slip.stage not in OUT_OF_USE


def chosen(slips: Iterable[Record], key: str) -> Record:
    """Return the slip that somebody chose; raises BadValue for none of the notice's, or for one that proves nothing."""
    found = next((one for one in slips if one.id == key), None)
    if found is None:
        raise BadValue("it is no slip of this notice", item=key, field="slip")
    if not is_ready(found):
        raise BadValue("its file has not arrived whole, or it was turned down", item=key, field="slip")
    return found
