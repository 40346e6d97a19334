"""Re-admitted sets: each was let in by a record, is what lies in quarantine, and is there as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas.wire.change_set import read_body, read_manifest
from server.commit.work import QUARANTINE_PURPOSE
from server.ledger.checks import Scope
from server.storage import ledger_scan, ledger_store
from sync import changes, lines, signing
from sync.changes import Item, Manifest
from sync.entries import RELEASE, Entry
from sync.merge import Record

READMISSION = "readmission"


@dataclass
class Claim:
    """What the entries of a set that is beside its device's chain say: the first of them, and each change's digest."""

    device: str
    seq: int
    branch: str
    first: int
    lines: dict[int, str] = field(default_factory=dict)


class Branches:
    """Follows the entries of sets that were re-admitted from a fork; there are few."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._claims: dict[str, Claim] = {}

    def take(self, index: int, entry: Entry) -> None:
        """Follow one entry."""
        if entry.branch is None:
            return
        if entry.device is None or entry.seq is None or entry.set is None:
            self._scope.note("entry", index, "line", "is of a branch and of no device")
            return
        known = self._claims.get(entry.set)
        if entry.kind == RELEASE:
            if known is None or known.lines.get(entry.n) != entry.change:
                self._scope.note("entry", index, "line", "releases a change that no branch has brought")
            return
        if known is None:
            known = self._claims[entry.set] = Claim(entry.device, entry.seq, entry.branch, index)
        if (known.device, known.seq, known.branch, known.first + entry.n) != (
            entry.device,
            entry.seq,
            entry.branch,
            index,
        ):
            self._scope.note("entry", index, "line", "does not stand in its place in the set")
        known.lines[entry.n] = entry.change

    def check(self, records: Mapping[str, Record]) -> None:
        """Hold what was let in to the records that let it in, and to the texts in quarantine."""
        allowed = {str(one.values["set"]): one for one in records.values() if one.type == READMISSION}
        for digest, claim in self._claims.items():
            record = allowed.get(digest)
            if record is None or not _lets_in(record, claim):
                self._scope.note("entry", claim.first, "branch", "nobody has let this set in")
            self._text(digest, claim, records.get(claim.device))
        for digest, record in allowed.items():
            if "branch" in record.values:
                missing = digest not in self._claims
            else:
                key = (str(record.values["device"]), int(record.values["seq"]))
                stored = ledger_store.change_set(self._scope.connection, self._scope.ledger.id, *key)
                missing = stored is None or stored.digest != digest
            if missing:
                self._scope.note("record", record.id, "set", "lets a set in that is not there")

    def _text(self, digest: str, claim: Claim, device: Record | None) -> None:
        """Compare a set's entries with its text as the phone signed it."""
        key = f"{claim.device}/{claim.seq}"
        found = self._kept(digest, claim)
        if found is None:
            self._scope.note("quarantine", key, "", f"the text of the set at entry {claim.first} is missing")
            return
        manifest, items = found
        with self._scope.guarding("quarantine", key, "sealed"):
            if device is not None:
                public = signing.public_key(lines.unb64u(str(device.values["sign_key"])))
                signing.verify(manifest.jws, signing.MANIFEST, public)
            if claim.lines != {n: lines.digest(item.line) for n, item in enumerate(items)}:
                self._scope.note(
                    "entry", claim.first, "change", "the set has other changes than the phone signed"
                )

    def _kept(self, digest: str, claim: Claim) -> tuple[Manifest, tuple[Item, ...]] | None:
        scope = self._scope
        for sealed in ledger_scan.quarantined_texts(
            scope.connection, scope.ledger.id, claim.device, claim.seq
        ):
            with scope.guarding("quarantine", f"{claim.device}/{claim.seq}", "sealed"):
                jws, body = changes.split_manifest(scope.vault.open(claim.device, QUARANTINE_PURPOSE, sealed))
                manifest = read_manifest(jws)
                if manifest.digest == digest:
                    return manifest, read_body(manifest, body, scope.erased)
        return None


def _lets_in(record: Record, claim: Claim) -> bool:
    values = record.values
    return (values["device"], values["seq"], values.get("branch")) == (claim.device, claim.seq, claim.branch)
