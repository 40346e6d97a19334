"""Sanctions (处理处罚): proposed, told, reviewed by law, decided by a leader alone, served, carried out; pure.

Nobody takes two of the three parts: who proposed does not review, and neither of them decides. What is decided is no
heavier than what the party was told: something heavier is proposed and told anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from server.casework.courses import (
    CREATE,
    VOID,
    Course,
    More,
    Seen,
    Step,
    Taking,
    Words,
    check_needs,
    not_later,
    record_of,
    refuse,
)
from server.reminders.calendar import due_date
from sync.errors import OwnWork
from sync.merge import Record

PERMILLE = 1000
ANSWER_DAYS = "answer_days"
"""The setting: so many working days the party has to answer what it was told (行政处罚法 art. 64)."""
OPPOSED = "opposed"

NOT_TOLD: Words = ("尚未告知当事人", "the party has not been told")
NO_ANSWER_YET: Words = (
    "陈述申辩期限未满，且尚未收到陈述",
    "the days to answer are not over and no statement has come",
)
NOT_HEARD: Words = ("当事人要求听证，听证尚未举行", "the hearing that the party asked for has not been held")
NOT_REVIEWED: Words = ("尚未通过法制审核", "the legal review has not been passed")
OPPOSED_BY_LAW: Words = ("法制审核意见为不同意", "the legal review opposed it")
HEAVIER_LEVEL: Words = (
    "决定层级高于已告知的层级：请另行提出并重新告知",
    "the level is above what the party was told: propose and tell anew",
)
HEAVIER_AMOUNT: Words = (
    "决定金额高于已告知的金额：请另行提出并重新告知",
    "the amount is above what the party was told: propose and tell anew",
)
OTHER_AMOUNT: Words = (
    "金额与“基数×倍数”不符",
    "the amount is not the base times the factor",
)
NOTHING_NEW: Words = ("没有填写任何改动", "nothing was written")
BACKWARDS: Words = ("截止日期早于起始日期", "the period ends before it begins")
RECEIVER_WANTED: Words = ("直接送达须填写签收人", "direct service names who received it")
WITNESS_WANTED: Words = ("留置送达须填写见证人", "what is left at the place names its witness")
REMARKS_WANTED: Words = ("请写明法制审核意见的理由", "say why it is to be amended or opposed")


def amount_of(base_fen: int, factor_permille: int) -> int:
    """Return a base times a factor in thousandths, in whole fen; what is less than a fen is dropped.

    >>> amount_of(1_234_567, 2_000)
    2469134
    >>> amount_of(999, 1_500)
    1498
    """
    return base_fen * factor_permille // PERMILLE


def _proposed(taking: Taking) -> More:
    """Work the amount out, or check the one that was given; the institution is the case's."""
    given, case = taking.given, taking.seen.related["case"]
    values: dict[str, Any] = {"institution": case.values["institution"], "proposed_by": "person"}
    values |= _amount(taking)
    _check_period(taking)
    check_needs(taking)
    add = {} if given.get("findings") else {"findings": list(case.values.get("findings") or ())}
    return More(values=values, add={name: some for name, some in add.items() if some})


def _amended(taking: Taking) -> More:
    """Write what is proposed anew while nobody was told of it: what a machine proposed, a person completes."""
    if not taking.given:
        raise refuse(NOTHING_NEW)
    _check_period(taking)
    return More(values=_amount(taking))


def _amount(taking: Taking) -> dict[str, int]:
    """Return the amount where base and factor give it; raises BadValue for another one."""
    base, factor = taking.after("base_fen"), taking.after("factor_permille")
    if base is not None and factor is not None:
        amount = amount_of(base, factor)
        if taking.given.get("amount_fen", amount) != amount:
            raise refuse(OTHER_AMOUNT, "amount_fen")
        return {"amount_fen": amount}
    return {}


def _check_period(taking: Taking) -> None:
    first, last = taking.after("period_from"), taking.after("period_until")
    if first and last and str(last) < str(first):
        raise refuse(BACKWARDS, "period_until")


def _told(taking: Taking) -> More:
    not_later(taking, "told_on")
    return More()


def _answered(taking: Taking) -> More:
    not_later(taking, "heard_on", "told_on")
    return More()


def _reviewed(taking: Taking) -> More:
    """The gate opens for what law agrees to or wants amended; what it opposes stays where it stands."""
    record = record_of(taking)
    _check_apart(taking, record)
    opinion = taking.given["legal_opinion"]
    if opinion != "agreed" and not str(taking.given.get("legal_remarks") or "").strip():
        raise refuse(REMARKS_WANTED, "legal_remarks")
    if opinion == OPPOSED:
        return More(target="", decides="legal_oppose")
    return More()


def _decided(taking: Taking) -> More:
    """What is decided is no heavier than what the party was told."""
    record = record_of(taking)
    _check_apart(taking, record)
    check_no_heavier(record.values, taking.given.get("decided_level"), taking.given.get("decided_amount_fen"))
    values = decided_values(record.values, taking.given, taking.seen.today)
    return More(values={**values, **taking.seen.paper(record, values)})


def decided_values(told: Mapping[str, Any], given: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return what a decision writes: what was given, and what the party was told where nothing was."""
    values: dict[str, Any] = {"decided_on": today.isoformat(), "decision_reasons": given["decision_reasons"]}
    for decided, proposed in (("decided_level", "level"), ("decided_amount_fen", "amount_fen")):
        value = given.get(decided)
        values[decided] = told.get(proposed) if value is None else value
    return values


def check_no_heavier(told: Mapping[str, Any], level: str | None, amount: int | None) -> None:
    """Raise BadValue where a level or an amount is above what the party was told. told: the sanction's values"""
    if level is not None and int(level) > int(told.get("level") or 0):
        raise refuse(HEAVIER_LEVEL, "decided_level")
    if amount is not None and amount > int(told.get("amount_fen") or 0):
        raise refuse(HEAVIER_AMOUNT, "decided_amount_fen")


def _sent_back(_: Taking) -> More:
    """What was told and answered stays in the ledger; told anew, the party answers anew."""
    return More()


def _served(taking: Taking) -> More:
    not_later(taking, "served_on", "decided_on")
    for method, name, why in (
        ("direct", "received_by", RECEIVER_WANTED),
        ("left", "witness", WITNESS_WANTED),
    ):
        if taking.given.get("method") == method and not str(taking.given.get(name) or "").strip():
            raise refuse(why, name)
    return More()


def _done(taking: Taking) -> More:
    not_later(taking, "done_on", "served_on")
    return More()


def _disclosed(taking: Taking) -> More:
    not_later(taking, "disclosed_on", "served_on")
    return More()


def _withdrawn(taking: Taking) -> More:
    """Whoever proposed takes it back; what the machine proposed, any supervisor."""
    record = record_of(taking)
    if record.created_by not in (taking.seen.user, "machine", ""):
        raise OwnWork("only whoever proposed it takes it back", item=record.id)
    return More()


def who_took(record: Record, stage: str) -> str | None:
    """Return who took a record to a stage, the last time; None where nobody has."""
    steps = [write.act for write in record.writes.get("stage", ()) if write.value == stage]
    writer = max(steps, key=lambda act: (act.index, act.n)).writer if steps else ""
    return writer.removeprefix("desk:") if writer.startswith("desk:") else None


def _check_apart(taking: Taking, record: Record) -> None:
    """Raise OwnWork where somebody would take two of the parts: proposing, reviewing, deciding."""
    user = taking.seen.user
    if user == record.created_by or f"desk:{user}" in _proposers(record):
        raise OwnWork("whoever proposed a sanction neither reviews nor decides it", item=record.id)
    if taking.step.target == "decided" and user == who_took(record, "legal_reviewed"):
        raise OwnWork("whoever reviewed a sanction does not decide it", item=record.id)


def _proposers(record: Record) -> set[str]:
    """Return who wrote anything of what is proposed."""
    return {write.act.writer for name in PROPOSED_FIELDS for write in record.writes.get(name, ())}


def lacks(record: Record, seen: Seen) -> dict[str, tuple[Words, ...]]:
    """Return what still lacks before a step of a sanction, by step; a step before which nothing lacks is left out."""
    values, found = record.values, []
    if not values.get("told_on"):
        found.append(NOT_TOLD)
    elif not _since_told(record, "statement_kind") and answers_until(values, seen) >= seen.today:
        found.append(NO_ANSWER_YET)
    if values.get("hearing_wanted") and not _since_told(record, "heard_on"):
        found.append(NOT_HEARD)
    before_law = tuple(found)
    if values.get("legal_opinion") is None:
        found.append(NOT_REVIEWED)
    elif values["legal_opinion"] == OPPOSED:
        found.append(OPPOSED_BY_LAW)
    told = {"review": before_law, "decide": tuple(found)}
    return {step: some for step, some in told.items() if some}


def _since_told(record: Record, name: str) -> bool:
    """Return whether a field was written since the party was told the last time: what it said to another proposal of
    an earlier day is no answer to this one."""
    said = [write.act.index for write in record.writes.get(name, ())]
    told = [write.act.index for write in record.writes.get("told_on", ())]
    return record.values.get(name) is not None and max(said, default=-1) > max(told, default=-1)


def answers_until(values: Mapping[str, Any], seen: Seen) -> date:
    """Return the last day on which the party may answer what it was told."""
    told_on = date.fromisoformat(str(values["told_on"]))
    return due_date(told_on, seen.settings[ANSWER_DAYS], seen.calendar)


PROPOSED_FIELDS = (
    "case", "track", "level", "measures", "legal_basis", "legal_basis_on", "reasons", "base_fen", "factor_permille",
    "amount_fen", "period_from", "period_until", "person", "penalty_points",
)  # fmt: skip
COURSE = Course(
    kind="sanction",
    noun="sanctions",
    begin=Step(
        "propose",
        ("提出处理处罚", "Propose a sanction"),
        op=CREATE,
        asks=PROPOSED_FIELDS,
        wants=("case", "track", "reasons"),
        rule=_proposed,
    ),
    steps=(
        Step(
            "amend",
            ("修改拟处理内容", "Change what is proposed"),
            ("proposed",),
            asks=PROPOSED_FIELDS[1:],
            rule=_amended,
            aside=True,
        ),
        Step(
            "tell",
            ("告知当事人", "Tell the party"),
            ("proposed",),
            "told_party",
            asks=("told_on", "hearing_wanted"),
            wants=("told_on",),
            rule=_told,
            says=(
                "告知后拟处理内容不再变动；加重的须另行提出并重新告知。",
                "What was proposed stands from now on; anything heavier is proposed and told anew.",
            ),
        ),
        Step(
            "answer",
            ("记录陈述申辩与听证", "Record statement and hearing"),
            ("told_party",),
            asks=("statement_kind", "statement", "hearing_wanted", "heard_on"),
            rule=_answered,
        ),
        Step(
            "review",
            ("法制审核", "Review by law"),
            ("told_party",),
            "legal_reviewed",
            asks=("legal_opinion", "legal_remarks"),
            wants=("legal_opinion",),
            decides="legal_agree",
            rule=_reviewed,
        ),
        Step(
            "decide",
            ("作出决定", "Decide"),
            ("legal_reviewed",),
            "decided",
            asks=("decided_level", "decided_amount_fen", "decision_reasons"),
            wants=("decision_reasons",),
            decides="decide",
            rule=_decided,
            says=(
                "不得重于已告知的层级和金额；留空即按拟处理内容决定。",
                "No heavier than what the party was told; left empty, it is decided as proposed.",
            ),
        ),
        Step(
            "send_back",
            ("退回提出人", "Send back to whoever proposed"),
            ("legal_reviewed",),
            "proposed",
            asks=("return_reason",),
            wants=("return_reason",),
            decides="return",
            rule=_sent_back,
            aside=True,
            says=(
                "由提出人修改后重新告知当事人、重新法制审核。",
                "Whoever proposed changes it; the party is told anew, and law reviews anew.",
            ),
        ),
        Step(
            "serve",
            ("送达决定", "Serve the decision"),
            ("decided",),
            "served",
            asks=("method", "served_on", "received_by", "witness", "receipt"),
            wants=("served_on",),
            rule=_served,
        ),
        Step("execute", ("开始执行", "Begin to carry out"), ("served",), "executing"),
        Step(
            "finish",
            ("执行完毕", "Carried out"),
            ("executing",),
            "done",
            asks=("done_on",),
            wants=("done_on",),
            rule=_done,
        ),
        Step(
            "disclose",
            ("公示", "Make public"),
            ("served", "executing", "done", "revoked"),
            asks=("disclosed_on",),
            wants=("disclosed_on",),
            rule=_disclosed,
            aside=True,
        ),
        Step(
            "withdraw",
            ("撤回拟处理", "Take the proposal back"),
            ("proposed", "told_party"),
            op=VOID,
            rule=_withdrawn,
            aside=True,
        ),
    ),
    path=("proposed", "told_party", "legal_reviewed", "decided", "served", "executing", "done"),
    filters=("track", "level"),
    lacks=lacks,
)
