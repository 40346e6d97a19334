"""What the checks of the audit share: a finding, where findings are collected, and what is read from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from server.keys.history import History
from server.keys.vault import VaultSession
from server.storage.ledger_store import Ledger
from sync import checkpoint, signing
from sync.changes import PrivateLine
from sync.checkpoint import Checkpoint
from sync.epochs import Epochs
from sync.errors import BadSignature, Refusal

FINDINGS_MAX = 50
"""Findings that are kept for each table; the others are counted."""
BROKEN = (Refusal, ValueError, TypeError, LookupError, AttributeError, OverflowError, MemoryError)
"""What reading altered bytes can raise."""
Progress = Callable[[str, int, int], None]
"""Told (what is being checked, how far, of how much)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One discrepancy: the table, the row's key, the column where it shows, and what is wrong."""

    table: str
    key: str
    column: str
    detail: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.table, self.key, self.column) if part)
        return f"{place}: {self.detail}"

    def json(self) -> dict[str, str]:
        """Return the finding for scripts."""
        return {"table": self.table, "key": self.key, "column": self.column, "detail": self.detail}


class Findings:
    """Collects findings; one altered table cannot crowd out what is found in the others."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Finding]] = {}
        self._more: dict[str, int] = {}

    def add(self, table: str, key: object, column: str, detail: str) -> None:
        """Note a discrepancy."""
        kept = self._kept.setdefault(table, [])
        finding = Finding(table, str(key), column, detail)
        if finding in kept:
            return
        if len(kept) < FINDINGS_MAX:
            kept.append(finding)
        else:
            self._more[table] = self._more.get(table, 0) + 1

    def all(self) -> tuple[Finding, ...]:
        """Return what was kept, in the order in which the tables were first noted."""
        return tuple(finding for kept in self._kept.values() for finding in kept)

    def more(self) -> dict[str, int]:
        """Return {table: how many further findings were only counted}."""
        return dict(self._more)


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass
class Scope:
    """What every check reads from: one snapshot of one ledger, its keys, and where to note what is wrong.

    keys: those of the installation, from its own files: the root of all trust here
    known: every key that the ledger's records tell of, which the replay confirms
    trusted: the newest head whose signature verifies, None when there is none; it says how large the
    ledger is and which root it must lead to, whatever the rows claim
    erased: {digest: what is read in its place} of every line that the ledger says was erased
    recovery: the raw public recovery key
    epochs: how the ledger went on after disasters, as the rows claim; checked by themselves
    """

    connection: Connection
    ledger: Ledger
    vault: VaultSession
    keys: list[Ed25519PublicKey]
    known: History
    recovery: bytes
    trusted: Checkpoint | None = None
    epochs: Epochs = field(default_factory=Epochs)
    findings: Findings = field(default_factory=Findings)
    erased: dict[str, PrivateLine] = field(default_factory=dict)
    progress: Progress = silent

    def bounds(self, epoch: str) -> tuple[int, int] | None:
        """Return (smallest, largest) size of an epoch's heads that this ledger can hold; None for another's epoch."""
        if self.trusted is None:
            return None
        fork = (
            self.trusted.size if epoch == self.trusted.epoch else self.epochs.fork(epoch, self.trusted.epoch)
        )
        opened = self.epochs.opening(epoch)
        return None if fork is None else (opened.fork.size + 1 if opened else 0, fork)

    def standing_at(self, size: int) -> list[Ed25519PublicKey]:
        """Return the keys of which one must have signed a head of `size` entries."""
        return self.known.standing_at(size) or self.keys

    def signed_by(self, note: str, public: Ed25519PublicKey, key: str) -> None:
        """Note a checkpoint that a key did not sign which stood then."""
        try:
            checkpoint.verify(note, [public])
        except BadSignature:
            kid = signing.key_id(signing.public_raw(public))
            self.note("checkpoint", key, "note", f"not signed by the ledger key {kid}, which stood then")

    def note(self, table: str, key: object, column: str, detail: str) -> None:
        """Note a discrepancy."""
        self.findings.add(table, key, column, detail)

    def guarding(self, table: str, key: object, column: str) -> Guard:
        """Return a context that turns what altered bytes make a check raise into a finding at this place."""
        return Guard(self, table, str(key), column)


@dataclass(frozen=True)
class Guard:
    """Keeps a check from raising: what it met becomes a finding, and the audit goes on behind it."""

    scope: Scope
    table: str
    key: str
    column: str

    def __enter__(self) -> None:
        """Begin a check."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Note what the check met, if altered bytes can have raised it."""
        if isinstance(error, OperationalError):
            words = f"the database cannot read it ({type(error.orig).__name__})"
        elif isinstance(error, Refusal):
            words = error.detail
        elif isinstance(error, BROKEN):
            words = f"cannot be read ({type(error).__name__})"
        else:
            return False
        self.scope.note(self.table, self.key, self.column, words)
        return True
