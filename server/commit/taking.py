"""Taking a change-set into the ledger: every change gets its entry, its outcome and its place in its writer's chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from server.commit import receipts, releasing
from server.commit.submission import Push, Result
from server.commit.work import Author, Commit, append, reconciled
from server.storage.device_store import Device
from sync.changes import Item
from sync.errors import Refusal, every_refusal
from sync.outcomes import NOT_IN_FORCE, Outcome
from sync.proposals import Proposal
from sync.replay import fork_writer
from sync.rules import PHONE_ROLES


def take(work: Commit, push: Push, device: Device, *, branch: str | None = None) -> Result:
    """Judge a set and append its entries; branch: the first set of the branch that it belongs to, None for the chain.

    A set of the chain moves the device's head and gets a receipt; one of a branch does neither.
    """
    manifest, items = push.change_set.manifest, push.change_set.items
    first, edge = work.next_index, tuple(work.tiles.tree.hashes)
    judged = reconciled(work, _proposals(push, device, first, branch))
    work.accept(judged, items)
    author = Author(
        "change",
        device.user,
        push.received_at,
        device.id,
        manifest.digest,
        manifest.seq,
        branch=branch,
        schema=manifest.schema,
    )
    for n, (item, outcome) in enumerate(zip(items, judged.outcomes, strict=True)):
        releasing.note(work, first + n, item, outcome, author, n)
        append(work, item, outcome, judged.afters[n], author, n)
    if branch is None:
        work.chains[device.id] = replace(device, seq=manifest.seq, digest=manifest.digest)
        entries = tuple(work.entries[first - work.head.size :])
        work.receipts.append(receipts.Pending(manifest, first, entries, edge))
    return Result(first, judged.outcomes, judged.records)


def _proposals(push: Push, device: Device, first: int, branch: str | None) -> list[Proposal]:
    manifest = push.change_set.manifest
    return [
        Proposal(
            index=first + n,
            user=device.user,
            writer=f"device:{device.chain}" if branch is None else fork_writer(branch),
            place=device.place if branch is None else 0,
            seq=manifest.seq,
            n=n,
            source=manifest.digest,
            change=item.change,
            device=device.id,
            fault=item.fault,
            within=PHONE_ROLES,
        )
        for n, item in enumerate(push.change_set.items)
    ]


def wholly(outcomes: Sequence[Outcome], items: Sequence[Item]) -> None:
    """Raise the refusal of the first member that did not come into force."""
    for outcome, item in zip(outcomes, items, strict=True):
        if outcome.verdict in NOT_IN_FORCE:
            kind = every_refusal().get(outcome.code or "record_unknown", Refusal)
            detail = item.fault.detail if item.fault else (kind.__doc__ or "").strip()
            record = item.change.record if item.change else None
            raise kind(detail, item=record, field=outcome.field)
