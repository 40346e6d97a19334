"""How the board of many rounds shows what each asks of whoever watches."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from server.console.marks import OK, PROBLEM, WAITING, Mark, Table

ATTENTION: Table = {
    "stuck": Mark(_l("Not called"), *PROBLEM),
    "missed": Mark(_l("Beds not answered"), *PROBLEM),
    "doubted": Mark(_l("Doubts to look at"), "problem", "flag"),
    "soon": Mark(_l("Time runs out"), *WAITING),
    "running": Mark(_l("Answers coming in"), "info", "phone"),
    "answered": Mark(_l("All answered"), *OK),
    "to_come": Mark(_l("To be called"), *WAITING),
    "over": Mark(_l("Concluded")),
}
CHIPS: Table = {
    "attention": Mark(_l("Needs attention")),
    "running": Mark(_l("Under way")),
    "over": Mark(_l("Concluded")),
}
