"""Petitions (信访举报): registered with their term in working days, assigned, handled, answered, satisfied; pure.

Who it was that told the bureau stays with its desk: his name is masked there and reaches no institution.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from server.casework.courses import (
    CREATE,
    VOID,
    Course,
    More,
    Step,
    Taking,
    Words,
    not_later,
    record_of,
    refuse,
)
from server.reminders.calendar import last_day

TERMS = {"inquiry": 1, "complaint": 3, "tip_off": 3, "petition": 3}
"""Working days by kind, where nobody chooses otherwise (Huaibei 2022: one or three)."""
TO_COME: Words = ("收到时间不能晚于现在", "it cannot have come later than now")
NOT_SATISFIED: Words = ("回访不满意的，请重新办理", "who is not satisfied is heard again: handle it anew")
PAID_FOR: Words = ("举报奖励须先确定金额", "the amount of the reward comes first")


def _registered(taking: Taking) -> More:
    """Number it where nobody gave a number, and compute its last day from the day on which it came."""
    given, seen = taking.given, taking.seen
    if given["received_at"] > seen.now_ms:
        raise refuse(TO_COME, "received_at")
    term = given.get("working_days") or TERMS[given["kind"]]
    came = datetime.fromtimestamp(given["received_at"] / 1000, seen.zone)
    due = last_day(came, term, seen.calendar, seen.zone)
    values: dict[str, Any] = {"working_days": term, "due_on": due.isoformat()}
    if not given.get("number"):
        values["number"] = f"XF{came:%Y%m%d}-{seen.new_id()[-6:].upper()}"
    return More(values=values)


def _answered(taking: Taking) -> More:
    not_later(taking, "answered_on")
    return More()


def _satisfied(taking: Taking) -> More:
    if taking.given["satisfaction"] == "dissatisfied":
        raise refuse(NOT_SATISFIED, "satisfaction")
    return More()


def _rewarded(taking: Taking) -> More:
    if record_of(taking).values.get("reward_fen") is None:
        raise refuse(PAID_FOR, "reward_paid_on")
    not_later(taking, "reward_paid_on")
    return More()


COURSE = Course(
    kind="petition",
    noun="petitions",
    begin=Step(
        "register",
        ("登记信访举报", "Register a petition"),
        op=CREATE,
        asks=(
            "number", "region", "kind", "channel", "received_at", "institution", "violation_code", "words",
            "anonymous", "answer_wanted", "reporter", "working_days",
        ),
        wants=("region", "kind", "channel", "received_at", "words"),
        rule=_registered,
        says=(
            "期限按工作日自收到次日起算：咨询 1 个工作日，其他 3 个工作日，可另行填写。",
            "The term runs in working days from the day after: 1 for an inquiry, 3 for others, unless told.",
        ),
    ),
    steps=(
        Step("assign", ("交办", "Assign"), ("received",), "assigned", asks=("owner",), wants=("owner",)),
        Step(
            "handle",
            ("开始办理", "Handle"),
            ("assigned",),
            "handling",
        ),
        Step(
            "answer",
            ("答复", "Answer"),
            ("handling",),
            "answered",
            asks=("answer", "answered_on"),
            wants=("answer", "answered_on"),
            rule=_answered,
        ),
        Step(
            "satisfy",
            ("回访满意", "Call back"),
            ("answered",),
            "satisfied",
            asks=("satisfaction",),
            wants=("satisfaction",),
            rule=_satisfied,
        ),
        Step("handle_again", ("重新办理", "Handle again"), ("answered",), "handling", aside=True),
        Step("transfer", ("转出", "Transfer"), ("received", "handling"), "transferred", aside=True),
        Step("reject", ("不予受理", "Do not accept"), ("received",), "rejected", aside=True),
        Step(
            "reward",
            ("确定举报奖励", "Grant a reward"),
            ("answered", "satisfied"),
            asks=("reward_fen",),
            wants=("reward_fen",),
            aside=True,
        ),
        Step(
            "pay_reward",
            ("发放举报奖励", "Pay the reward"),
            ("answered", "satisfied"),
            asks=("reward_paid_on",),
            wants=("reward_paid_on",),
            rule=_rewarded,
            aside=True,
        ),
        Step("withdraw", ("作废", "Void"), ("received",), op=VOID, aside=True),
    ),
    path=("received", "assigned", "handling", "answered", "satisfied"),
    filters=("kind", "channel"),
)  # fmt: skip
