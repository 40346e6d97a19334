"""How the work on a case is shown: words, tones and signs by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import extension, notice, rectification_case, rectification_report
from server.casework import notices
from server.console.marks import OK, PROBLEM, WAITING, Mark, Table, choices, stages

NEXT: Table = {
    "draft": Mark(_l("Draft the notice")),
    "sign_off": Mark(_l("Sign the notice off")),
    "issue": Mark(_l("Issue the notice")),
    "serve": Mark(_l("Serve the notice")),
    "acknowledge": Mark(_l("The institution acknowledges")),
    "report": Mark(_l("The institution reports")),
    "verify": Mark(_l("Verify the report")),
    "close": Mark(_l("Close the case, or return the report")),
    "call_back": Mark(_l("Call back")),
    "satisfy": Mark(_l("End the case, or open it again")),
    "nothing": Mark(_l("Nothing: the case has ended")),
}
WHO: Table = {
    "draft": Mark(_l("A supervisor of the region drafts it; another one signs it off.")),
    "sign_off": Mark(
        _l("A supervisor or leader who did not draft it. It gets its number then and stands word for word.")
    ),
    "issue": Mark(_l("A supervisor of the region.")),
    "serve": Mark(
        _l("A supervisor of the region enters how and when it was served; the term begins with that day.")
    ),
    "acknowledge": Mark(_l("By the link in the message; what came on paper is entered by a supervisor.")),
    "report": Mark(_l("By the last day, finding by finding, with proof.")),
    "verify": Mark(_l("A supervisor who did not write or enter the report.")),
    "close": Mark(_l("A supervisor who did not verify the report closes it; any supervisor returns it.")),
    "call_back": Mark(_l("A supervisor asks the institution or who complained, and enters the answer.")),
    "satisfy": Mark(_l("A supervisor of the region.")),
    "nothing": Mark(_l("The look-back is still entered here.")),
}
BLOCKS: Table = {
    "drafted": Mark(_l("You drafted this notice. Somebody else signs it off.")),
    "reported": Mark(_l("You wrote or entered this report. Somebody else verifies it and closes the case.")),
    "verified": Mark(_l("You verified this report. Somebody else closes the case.")),
}
LACKS: Table = {
    "unanswered": Mark(_l("No answer to a finding"), *PROBLEM),
    "unproven": Mark(_l("An answer without proof"), *PROBLEM),
    "not_met": Mark(_l("What was asked is not met"), *PROBLEM),
    "money": Mark(_l("The money is neither recovered nor planned"), *PROBLEM),
    "failing": Mark(_l("One of the three failings"), *PROBLEM),
    "not_rechecked": Mark(_l("Nobody verified it"), *PROBLEM),
}
FAULTS: Table = {
    "slip": Mark(
        _l("Choose a slip of this notice whose file has arrived; what is sent electronically has none.")
    ),
    "handed_in_by": Mark(_l("Name who brought the report, in at most 60 characters.")),
    "handed_in_on": Mark(_l("It was handed in between the day of service and today.")),
    "place": Mark(_l("Say where the paper lies, in at most 200 characters.")),
    "scans": Mark(
        _l("Give the digest of the scanned report: choose the file, or paste 64 hexadecimal digits.")
    ),
    "measure": Mark(_l("Every finding is answered: corrected, planned or disputed.")),
    "done_on": Mark(
        _l("Name the day: what is corrected was done today or before, what is planned lies ahead.")
    ),
    "instead": Mark(
        _l("The institution has begun a report in the portal: say that the paper takes its place.")
    ),
    "report": Mark(_l("A report waits to be verified already.")),
    "method": Mark(_l("Choose how it was served.")),
    "served_on": Mark(
        _l("Service lies between the day of issue and today; what is sent electronically is served today.")
    ),
    "received_by": Mark(_l("Direct service names who received it, in at most 60 characters.")),
    "witness": Mark(_l("What is left at the place names its witness, in at most 60 characters.")),
    "verdict": Mark(_l("Choose a verdict for every finding.")),
    "words": Mark(_l("Say it in words, in at most 2,000 characters.")),
    "code": Mark(_l("Choose the reason.")),
    "working_days": Mark(
        _l("A number of working days within the limit: 1 to 250; an extension at most half of the term.")
    ),
    "facts": Mark(_l("The facts are missing, too long, or nothing was changed.")),
    "demands": Mark(_l("Say what is to be put right.")),
    "look_back_on": Mark(_l("Choose a day from tomorrow, at most 400 days ahead.")),
    "result": Mark(_l("Choose the result.")),
    "on": Mark(_l("Choose the day; it does not lie in the future.")),
    "extension": Mark(_l("More time is given once, and was asked for before.")),
    "due_on": Mark(_l("It was asked after the last day: it can only be refused.")),
    "due_version": Mark(_l("The last day changed since it was asked: it can only be refused.")),
    "replaces": Mark(_l("A notice was signed off already: a new one replaces it by name.")),
    "call_back_result": Mark(_l("The call-back comes first, and was not dissatisfied.")),
    "look_back_result": Mark(_l("The look-back found a relapse: open the case again.")),
}
"""What does not fit, by the field that a refusal names."""
NOTICE_TYPES = choices({name: notice.NOTICE_TYPES[name] for name in notices.TYPES})
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
METHODS = choices(notice.SERVICE_METHODS)
REPORT_STAGES = stages(
    rectification_report.TYPE,
    {"draft": ("plain", "clock"), "submitted": WAITING, "accepted": OK, "returned": ("problem", "return")},
)
MEASURES = choices(rectification_report.MEASURES)
VERDICTS = choices(rectification_report.VERDICTS, {"met": OK, "partly": WAITING, "not_met": PROBLEM})
FAILINGS = choices(rectification_case.FAILINGS)
RETURNS = choices(rectification_case.RETURNS)
CALLS_BACK = choices(rectification_case.CALLS_BACK)
LOOKS_BACK = choices(rectification_case.LOOKS_BACK)
EXTENSION_STAGES = stages(
    extension.TYPE,
    {"asked": WAITING, "granted": OK, "refused": ("problem", "cross"), "withdrawn": ("unknown", "cross")},
)
EXTENSION_REASONS = choices(extension.REASONS)
