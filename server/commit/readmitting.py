"""Re-admitting a set from quarantine: the supervisor's act, and the set behind it, in one commit or not at all."""

from __future__ import annotations

from server.commit.submission import Readmission, Result
from server.commit.taking import take, wholly
from server.commit.work import Author, Commit, append, reconciled
from sync.errors import VersionChanged
from sync.proposals import Proposal


def readmit(work: Commit, given: Readmission) -> Result:
    """Judge the act and, if it stands, take the set; raises the act's Refusal, or VersionChanged where the chain moved.

    The set is judged as of now and keeps the time at which it was received: what arrived in time stays in time.
    """
    manifest = given.change_set.manifest
    device = work.chains[given.device]
    if given.branch is None and (manifest.seq, manifest.prev) != (device.seq + 1, device.digest):
        raise VersionChanged("the device's chain has gone on meanwhile", item=device.id)
    first = work.next_index
    writer, source = f"desk:{given.user}", f"act {first}"
    act = Proposal(first, given.user, writer, 0, 0, source, given.act.change, fault=given.act.fault)
    judged = reconciled(work, [act])
    wholly(judged.outcomes, [given.act])
    work.accept(judged, [given.act])
    append(work, given.act, judged.outcomes[0], judged.afters[0], Author("decision", given.user, work.now), 0)
    return take(work, given, device, branch=given.branch)
