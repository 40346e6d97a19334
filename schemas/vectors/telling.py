"""How a judged set or act stands in a vector: its bytes, what a reader makes of them, what became of each change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.vectors.fixed import parts
from sync import lines, merge
from sync.changes import ChangeSet, Fault, Item, Manifest
from sync.merge import Record
from sync.outcomes import Outcome

Case = dict[str, Any]


@dataclass(frozen=True)
class Pushed:
    """A set as it was judged; rows: the text's lines after the manifest; entries: those of its changes."""

    manifest: Manifest
    rows: tuple[bytes, ...]
    first: int
    outcomes: tuple[Outcome, ...]
    afters: tuple[Record | None, ...]
    change_set: ChangeSet
    entries: tuple[bytes, ...]


def shown(record: Record) -> Case:
    """Return a record as a vector states it: what a reader sees, and its conflicts."""
    contests = {
        name: {"open": contest.open, "candidates": list(contest.candidates)}
        for name, contest in sorted(record.contests.items())
    }
    body = {**merge.visible(record), "version": record.version, "root": record.root}
    return {**body, **({"conflicts": contests} if contests else {})}


def fault_json(fault: Fault | None) -> Case | None:
    """Return what is wrong with a line, None for a sound one."""
    return None if fault is None else {"code": fault.code, "field": fault.field}


def text_json(done: Pushed) -> Case:
    """Return a set's text: the manifest's parts and the other lines."""
    return {"manifest": parts(done.manifest.jws), "lines": [row.decode() for row in done.rows]}


def set_json(done: Pushed) -> Case:
    """Return a set with what a reader makes of each line and what the ledger made of each change."""
    changes = []
    for n, (item, outcome) in enumerate(zip(done.change_set.items, done.outcomes, strict=True)):
        private = {line.kind: line.digest for line in item.change.private} if item.change else {}
        judged = change_json(item, outcome, done.entries[n], done.afters[n], done.first + n)
        changes.append({"fault": fault_json(item.fault), "private": private, **judged})
    manifest = done.manifest
    told = {"digest": manifest.digest, "root": manifest.root, "first": done.first, "changes": changes}
    return {"set": {"text": text_json(done), **told}}


def change_json(item: Item, outcome: Outcome, entry: bytes, after: Record | None, index: int) -> Case:
    """Return what became of one change; after: the record that results, told where the entry commits to it."""
    told: Case = {"digest": lines.digest(item.line), "outcome": outcome.json(), "entry": entry.decode()}
    if after is not None and after.version == index:
        told["record"] = shown(after)
    return told


@dataclass(frozen=True)
class Acted:
    """An act of the desk or the machine as it was judged; one that did not come into force has no entries."""

    by: str
    items: tuple[Item, ...]
    first: int
    outcomes: tuple[Outcome, ...]
    afters: tuple[Record | None, ...]
    entries: tuple[bytes, ...]


def act_json(done: Acted) -> Case:
    """Return an act with its lines and what became of each."""
    changes = []
    for n, (item, outcome) in enumerate(zip(done.items, done.outcomes, strict=True)):
        assert item.change is not None, "what was drafted can be read"
        sent: Case = {"line": item.line.decode(), "private": [p.line.decode() for p in item.change.private]}
        if done.entries:
            sent |= change_json(item, outcome, done.entries[n], done.afters[n], done.first + n)
        changes.append({**sent, "outcome": outcome.json()})
    return {"act": {"by": done.by, "changes": changes}}


__all__ = ["Acted", "Case", "Pushed", "act_json", "fault_json", "set_json", "shown", "text_json"]
