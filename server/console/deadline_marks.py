"""What the words of the calendar of due dates and of the register look like."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import notice
from server.console.marks import OK, WAITING, Mark, Table, choices, stages

ITEMS: Table = {
    "due": Mark(_l("due")),
    "look_back": Mark(_l("Look-back")),
    "interview": Mark(_l("Interview")),
}
DAYS: Table = {
    "holiday": Mark(_l("holiday")),
    "makeup": Mark(_l("make-up working day")),
}
SHORT_DAYS: Table = {
    "holiday": Mark(_l("day off")),
    "makeup": Mark(_l("worked")),
}
NOTICES = choices(notice.NOTICE_TYPES)
METHODS = choices(notice.SERVICE_METHODS)
NOTICE_STAGES = stages(
    notice.TYPE,
    {
        "draft": ("plain", "clock"),
        "signed_off": WAITING,
        "issued": WAITING,
        "served": WAITING,
        "acknowledged": OK,
    },
)
REGISTER: Table = {
    "overdue": Mark(_l("Overdue")),
    "open": Mark(_l("Open")),
    "closed_cases": Mark(_l("Closed")),
}
