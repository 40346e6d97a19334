"""What a commit's changes say in positions of earlier epochs, and what these come to in the present one."""

from __future__ import annotations

from collections.abc import Sequence

from server.commit.submission import Push, Submission
from server.commit.work import Commit
from server.storage import epoch_store
from sync.changes import Change
from sync.epochs import Moved


def gather(work: Commit, submissions: Sequence[Submission], changes: Sequence[Change]) -> None:
    """Load what the ledger knows of the earlier epochs that these changes name; most commits name none."""
    now = work.head.epoch
    bases = {change.base for change in changes if change.base is not None and change.base[0] != now}
    named = {epoch for epoch, _ in bases}
    named |= {change.at.anchor.epoch for change in changes if change.at.anchor is not None}
    for one in submissions:
        if isinstance(one, Push) and (seen := one.change_set.manifest.seen) is not None:
            named.add(seen.epoch)
    if not named - {now}:
        return
    work.epochs = epoch_store.epochs(work.connection, work.ledger.id)
    forks = {epoch: work.epochs.fork(epoch, now) for epoch in named - {now}}
    work.forks = {epoch: fork for epoch, fork in forks.items() if fork is not None}
    for epoch, index in bases:
        if (fork := work.forks.get(epoch)) is not None:
            work.bases[epoch, index] = _moved(work, epoch, index, fork)


def _moved(work: Commit, epoch: str, index: int, fork: int) -> Moved:
    """Return what a base comes to: itself before the fork, the same change sent again, or else the fork."""
    if index < fork:
        return Moved(index, True)
    found = epoch_store.sent_again(work.connection, work.ledger.id, epoch, index)
    return Moved(found, True) if found is not None else Moved(fork - 1, False)
