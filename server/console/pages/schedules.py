"""Schedules of remote rounds: those that stand, and the form of a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from server.console.pages.frame import Institution
from server.console.pages.rounds import CallPlace


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleRow:
    """One schedule. start, end: times of the day such as 08:30; end '' where it is routine"""

    id: str
    kind: str
    stage: str
    institutions: tuple[Institution, ...]
    weekdays: tuple[str, ...]
    start: str
    end: str
    times_a_week: int | None
    method: str
    size: int | None
    led_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleForm:
    """What was typed; failed: what does not fit, by `schedule_marks.SCHEDULE_FAULTS`."""

    institutions: tuple[str, ...] = ()
    kind: str = "routine"
    weekdays: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    start: str = "09:00"
    end: str = "17:00"
    times_a_week: str = "1"
    method: str = "random"
    size: str = "10"
    wards: str = ""
    respond_minutes: str = ""
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SchedulesPage:
    """Schedules that stand or are paused, and the form; places: who can be called."""

    template: ClassVar[str] = "console/schedules.html"
    rows: tuple[ScheduleRow, ...]
    form: ScheduleForm
    places: tuple[CallPlace, ...] = ()
    may_make: bool = False
