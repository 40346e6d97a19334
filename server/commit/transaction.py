"""One commit: judge what waits against what the ledger holds, append, project, sign, move the head.

Everything that needs no lock (opening, signatures, parsing, validation) was done before. The head row
is written last, so a reader who sees it sees all that lies below. A push is never lost for another's
fault: each submission is judged on its own, and an act that does not wholly come into force leaves
nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from schemas.records import RULES
from server.commit import receipts
from server.commit.signer import Signer
from server.commit.submission import Act, Import, Push, Result, Submission
from server.keys.vault import Vault, VaultSession
from server.projections import FOLDS
from server.storage import (
    deadline_store,
    device_store,
    grant_store,
    ledger_store,
    ledger_writer,
    record_store,
)
from server.storage.ledger_store import Head, Ledger
from sync import lines, merge
from sync.changes import Change, Item
from sync.checkpoint import Checkpoint
from sync.entries import Entry
from sync.errors import DeviceFork, DeviceRevoked, Refusal, SequenceGap, VersionChanged, every_refusal
from sync.merge import Record
from sync.merkle import leaf_hash
from sync.outcomes import NOT_IN_FORCE, Outcome
from sync.reconcile import Judged, Proposal, States, reconcile
from sync.rules import Grant, Grants
from sync.tiles import TileWriter

SALT_BYTES = 16
ENROLLED = "enrolled"
PRIVATE_PURPOSE = b"private line"


@dataclass
class Commit:
    """The working state of one transaction."""

    connection: Connection
    ledger: Ledger
    head: Head
    vault: VaultSession
    tiles: TileWriter
    now: int
    loaded: dict[str, Record] = field(default_factory=dict)
    table: dict[str, Record] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    used: dict[str, str] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"entries": [], "bodies": [], "privates": [], "change_sets": []}
    )
    chains: dict[str, device_store.Device] = field(default_factory=dict)
    receipts: list[receipts.Pending] = field(default_factory=list)

    @property
    def next_index(self) -> int:
        """The index that the next entry will have."""
        return self.head.size + len(self.entries)


Answer = Result | Refusal


def commit(
    connection: Connection,
    ledger: Ledger,
    submissions: Sequence[Submission],
    *,
    signer: Signer,
    vault: Vault,
    now: int,
) -> tuple[list[Answer], Checkpoint | None, VaultSession]:
    """Judge and write all submissions in one transaction, whose lock the caller holds and which it commits.

    Returns an answer for each, the head that was prepared (None if nothing was appended), and the
    vault session. After the database has committed, the caller tells the signer and the vault so.
    """
    head = ledger_store.head(connection, ledger.id)
    signer.check(head.checkpoint(ledger.origin))
    tiles = TileWriter(head.tree(), ledger_store.tile_reader(connection, ledger.id))
    work = Commit(connection, ledger, head, vault.session(connection, ledger.id), tiles, now)
    _gather(work, submissions)
    answers: list[Answer] = []
    for submission in submissions:
        try:
            answers.append(_one(work, submission))
        except Refusal as refusal:
            if isinstance(submission, Push) and isinstance(refusal, DeviceFork | DeviceRevoked):
                _quarantine(work, submission, refusal.code)
            answers.append(refusal)
    if not work.entries:
        return answers, None, work.vault
    return _write(work, answers, submissions, signer)


# -- what a commit needs to know ------------------------------------------------------------------


def _changes(submission: Submission) -> list[Change]:
    if isinstance(submission, Push):
        items: Sequence[Item] = submission.change_set.items
    elif isinstance(submission, Act):
        items = submission.items
    else:
        items = submission.rows
    return [item.change for item in items if item.change is not None]


def _gather(work: Commit, submissions: Sequence[Submission]) -> None:
    """Load, in a few reads, every record, grant, device and change id that judging will ask for."""
    ids: set[str] = set()
    change_ids: list[str] = []
    users: set[str] = set()
    for submission in submissions:
        if isinstance(submission, Push):
            device = device_store.find(work.connection, work.ledger.id, submission.device)
            if device is not None:
                work.chains[device.id] = device
                users.add(device.user)
        elif isinstance(submission, Act):
            users.add(submission.user)
            ids.update(submission.expect)
        for change in _changes(submission):
            change_ids.append(change.id)
            ids.update(_named(change))
    _load(work, ids)
    _load(work, {record.root for record in work.table.values()} - ids)
    work.used = ledger_store.used_changes(work.connection, work.ledger.id, change_ids)
    vias = [record.id for record in work.table.values() if RULES[record.type].grants is not None]
    work.grants = Grants(grant_store.of(work.connection, work.ledger.id, users, vias))


def _load(work: Commit, ids: set[str]) -> None:
    found = record_store.load(work.connection, work.vault, ids)
    work.loaded.update(found)
    work.table.update(found)


def _named(change: Change) -> set[str]:
    """Return the ids of the records that judging a change will look at."""
    rules = RULES.get(change.type)
    found = {change.record}
    if rules is None:
        return found
    names = {rules.scope, rules.region_from, *rules.refs}
    found |= {str(value) for name, (value, _) in change.sets().items() if name in names}
    for name, members in change.members("add").items():
        if name in rules.refs:
            found |= {str(value) for value, _ in members}
    return found


# -- judging ----------------------------------------------------------------------------------------


def _one(work: Commit, submission: Submission) -> Result:
    if isinstance(submission, Push):
        return _push(work, submission)
    if isinstance(submission, Act):
        return _act(work, submission)
    return _import(work, submission)


def _judge(work: Commit, proposals: Sequence[Proposal]) -> Judged:
    grants = Grants(list(work.grants.rows), list(work.grants.changed))
    return reconcile(proposals, work.table, RULES, grants, States(work.head.epoch, work.used))


def _accept(work: Commit, judged: Judged, items: Sequence[Item]) -> None:
    work.table.update(judged.records)
    work.grants = judged.grants
    work.used.update({item.change.id: item.change.digest for item in items if item.change})


def _push(work: Commit, push: Push) -> Result:
    manifest = push.change_set.manifest
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
    first, writer = work.next_index, f"device:{device.id}"
    proposals = [
        Proposal(
            first + n,
            device.user,
            writer,
            manifest.seq,
            n,
            manifest.digest,
            item.change,
            device=device.id,
            fault=item.fault,
        )
        for n, item in enumerate(push.change_set.items)
    ]
    judged = _judge(work, proposals)
    _accept(work, judged, push.change_set.items)
    tree = work.tiles.tree.copy()
    for n, (item, outcome) in enumerate(zip(push.change_set.items, judged.outcomes, strict=True)):
        extra = {"device": device.id, "set": manifest.digest, "seq": manifest.seq}
        _append(
            work,
            item,
            outcome,
            judged.afters[n],
            kind="change",
            by=device.user,
            n=n,
            at=push.received_at,
            **extra,
        )
    work.chains[device.id] = device_store.Device(
        device.id,
        device.user,
        device.sign_key,
        device.seal_key,
        device.kem,
        device.stage,
        manifest.seq,
        manifest.digest,
        push.received_at,
    )
    pending = receipts.Pending(
        manifest, first, tuple(work.entries[first - work.head.size :]), tuple(tree.hashes)
    )
    work.receipts.append(pending)
    if faults := [item.fault for item in push.change_set.items if item.fault]:
        _quarantine(work, push, faults[0].code)
    return Result(first, judged.outcomes, judged.records)


def _quarantine(work: Commit, push: Push, code: str) -> None:
    """Keep the opened bytes of what was not accepted, encrypted under the device's own data key."""
    device_store.quarantine(
        work.connection,
        work.ledger.id,
        device=push.device,
        seq=push.change_set.manifest.seq,
        code=code,
        at=work.now,
        digest=lines.digest(push.text),
        sealed=work.vault.seal(push.device, b"quarantine", push.text),
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
    judged = _judge(work, proposals)
    _wholly(judged.outcomes, act.items)
    _accept(work, judged, act.items)
    for n, (item, outcome) in enumerate(zip(act.items, judged.outcomes, strict=True)):
        _append(work, item, outcome, judged.afters[n], kind=act.kind, by=act.user, n=n, at=act.at)
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
    proposals = [
        Proposal(first, "machine", "machine", 0, n, f"import {first}", item.change, fault=item.fault)
        for n, item in enumerate(given.rows)
    ]
    judged = _judge(work, proposals)
    _wholly(judged.outcomes, given.rows)
    _accept(work, judged, given.rows)
    _append(work, given.header, Outcome("applied"), None, kind="import", by="machine", n=0, at=given.at)
    for n, item in enumerate(given.rows, start=1):
        _body(work, first, n, item, judged.records)
    return Result(first, judged.outcomes, judged.records)


# -- appending ----------------------------------------------------------------------------------------


def _append(
    work: Commit,
    item: Item,
    outcome: Outcome,
    after: Record | None,
    *,
    kind: str,
    by: str,
    n: int,
    at: int,
    **more: Any,
) -> None:
    index = work.next_index
    salt = lines.b64u(work.vault.vault.random(SALT_BYTES))
    change = item.change
    moved = after is not None and after.version == index
    entry = Entry(
        at=at,
        kind=kind,
        by=by,
        change=lines.digest(item.line),
        outcome=outcome.json(),
        salt=salt,
        type=change.type if change else None,
        record=change.record if change else None,
        n=n,
        after=merge.after_digest(after, salt) if moved and after is not None else None,
        **more,
    )
    line = entry.line()
    record = change.record if change else None
    row = {"ledger": work.ledger.id, "index": index, "line": line, "record": record}
    work.rows["entries"].append(row)
    work.entries.append(line)
    work.tiles.append(leaf_hash(line))
    _body(work, index, 0, item, work.table)


def _body(work: Commit, index: int, n: int, item: Item, table: Any) -> None:
    """Keep a change's line and, encrypted, its private lines.

    Of an item that could not be read or does not fit its declaration only the digest stands here:
    nobody knows what is in it, so its bytes are in quarantine, encrypted.
    """
    change = item.change
    work.rows["bodies"].append(
        {
            "ledger": work.ledger.id,
            "index": index,
            "n": n,
            "change": change.id if change else None,
            "digest": lines.digest(item.line),
            "line": b"" if item.fault else item.line,
        }
    )
    if change is None or item.fault:
        return
    known = table.get(change.record)
    root = known.root if known is not None else change.record
    for private in change.private:
        work.rows["privates"].append(
            {
                "ledger": work.ledger.id,
                "index": index,
                "n": n,
                "kind": private.kind,
                "digest": private.digest,
                "sealed": root.encode() + work.vault.seal(root, PRIVATE_PURPOSE, private.line),
            }
        )


def _write(
    work: Commit, answers: list[Answer], submissions: Sequence[Submission], signer: Signer
) -> tuple[list[Answer], Checkpoint, VaultSession]:
    """Write everything, sign, and move the head as the last statement."""
    connection, ledger = work.connection, work.ledger.id
    tree = work.tiles.tree
    head = signer.prepare(Checkpoint(work.ledger.origin, work.head.epoch, tree.size, tree.root()))
    finished = receipts.finish(work.receipts, head, work.tiles.nodes(), signer.sign_receipt)
    work.rows["change_sets"] = [{"ledger": ledger, "at": work.now, **done.row} for done in finished.values()]
    ledger_writer.append(connection, **work.rows)
    ledger_writer.write_tiles(connection, ledger, work.tiles.changed)
    changed = [record for key, record in work.table.items() if work.loaded.get(key) is not record]
    record_store.save(connection, work.vault, work.loaded, changed)
    _project(work, changed)
    grant_store.save(connection, ledger, work.grants.changed)
    for pending in work.receipts:
        manifest = pending.manifest
        device_store.advance(
            connection, ledger, manifest.device, seq=manifest.seq, digest=manifest.digest, at=work.now
        )
    for place, (submission, answer) in enumerate(zip(submissions, answers, strict=True)):
        if isinstance(answer, Result) and isinstance(submission, Push) and answer.receipt is None:
            receipt = finished[submission.change_set.manifest.digest].token
            answers[place] = Result(answer.first, answer.outcomes, answer.records, receipt, answer.repeated)
        elif isinstance(answer, Result) and not isinstance(submission, Push) and submission.after is not None:
            submission.after(connection, answer)
    ledger_writer.write_checkpoint(connection, ledger, head, work.now)
    ledger_writer.write_head(connection, ledger, head, tree, work.now)
    return answers, head, work.vault


def _project(work: Commit, changed: Sequence[Record]) -> None:
    devices = [FOLDS["device"](record) for record in changed if record.type == "device"]
    device_store.project(work.connection, work.ledger.id, devices)
    clocks = [
        FOLDS["rectification_case"](record) for record in changed if record.type == "rectification_case"
    ]
    deadline_store.project(work.connection, work.ledger.id, clocks, work.now)


__all__ = ["Answer", "Commit", "Grant", "commit"]
