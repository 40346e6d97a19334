"""The audit: everything that the ledger claims, derived again from its bytes.

Bodies lead to leaves, leaves to tiles, tiles to the signed root; manifests and receipts verify; and
`replay(ledger)` gives the projections. Nothing is repaired and nothing raises: every discrepancy is a
finding that names table, key and column, and after it the audit goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from server.ledger.checks import Finding, Progress, Scope, silent
from server.ledger.checks_catalogues import check_catalogues
from server.ledger.checks_entries import Reading, read_place
from server.ledger.checks_heads import Checkpoints, Signed, check_head, signer_record, trusted_head
from server.ledger.checks_projections import (
    Replay,
    check_deadlines,
    check_devices,
    check_grants,
    check_originals,
    check_records,
)
from server.ledger.checks_sets import Membership, check_sets
from server.ledger.checks_tree import Leaves
from server.ledger.checks_waiting import Pending
from server.storage import ledger_scan
from server.wiring import Services
from sync.checkpoint import Checkpoint


@dataclass(frozen=True)
class Report:
    """What the audit found; more: {table: number of further findings that are not listed}."""

    origin: str
    entries: int
    records: int
    checkpoint: Checkpoint | None
    findings: tuple[Finding, ...]
    more: dict[str, int]

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return not self.findings

    def text(self) -> list[str]:
        """Return the report in lines."""
        if self.ok and self.checkpoint is not None:
            head = f"{self.checkpoint.name} {self.checkpoint.size} {self.checkpoint.root.hex()}"
            return [f"audit ok: {self.entries} entries, {self.records} records, checkpoint {head}"]
        found = [str(finding) for finding in self.findings]
        found += [f"{table}: {number} more" for table, number in self.more.items()]
        total = len(self.findings) + sum(self.more.values())
        return [*found, f"audit failed: {total} findings, {self.entries} entries, {self.records} records"]

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
        }


def audit(services: Services, progress: Progress | None = None) -> Report:
    """Return what an audit of one snapshot of the ledger finds; the server may go on writing meanwhile.

    progress: told (what, how far, of how much) now and then
    """
    with services.database.reading() as connection:
        head = ledger_scan.head(connection, services.ledger.id)
    # Read before the snapshot: what the signer had committed by then must be in it.
    log = f"{services.ledger.origin}/{head.epoch if head else ''}"
    before = signer_record(services.config.signer_file, log)
    with services.database.reading() as connection:
        return audit_snapshot(services, connection, progress, before=before)


def audit_snapshot(
    services: Services,
    connection: Connection,
    progress: Progress | None = None,
    *,
    before: Signed | None = None,
) -> Report:
    """Return what an audit of all that a connection sees finds.

    before: the signer's record from before the connection saw anything; None where nobody writes meanwhile
    """
    ledger, keyring, path = services.ledger, services.keyring, services.config.signer_file
    scope = Scope(
        connection,
        ledger,
        services.vault.session(connection, ledger.id),
        keyring.verifiers(),
        keyring.ledger_digest,
        progress=progress or silent,
    )
    with scope.guarding("head", ledger.id, ""):
        scope.trusted = trusted_head(scope)
    signed = signer_record(path, scope.trusted.name if scope.trusted else "")
    if not signed.there:
        scope.note("signer", path.name, "", "the signer's own record is missing")
    if before is not None and before.log == signed.log:
        signed = replace(signed, committed=before.committed)
    return _examine(scope, signed)


def _examine(scope: Scope, signed: Signed) -> Report:
    walk = _Walk(scope, signed)
    with scope.guarding("entry", "", ""):
        walk.through()
    with scope.guarding("head", scope.ledger.id, ""):
        check_head(scope, walk.leaves.edge, signed)
    records = walk.replay.records
    chains = check_sets(scope, records)
    check_records(scope, records)
    check_grants(scope, walk.replay.grants())
    check_catalogues(scope, records)
    walk.pending.check()
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
    )


class _Walk:
    """Goes through the ledger once, index by index, and feeds tree, checkpoints and replay."""

    def __init__(self, scope: Scope, signed: Signed):
        self._scope = scope
        self._size = scope.trusted.size if scope.trusted else self._stored()
        self.leaves = Leaves(scope)
        self.replay = Replay(scope)
        self._checkpoints = Checkpoints(scope, signed)
        self._membership = Membership(scope)
        self.pending = Pending(scope)
        self._latest: int | None = ledger_scan.founded_at(scope.connection, scope.ledger.id)

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
