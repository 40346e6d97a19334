"""Tasks (待办): phone calls, interviews, proposals to consider; taken, worked on, done with a result; pure."""

from __future__ import annotations

from server.casework.courses import CREATE, Course, More, Seen, Step, Taking, Words, refuse
from sync.merge import Record

NO_CALL: Words = ("尚无联系记录", "no call is recorded")
TO_COME: Words = ("时间不能晚于现在", "this lies in the future")
PAST_DAY: Words = ("期限不能早于今天", "the day is over")
OPEN = ("open", "taken")
PARTS = ("at", "result", "whom", "words")


def _given_out(taking: Taking) -> More:
    day = taking.day("due_on")
    if day is not None and day < taking.seen.today:
        raise refuse(PAST_DAY, "due_on")
    return More()


def _called(taking: Taking) -> More:
    """A call that names no time was made now."""
    call = {name: taking.given[name] for name in PARTS if taking.given.get(name) is not None}
    call.setdefault("at", taking.seen.now_ms)
    if call["at"] > taking.seen.now_ms:
        raise refuse(TO_COME, "at")
    return More(add={"calls": [call]})


def lacks(record: Record, _: Seen) -> dict[str, tuple[Words, ...]]:
    """Return what lacks before a task is done: of a phone call, the call."""
    calling = record.values.get("kind") == "phone_call" and not record.values.get("calls")
    return {"finish": (NO_CALL,)} if calling else {}


COURSE = Course(
    kind="task",
    noun="tasks",
    begin=Step(
        "give",
        ("新建待办", "Give a task"),
        op=CREATE,
        asks=("about", "kind", "for_role", "due_on", "words"),
        wants=("about", "kind", "for_role", "due_on"),
        rule=_given_out,
    ),
    steps=(
        Step("take", ("领取", "Take it"), ("open",), "taken"),
        Step(
            "call",
            ("记录联系", "Record a call"),
            OPEN,
            asks=("calls",),
            wants=("result",),
            rule=_called,
            says=("不填时间即为现在。", "Without a time it was made now."),
        ),
        Step("finish", ("办结", "Done"), OPEN, "done", asks=("result",), wants=("result",)),
        Step("release", ("退回待领", "Give it back"), ("taken",), "open", aside=True),
        Step(
            "drop",
            ("无需办理", "Not needed"),
            OPEN,
            "dropped",
            asks=("result",),
            wants=("result",),
            aside=True,
        ),
    ),
    path=("open", "taken", "done"),
    filters=("kind", "for_role"),
    lacks=lacks,
)
