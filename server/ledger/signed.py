"""The signer's own record as others read it: which heads of which logs were prepared and committed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from server.commit.signer import COMMITTED, HEARD, PREPARED
from sync.checkpoint import Checkpoint


@dataclass(frozen=True)
class Signed:
    """What the signer's record says of one log: {(size, root)} prepared or committed, {size: root} committed."""

    log: str
    heads: frozenset[tuple[int, str]] = frozenset()
    committed: dict[int, str] = field(default_factory=dict)
    there: bool = False

    def knows(self, head: Checkpoint) -> bool:
        """Return whether the signer noted the head; a record that is missing is one finding, not one for each head."""
        return not self.there or (head.size, head.root.hex()) in self.heads

    @property
    def last(self) -> tuple[int, str] | None:
        """The largest head that was committed: (size, root in hex)."""
        return max(self.committed.items(), default=None)


@dataclass(frozen=True)
class Record:
    """The whole record; newest: {origin: its newest log}; heard: {origin: (log, size, root) that a phone proved}."""

    there: bool = False
    logs: dict[str, Signed] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)
    heard: dict[str, tuple[str, int, str]] = field(default_factory=dict)

    def upto(self, head: Checkpoint) -> Record:
        """Return the record without what its signer committed to beyond a head of a backup."""
        kept = {log: _below(signed, head.size) for log, signed in self.logs.items()}
        return replace(self, logs=kept)

    def committed_by(self, before: Record) -> Record:
        """Return the record with the committed heads of an earlier reading of it alone."""
        logs = {log: replace(one, committed=before.of(log).committed) for log, one in self.logs.items()}
        return replace(self, logs=logs)

    def of(self, log: str) -> Signed:
        """Return what it says of a log."""
        return self.logs.get(log, Signed(log, there=self.there))


def _below(signed: Signed, size: int) -> Signed:
    return replace(signed, committed={at: root for at, root in signed.committed.items() if at <= size})


def read_record(path: Path) -> Record:
    """Return what the signer noted; a torn line was never acted upon and is passed over."""
    if not path.exists():
        return Record()
    found = Record(there=True)
    heads: dict[str, set[tuple[int, str]]] = {}
    committed: dict[str, dict[int, str]] = {}
    with path.open("rb") as file:
        for line in file:
            try:
                body = json.loads(line)
                state, log, size, root = body["state"], body["log"], int(body["size"]), str(body["root"])
                origin = log.rpartition("/")[0]
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
            if state == HEARD:
                found.heard[origin] = (log, size, root)
            if state not in (PREPARED, COMMITTED):
                continue
            heads.setdefault(log, set()).add((size, root))
            if state == COMMITTED:
                if log not in committed:
                    found.newest[origin] = log
                    found.heard.pop(origin, None)
                committed.setdefault(log, {})[size] = root
    for log, some in heads.items():
        found.logs[log] = Signed(log, frozenset(some), committed.get(log, {}), True)
    return found
