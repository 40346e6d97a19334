"""Decisions by passkey: what was signed is derived from the entries, and each decision of a passkey's owner is covered.

Whoever writes into the ledger past the desk can give any decision any name; he cannot make the assertion for it. From
the entry of somebody's passkey on, each decision in his name without a valid one is named.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.records.assertion import CHANGES_MAX
from server.access import signed
from server.access.signed import ASSERTION, PASSKEY, AssertionUnfit
from server.ledger.checks import Scope
from server.ledger.checks_entries import Reading
from server.storage import ledger_store
from sync.changes import Change
from sync.entries import ADOPT, Entry, entry_outcome

ACTIVE, REMOVED = "active", "removed"
LISTED_MAX = 10


@dataclass
class _Key:
    """A passkey as the entries so far tell of it."""

    user: str
    values: Mapping[str, Any]
    active: bool = True


class Signatures:
    """Follows passkeys, decisions and assertions through the entries."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._keys: dict[str, _Key] = {}
        self._recent: deque[tuple[int, Entry, Change]] = deque(maxlen=CHANGES_MAX)
        self._unsigned: dict[int, str] = {}
        self._without: dict[str, list[int]] = {}
        self._seen: set[str] = set()
        self._signed = 0

    def take(self, reading: Reading) -> None:
        """Follow one entry; an assertion that does not fit is noted at once."""
        entry = reading.entry
        if entry is None or not entry_outcome(entry).in_force or entry.kind == "import":
            return
        for change in reading.changes or ():
            with self._scope.guarding("entry", reading.index, "line"):
                self._one(reading.index, entry, change)

    def _one(self, index: int, entry: Entry, change: Change) -> None:
        if change.type == PASSKEY:
            self._key(change)
        elif change.type == ASSERTION and change.op == "create":
            self._assertion(index, entry, change)
        elif entry.device is None and (signed.is_wanted(change) or entry.kind == ADOPT):
            keys = [key for key in self._keys.values() if key.user == entry.by]
            if any(key.active for key in keys):
                self._unsigned[index] = entry.by
            elif keys:
                self._without.setdefault(entry.by, []).append(index)
        self._recent.append((index, entry, change))

    def _key(self, change: Change) -> None:
        values = {name: value for name, (value, _) in change.sets().items()}
        if change.op == "create":
            self._keys[change.record] = _Key(str(values["user"]), values)
        elif change.op == "void" or (values.get("stage") or {}).get("to") == REMOVED:
            self._keys[change.record].active = False

    def _assertion(self, index: int, entry: Entry, change: Change) -> None:
        values = {name: value for name, (value, _) in change.sets().items()}
        key = self._keys.get(str(values["passkey"]))
        covered = list(self._recent)[-int(values["count"]) :]
        place = range(index - int(values["count"]), index)
        if key is None or not key.active or key.user != entry.by or values["signature"] in self._seen:
            self._bad(index, "signed by no active passkey of this user, or signed before")
            return
        if [at for at, _, _ in covered] != list(place) or {each.by for _, each, _ in covered} != {entry.by}:
            self._bad(index, "does not stand right behind the changes that it covers")
            return
        try:
            signed.check(values, key.values, self._said(entry.by, int(values["asked_at"]), covered))
        except AssertionUnfit as unfit:
            self._bad(index, unfit.detail)
            return
        self._seen.add(str(values["signature"]))
        self._signed += sum(self._unsigned.pop(at, None) is not None for at in place)

    def _bad(self, index: int, words: str) -> None:
        self._scope.note("entry", index, "change", f"assertion: {words}")

    def _said(self, user: str, asked_at: int, covered: list[tuple[int, Entry, Change]]) -> bytes:
        ledger, seen = self._scope.ledger, signed.versions([change for _, _, change in covered])
        lines = ledger_store.lines_at(self._scope.connection, ledger.id, seen)
        return signed.said(
            origin=ledger.origin,
            user=user,
            asked_at=asked_at,
            changes=[entry.change for _, entry, _ in covered],
            seen=seen,
            lines=lines,
        )

    def finish(self) -> tuple[str, ...]:
        """Note the decisions that nothing covers; return what is worth saying though nothing is wrong with it."""
        for index, user in self._unsigned.items():
            self._scope.note(
                "entry", index, "by", f"a decision of {user}, who had a passkey, without its assertion"
            )
        told = [f"{self._signed} changes signed by passkey, each verified"] if self._signed else []
        for user, places in sorted(self._without.items()):
            listed = ", ".join(map(str, places[:LISTED_MAX])) + (" ..." if len(places) > LISTED_MAX else "")
            told.append(f"{user} decided without a passkey after it was removed: entries {listed}")
        return tuple(told)
