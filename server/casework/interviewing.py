"""Interviews (约谈), alone or with other authorities (双约谈): planned, invited, held, signed; pure."""

from __future__ import annotations

from server.casework.courses import CREATE, VOID, Course, More, Seen, Step, Taking, Words, check_needs, refuse
from server.casework.recovering_money import place_of
from sync.merge import Record

PAST: Words = ("约谈时间应在现在之后", "an interview is planned for later than now")
TO_COME: Words = ("时间不能晚于现在", "this lies in the future")
BACKWARDS: Words = ("结束时间早于开始时间", "it ends before it begins")
NO_OFFICER: Words = ("缺约谈人签名", "no officer has signed")
NO_PARTY: Words = ("缺被约谈人签名或拒签记录", "the party has neither signed nor been noted as refusing")
PARTY, OFFICER = frozenset({"party", "interviewee"}), frozenset({"officer"})


def _planned(taking: Taking) -> More:
    check_needs(taking)
    _check_later(taking)
    return More(values=place_of(taking))


def _check_later(taking: Taking) -> None:
    if taking.given["scheduled_at"] <= taking.seen.now_ms:
        raise refuse(PAST, "scheduled_at")


def _invited_again(taking: Taking) -> More:
    _check_later(taking)
    return More()


def _held(taking: Taking) -> More:
    started, ended = taking.given["started_at"], taking.given.get("ended_at")
    for name in ("started_at", "ended_at"):
        if taking.given.get(name, 0) > taking.seen.now_ms:
            raise refuse(TO_COME, name)
    if ended is not None and ended < started:
        raise refuse(BACKWARDS, "ended_at")
    return More()


def lacks(record: Record, _: Seen) -> dict[str, tuple[Words, ...]]:
    """Return what lacks before the record of an interview is closed: both sides' signatures, or a noted refusal."""
    signers = {one["signer"] for one in record.values.get("signatures") or ()}
    found = [NO_OFFICER] if not signers & OFFICER else []
    found += [NO_PARTY] if not signers & PARTY else []
    return {"close": tuple(found)} if found else {}


COURSE = Course(
    kind="interview",
    noun="interviews",
    begin=Step(
        "plan",
        ("安排约谈", "Plan an interview"),
        op=CREATE,
        asks=("case", "bulletin", "institution", "kind", "trigger", "joint_with", "scheduled_at", "place"),
        wants=("kind", "trigger", "scheduled_at"),
        rule=_planned,
    ),
    steps=(
        Step("invite", ("发出约谈通知", "Invite"), ("planned",), "invited"),
        Step(
            "invite_again",
            ("再次通知", "Invite again"),
            ("missed",),
            "invited",
            asks=("scheduled_at", "place"),
            wants=("scheduled_at",),
            rule=_invited_again,
            aside=True,
        ),
        Step(
            "hold",
            ("记录约谈", "Record it"),
            ("invited",),
            "held",
            asks=("started_at", "ended_at", "attendees", "record", "demands", "commitments", "answer_by"),
            wants=("started_at", "attendees", "record", "commitments"),
            rule=_held,
        ),
        Step(
            "sign",
            ("登记签名", "Enter a signature"),
            ("held",),
            asks=("signatures",),
            wants=("signatures",),
            says=("拒签的写明理由和见证人。", "A refusal names its reason and a witness."),
        ),
        Step("close", ("记录定稿", "Close the record"), ("held",), "signed"),
        Step("miss", ("未到场", "They did not come"), ("invited",), "missed", aside=True),
        Step("cancel", ("取消约谈", "Cancel"), ("planned", "invited"), "cancelled", aside=True),
        Step("withdraw", ("作废", "Void"), ("planned",), op=VOID, aside=True),
    ),
    path=("planned", "invited", "held", "signed"),
    filters=("kind", "trigger"),
    lacks=lacks,
)
