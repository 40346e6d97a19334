"""Words of draws of institutions and officers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import institution, random_draw
from server.console.marks import OK, WAITING, Mark, Table, choices, stages

KINDS = choices(institution.KINDS)
GRADES = choices(institution.GRADES)
STAGES = stages(random_draw.TYPE, {"ordered": WAITING, "drawn": OK})
FAULTS: Table = {
    "region": Mark(_l("Choose a region of yours.")),
    "size": Mark(_l("1 to 200 institutions can be drawn.")),
    "kinds": Mark(_l("No institution of your region fits: choose other kinds or grades.")),
    "grades": Mark(_l("No institution of your region fits: choose other kinds or grades.")),
}
WRONG: Table = {
    "seed": Mark(_l("the seed does not follow from the order’s entry")),
    "sample": Mark(_l("others were named than the ledger draws")),
    "population": Mark(_l("those who could be drawn are not those of the order")),
    "draws": Mark(_l("it was drawn more than once")),
    "row": Mark(_l("the record says other than the ledger")),
    "order": Mark(_l("the order cannot be carried out")),
}
