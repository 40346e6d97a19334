"""Separation of duties at the door: whatever page, command or program calls it, nobody decides on his own work.

Who approves, returns or rejects evidence, or confirms a finding, neither made it nor ever belonged to its team; who
looks a second time did not look first; who closes a case did not propose to; who rules on a late change did not
write it; who proposed a sanction neither reviews nor decides it, and who reviewed it by law does not decide it. The
database refuses the same once more (`storage.duty_guard`).
"""

from __future__ import annotations

from collections.abc import Iterable

from server.access.duties import check_outsider
from server.commit.submission import Act
from server.commit.work import Commit
from server.storage import duty_store
from server.storage.duty_store import (
    ADOPT,
    CLOSE,
    CONFIRM,
    DECIDE,
    LEGAL,
    PROPOSE,
    REVIEW,
    SECOND,
    Duty,
)
from sync.changes import Change
from sync.errors import OwnWork
from sync.merge import Record
from sync.reconcile import Judged
from sync.rules import MACHINE

DECISION = "decision"
WORDS = {
    "approve": REVIEW, "return": REVIEW, "reject": REVIEW, "confirm": CONFIRM, "agree": SECOND, "disagree": SECOND,
    "adopt": ADOPT, "set_aside": ADOPT, "close": CLOSE, "legal_agree": LEGAL, "legal_oppose": LEGAL,
}  # fmt: skip
"""What a decision's word makes of who takes it."""
STEPS = {
    ("evidence", "approved"): REVIEW,
    ("evidence", "returned"): REVIEW,
    ("evidence", "rejected"): REVIEW,
    ("finding", "confirmed"): CONFIRM,
    ("rectification_case", "verifying"): PROPOSE,
    ("rectification_case", "closed"): CLOSE,
    ("sanction", "legal_reviewed"): LEGAL,
    ("sanction", "decided"): DECIDE,
}
"""What a step to a stage makes of who takes it."""
EARLIER = {SECOND: REVIEW, DECIDE: LEGAL}
"""A part that nobody takes who took the other in the same item."""
OWN = frozenset({"roles", "region", "stage", "institution"})
"""What a person never changes in his own record: another administrator does."""


def part_of(change: Change) -> tuple[str, str] | None:
    """Return (the item, the part that whoever writes this takes in it), or None for what is no such act."""
    values = change.sets()
    if change.type == DECISION:
        part = WORDS.get(str(values.get("act", ("",))[0]))
        return (str(values["about"][0]), part) if part and "about" in values else None
    step = values.get("stage", (None,))[0]
    target = step.get("to") if isinstance(step, dict) else None
    part = STEPS.get((change.type, str(target)))
    return (change.record, part) if part else None


def items_in(changes: Iterable[Change]) -> set[str]:
    """Return the items that some changes are a decision on."""
    return {found[0] for change in changes if (found := part_of(change)) is not None}


def check(work: Commit, act: Act, judged: Judged) -> list[Duty]:
    """Return the parts that an act's person takes by it; raises OwnWork for one that must not be his."""
    if act.user == MACHINE:
        return []
    found: list[Duty] = []
    for n, item in enumerate(act.items):
        if item.change is not None and item.change.record == act.user and OWN & set(item.change.names):
            raise OwnWork("nobody changes his own roles, region or access", item=act.user)
        taken = part_of(item.change) if item.change is not None else None
        if taken is None:
            continue
        about, part = taken
        record = judged.records.get(about, work.table.get(about))
        assert record is not None, "what came into force is about something that is there"
        _outside(work, act.user, part, record, judged)
        of = _whose(work, act, n, part, record)
        if of == act.user:
            raise OwnWork(_said(part), item=about)
        known = [*work.duties, *found, *duty_store.of_items(work.connection, work.ledger.id, [about])]
        earlier = EARLIER.get(part)
        if earlier and any((d.item, d.part, d.user) == (about, earlier, act.user) for d in known):
            raise OwnWork(_said(part), item=about)
        found.append(Duty(about, work.next_index + n, part, act.user, of))
    return found


def _outside(work: Commit, user: str, part: str, record: Record, judged: Judged) -> None:
    """Raise OwnWork where a person stands inside what he decides on, before this act or after it."""
    if part in (PROPOSE, CLOSE):
        return
    for table in (work.table, judged.records):
        root = table.get(record.root)
        if root is not None:
            check_outsider(user, record, root, made=part != ADOPT)


def _whose(work: Commit, act: Act, n: int, part: str, record: Record) -> str | None:
    """Return whose work a part is about, where it is one person's."""
    if part == ADOPT:
        held = work.late.get(act.late.get(n, -1))
        return held.author.by if held is not None else None
    if part in (REVIEW, CONFIRM, SECOND, LEGAL, DECIDE):
        return record.created_by
    return _proposer(record) if part == CLOSE else None


def _proposer(case: Record) -> str | None:
    """Return who took a case to where its closing is checked, the last time."""
    steps = [write.act for write in case.writes.get("stage", ()) if write.value == "verifying"]
    writer = max(steps, key=lambda act: (act.index, act.n)).writer if steps else ""
    return writer.removeprefix("desk:") if writer.startswith("desk:") else None


def _said(part: str) -> str:
    return {
        CLOSE: "whoever proposed to close a case does not close it",
        SECOND: "whoever looked first does not look again",
        ADOPT: "nobody rules on what he wrote himself",
        DECIDE: "who proposed a sanction or reviewed it by law does not decide it",
        LEGAL: "who proposed a sanction does not review it by law",
    }.get(part, "nobody decides on his own work")
