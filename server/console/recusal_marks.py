"""How recusals are shown: words, tones and signs by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import recusal
from server.console.marks import OK, WAITING, Mark, Table, choices, stages

STAGES: Table = {
    "": Mark(_l("All")),
    **stages(
        recusal.TYPE,
        {"planned": WAITING, "standing": ("violet", "alert"), "lifted": OK, "ended": ("plain", "")},
    ),
}
REASONS = choices(recusal.REASONS)
FAULTS: Table = {
    "user": Mark(_l("There is no such active user, or he is recused from it already.")),
    "about": Mark(_l("Name an institution of your region by its code.")),
    "reason": Mark(_l("Choose the reason.")),
    "words": Mark(_l("Say the reason in words, in at most 500 characters.")),
    "from_on": Mark(_l("A recusal begins today or later.")),
    "until_on": Mark(_l("The last day is not before the first.")),
}
