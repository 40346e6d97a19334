"""What templates may call: the formats bound to the frame's zone, locale and clock, and the marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from server.console import (
    board_marks,
    casework_marks,
    census_marks,
    deadline_marks,
    device_marks,
    dossier_marks,
    draw_marks,
    formats,
    inspection_marks,
    marks,
    message_marks,
    portal_marks,
    recusal_marks,
    refusals,
    register_marks,
    reminder_marks,
    review_marks,
    schedule_marks,
    user_marks,
)
from server.console.pages import CaptureInterval, Shell


def install(environment: Environment) -> None:
    """Give an environment the filters and tables that the desk's templates use."""
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(
        moment=bound(lambda shell, at: formats.moment(at, shell.zone, shell.locale)),
        exact=bound(lambda shell, at: formats.moment(at, shell.zone, shell.locale, seconds=True)),
        clock=bound(lambda shell, at: formats.clock(at, shell.zone)),
        relative=bound(lambda shell, at: formats.relative(at, shell.now, shell.locale)),
        day=bound(lambda shell, on: formats.day(on, shell.locale)),
        local_day=bound(local_day),
        short_day=bound(lambda shell, on: formats.short_day(on, shell.locale)),
        month=bound(lambda shell, on: formats.month(on, shell.locale)),
        weekday=bound(lambda shell, on: formats.weekday(on, shell.locale)),
        interval=bound(capture_interval),
        width=bound(lambda shell, span: formats.width_of(span.earliest, span.latest, shell.locale)),
        money=bound(lambda shell, fen: formats.money(fen, shell.locale)),
        distance=bound(lambda shell, metres: formats.distance(metres, shell.locale)),
        listed=bound(listed),
        rung=rung,
        days_left=days_left,
        file_size=formats.file_size,
        short_digest=formats.short_digest,
        grouped=formats.grouped,
        mark=marks.mark,
    )
    environment.globals.update(
        marks=marks,
        board_marks=board_marks,
        casework_marks=casework_marks,
        census_marks=census_marks,
        deadline_marks=deadline_marks,
        device_marks=device_marks,
        draw_marks=draw_marks,
        inspection_marks=inspection_marks,
        register_marks=register_marks,
        reminder_marks=reminder_marks,
        schedule_marks=schedule_marks,
        user_marks=user_marks,
        dossier_marks=dossier_marks,
        message_marks=message_marks,
        recusal_marks=recusal_marks,
        portal_marks=portal_marks,
        review_marks=review_marks,
        weeks=formats.weeks,
        weekday_letters=formats.weekday_letters,
        wind=formats.wind,
        today=today,
        told=lambda code: refusals.told_by_code(code).happened,
    )


def bound(read: Callable[[Shell, Any], str]) -> Callable[[Context, Any], str]:
    """Return a filter that reads zone, locale and clock from the page's frame."""

    @pass_context
    def filtered(context: Context, value: Any) -> str:
        return read(context["shell"], value)

    return filtered


def capture_interval(shell: Shell, span: CaptureInterval) -> str:
    """Return a capture interval in the frame's zone."""
    return formats.interval(span.earliest, span.latest, shell.zone, shell.locale)


def local_day(shell: Shell, at: datetime) -> str:
    """Return the day of an instant in the frame's zone, for what is known to the day only."""
    return formats.day(at.astimezone(ZoneInfo(shell.zone)).date(), shell.locale)


def today(shell: Shell) -> date:
    """Return the day it is in the frame's zone."""
    at: datetime = shell.now
    return at.astimezone(ZoneInfo(shell.zone)).date()


def listed(shell: Shell, words: Iterable[object]) -> str:
    """Return words as a list reads: 甲、乙, or A, B."""
    return ("、" if shell.locale == "zh_CN" else ", ").join(str(word) for word in words)


def gettext(words: str) -> str:
    """Return words in the reader's language; typed, which the library is not."""
    return str(flask_babel.gettext(words))


def ngettext(one: str, many: str, num: int) -> str:
    """Return the right number form with `num` put in; typed, which the library is not."""
    return str(flask_babel.ngettext(one, many, num))


def rung(code: str) -> str:
    """Return a rung of the ladder in words: `T-3` is three working days before the deadline."""
    if code == "served":
        return gettext("On service")
    if code.startswith("served+"):
        days = int(code.removeprefix("served+"))
        return ngettext(
            "%(num)s working day after service, not acknowledged",
            "%(num)s working days after service, not acknowledged",
            days,
        )
    if code == "T":
        return gettext("On the last day")
    count = int(code[2:])
    if code[1] == "-":
        return ngettext("%(num)s working day before", "%(num)s working days before", count)
    return ngettext("%(num)s working day overdue", "%(num)s working days overdue", count)


def days_left(left: int | None) -> str:
    """Return the state of a deadline in words, from the working days that are left."""
    if left is None:
        return gettext("Closed")
    if left == 0:
        return gettext("Due today")
    if left < 0:
        return ngettext("%(num)s working day overdue", "%(num)s working days overdue", -left)
    return ngettext("%(num)s working day left", "%(num)s working days left", left)
