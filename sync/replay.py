"""Rebuilding every record from the ledger alone: recorded outcomes are applied, nothing is judged again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sync import merge
from sync.changes import Change
from sync.entries import Entry, entry_outcome
from sync.errors import BadProof
from sync.merge import Act, Origin, Record
from sync.rules import Grants, TypeRules


@dataclass
class Replayed:
    """What the entries so far amount to."""

    records: dict[str, Record] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)


def writer_of(entry: Entry) -> str:
    """Return the writer that an entry's change counts for."""
    if entry.device is not None:
        return f"device:{entry.device}"
    return "machine" if entry.by == "machine" else f"desk:{entry.by}"


def act_of(change: Change, entry: Entry, index: int, n: int) -> Act:
    """Return the act of an entry's change at its ledger position."""
    writer = writer_of(entry)
    base = merge.base_of(change, writer, index)
    return Act(index, writer, 0, entry.seq or 0, n, base, change.id, change.op, change.over)


def origin_of(change: Change, entry: Entry, rules: TypeRules, records: Mapping[str, Record]) -> Origin:
    """Return the origin of a record that an accepted create made; raises BadProof if it lies nowhere."""
    values = change.sets()
    device = entry.device or ""
    named = rules.scope if rules.scope != "self" else rules.region_from
    if named is None:
        return Origin(change.record, str(values.get("region", ("", None))[0]), entry.by, device)
    parent = records.get(str(values.get(named, (None, None))[0]))
    if parent is None:
        raise BadProof("an accepted record lies in one that the ledger does not hold", item=change.record)
    root = parent.root if rules.scope != "self" else change.record
    return Origin(root, parent.region, entry.by, device)


def replay(
    entries: Iterable[tuple[int, Entry, Sequence[Change]]],
    rules: Mapping[str, TypeRules],
    state: Replayed | None = None,
) -> Replayed:
    """Return the records and grants that the entries lead to; continues `state` where given.

    entries: (index, entry, its changes: one, or the rows of an import), in ledger order
    Raises BadProof where an entry's `after` is not the digest of the record that results.
    """
    found = state or Replayed()
    for index, entry, changes in entries:
        if not entry_outcome(entry).in_force:
            continue
        for n, change in enumerate(changes):
            kind = rules[change.type]
            place = n if entry.kind == "import" else entry.n
            before = found.records.get(change.record)
            if (before is None) != (change.op == "create"):
                raise BadProof(f"entry {index} does not follow from those before it", item=change.record)
            origin = origin_of(change, entry, kind, found.records) if before is None else None
            record = merge.apply(before, change, act_of(change, entry, index, place), kind, origin)
            found.records[change.record] = record
            hand_out(found.grants, record, kind, index)
            if entry.after is not None and merge.after_digest(record, entry.salt) != entry.after:
                raise BadProof(f"entry {index} does not lead to the record it commits to", item=change.record)
    return found


def hand_out(grants: Grants, record: Record, rules: TypeRules, index: int) -> None:
    """Let a record hand out the grants that its type declares; a voided one hands out none."""
    if rules.grants is None:
        return
    wanted = rules.grants(record.id, record.values) if record.life != merge.VOIDED else frozenset()
    grants.update(record.id, wanted, index)
