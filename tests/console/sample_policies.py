"""Demo data of the ladder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from server.console.pages.policies import PoliciesPage, PolicyRow, SampleRow
from server.queries.policies import form_of
from server.reminders.policies import RECTIFICATION
from tests.console.sample_frame import SUPERVISOR, ago

FORM = form_of(RECTIFICATION, "341500")


def page(*, way: str = "") -> PoliciesPage:
    """Return the ladder, with a form that does not fit (`failed`), or for a reader (`none`)."""
    history = (PolicyRow(id="p1", region="341500", at=ago(days=3), by=SUPERVISOR.name, rungs=9, words="加密提醒",
                         counts=True),)  # fmt: skip
    sample = tuple(
        SampleRow(at=datetime(2026, 12, 8, 0, 30, tzinfo=UTC), rung=row.name, roles=row.roles, channels=row.channels,
                  task=row.task)
        for row in FORM.rungs
    )  # fmt: skip
    return PoliciesPage(
        region="341500",
        origin="" if way == "none" else "测试市",
        ladder=FORM,
        form=replace(FORM, failed="morning" if way == "failed" else ""),
        history=() if way == "none" else history,
        sample=sample,
        sample_due=date(2026, 12, 8),
        may_lay_down=way != "none",
    )


PAGES = {
    "/reminders/policies": page,
    "/reminders/policies-failed": lambda: page(way="failed"),
    "/reminders/policies-none": lambda: page(way="none"),
}
