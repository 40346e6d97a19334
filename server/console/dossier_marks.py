"""Words and signs of search, institutions, dossiers and the ledger's entries, as `marks` has them for the rest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import inspection, institution, user
from server.console.marks import OK, PROBLEM, Mark, Table, choices

ACTORS: Table = {
    **choices(user.ROLES),
    "machine": Mark(_l("The server")),
    "phone": Mark(_l("A phone"), "plain", "phone"),
    "": Mark("–"),
}
SEARCH_GROUPS: Table = {
    "persons": Mark(_l("Encounters of this person")),
    "institutions": Mark(_l("Institutions")),
    "inspections": Mark(_l("Inspections and rounds")),
    "findings": Mark(_l("Findings")),
    "cases": Mark(_l("Cases")),
    "evidence": Mark(_l("Evidence")),
    "documents": Mark(_l("Documents by number")),
    "patients": Mark(_l("In-patients by encounter number")),
    "devices": Mark(_l("Phones")),
    "people": Mark(_l("People of the bureau")),
    "others": Mark(_l("Other records")),
    "ledger": Mark(_l("Ledger entries")),
}
SEARCH_PROBLEMS: Table = {
    "too_short": Mark(_l("Write at least two characters.")),
    "too_long": Mark(_l("Write at most 80 characters.")),
    "not_in_address": Mark(
        _l("A person's number is never looked for in an address. Type it into the box at the top.")
    ),
    "persons_not_yours": Mark(_l("Your role does not look for persons.")),
    "person_unknown": Mark(_l("No encounter of this person in your region.")),
}
INSTITUTION_KINDS = choices(institution.KINDS)
INSPECTION_KINDS = choices(inspection.KINDS)
DOSSIER_PARTS: Table = {
    "basic": Mark(_l("Basic information")),
    "certificates": Mark(_l("Certificates and agreement")),
    "evidence": Mark(_l("Evidence of violations")),
    "interviews": Mark(_l("Records of interviews")),
    "notices": Mark(_l("Rectification notices")),
    "reports": Mark(_l("Rectification reports")),
    "decisions": Mark(_l("Decisions on sanctions")),
}
PART_STATES: Table = {
    "complete": Mark(_l("Complete"), *OK),
    "missing": Mark(_l("Something is missing"), *PROBLEM),
    "not_needed": Mark(_l("Not needed so far"), "unknown", "clock"),
}
LACKS: Table = {
    "field": Mark(_l("Not filled in:")),
    "no_agreement": Mark(_l("No service agreement on record")),
    "agreement_over": Mark(_l("The service agreement has ended:")),
    "no_evidence": Mark(_l("A finding without evidence:")),
    "not_approved": Mark(_l("Evidence that nobody approved yet:")),
    "file_missing": Mark(_l("The file has not arrived:")),
    "not_held": Mark(_l("Called and not held yet:")),
    "not_signed": Mark(_l("Held, the record is not signed:")),
    "no_notice": Mark(_l("No notice on record for the case:")),
    "not_served": Mark(_l("Not served yet:")),
    "no_report": Mark(_l("No report was handed in for the case:")),
    "not_accepted": Mark(_l("The report was not accepted yet:")),
    "no_decision": Mark(_l("No written decision for the sanction:")),
}
INSTITUTION_SORTS: Table = {
    "code": Mark(_l("By code")),
    "findings": Mark(_l("Most open findings first")),
    "cases": Mark(_l("Most open cases first")),
    "inspected": Mark(_l("Inspected last first")),
    "waiting": Mark(_l("Not inspected for longest first")),
}
