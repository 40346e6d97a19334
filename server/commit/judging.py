"""Judging one submission inside a commit: a phone's set, an act, or an import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from server.commit import receipts, releasing
from server.commit.submission import Act, Import, Push, Result, Submission
from server.commit.work import QUARANTINE_PURPOSE, Author, Commit, append, keep, reconciled
from server.storage import device_store, ledger_store, record_store
from sync import lines
from sync.changes import Item
from sync.errors import DeviceFork, DeviceRevoked, Refusal, SequenceGap, VersionChanged, every_refusal
from sync.outcomes import NOT_IN_FORCE, Outcome
from sync.reconcile import Judged, Proposal
from sync.rules import PHONE_ROLES

ENROLLED = "enrolled"


def judge(work: Commit, submission: Submission) -> Result:
    """Judge one submission on what the commit holds so far, and append its entries; raises its Refusal."""
    if isinstance(submission, Push):
        return _push(work, submission)
    if isinstance(submission, Act):
        return _act(work, submission)
    return _import(work, submission)


def _push(work: Commit, push: Push) -> Result:
    manifest, items = push.change_set.manifest, push.change_set.items
    device = work.chains.get(push.device)
    assert device is not None, "the intake found the device"
    if device.stage != ENROLLED:
        raise DeviceRevoked(stage=device.stage)
    if manifest.seq <= device.seq:
        return _known(work, push)
    if manifest.seq > device.seq + 1:
        raise SequenceGap(f"expected {device.seq + 1}, got {manifest.seq}", expected=device.seq + 1)
    if manifest.prev != device.digest:
        raise DeviceFork("the set does not join the device's chain")
    first, edge = work.next_index, tuple(work.tiles.tree.hashes)
    judged = reconciled(work, _proposals(push, device, first))
    work.accept(judged, items)
    author = Author("change", device.user, push.received_at, device.id, manifest.digest, manifest.seq)
    for n, (item, outcome) in enumerate(zip(items, judged.outcomes, strict=True)):
        releasing.note(work, first + n, item, outcome, author, n)
        append(work, item, outcome, judged.afters[n], author, n)
    work.chains[device.id] = replace(device, seq=manifest.seq, digest=manifest.digest)
    entries = tuple(work.entries[first - work.head.size :])
    work.receipts.append(receipts.Pending(manifest, first, entries, edge))
    if faults := [item.fault for item in items if item.fault]:
        quarantine(work, push, faults[0].code)
    return Result(first, judged.outcomes, judged.records)


def _proposals(push: Push, device: device_store.Device, first: int) -> list[Proposal]:
    manifest = push.change_set.manifest
    return [
        Proposal(
            index=first + n,
            user=device.user,
            writer=f"device:{device.chain}",
            place=device.place,
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


def quarantine(work: Commit, push: Push, code: str) -> None:
    """Keep the opened bytes of what was not accepted, encrypted under the device's own data key."""
    device_store.quarantine(
        work.connection,
        work.ledger.id,
        device=push.device,
        seq=push.change_set.manifest.seq,
        code=code,
        at=work.now,
        digest=lines.digest(push.text),
        sealed=work.vault.seal(push.device, QUARANTINE_PURPOSE, push.text),
    )


def _known(work: Commit, push: Push) -> Result:
    """Answer a set whose seq was used: the first receipt again, or a fork."""
    manifest = push.change_set.manifest
    for pending in work.receipts:
        if (pending.manifest.device, pending.manifest.seq) == (manifest.device, manifest.seq):
            if pending.manifest.digest == manifest.digest:
                return Result(pending.first, (), {}, repeated=True)
            raise DeviceFork("another set of this device carries the same seq")
    stored = ledger_store.change_set(work.connection, work.ledger.id, push.device, manifest.seq)
    if stored is None or stored.digest != manifest.digest:
        raise DeviceFork("another set of this device carries the same seq")
    receipt = receipts.stored(work.connection, work.ledger.id, stored)
    return Result(stored.first, (), {}, receipt=receipt, repeated=True)


def _act(work: Commit, act: Act) -> Result:
    for record, version in act.expect.items():
        known = work.table.get(record)
        if known is None or known.version != version:
            raise VersionChanged(item=record, version=known.version if known else None)
    first = work.next_index
    writer = "machine" if act.user == "machine" else f"desk:{act.user}"
    source = f"act {first}"
    proposals = [
        Proposal(first + n, act.user, writer, 0, n, source, item.change, fault=item.fault)
        for n, item in enumerate(act.items)
    ]
    judged = reconciled(work, proposals)
    _wholly(judged.outcomes, act.items)
    work.accept(judged, act.items)
    author = Author(act.kind, act.user, act.at)
    for n, (item, outcome) in enumerate(zip(act.items, judged.outcomes, strict=True)):
        append(work, item, outcome, judged.afters[n], author, n)
    return Result(first, judged.outcomes, judged.records)


def _wholly(outcomes: Sequence[Outcome], items: Sequence[Item]) -> None:
    """Raise the refusal of the first member that did not come into force."""
    for outcome, item in zip(outcomes, items, strict=True):
        if outcome.verdict in NOT_IN_FORCE:
            kind = every_refusal().get(outcome.code or "record_unknown", Refusal)
            detail = item.fault.detail if item.fault else (kind.__doc__ or "").strip()
            record = item.change.record if item.change else None
            raise kind(detail, item=record, field=outcome.field)


def _import(work: Commit, given: Import) -> Result:
    first = work.next_index
    assert given.header.change is not None, "an import's header is made by the server"
    check_unmoved(work, given)
    author = Author("import", "machine", given.at)
    if given.ahead is not None:
        append(work, given.header, Outcome("applied"), None, author, 0)
        bodies, privates, work.frozen = given.ahead.at(first)
        work.rows["bodies"] += bodies
        work.rows["privates"] += privates
        return Result(first, given.ahead.outcomes, {})
    judged = judge_rows(work, given)
    work.accept(judged, given.rows)
    append(work, given.header, Outcome("applied"), None, author, 0)
    for n, item in enumerate(given.rows, start=1):
        keep(work, first, n, item, judged.records)
    return Result(first, judged.outcomes, judged.records)


def judge_rows(work: Commit, given: Import) -> Judged:
    """Return what an import's rows come to at the next index; raises the refusal of the first that does not stand."""
    index = work.next_index
    proposals = [
        Proposal(index, "machine", "machine", 0, n, f"import {index}", item.change, fault=item.fault)
        for n, item in enumerate(given.rows)
    ]
    judged = reconciled(work, proposals)
    _wholly(judged.outcomes, given.rows)
    return judged


def check_unmoved(work: Commit, given: Import) -> None:
    """Raise VersionChanged if a root's records are not those that an import was made on."""
    newest = record_store.newest_in(work.connection, work.ledger.id, given.seen)
    for record in work.table.values():
        # What an earlier submission of this commit changed is not in the table yet.
        if record.root in given.seen and work.loaded.get(record.id) is not record:
            newest[record.root] = max(newest.get(record.root, 0), record.version)
    for root, version in given.seen.items():
        if newest.get(root) != version:
            raise VersionChanged(item=root, version=newest.get(root))
