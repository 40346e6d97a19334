"""Calendars, the ladder's policies, coming reminders and bulletins: pages, forms, and the same for programs."""

from __future__ import annotations

from tests.security.access.vocabulary import LISTS, Rule, shown_by

CALENDARS = "tests/reminders/test_importing_calendars.py::test_who_may_not_brings_no_table"
POLICIES = "tests/reminders/test_laying_down.py::test_who_may_not_lays_none_down"
BULLETINS = "tests/reminders/test_bulletins.py::test_who_may_not_issues_nothing"

RULES: dict[str, Rule] = {
    "console.policies": LISTS,
    "console.lay_down_policy": shown_by(POLICIES),
    "api.counting_ladder": LISTS,
    "api.lay_down_ladder": shown_by(POLICIES),
    "console.bulletins": LISTS,
    "console.issue_bulletin": shown_by(BULLETINS, "inspection"),
    "api.issue_weekly_bulletin": shown_by(BULLETINS, "inspection"),
    "console.coming": LISTS,
    "api.coming_reminders": LISTS,
    "console.calendars": LISTS,
    "console.bring_calendar": shown_by(CALENDARS),
    "api.counting_calendar": LISTS,
    "api.preview_calendar": shown_by(CALENDARS),
    "api.bring_calendar": shown_by(CALENDARS),
}
