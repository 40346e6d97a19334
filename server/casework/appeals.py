"""Appeals (申辩、听证、复议、诉讼) at the desk: filed on paper too, accepted, decided by a leader; pure.

What comes of an appeal moves its sanction: upheld or changed, it is decided anew; revoked, it is gone.
"""

from __future__ import annotations

from typing import Any

from schemas.drafting import Draft
from server.casework.courses import CREATE, Course, More, Step, Taking, Words, not_later, record_of, refuse
from server.casework.sanctioning import check_no_heavier
from sync.errors import OwnWork
from sync.merge import Record

BEFORE = ("statement_of_defence", "hearing")
"""Kinds that answer what the party was told; the others come after the decision was served."""
AFTER_STAGES = ("served", "executing")
TOO_LATE: Words = (
    "陈述申辩、听证应在告知之后、决定之前提出",
    "a statement or hearing comes between telling and deciding",
)
TOO_EARLY: Words = (
    "复议、诉讼、争议处理应在决定送达之后提出",
    "this kind comes after the decision was served",
)
SAY_WHAT: Words = ("变更须写明新的层级或金额", "a change names another level or amount")
SAY_NOTHING: Words = ("只有变更才填写新的层级或金额", "only a change names another level or amount")
LEADER_FIRST: Words = (
    "处理处罚已因此中止：请由负责人作出维持的结果",
    "the sanction stands still for it: let the leader uphold it",
)


def _sanction(taking: Taking) -> Record:
    return taking.seen.related["sanction"]


def _filed(taking: Taking) -> More:
    sanction, kind = _sanction(taking), taking.given["kind"]
    not_later(taking, "filed_on")
    if kind in BEFORE and sanction.stage != "told_party":
        raise refuse(TOO_LATE, "kind")
    if kind not in BEFORE and sanction.stage not in AFTER_STAGES:
        raise refuse(TOO_EARLY, "kind")
    return More(values={"institution": sanction.values["institution"]})


def _accepted(taking: Taking) -> More:
    """A statement or a wish to be heard goes into the sanction; anything later halts it."""
    record, sanction = record_of(taking), _sanction(taking)
    not_later(taking, "accepted_on", "filed_on")
    values: dict[str, Any] = {}
    if record.values["kind"] not in BEFORE:
        if sanction.stage not in AFTER_STAGES:
            raise refuse(TOO_EARLY, "kind")
        values["stage"] = {"from": sanction.stage, "to": "appealed"}
    elif sanction.stage == "told_party":
        hearing = record.values["kind"] == "hearing"
        values = {"hearing_wanted": True} if hearing else {"statement_kind": "disputes"}
        if not hearing and record.values.get("reasons"):
            values["statement"] = record.values["reasons"]
    return More(drafts=_edit(sanction, values), touched=(sanction,))


def _decided(taking: Taking) -> More:
    sanction, outcome = _sanction(taking), taking.given["outcome"]
    level, amount = taking.given.get("decided_level"), taking.given.get("decided_amount_fen")
    if sanction.created_by == taking.seen.user:
        raise OwnWork("whoever proposed a sanction does not decide on its appeal", item=sanction.id)
    decided = {"decided_on": taking.seen.today.isoformat()}
    if outcome != "changed":
        if level is not None or amount is not None:
            raise refuse(SAY_NOTHING, "decided_level" if level is not None else "decided_amount_fen")
    elif level is None and amount is None:
        raise refuse(SAY_WHAT, "decided_level")
    check_no_heavier(sanction.values, level, amount)
    if sanction.stage != "appealed":
        return More(values=decided)
    values: dict[str, Any] = {
        "stage": {"from": "appealed", "to": "revoked" if outcome == "revoked" else "decided"}
    }
    values |= {"decided_level": level} if level is not None else {}
    values |= {"decided_amount_fen": amount} if amount is not None else {}
    word = "revoke" if outcome == "revoked" else None
    return More(values=decided, drafts=_edit(sanction, values), touched=(sanction,), decides=word)


def _withdrawn(taking: Taking) -> More:
    if _sanction(taking).stage == "appealed":
        raise refuse(LEADER_FIRST, "stage")
    return More()


def _edit(sanction: Record, values: dict[str, Any]) -> tuple[Draft, ...]:
    return (Draft("edit", "sanction", sanction.id, values),) if values else ()


COURSE = Course(
    kind="appeal",
    noun="appeals",
    begin=Step(
        "file",
        ("登记申辩复议", "Enter an appeal"),
        op=CREATE,
        asks=("sanction", "kind", "filed_on", "reasons"),
        wants=("sanction", "kind", "filed_on", "reasons"),
        rule=_filed,
    ),
    steps=(
        Step(
            "accept",
            ("受理", "Accept"),
            ("filed",),
            "accepted",
            asks=("number", "accepted_on"),
            wants=("accepted_on",),
            rule=_accepted,
            says=(
                "陈述和听证要求记入处理处罚；复议、诉讼使其中止。",
                "A statement goes into the sanction; what comes later halts it.",
            ),
        ),
        Step(
            "reject",
            ("不予受理", "Do not accept"),
            ("filed",),
            "rejected",
            asks=("answer",),
            wants=("answer",),
            aside=True,
        ),
        Step(
            "decide",
            ("登记结果", "Decide"),
            ("accepted",),
            "decided",
            asks=("outcome", "answer"),
            wants=("outcome", "answer"),
            also=(("sanction", "decided_level"), ("sanction", "decided_amount_fen")),
            decides="decide",
            rule=_decided,
        ),
        Step(
            "withdraw",
            ("撤回", "Withdraw"),
            ("filed", "accepted"),
            "withdrawn",
            rule=_withdrawn,
            aside=True,
        ),
    ),
    path=("filed", "accepted", "decided"),
    filters=("kind",),
)
