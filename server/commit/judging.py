"""Judging one submission inside a commit: a phone's set, an act, or an import."""

from __future__ import annotations

from server.commit import (
    accounts,
    deciding,
    duties,
    erasing,
    numbers,
    readmitting,
    receipts,
    recusals,
    signatures,
)
from server.commit.submission import Act, Erase, Import, Push, Readmission, Result, Submission
from server.commit.taking import take, wholly
from server.commit.work import QUARANTINE_PURPOSE, Author, Commit, append, keep, reconciled
from server.storage import device_store, ledger_store, record_store
from server.storage.device_store import ENROLLED, FORKED
from sync import lines
from sync.errors import DeviceFork, DeviceRevoked, SequenceGap, VersionChanged
from sync.outcomes import Outcome
from sync.reconcile import Judged, Proposal


def judge(work: Commit, submission: Submission) -> Result:
    """Judge one submission on what the commit holds so far, and append its entries; raises its Refusal."""
    if isinstance(submission, Readmission):
        return readmitting.readmit(work, submission)
    if isinstance(submission, Push):
        return _push(work, submission)
    if isinstance(submission, Act):
        return _act(work, submission)
    if isinstance(submission, Erase):
        return erasing.erase(work, submission)
    return _import(work, submission)


def _push(work: Commit, push: Push) -> Result:
    manifest, items = push.change_set.manifest, push.change_set.items
    device = work.chains.get(push.device)
    assert device is not None, "the intake found the device"
    if device.stage != ENROLLED:
        return _shut_out(work, push, device)
    if manifest.seq <= device.seq:
        return _known(work, push)
    if manifest.seq > device.seq + 1:
        raise SequenceGap(f"expected {device.seq + 1}, got {manifest.seq}", expected=device.seq + 1)
    if manifest.prev != device.digest:
        raise DeviceFork("the set does not join the device's chain")
    result = take(work, push, device)
    if faults := [item.fault for item in items if item.fault]:
        quarantine(work, push, faults[0].code)
    return result


def quarantine(work: Commit, push: Push, code: str) -> None:
    """Keep the opened bytes of what was not accepted, encrypted under the device's own data key.

    A line that was erased before is not among them.
    """
    text = erasing.without_erased(work.connection, work.ledger.id, push.text)
    device_store.quarantine(
        work.connection,
        work.ledger.id,
        device=push.device,
        seq=push.change_set.manifest.seq,
        code=code,
        at=work.now,
        digest=lines.digest(push.text),
        sealed=work.vault.seal(push.device, QUARANTINE_PURPOSE, text),
    )


def _shut_out(work: Commit, push: Push, device: device_store.Device) -> Result:
    """Answer a device that may not sync: the receipt of a set that is in the ledger already; else it is refused."""
    try:
        if push.change_set.manifest.seq <= device.seq:
            return _known(work, push)
    except DeviceFork:
        pass  # Another set under a number that was used: kept like whatever else such a device sends.
    raise (DeviceFork if device.stage == FORKED else DeviceRevoked)(stage=device.stage)


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
    late = deciding.decided(work, act)
    if act.late:
        proposals = [deciding.adopting(work, *each) for each in zip(proposals, late, strict=True)]
    judged = reconciled(work, proposals)
    wholly(judged.outcomes, act.items)
    taken = duties.check(work, act, judged)
    recusals.check(work, act, judged)
    accounts.check(work, act, judged)
    numbers.check(work, judged)
    signatures.check(work, act)
    work.accept(judged, act.items)
    work.duties += taken
    for n, (item, outcome) in enumerate(zip(act.items, judged.outcomes, strict=True)):
        author = Author(act.kind, act.user, act.at)
        if (held := late[n]) is not None and item.change is not None:
            author = deciding.settle(work, held, item.change, outcome, author)
        append(work, item, outcome, judged.afters[n], author, n)
    return Result(first, judged.outcomes, judged.records)


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
        work.found = given.ahead.found
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
    wholly(judged.outcomes, given.rows)
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
