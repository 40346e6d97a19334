"""Demo data of the reminders to come."""

from __future__ import annotations

from datetime import UTC, date, datetime

from server.console.pages.bulletins import BulletinLine, BulletinRow, BulletinsPage
from server.console.pages.coming import ComingDay, ComingPage, ComingRow
from tests.console.sample_frame import HOSPITALS, SUPERVISOR

ROWS = tuple(
    ComingRow(at=datetime(2026, 11, 24, 0, 30, tzinfo=UTC), case=f"c{n}", institution=HOSPITALS[n % len(HOSPITALS)],
              due_on=date(2026, 11, 27), rung=rung, role=role, recipient=name, channel=channel, task="", why="",
              joined=7 if channel == "email" else 1)
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


def bulletins(*, empty: bool = False) -> BulletinsPage:
    """Return a draft and a bulletin that was issued, or none."""
    lines = tuple(
        BulletinLine(institution=place, cases_overdue=2, weeks_running=weeks, step=step)
        for place, weeks, step in zip(
            HOSPITALS, (5, 3, 1), ("settlement_suspension", "interview", "named"), strict=False
        )
    )
    rows = tuple(
        BulletinRow(id=f"b{week}", version=9, number=f"341500-2026-W{week}", stage=stage, cases_overdue=6, lines=lines,
                    from_on=date(2026, 11, 16), until_on=date(2026, 11, 22),
                    issued_on=date(2026, 11, 23) if stage == "issued" else None)
        for week, stage in ((47, "draft"), (46, "issued"))
    )  # fmt: skip
    return BulletinsPage(rows=() if empty else rows, may_issue=True)


PAGES = {
    "/reminders": page,
    "/reminders-none": lambda: page(empty=True),
    "/bulletins": bulletins,
    "/bulletins-none": lambda: bulletins(empty=True),
}
