"""Rebuilding every record from the ledger alone: recorded outcomes are applied, nothing is judged again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sync import erasure, merge, natural_keys
from sync.changes import Change, base_of
from sync.entries import ADOPT, Entry, entry_outcome
from sync.errors import BadProof
from sync.merge import Act, Origin, Record
from sync.natural_keys import Names
from sync.outcomes import LATE
from sync.rules import SELF, Grants, TypeRules


@dataclass
class Replayed:
    """What the entries so far amount to; late: {index: (user, device)} of those by which a change was found late."""

    records: dict[str, Record] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    names: Names = field(default_factory=Names)
    late: dict[int, tuple[str, str]] = field(default_factory=dict)

    def pass_over(self, index: int, entry: Entry) -> None:
        """Take an entry whose change did not come into force; who recorded it an adoption will ask."""
        if entry_outcome(entry).verdict == LATE:
            self.late[index] = (entry.by, entry.device or "")


def chain_of(device: str, values: Mapping[str, object]) -> tuple[str, int]:
    """Return (writer, place in its chain) of a device's own record: the first of those it supersedes, and how many."""
    place = values.get("place", 0)
    return f"device:{values.get('chain', device)}", place if isinstance(place, int) else 0


def fork_writer(branch: str) -> str:
    """Return the writer of a branch of a fork; branch: the digest of its first manifest."""
    return f"fork:{branch}"


def writer_of(entry: Entry, records: Mapping[str, Record]) -> tuple[str, int]:
    """Return the writer that an entry's change counts for, and the device's place in its chain."""
    if entry.branch is not None:
        return fork_writer(entry.branch), 0
    if entry.device is not None:
        enrolled = records.get(entry.device)
        return chain_of(entry.device, enrolled.values if enrolled else {})
    return ("machine" if entry.by == "machine" else f"desk:{entry.by}"), 0


def act_of(
    change: Change, entry: Entry, *, index: int, n: int, records: Mapping[str, Record], landed: str
) -> Act:
    """Return the act of an entry's change at its ledger position; landed: the record that it stands on."""
    writer, place = writer_of(entry, records)
    base = base_of(change, writer, index) if entry.base is None else entry.base
    addressed = change.record if landed != change.record else ""
    return Act(
        index, writer, place, entry.seq or 0, n, base, change.id, change.op, change.over, addressed
    )  # fmt: skip


def origin_of(change: Change, entry: Entry, rules: TypeRules, state: Replayed) -> Origin:
    """Return the origin of a record that an accepted create made; raises BadProof if it lies nowhere."""
    values, records = change.sets(), state.records
    by, device = _author(entry, state)
    home = rules.home(values)
    named = home if home != SELF else rules.region_from
    if named is None:
        return Origin(change.record, str(values.get("region", ("", None))[0]), by, device)
    parent = records.get(str(values.get(named, (None, None))[0]))
    if parent is None:
        raise BadProof("an accepted record lies in one that the ledger does not hold", item=change.record)
    root = parent.root if home != SELF else change.record
    return Origin(root, parent.region, by, device)


def _author(entry: Entry, state: Replayed) -> tuple[str, str]:
    """Return (user, device) of whoever recorded what an entry brings: of an adopted change, its first author."""
    if entry.kind != ADOPT:
        return entry.by, entry.device or ""
    found = state.late.get(-1 if entry.late is None else entry.late)
    if found is None:
        raise BadProof("an adoption of what was not late", item=entry.record)
    return found


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
            found.pass_over(index, entry)
            continue
        for n, change in enumerate(changes):
            kind = rules[change.type]
            place = n if entry.kind == "import" else entry.n
            landed = natural_keys.landing(change, found.records, kind)
            if entry.kind != "import" and landed != entry.record:
                raise BadProof(f"entry {index} names another record than its change", item=change.record)
            before = found.records.get(landed)
            if (before is None) != (change.op == "create"):
                raise BadProof(f"entry {index} does not follow from those before it", item=change.record)
            origin = origin_of(change, entry, kind, found) if before is None else None
            act = act_of(change, entry, index=index, n=place, records=found.records, landed=landed)
            if change.op == erasure.ERASE and before is not None:
                record = erasure.apply(before, change, act, kind)
            else:
                record = merge.apply(before, change, act, kind, origin)
            found.records[landed] = record
            for moved in found.names.settle(before, record, found.records, kind):
                found.records[moved.id] = moved
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
