"""The auditor who trusts nobody: from what phones wrote down and the ledger's bare lines he says what must be there.

He shares no code with the product: the tree, the verdicts' meaning and the merge rule are written here once more,
from docs/protocol.md, the slow and plain way. What he returns are broken promises, in words; none is the goal.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

IN_FORCE = ("conflict", "merged", "applied", "same")
REVIEWED = {"finding": ("amount_fen", "violation_code"), "bed_check": ("presence", "bed_observed")}
SETS = {"finding": ("persons",)}
EXPECTED_CODES = ("not_allowed", "tx_member", "bad_transition", "conflict_open")
"""Why something may be refused in this world: it came after its team had no say any more, or beside such a thing."""


@dataclass(frozen=True)
class Written:
    """A change that a phone wrote down durably, as the phone's own journal had it."""

    id: str
    digest: str
    op: str
    type: str
    record: str
    base: int | None
    over: tuple[str, ...]
    sets: Mapping[str, Any]
    adds: Mapping[str, tuple[Any, ...]]
    removes: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Write:
    """One write in force: where, by whom, on what base."""

    index: int
    writer: str
    order: tuple[int, int]
    base: int
    change: Written


@dataclass
class Oracle:
    """What the phones wrote down, by change id; place: the ledger's database file."""

    place: Path
    written: dict[str, Written] = field(default_factory=dict)

    def hear(self, change: Any) -> None:
        """Note a change that is durable on its phone."""
        sets, adds, removes = dict(change.set), dict(change.add), dict(change.remove)
        for line in change.private:
            sets.update(line.set)
            adds.update(line.add)
            removes.update(line.remove)
        self.written.setdefault(
            change.id,
            Written(
                change.id, hashlib.sha256(change.line).hexdigest(), change.op, change.type, change.record,
                change.base[1] if change.base else None, tuple(change.over), sets, adds, removes,
            ),
        )  # fmt: skip

    def ledger(self) -> Ledger:
        """Return the ledger's bare lines as they are now."""
        with sqlite3.connect(f"file:{self.place}?mode=ro", uri=True) as rows:
            lines = rows.execute('SELECT "index", line FROM entry ORDER BY "index"').fetchall()
            ids = dict(rows.execute('SELECT "index", change FROM body WHERE n = 0').fetchall())
            (note,) = rows.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        return Ledger(
            [(index, json.loads(line), bytes(line)) for index, line in lines], ids, note, self.written
        )


@dataclass
class Ledger:
    """Entries with their change ids, and the newest signed note."""

    entries: Sequence[tuple[int, dict[str, Any], bytes]]
    ids: Mapping[int, str | None]
    note: str
    written: Mapping[str, Written]

    # -- the promises ------------------------------------------------------------------------------

    def lost(self, still_on_phones: Iterable[str]) -> list[str]:
        """Return what a phone wrote down that is neither in the ledger, line for line, nor on a phone."""
        there = {(self.ids[index], entry["change"]) for index, entry, _ in self.entries}
        kept = set(still_on_phones)
        return [
            f"lost: {one.op} of {one.type} {one.record}, change {one.id}"
            for one in self.written.values()
            if (one.id, one.digest) not in there and one.id not in kept
        ]

    def twice(self) -> list[str]:
        """Return what came into force more than once."""
        seen: set[str] = set()
        found = []
        for index, entry, _ in self.entries:
            key = self.ids[index]
            if key is None or not in_force(entry):
                continue
            if key in seen:
                found.append(f"twice in force: change {key} at {index}")
            seen.add(key)
        return found

    def strangely_refused(self) -> list[str]:
        """Return refusals that nothing in this world explains."""
        return [
            f"refused for {entry['outcome'].get('code')}: entry {index}"
            for index, entry, _ in self.entries
            if entry["outcome"]["verdict"] == "refused" and entry["outcome"].get("code") not in EXPECTED_CODES
        ]

    def left_waiting(self) -> list[str]:
        """Return what is held although what it waits for has a record by now."""
        made = {entry.get("record") for _, entry, _ in self.entries if in_force(entry)}
        last: dict[tuple[Any, ...], tuple[int, dict[str, Any]]] = {}
        for index, entry, _ in self.entries:
            if "device" in entry:
                last[entry["device"], entry["seq"], entry["n"]] = (index, entry)
        return [
            f"held for ever: entry {index} waits for {entry['outcome'].get('waiting_for')}"
            for index, entry in last.values()
            if entry["outcome"]["verdict"] == "held" and entry["outcome"].get("waiting_for") in made
        ]

    def wrong_root(self) -> list[str]:
        """Return whether the newest note is over another tree than that of the lines."""
        _, size, root = self.note.split("\n")[:3]
        own = base64.b64encode(tree_root([line for _, _, line in self.entries[: int(size)]])).decode()
        gaps = [n for n, (index, _, _) in enumerate(self.entries) if n != index]
        found = [] if own == root else [f"the note of size {size} is over another tree"]
        return (
            found
            + [f"entry {n} is missing" for n in gaps[:1]]
            + ([] if int(size) == len(self.entries) else [f"{len(self.entries)} entries, signed {size}"])
        )

    def wrong_values(
        self, shown: Mapping[str, Mapping[str, Any]], contested: Mapping[str, Sequence[str]]
    ) -> list[str]:
        """Return where a record does not show what the writes lead to, or hides that they contradict.

        shown: {record: its values}; contested: {record: its fields with an open conflict}
        """
        found = []
        for record, writes in self._by_record.items():
            kind = writes[0].change.type
            for name in REVIEWED.get(kind, ()):
                own = [w for w in writes if name in w.change.sets]
                if not own or record not in shown:
                    continue
                standing = _standing(own, name, own[-1].index)
                values = {_key(w.change.sets[name]) for w in standing}
                value = shown[record].get(name)
                is_open = name in contested.get(record, ())
                if is_open != (len(values) > 1):
                    found.append(f"{record}.{name}: {len(values)} values stand, conflict open: {is_open}")
                elif len(values) == 1 and _key(value) not in values:
                    found.append(f"{record}.{name}: shows {value!r}, silently another than {sorted(values)}")
            for name in SETS.get(kind, ()):
                wanted = _members(writes, name)
                if record in shown and {_key(v) for v in shown[record].get(name) or ()} != wanted:
                    found.append(f"{record}.{name}: members differ from {sorted(wanted)}")
        return found

    # -- the merge rule, once more -----------------------------------------------------------------

    @cached_property
    def _by_record(self) -> dict[str, list[Write]]:
        lines = {index: (entry, self.ids[index]) for index, entry, _ in self.entries}
        found: dict[str, list[Write]] = {}
        for index, entry, _ in self.entries:
            if not in_force(entry):
                continue
            adopted = entry["kind"] == "adopt"
            change = self.written.get(str(lines[entry["late"]][1] if adopted else self.ids[index]))
            if change is None:
                continue
            # An adoption writes what the late change would have, under an id of its own.
            change = replace(change, id=str(self.ids[index]))
            if adopted or "device" not in entry:
                writer, order, base = f"desk {index}", (0, 0), index - 1
            else:
                writer, order = entry["device"], (entry["seq"], entry["n"])
                base = -1 if change.base is None else change.base
            found.setdefault(change.record, []).append(Write(index, writer, order, base, change))
        return found


def in_force(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry's writes count."""
    outcome = entry["outcome"]
    return outcome["verdict"] in IN_FORCE and "repeated" not in outcome.get("flags", ())


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _earlier(one: Write, other: Write) -> bool:
    """Whether `one` is an earlier write of the same phone."""
    return one.writer == other.writer and not one.writer.startswith("desk") and one.order < other.order


def _standing(writes: Sequence[Write], name: str, upto: int) -> list[Write]:
    """Return the writes up to an index that no other takes out of force."""
    known = [w for w in writes if w.index <= upto]
    return [w for w in known if not any(_takes_out(v, w, writes, name) for v in known if v is not w)]


def _takes_out(later: Write, earlier: Write, writes: Sequence[Write], name: str) -> bool:
    if _earlier(earlier, later):
        return True
    if _earlier(later, earlier):
        return False
    if later.change.op == "resolve":
        return earlier.change.id in later.change.over
    if later.base < earlier.index:
        return False
    at_base = _standing(writes, name, later.base)
    fought_over = len({_key(w.change.sets[name]) for w in at_base}) > 1
    return not (fought_over and earlier in at_base)


def _members(writes: Sequence[Write], name: str) -> set[str]:
    found = set()
    for one in writes:
        for value in one.change.adds.get(name, ()):
            gone = any(
                value in other.change.removes.get(name, ())
                and (_earlier(one, other) or (not _earlier(other, one) and other.base >= one.index))
                for other in writes
            )
            if not gone:
                found.add(_key(value))
    return found


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 root over some lines, as section 2.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    return _root(level)


def _root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\x01" + _root(hashes[:half]) + _root(hashes[half:])).digest()
