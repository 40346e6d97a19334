"""How codes of inspections and their planning are shown; the tables of `marks` beside them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import inspection
from schemas.records import institution as institutions
from server.console.marks import OK, PROBLEM, WAITING, Mark, Table, choices, stages

KINDS = choices(
    inspection.KINDS,
    {"special_check": ("info", "flag"), "unannounced_check": ("violet", "alert")},
)
MODES = choices(inspection.MODES, {"covert": ("violet", "question")})
STAGES = stages(
    inspection.TYPE,
    {
        "draft": WAITING,
        "approved": ("info", "clock"),
        "on_site": ("info", "pin"),
        "record_signed": ("info", "tick"),
        "submitted": WAITING,
        "accepted": OK,
        "returned": PROBLEM,
        "archived": ("plain", "case"),
    },
)
INSTITUTION_KINDS = choices(institutions.KINDS)
OFFICER_FAULTS: Table = {
    "not_inspector": Mark(_l("No active inspector"), *PROBLEM),
    "no_certificate": Mark(_l("No enforcement certificate"), *PROBLEM),
    "expired": Mark(_l("Certificate is over by that day"), *PROBLEM),
    "recused": Mark(_l("Recused from this institution"), *PROBLEM),
    "unknown": Mark(_l("Not of your region"), *PROBLEM),
}
PLAN_FAULTS: Table = {
    "institutions": Mark(_l("Choose 1 to 200 institutions.")),
    "kind": Mark(_l("Choose the kind of inspection.")),
    "mode": Mark(_l("Choose open or covert.")),
    "planned_on": Mark(_l("Choose a day from today to 400 days ahead.")),
    "lead": Mark(_l("Choose a lead inspector who may go.")),
    "members": Mark(_l("Two officers go at least: choose one besides the lead.")),
    "draw_size": Mark(_l("So many cannot be drawn: too few officers may go.")),
    "per_day": Mark(_l("Visits a day is a number from 1 to 50, or empty for all on one day.")),
    "note": Mark(_l("The note is too long.")),
    "inspections": Mark(_l("Choose 1 to 200 inspections.")),
    "taker": Mark(_l("Choose who goes in his place: another active inspector.")),
    "giver": Mark(_l("He does not go on all of the inspections that you chose.")),
    "stage": Mark(_l("An inspection that you chose has begun or is approved already.")),
    "not_found": Mark(_l("An officer or an inspection that you chose is not in your region.")),
    "checklist_wanted": Mark(_l("This checklist does not hold on that day.")),
    **OFFICER_FAULTS,
}
HANDOVER_FAULTS: Table = {
    "giver": Mark(_l("Choose who of the team hands over.")),
    "taker": Mark(_l("Choose another active inspector: to this one there is nothing to hand over.")),
    "reason": Mark(_l("Say why, in a sentence.")),
    "lead": Mark(_l("Whoever takes over from the lead must be a lead inspector.")),
    "leaves": Mark(_l("Two officers stay at least: keep the one who hands over in the team.")),
    "not_found": Mark(_l("There is no such officer in your region.")),
    "bad_transition": Mark(_l("Nobody records in this visit any more: it was signed or ended.")),
    "own_work": Mark(_l("You are one of the two yourself: another supervisor hands it over.")),
    "version_changed": Mark(_l("The visit changed meanwhile. Nothing was handed over; look again.")),
    **OFFICER_FAULTS,
}
BLOCKS: Table = {
    "draw_waits": Mark(_l("The officers are not drawn yet.")),
    "own": Mark(_l("You go on this inspection yourself: another supervisor approves it.")),
    "too_few": Mark(_l("Two officers go at least.")),
    "unfit": Mark(_l("An officer may not go on that day: put another in his place.")),
}
HAPPENED: Table = {
    "created": Mark(_l("made"), "plain", "next"),
    "stage": Mark(_l("stage"), "info", "arrow"),
    "team": Mark(_l("team changed"), "waiting", "split"),
    "changed": Mark(_l("changed"), "plain", "return"),
}
COVERAGE_GROUPS: Table = {
    "medical": Mark(_l("Medical institutions, every half-year")),
    "pharmacies": Mark(_l("Drugstores, every quarter")),
}
