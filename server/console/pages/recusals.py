"""Recusals: who stays away from what and why, and the form that declares one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from server.console.pages.frame import Chip, Institution, Paging


@dataclass(frozen=True, kw_only=True, slots=True)
class RecusalRow:
    """One recusal. kind: of what it is about; planned_on: the day of an inspection; own: the reader's own.

    version: what lifting it names; words, lifted_because: '' where there are none or the reader does not see them
    """

    id: str
    version: int
    person: str
    institution: Institution
    kind: str
    about: str
    planned_on: date | None
    reason: str
    words: str
    from_on: date
    until_on: date | None
    stage: str
    by: str
    lifted_because: str = ""
    own: bool = False
    may_lift: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RecusalForm:
    """What was typed; about: a record, place: its name; failed: what does not fit, in words; fault: the field."""

    user: str = ""
    about: str = ""
    place: str = ""
    code: str = ""
    reason: str = ""
    words: str = ""
    first: str = ""
    last: str = ""
    failed: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecusalsPage:
    """Recusals of the reader's region and his own. oversees: whether he declares and lifts those of others.

    user: whose alone are listed, a record's id, and person: his name; '' for everybody's
    """

    template: ClassVar[str] = "console/recusals.html"
    chips: tuple[Chip, ...]
    rows: tuple[RecusalRow, ...]
    paging: Paging
    form: RecusalForm
    today: date
    state: str = ""
    user: str = ""
    person: str = ""
    oversees: bool = False
