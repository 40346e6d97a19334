"""Demo data of working calendars."""

from __future__ import annotations

from datetime import date

from server.console.pages.calendars import (
    CalendarFault,
    CalendarForm,
    CalendarPreview,
    CalendarsPage,
    MovedRow,
    TableRow,
    YearRow,
)
from tests.console.sample_frame import digest

SPRING = ((date(2026, 2, 15), date(2026, 2, 23)), (date(2026, 4, 4), date(2026, 4, 6)))
YEARS = (
    YearRow(year=2025, standing="published", origin="", off=SPRING[:1], working=(date(2025, 1, 26),)),
    YearRow(year=2026, standing="published", origin="测试市", off=SPRING,
            working=(date(2026, 2, 14), date(2026, 2, 28))),
    YearRow(year=2027, standing="provisional", origin=""),
)  # fmt: skip
TABLES = (
    TableRow(id="w1", region="341500", year=2026, stage="in_force", standing="published", off=33, working=6,
             valid_from=date(2025, 11, 5), source="国务院办公厅通知"),
    TableRow(id="w2", region="341502", year=2027, stage="imported", standing="provisional", off=28, working=5,
             valid_from=date(2026, 12, 1)),
)  # fmt: skip


def page(*, way: str = "") -> CalendarsPage:
    """Return the calendars: as they stand, with a table that fits (`good`), that does not (`bad`), read (`none`)."""
    faults = tuple(CalendarFault(line=n, column="day", words="不属于2027年") for n in (3, 9))
    moves = (MovedRow(case="c1", before=date(2027, 2, 8), after=date(2027, 2, 12)),)
    fitting = CalendarPreview(digest=digest("days"), rows=9, off=SPRING, working=(date(2026, 2, 14),), moves=moves,
                              move_count=1)  # fmt: skip
    broken = CalendarPreview(digest=digest("days"), rows=9, faults=faults, fault_count=2)
    return CalendarsPage(
        region="341500",
        years=YEARS,
        tables=() if way == "none" else TABLES,
        form=CalendarForm(
            region="341500", year="2027", valid_from="2026-11-17", failed="bad_rows" if way == "bad" else ""
        ),
        preview={"good": fitting, "bad": broken}.get(way),
        may_bring=way != "none",
    )  # fmt: skip


PAGES = {
    "/reminders/calendars": page,
    "/reminders/calendars-good": lambda: page(way="good"),
    "/reminders/calendars-bad": lambda: page(way="bad"),
    "/reminders/calendars-none": lambda: page(way="none"),
}
