"""One commit: judge what waits against what the ledger holds, append, project, sign, move the head.

Everything that needs no lock (opening, signatures, parsing, validation) was done before. The head row
is written last, so a reader who sees it sees all that lies below. A push is never lost for another's
fault: each submission is judged on its own, and an act that does not wholly come into force leaves
nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from schemas.records import RULES
from server.commit import deciding, duties, earlier, erasing, judging, outliving, receipts, releasing
from server.commit.signer import ERASED, Signer
from server.commit.submission import Act, Erase, Push, Readmission, Result, Submission
from server.commit.work import Commit
from server.keys.vault import Vault, VaultSession
from server.projections import FOLDS, has_clock
from server.storage import (
    deadline_store,
    device_store,
    duty_store,
    grant_store,
    ledger_store,
    ledger_writer,
    original_store,
    record_store,
    search_store,
    waiting_store,
)
from server.storage.device_store import ENROLLED
from server.storage.ledger_store import Ledger
from sync.changes import Change, Item
from sync.checkpoint import Checkpoint
from sync.errors import DeviceFork, DeviceRevoked, Refusal
from sync.merge import Record
from sync.rules import ALIAS, Grants
from sync.tiles import TileWriter

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
    submissions = erasing.stripped(work, submissions)
    gather(work, submissions)
    answers: list[Answer] = []
    for submission in submissions:
        try:
            result = judging.judge(work, submission)
            answers.append(replace(result, released=releasing.release(work)) if work.held else result)
        except Refusal as refusal:
            if isinstance(submission, Push) and isinstance(refusal, DeviceFork | DeviceRevoked):
                judging.quarantine(work, submission, refusal.code)
            answers.append(refusal)
    if not work.entries:
        return answers, None, work.vault
    return _write(work, answers, submissions, signer)


def _changes(submission: Submission) -> list[Change]:
    if isinstance(submission, Readmission):
        items: Sequence[Item] = (submission.act, *submission.change_set.items)
    elif isinstance(submission, Push):
        items = submission.change_set.items
    elif isinstance(submission, Act):
        items = submission.items
    elif isinstance(submission, Erase):
        items = ()
    else:
        items = submission.rows if submission.ahead is None else ()
    return [item.change for item in items if item.change is not None]


def gather(work: Commit, submissions: Sequence[Submission]) -> None:
    """Load, in a few reads, every record, grant, device and change id that judging will ask for.

    What a change is about, and the root it lies in, is loaded whole; of what it merely refers to, only that it
    is there and where: a round of sixty beds names sixty in-patients, and opens the private lines of none.
    """
    ids: set[str] = set()
    named: set[str] = set()
    change_ids: list[str] = []
    also = frozenset(key for each in submissions if isinstance(each, Act) for key in each.release)
    held = releasing.gather(work, [change for each in submissions for change in _changes(each)], also)
    held += [
        one
        for each in submissions
        if isinstance(each, Act) and each.late
        for one in deciding.gather(work, each)
    ]
    phones = {each.device for each in submissions if isinstance(each, Push)}
    phones |= {one.row.device for one in held}
    work.chains.update(device_store.find_all(work.connection, work.ledger.id, phones))
    users = {device.user for device in work.chains.values()}
    users |= {one.author.by for one in held}
    changes = [one.change for one in held]
    for submission in submissions:
        if isinstance(submission, Act | Readmission):
            users.add(submission.user)
        if isinstance(submission, Act):
            ids.update(submission.expect)
            named.update(submission.release)
        elif isinstance(submission, Erase):
            users.update(filter(None, (submission.user, submission.second)))
            ids.update(submission.records)
        changes += _changes(submission)
    for change in changes:
        change_ids.append(change.id)
        ids.add(change.record)
        named.update(_named(change))
    ids |= duties.items_in(changes)
    _load(work, ids)
    _take(work, record_store.places(work.connection, work.ledger.id, named - ids))
    _load(work, {record.root for record in work.table.values()} - ids)
    _load_names(work, changes)
    earlier.gather(work, submissions, changes)
    work.used = ledger_store.used_changes(work.connection, work.ledger.id, change_ids)
    vias = [record.id for record in work.table.values() if RULES[record.type].grants is not None]
    work.grants = Grants(
        grant_store.of(work.connection, work.ledger.id, users, vias), places=_lying(work.table.values())
    )


def _lying(records: Iterable[Record]) -> dict[str, str]:
    """Return {root: the record whose region it shares} of those records that are such roots."""
    found: dict[str, str] = {}
    for record in records:
        named = RULES[record.type].region_from
        if named is not None and record.root == record.id and named in record.values:
            found[record.id] = str(record.values[named])
    return found


def _load_names(work: Commit, changes: Sequence[Change]) -> None:
    """Load whole whoever an alias leads to, and whoever bears a natural key that a change sets, ends or brings back."""
    keyed = [change for change in changes if _is_keyed(change)]
    seen: set[str] = set()
    waiting = {change.record for change in keyed} | {str(c.set[ALIAS]) for c in keyed if ALIAS in c.set}
    wanted: dict[str, set[str]] = {}
    while waiting:
        _load(work, {key for key in waiting if key not in work.table or not work.table[key].acts})
        seen |= waiting
        records = [work.table[key] for key in waiting if key in work.table]
        for record in records:
            wanted.setdefault(record.type, set()).add(
                str(record.values.get(RULES[record.type].natural_key or ""))
            )
        waiting = {str(record.values[ALIAS]) for record in records if ALIAS in record.values} - seen
    for change in keyed:
        name = RULES[change.type].natural_key or ""
        if name in change.set:
            wanted.setdefault(change.type, set()).add(str(change.set[name]))
    for kind, keys in sorted(wanted.items()):
        found = record_store.bearers(work.connection, work.ledger.id, kind, keys)
        _load(work, found - {key for key, record in work.table.items() if record.acts})


def _is_keyed(change: Change) -> bool:
    """Return whether a change may move a natural key, or lands where an alias leads."""
    rules = RULES.get(change.type)
    return rules is not None and rules.natural_key is not None


def _load(work: Commit, ids: set[str]) -> None:
    _take(work, record_store.load(work.connection, work.vault, ids))


def _take(work: Commit, found: Mapping[str, Record]) -> None:
    work.loaded.update(found)
    work.table.update(found)


def _named(change: Change) -> set[str]:
    """Return the ids of the records that a change refers to, and whose being there judging will ask for."""
    rules = RULES.get(change.type)
    found: set[str] = set()
    if rules is None:
        return found
    names = {rules.scope, rules.scope_else, rules.region_from, *rules.refs}
    found |= {str(value) for name, (value, _) in change.sets().items() if name in names}
    for name, members in change.members("add").items():
        if name in rules.refs:
            found |= {str(value) for value, _ in members}
    return found


def _write(
    work: Commit, answers: list[Answer], submissions: Sequence[Submission], signer: Signer
) -> tuple[list[Answer], Checkpoint, VaultSession]:
    """Write everything, sign, and move the head as the last statement."""
    connection, ledger = work.connection, work.ledger.id
    tree = work.tiles.tree
    changed = [record for key, record in work.table.items() if work.loaded.get(key) is not record]
    notes = [{"state": ERASED, "digest": digest} for digest in sorted(work.erased)]
    notes += outliving.notes(changed, work.loaded)
    stands = Checkpoint(work.ledger.origin, work.head.epoch, tree.size, tree.root())
    head = signer.prepare(stands, notes)
    finished = receipts.finish(work.receipts, head, work.tiles.nodes(), signer.sign_receipt, work.epochs)
    work.rows["change_sets"] = [{"ledger": ledger, "at": work.now, **done.row} for done in finished.values()]
    ledger_writer.append(connection, **work.rows)
    ledger_writer.write_tiles(connection, ledger, work.tiles.changed)
    # The database asks of each duty whether its person was recused just before.
    grant_store.save(connection, ledger, work.grants.changed)
    duty_store.add(connection, ledger, work.duties)
    record_store.save(connection, work.vault, work.loaded, changed)
    record_store.write(connection, work.frozen)
    _project(work, changed)
    waiting_store.save(connection, ledger, work.waiting.values())
    # The last of a device's sets in a commit is its head: they were taken in the order of its chain.
    heads = {one.manifest.device: (one.manifest.seq, one.manifest.digest) for one in work.receipts}
    for shut_out in (True, False):
        some = {key: head for key, head in heads.items() if (work.chains[key].stage != ENROLLED) is shut_out}
        # What is re-admitted of a device that is shut out says nothing of when it was last heard of.
        device_store.advance(connection, ledger, some, None if shut_out else work.now)
    for place, (submission, answer) in enumerate(zip(submissions, answers, strict=True)):
        if isinstance(answer, Result) and isinstance(submission, Push) and answer.receipt is None:
            done = finished.get(submission.change_set.manifest.digest)
            answers[place] = replace(answer, receipt=done.token if done else None)
        elif isinstance(answer, Result) and not isinstance(submission, Push) and submission.after is not None:
            submission.after(connection, answer)
    ledger_writer.write_checkpoint(connection, ledger, head, work.now)
    ledger_writer.write_head(connection, ledger, head, tree, work.now)
    return answers, head, work.vault


def _project(work: Commit, changed: Sequence[Record]) -> None:
    devices = [FOLDS["device"](record) for record in changed if record.type == "device"]
    device_store.project(work.connection, work.ledger.id, devices)
    clocks = [FOLDS["rectification_case"](record) for record in changed if has_clock(record)]
    deadline_store.project(work.connection, work.ledger.id, clocks, work.now)
    fresh = [record for record in changed if record.type == "evidence" and record.id not in work.loaded]
    original_store.project(work.connection, work.ledger.id, [FOLDS["evidence"](one) for one in fresh])
    found = [*search_store.moved(work.loaded, changed), *work.found]
    search_store.project(work.connection, work.vault, found)
