"""What a reminder says of a petition: its number and kind, by when, what to do, whom to call. Pure.

Nothing of what was said, of whom, or by whom: `PetitionFacts` has no field for it, and none may be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from server.reminders.messages import WORD_CHARS_MAX, Message, cut, day_words, phase_by_date, state_words
from server.reminders.policies import Task
from server.reminders.templates import WORDINGS, Language


@dataclass(frozen=True)
class PetitionFacts:
    """What a message may tell of a petition. kind: its label by language; office, phone: never a person's"""

    bureau: str
    office: str
    phone: str
    number: str
    kind: Mapping[Language, str]
    due_on: date
    today: date
    working_days_left: int
    provisional: bool
    link: str


@dataclass(frozen=True)
class _Words:
    """The words of one language, as `str.format` templates."""

    subject: str
    body: str
    todo: str


WORDS: Mapping[Language, _Words] = {
    "zh_CN": _Words(
        subject="【信访办理】{number}：{state}",
        body="""\
{addressee}：

登记号{number}的{kind}须按期答复。

一、办理期限
    {due}（当日24时止），{state}
二、待办事项
    {todo}
三、办理方式
    网上办理：{link}
四、联系方式
    {office}，电话：{phone}
{notes}
本提醒由系统自动发送，请勿直接回复。

{addressee}
{written}
""",
        todo="请办理并答复，登记答复内容和答复日期。",
    ),
    "en": _Words(
        subject="[Petition] {number}: {state}",
        body="""\
To: {addressee}

The {kind} with the number {number} must be answered in time.

1. By when
    {due} (end of the day), {state}
2. What to do
    {todo}
3. Where
    Online: {link}
4. Whom to call
    {office}, telephone {phone}
{notes}
This message was sent automatically; please do not reply to it.

{addressee}
{written}
""",
        todo="Please handle and answer it, and enter the answer and its day.",
    ),
}


def compose(facts: PetitionFacts, task: Task | None, language: Language) -> Message:
    """Return the message of a petition; how it stands is told by its dates, so a reminder that goes late is true."""
    wording, words = WORDINGS[language], WORDS[language]
    phase = phase_by_date(facts)
    state, number = state_words(wording, facts, phase), cut(" ".join(facts.number.split()), 40)
    body = words.body.format(
        addressee=facts.bureau,
        number=number,
        kind=facts.kind[language] if language == "zh_CN" else facts.kind[language].lower(),
        due=day_words(wording, facts.due_on),
        state=state,
        todo=wording.tasks[task] if task is not None else words.todo,
        link=facts.link,
        office=facts.office,
        phone=facts.phone,
        notes=f"\n{wording.provisional}\n" if facts.provisional else "",
        written=day_words(wording, facts.today),
    )
    told = {
        "institution": "",
        "number": cut(number, WORD_CHARS_MAX),
        "due": facts.due_on.isoformat(),
        "days": str(abs(facts.working_days_left)),
        "state": cut(state, WORD_CHARS_MAX),
    }
    return Message(cut(words.subject.format(number=number, state=state)), body, phase, told)
