"""The audit: everything that the ledger claims, derived again from its bytes.

Bodies lead to leaves, leaves to tiles, tiles to the signed root; manifests and receipts verify; and
`replay(ledger)` gives the projections. Nothing is repaired and nothing raises: every discrepancy is a
finding that names table, key and column, and after it the audit goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from server.keys import history, outlived
from server.ledger.checks import Finding, Progress, Scope, silent
from server.ledger.checks_access import check_access
from server.ledger.checks_branches import Branches
from server.ledger.checks_catalogues import check_catalogues
from server.ledger.checks_entries import Reading, read_place
from server.ledger.checks_epochs import Recoveries
from server.ledger.checks_erased import read_erased
from server.ledger.checks_heads import Checkpoints, check_head, trusted_head
from server.ledger.checks_keys import check_keys
from server.ledger.checks_projections import (
    Replay,
    check_deadlines,
    check_devices,
    check_grants,
    check_originals,
    check_records,
)
from server.ledger.checks_sets import Membership, check_sets
from server.ledger.checks_signed import Signatures
from server.ledger.checks_timestamps import check_timestamps
from server.ledger.checks_tree import Leaves
from server.ledger.checks_waiting import Pending
from server.ledger.checks_witnesses import check_witnesses
from server.ledger.signed import Record, read_record
from server.storage import epoch_store, ledger_scan
from server.wiring import Services
from sync.checkpoint import Checkpoint


@dataclass(frozen=True)
class Report:
    """What the audit found; more: {table: number of further findings that are not listed}.

    notes: what is in order and worth knowing
    """

    origin: str
    entries: int
    records: int
    checkpoint: Checkpoint | None
    findings: tuple[Finding, ...]
    more: dict[str, int]
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return not self.findings

    def text(self) -> list[str]:
        """Return the report in lines."""
        if self.ok and self.checkpoint is not None:
            head = f"{self.checkpoint.name} {self.checkpoint.size} {self.checkpoint.root.hex()}"
            return [
                f"audit ok: {self.entries} entries, {self.records} records, checkpoint {head}",
                *self.notes,
            ]
        found = [str(finding) for finding in self.findings]
        found += [f"{table}: {number} more" for table, number in self.more.items()]
        total = len(self.findings) + sum(self.more.values())
        return [
            *found,
            *self.notes,
            f"audit failed: {total} findings, {self.entries} entries, {self.records} records",
        ]

    def json(self) -> dict[str, Any]:
        """Return the report for scripts."""
        head = self.checkpoint
        return {
            "ok": self.ok,
            "origin": self.origin,
            "entries": self.entries,
            "records": self.records,
            "checkpoint": {"log": head.name, "size": head.size, "root": head.root.hex()} if head else None,
            "findings": [finding.json() for finding in self.findings],
            "more": self.more,
            "notes": list(self.notes),
        }


def audit(services: Services, progress: Progress | None = None) -> Report:
    """Return what an audit of one snapshot of the ledger finds; the server may go on writing meanwhile.

    progress: told (what, how far, of how much) now and then
    """
    # Read before the snapshot: what the signer had committed by then must be in it.
    before = read_record(services.config.signer_file)
    with services.database.reading() as connection:
        return audit_snapshot(services, connection, progress, before=before)


def audit_snapshot(
    services: Services,
    connection: Connection,
    progress: Progress | None = None,
    *,
    before: Record | None = None,
    restored: bool = False,
) -> Report:
    """Return what an audit of all that a connection sees finds.

    before: the signer's record from before the connection saw anything; None where nobody writes meanwhile
    restored: of a backup, which may be behind the signer's record or have none beside it
    """
    ledger, keyring, path = services.ledger, services.keyring, services.config.signer_file
    vault = services.vault.session(connection, ledger.id)
    known = history.History(ledger.origin, ())
    keys = [key.public_key() for key in keyring.signers]
    if restored:
        # A backup from before a rotation was signed by a key that may be at hand no more.
        keys += outlived.ledger_keys(services)
    scope = Scope(connection, ledger, vault, keys, known, keyring.recovery, progress=progress or silent)
    with scope.guarding("key", "", ""):
        scope.known = history.read(connection, vault, ledger.origin)
        check_keys(scope)
    with scope.guarding("epoch", "", ""):
        scope.epochs = epoch_store.epochs(connection, ledger.id)
    with scope.guarding("head", ledger.id, ""):
        scope.trusted = trusted_head(scope)
    record = read_record(path)
    if restored and scope.trusted is not None:
        record = record.upto(scope.trusted)
    elif not record.there:
        scope.note("signer", path.name, "", "the signer's own record is missing")
    if before is not None:
        record = record.committed_by(before)
    return _examine(scope, record, services.config.tsa_certs_path)


def _examine(scope: Scope, record: Record, tsa_certs: Path | None) -> Report:
    walk = _Walk(scope, record)
    with scope.guarding("entry", "", ""):
        walk.through()
    with scope.guarding("head", scope.ledger.id, ""):
        check_head(scope, walk.leaves.edge, record)
    records = walk.replay.records
    chains = check_sets(scope, records)
    check_records(scope, records)
    check_grants(scope, walk.replay.grants())
    check_catalogues(scope, records)
    walk.pending.check()
    walk.branches.check(records)
    walk.recoveries.check()
    notes = walk.signatures.finish()
    check_timestamps(scope, tsa_certs)
    check_witnesses(scope)
    check_access(scope, records)
    with scope.guarding("device", "", ""):
        check_devices(scope, records, chains)
    with scope.guarding("deadline", "", ""):
        check_deadlines(scope, records)
    with scope.guarding("original", "", ""):
        check_originals(scope, records)
    return Report(
        scope.ledger.origin,
        walk.leaves.size,
        len(records),
        scope.trusted,
        scope.findings.all(),
        scope.findings.more(),
        notes,
    )


class _Walk:
    """Goes through the ledger once, index by index, and feeds tree, checkpoints and replay."""

    def __init__(self, scope: Scope, record: Record):
        self._scope = scope
        self._size = scope.trusted.size if scope.trusted else self._stored()
        self.leaves = Leaves(scope)
        self.replay = Replay(scope)
        self._checkpoints = Checkpoints(scope, record)
        self._membership = Membership(scope)
        self.pending = Pending(scope)
        self.branches = Branches(scope)
        self.recoveries = Recoveries(scope)
        self.signatures = Signatures(scope)
        self._latest: int | None = ledger_scan.founded_at(scope.connection, scope.ledger.id)
        with scope.guarding("erased", "", ""):
            read_erased(scope)

    def _stored(self) -> int:
        return ledger_scan.entries_count(self._scope.connection, self._scope.ledger.id)

    def through(self) -> None:
        """Read every place, then what only the whole can show."""
        scope = self._scope
        self._checkpoints.reach(0, self.leaves.roots(), self._latest)
        self._latest = None
        for place in ledger_scan.places(scope.connection, scope.ledger.id):
            scope.progress("entries", place.index, self._size)
            reading = read_place(scope, place)
            if place.leaf is not None:
                self._grow(place.index, place.leaf.line, reading)
            if reading.entry is not None:
                self._membership.check(place.index, reading.entry)
                self.pending.take(place, reading.entry)
                self.branches.take(place.index, reading.entry)
            self.recoveries.take(place, reading.entry)
            self.signatures.take(reading)
            self.replay.take(reading)
        self._fill(self._size)
        self._checkpoints.finish()
        self.leaves.finish()

    def _grow(self, index: int, line: bytes, reading: Reading) -> None:
        if not 0 <= index < self._size:
            self._scope.note("entry", index, "index", f"outside the {self._size} entries that were signed")
            return
        self._fill(index)
        if reading.entry is not None:
            self._latest = max(self._latest or 0, reading.entry.at)
        self._append(line)

    def _fill(self, index: int) -> None:
        """Stand in for missing entries by their stored hashes, so that what follows can be checked."""
        while self.leaves.size < index:
            self._scope.note("entry", self.leaves.size, "", "missing")
            self._append(None)

    def _append(self, line: bytes | None) -> None:
        self.leaves.append(line)
        before = self._checkpoints.checked
        self._checkpoints.reach(self.leaves.size, self.leaves.roots(), self._latest)
        if self._checkpoints.checked != before:
            self._latest = None
