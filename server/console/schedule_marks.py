"""How codes of schedules of rounds are shown."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import round_schedule
from server.console.marks import CALL_FAULTS, OK, WAITING, Mark, Table, choices, stages

KINDS = choices(round_schedule.KINDS, {"surprise": ("violet", "alert")})
STAGES = stages(round_schedule.TYPE, {"active": OK, "paused": WAITING})
WEEKDAYS = choices(round_schedule.WEEKDAYS)
SCHEDULE_FAULTS: Table = {
    **CALL_FAULTS,
    "kind": Mark(_l("Choose routine or by surprise.")),
    "weekdays": Mark(_l("Choose the days of the week.")),
    "from_minute": Mark(_l("Write the time as 09:00.")),
    "until_minute": Mark(_l("A surprise needs a time until which it may come, after the first.")),
    "times_a_week": Mark(_l("So many times a week: at most once on each chosen day.")),
}
