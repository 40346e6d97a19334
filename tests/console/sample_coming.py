"""Demo data of the reminders to come."""

from __future__ import annotations

from datetime import UTC, date, datetime

from server.console.pages.coming import ComingDay, ComingPage, ComingRow
from tests.console.sample_frame import HOSPITALS, SUPERVISOR

ROWS = tuple(
    ComingRow(at=datetime(2026, 11, 24, 0, 30, tzinfo=UTC), case=f"c{n}", institution=HOSPITALS[n % len(HOSPITALS)],
              due_on=date(2026, 11, 27), rung=rung, role=role, recipient=name, channel=channel, task="", why="")
    for n, (rung, role, name, channel) in enumerate([
        ("T-3", "institution_contact", "", "sms"),
        ("T+3", "supervisor", SUPERVISOR.name, "email"),
        ("served+1", "institution_contact", "", "email"),
        ("T", "institution_head", "", "sms"),
    ])
)  # fmt: skip


def page(*, empty: bool = False) -> ComingPage:
    """Return two days of reminders, or none."""
    days = (ComingDay(on=date(2026, 11, 24), rows=ROWS[:3]), ComingDay(on=date(2026, 11, 27), rows=ROWS[3:]))
    return ComingPage(
        days=30, days_choices=(7, 30), coming=() if empty else days, total=0 if empty else 4, more=not empty,
        regions=(), query={},
    )  # fmt: skip


PAGES = {"/reminders": page, "/reminders-none": lambda: page(empty=True)}
