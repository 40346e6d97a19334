"""What judging takes and gives: proposals on what the ledger holds, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.changes import Change, Fault
from sync.epochs import Moved
from sync.merge import Record
from sync.outcomes import Outcome
from sync.rules import Grants


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change with everything that judging it needs besides the records.

    index: the ledger index its entry will have; user: whose rights count ("machine" for the server's own
    acts); writer, place, seq, n: its place in its writer's order; source: names its change-set, within
    which `tx` groups hold; fault: what validation found
    released: it was held until now, so that its id being known says nothing against it
    adopts: the late change that this one writes for its author, as it would be judged now
    """

    index: int
    user: str
    writer: str
    seq: int
    n: int
    source: str
    change: Change | None
    place: int = 0
    device: str = ""
    fault: Fault | None = None
    within: frozenset[str] | None = None
    released: bool = False
    adopts: Proposal | None = None


@dataclass(frozen=True, slots=True)
class States:
    """What the ledger holds already: its epoch, and the digests of the change ids seen before.

    forks: {earlier epoch: up to which size its leaves are the ledger's}
    bases: {(earlier epoch, index): what it comes to} for the bases of the proposals
    """

    epoch: str
    used: Mapping[str, str] = field(default_factory=dict)
    forks: Mapping[str, int] = field(default_factory=dict)
    bases: Mapping[tuple[str, int], Moved] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """What reconcile answers: an Outcome for each proposal, the records that changed, the grants."""

    outcomes: tuple[Outcome, ...]
    records: Mapping[str, Record]
    grants: Grants
    afters: tuple[Record | None, ...]
