"""Digests: several reminders to one recipient by one channel, joined into one message. Pure.

It tells what, by when and how many, from public registers alone: `DigestLine` has no field for anything of a person.
Which reminders are joined is decided here too; that each of them goes once is the outbox's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Literal

from server.reminders.ladder import Reminder, ReminderKey
from server.reminders.messages import WORD_CHARS_MAX, Message, cut, day_words, phase_by_date, state_words
from server.reminders.policies import SERVED, Task
from server.reminders.templates import WORDINGS, Audience, Language

CHANNELS: AbstractSet[str] = frozenset({"email", "wecom", "dingtalk"})
"""What can be joined. A text takes a vendor's template; a webhook's receiver is a program, which knows a repetition
by the name of one event; a list inside the application is a digest already."""
JOINED_MAX = 50
"""The most reminders of one digest; what is beyond goes in the next."""


@dataclass(frozen=True)
class DigestLine:
    """What a digest tells of one case. task: for the bureau alone; link: for an institution, where it acknowledges."""

    institution_name: str
    number: str
    due_on: date
    today: date
    working_days_left: int
    task: Task | None = None
    link: str = ""


@dataclass(frozen=True)
class Around:
    """What stands around the lines. office, phone: an office and its line, never a person's; link: to all of them."""

    audience: Audience
    bureau: str
    office: str
    phone: str
    link: str


def may_join(key: ReminderKey) -> bool:
    """Return whether a reminder may go within a digest; the service itself goes alone: it is what is acknowledged."""
    return key.channel in CHANNELS and key.rung != SERVED


def wanted(count: int, limit: int, room: int | None = None) -> bool:
    """Return whether so many reminders to one recipient go as one message.

    limit: the policy's; room: how many messages a robot still takes just now, None where nothing counts them
    """
    return count > 1 and (count > limit or (room is not None and count > room))


def foreseen(
    coming: Iterable[tuple[Reminder, int]], room: Callable[[str], int | None]
) -> Mapping[ReminderKey, int]:
    """Return of reminders that will go within a digest in how large a one, as dispatch will join them.

    coming: each with its policy's limit; room: what a channel takes at once, None where nothing counts it
    """
    together: dict[tuple[object, str, str], list[tuple[ReminderKey, int]]] = {}
    for reminder, limit in coming:
        if may_join(reminder.key):
            whom = (reminder.send_at, reminder.recipient, reminder.channel)
            together.setdefault(whom, []).append((reminder.key, limit))
    return {
        key: min(len(some), JOINED_MAX)
        for (_, _, channel), some in together.items()
        if wanted(len(some), min(limit for _, limit in some), room(channel))
        for key, _ in some
    }


def fitting(
    lines: Sequence[DigestLine], whole: Callable[[Message], bool], around: Around, language: Language
) -> int:
    """Return how many of the lines one message holds uncut, at least one."""
    for count in range(min(len(lines), JOINED_MAX), 1, -1):
        if whole(compose(lines[:count], around, language)):
            return count
    return 1


def compose(
    lines: Sequence[DigestLine], around: Around, language: Language, *, only: DigestLine | None = None
) -> Message:
    """Return the one message of some lines.

    only: the part that whoever may see that one case may see: the same message, the other lines left out
    """
    wording, words = WORDINGS[language], WORDS[language]
    counts = {
        "count": len(lines),
        "overdue": sum(phase_by_date(line) == "overdue" for line in lines),
        "today": sum(phase_by_date(line) == "today" for line in lines),
        "ahead": sum(phase_by_date(line) == "before" for line in lines),
    }
    shown = [only] if only is not None else list(lines)
    told = [_line(line, around.audience, language) for line in shown]
    if only is not None:
        told.append(words.hidden.format(hidden=len(lines) - 1))
    institution = " ".join(lines[0].institution_name.split())
    body = words.body[around.audience].format(
        addressee=institution if around.audience == "institution" else around.bureau,
        lines="\n".join(told),
        written=day_words(wording, lines[0].today),
        bureau=around.bureau,
        office=around.office,
        phone=around.phone,
        link=around.link,
        **counts,
    )
    return Message(subject=cut(words.subject.format(**counts)), body=body)


def _line(line: DigestLine, audience: Audience, language: Language) -> str:
    wording, words = WORDINGS[language], WORDS[language]
    told = words.line[audience].format(
        # Short, so that fifty of them are a message and not a book.
        institution=cut(" ".join(line.institution_name.split()), WORD_CHARS_MAX),
        number=cut(" ".join(line.number.split()), WORD_CHARS_MAX),
        due=day_words(wording, line.due_on),
        state=state_words(wording, line, phase_by_date(line)),
    )
    more = [wording.tasks[line.task]] if audience == "bureau" and line.task is not None else []
    more += [line.link] if line.link else []
    return "    " + " ".join([told, *more])


@dataclass(frozen=True)
class _Words:
    """The words of digests in one language, as `str.format` templates."""

    subject: str
    line: Mapping[Literal["institution", "bureau"], str]
    hidden: str
    body: Mapping[Literal["institution", "bureau"], str]


WORDS: Mapping[Language, _Words] = {
    "zh_CN": _Words(
        subject="【限期整改】{count}件提醒：逾期{overdue}件，今日到期{today}件，未到期{ahead}件",
        line={
            "institution": "{number}：{due}止，{state}。",
            "bureau": "{institution}（{number}）：{due}止，{state}。",
        },
        hidden="    （本条提醒与其他{hidden}件合并发送，其他各件从略）",
        body={
            "institution": """\
{addressee}：

贵单位有{count}件限期整改事项，合并提醒如下：逾期{overdue}件，今日到期{today}件，未到期{ahead}件。

一、整改事项及期限
{lines}
二、应提交材料
    逐件提交整改报告、逐项整改佐证材料；涉及退款的，一并提交退回凭证
三、提交方式
    网上办理：{link}
四、联系方式
    {office}，电话：{phone}

本提醒由系统自动发送，请勿直接回复。

{bureau}
{written}
""",
            "bureau": """\
{addressee}：

现有{count}件限期整改案件，合并提醒如下：逾期{overdue}件，今日到期{today}件，未到期{ahead}件。

一、案件、期限及待办
{lines}
二、网上办理
    {link}
三、联系方式
    {office}，电话：{phone}

本提醒由系统自动发送，请勿直接回复。

{bureau}
{written}
""",
        },
    ),
    "en": _Words(
        subject="[Rectification] {count} reminders: {overdue} overdue, {today} due today, {ahead} due later",
        line={
            "institution": "{number}: due on {due}, {state}.",
            "bureau": "{institution} ({number}): due on {due}, {state}.",
        },
        hidden="    (sent in one message with {hidden} others, which are left out here)",
        body={
            "institution": """\
To: {addressee}

These {count} rectifications are yours: {overdue} overdue, {today} due today, {ahead} due later.

1. What, and by when
{lines}
2. What to hand in
    for each: the rectification report, proof for each finding, and the receipt of any money paid back
3. Where
    Online: {link}
4. Whom to call
    {office}, telephone {phone}

This message was sent automatically; please do not reply to it.

{bureau}
{written}
""",
            "bureau": """\
To: {addressee}

These {count} cases want attention: {overdue} overdue, {today} due today, {ahead} due later.

1. Cases, due dates and what to do
{lines}
2. Online
    {link}
3. Whom to call
    {office}, telephone {phone}

This message was sent automatically; please do not reply to it.

{bureau}
{written}
""",
        },
    ),
}
