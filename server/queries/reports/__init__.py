"""Reports over casework: pure figures in `figures`, one module for each question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from server.console.pages.reports import Report, ReportsPage
from server.queries.execution import period
from server.queries.reading import Reading
from server.queries.reports import cases, coverage, presence
from sync.errors import BadValue, NotFound

MONTH_DAYS = 30
REPORTS: Mapping[str, Callable[[Reading, date, date], Report]] = {
    presence.NAME: presence.report,
    cases.AGEING: lambda reading, since, until: cases.ageing(reading),
    cases.ZEROING: cases.zeroing,
    coverage.NAME: lambda reading, since, until: coverage.report(reading, until),
}
"""Every report by its name in an address, in the order of the page."""


def report(reading: Reading, name: str, since: str | None, until: str | None) -> Report:
    """Return one report; raises NotFound for a name that there is not, BadValue for a period that is none."""
    if name not in REPORTS:
        raise NotFound(f"the reports are {', '.join(REPORTS)}", field="report")
    return REPORTS[name](reading, *_days(reading, since, until))


def reports_page(reading: Reading, since: str | None, until: str | None) -> ReportsPage:
    """Return all reports over a period, the month up to today where none is asked for or it is none."""
    try:
        days, failed = _days(reading, since, until), False
    except BadValue:
        days, failed = _days(reading, None, None), True
    return ReportsPage(
        since=days[0],
        until=days[1],
        reports=tuple(make(reading, *days) for make in REPORTS.values()),
        query={"since": days[0].isoformat(), "until": days[1].isoformat()},
        failed=failed,
    )


def _days(reading: Reading, since: str | None, until: str | None) -> tuple[date, date]:
    return period(since, until, reading.today, days=MONTH_DAYS)
