"""Messages: what a reminder says. Pure; the words are in templates.py.

A message tells what is wrong, what to hand in, where, by when, and whom to call. It is sent over networks
that are not ours, so it holds no personal data by construction: `CaseFacts` has no field for any.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from server.reminders.ladder import Reminder
from server.reminders.policies import INSTITUTION_ROLES, SERVED
from server.reminders.templates import WORDINGS, Audience, Language, Material, Phase, Standing, Wording

WORD_CHARS_MAX = 20
"""What fills a template; gateways refuse longer words."""
SUBJECT_CHARS_MAX = 100
"""A longer subject, of an institution with a very long name, is cut and ends in an ellipsis."""


@dataclass(frozen=True)
class Violation:
    """How many findings of the case have one violation code; `labels` is its name by language."""

    code: str
    labels: Mapping[str, str]
    count: int


@dataclass(frozen=True)
class CaseFacts:
    """What a message may tell of a case: numbers, dates, codes, and what is public of offices.

    No free text of the case and nothing of a person has a place here, and none may be added: a message is
    not a record.

    institution_name: as in the public register of designated institutions
    bureau, office, where, phone: from the settings of the unit; an office and its line, never a person
    due_on, today: dates in the zone of the deadline; working_days_left: from today, negative when overdue
    provisional: a year that the period touches has no published calendar yet
    """

    bureau: str
    institution_name: str
    case_number: str
    notice_number: str
    violations: tuple[Violation, ...]
    materials: tuple[Material, ...]
    where: str
    office: str
    phone: str
    due_on: date
    today: date
    working_days_left: int
    provisional: bool
    link: str


class Dated(Protocol):
    """Whatever has a last day that is looked at on some day."""

    @property
    def due_on(self) -> date:
        """The last day."""

    @property
    def today(self) -> date:
        """The day of the message."""

    @property
    def working_days_left(self) -> int:
        """From today on, negative when overdue."""


WORDS = ("institution", "number", "due", "days", "state")
"""What may fill the template of a text message."""


@dataclass(frozen=True)
class Message:
    """A subject of one line and a body of plain text. phase, words: what a text message of a template says instead."""

    subject: str
    body: str
    phase: Phase = "before"
    words: Mapping[str, str] = field(default_factory=dict)


def compose(reminder: Reminder, case_facts: CaseFacts, language: Language) -> Message:
    """Return the message of `reminder` in `language`, worded for the institution or the bureau by its role.

    How it stands is told by the dates of `case_facts`, not by the rung, so a reminder that goes late is true.
    """
    wording = WORDINGS[language]
    audience: Audience = "institution" if reminder.role in INSTITUTION_ROLES else "bureau"
    phase = _phase(reminder, case_facts)
    names = _names(case_facts)
    standing = state_words(wording, case_facts, phase_by_date(case_facts))
    subject = wording.subject[audience].format(state=state_words(wording, case_facts, phase), **names)
    body = wording.body.format(
        addressee=names["institution_name"] if audience == "institution" else names["bureau"],
        opening=wording.opening[audience][phase].format(**names),
        count=sum(violation.count for violation in case_facts.violations),
        findings="\n".join(_findings(wording, case_facts, language)),
        materials=wording.separator.join(wording.materials[each] for each in case_facts.materials),
        due=day_words(wording, case_facts.due_on),
        today=day_words(wording, case_facts.today),
        state=standing,
        notes=_notes(wording, reminder, case_facts, audience),
        **names,
    )
    words = {
        "institution": cut(names["institution_name"], WORD_CHARS_MAX),
        "number": cut(names["notice_number"], WORD_CHARS_MAX),
        "due": case_facts.due_on.isoformat(),
        "days": str(abs(case_facts.working_days_left)),
        "state": cut(standing, WORD_CHARS_MAX),
    }
    return Message(subject=cut(subject), body=body, phase=phase, words=words)


def _names(facts: CaseFacts) -> dict[str, str]:
    """Return the texts of `facts` as single lines: a line break in a name would end the mail's header."""
    fields = (
        "bureau",
        "institution_name",
        "case_number",
        "notice_number",
        "where",
        "office",
        "phone",
        "link",
    )
    return {field: " ".join(getattr(facts, field).split()) for field in fields}


def phase_by_date(facts: Dated) -> Phase:
    """Return how a deadline stands by its dates alone."""
    if facts.today > facts.due_on:
        return "overdue"
    return "today" if facts.today == facts.due_on else "before"


def _phase(reminder: Reminder, facts: CaseFacts) -> Phase:
    by_date = phase_by_date(facts)
    if reminder.rung != SERVED or by_date == "overdue":
        return by_date
    return "changed" if reminder.due_version > 1 else "served"


def state_words(wording: Wording, facts: Dated, phase: Phase) -> str:
    """Return how a deadline stands, in a few words."""
    days = abs(facts.working_days_left)
    key: Standing = phase
    if days == 0 and phase == "before":
        key = "last_gap"
    elif days == 0 and phase == "overdue":
        key = "overdue_gap"
    counted = wording.one_day if days == 1 else wording.many_days.format(n=days)
    return wording.state[key].format(due=day_words(wording, facts.due_on), days=counted)


def _findings(wording: Wording, facts: CaseFacts, language: Language) -> list[str]:
    return [
        wording.finding.format(label=violation.labels.get(language, violation.code), count=violation.count)
        for violation in facts.violations
    ]


def _notes(wording: Wording, reminder: Reminder, facts: CaseFacts, audience: Audience) -> str:
    notes = []
    if audience == "bureau" and reminder.task is not None:
        notes.append(wording.task.format(task=wording.tasks[reminder.task]))
    if reminder.due_version > 1:
        notes.append("\n" + wording.changed)
    if facts.provisional:
        notes.append("\n" + wording.provisional)
    return "".join(note + "\n" for note in notes)


def day_words(wording: Wording, day: date) -> str:
    """Return a day as it is written out."""
    return wording.date.format(year=day.year, month=wording.months[day.month - 1], day=day.day)


def cut(text: str, most: int = SUBJECT_CHARS_MAX) -> str:
    """Return a text of at most so many characters, ended by an ellipsis where it was longer."""
    return text if len(text) <= most else text[: most - 1] + "…"
