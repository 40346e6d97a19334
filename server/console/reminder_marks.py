"""How codes of calendars, policies and coming reminders are shown."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import bulletin, reminder, reminder_policy, working_calendar
from server.console.marks import OK, WAITING, Mark, Table, choices, stages

CALENDAR_STAGES = stages(working_calendar.TYPE, {"imported": WAITING, "in_force": OK})
CALENDAR_STANDINGS = choices(working_calendar.STANDINGS, {"published": OK, "provisional": WAITING})
CALENDAR_COLUMNS: Table = {
    "day": Mark(_l("Day")),
    "until": Mark(_l("Until")),
    "kind": Mark(_l("Off or worked")),
}
CALENDAR_FAULTS: Table = {
    "file": Mark(_l("Choose a file: .xlsx, or CSV in UTF-8 or GB18030.")),
    "bad_file": Mark(_l("The file cannot be read as a table of days.")),
    "too_large": Mark(_l("The file is too large for a year of days.")),
    "region": Mark(_l("Write the code of the region.")),
    "year": Mark(_l("Write the year as 2027.")),
    "valid_from": Mark(_l("Write the day as 2026-11-17.")),
    "standing": Mark(_l("Choose published or provisional.")),
    "bad_rows": Mark(_l("Rows are wrong; nothing was imported.")),
    "seen": Mark(_l("This is not the file that was looked at: look at it first. Nothing was imported.")),
}
ADDRESSEES = choices(reminder.ADDRESSEES)
CASE_TYPES = choices(reminder_policy.CASE_TYPES)
POLICY_TASKS = choices(reminder_policy.TASKS)
WAYS = choices(reminder.CHANNELS)
POLICY_FAULTS: Table = {
    "region": Mark(_l("Write the code of the region.")),
    "rungs": Mark(
        _l(
            "Each rung has a name (served, served+1, T-3, T, T+1), "
            "once, with somebody who hears of it and a channel; the first is served."
        )
    ),
    "quiet_from": Mark(_l("Write the time as 08:30.")),
    "quiet_until": Mark(_l("Write the time as 08:30.")),
    "digest_limit": Mark(_l("Write how many messages go one by one at most, as a number from 1 to 1,000.")),
    "morning": Mark(_l("The morning lies outside the quiet hours; write it as 08:30.")),
}
BULLETIN_STAGES = stages(bulletin.TYPE, {"draft": WAITING, "issued": OK})
BULLETIN_STEPS = choices(bulletin.STEPS)
