"""How the portal shows what it shows: words, tones and signs by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import appeal, extension, notice, rectification_report, sanction
from server.console.marks import OK, PROBLEM, WAITING, Mark, Table, choices, stages

NOTICE_TYPES = choices(notice.NOTICE_TYPES)
METHODS = choices(notice.SERVICE_METHODS)
NOTICES = stages(notice.TYPE, {"issued": ("info", "mail"), "served": WAITING, "acknowledged": OK})
NEXT: Table = {
    "acknowledge": Mark(_l("Confirm that you received the notice"), *WAITING),
    "report": Mark(_l("Answer each finding and submit the report"), *WAITING),
    "wait": Mark(_l("The bureau is at work; nothing to do for you now"), "info", "clock"),
    "done": Mark(_l("Closed; nothing more to do"), *OK),
}
REPORTS = stages(
    rectification_report.TYPE,
    {"draft": WAITING, "submitted": ("info", "arrow"), "accepted": OK, "returned": PROBLEM},
)
MEASURES = choices(rectification_report.MEASURES)
ANSWER_FAULTS: Table = {
    "measure": Mark(_l("Choose how it stands: corrected, planned or disputed.")),
    "words": Mark(_l("Say what was done, or why you disagree, in at most 4,000 characters.")),
    "done_on": Mark(
        _l("Name the day: today or before for what is corrected, today or later for what is planned.")
    ),
    "proof": Mark(_l("What is corrected is proven by a file: add one, and tick it.")),
    "answers": Mark(_l("This finding is not answered yet.")),
}
VERDICTS = choices(rectification_report.VERDICTS, {"met": OK, "partly": WAITING, "not_met": PROBLEM})
EXTENSIONS = stages(extension.TYPE, {"asked": WAITING, "granted": OK, "refused": PROBLEM})
EXTENSION_REASONS = choices(extension.REASONS)
SANCTIONS = stages(
    sanction.TYPE,
    {"told_party": WAITING, "legal_reviewed": ("info", "clock"), "decided": ("info", "clock"), "served": PROBLEM,
     "executing": PROBLEM, "done": OK, "appealed": WAITING, "revoked": OK},
)  # fmt: skip
TRACKS, SANCTION_LEVELS = choices(sanction.TRACKS), choices(sanction.LEVELS)
SANCTION_MEASURES = choices(sanction.MEASURES)
APPEALS = stages(
    appeal.TYPE, {"filed": WAITING, "accepted": ("info", "clock"), "rejected": PROBLEM, "decided": OK}
)
APPEAL_KINDS, OUTCOMES = choices(appeal.KINDS), choices(appeal.OUTCOMES)
TIME_FAULTS: Table = {
    "working_days": Mark(_l("Name a number of working days, at most half of the term.")),
    "reason": Mark(_l("Choose the reason.")),
    "words": Mark(_l("Say in words why more time is needed, in at most 2,000 characters.")),
    "extension": Mark(_l("An extension was asked for already; there is one for a case.")),
    "due_on": Mark(_l("The last day is over: more time is asked for before.")),
    "stage": Mark(_l("The term of this case does not run now.")),
}
APPEAL_FAULTS: Table = {
    "kind": Mark(_l("This way is not open now, or was taken already and is not answered yet.")),
    "reasons": Mark(_l("Say why, in at most 8,000 characters.")),
}
STATEMENTS: Table = {"agrees": Mark(_l("I agree")), "disputes": Mark(_l("I disagree"))}
"""The opinions of `statement.KINDS`, as whoever gives one says it."""
STATEMENT_FAULTS: Table = {
    "kind": Mark(_l("Choose whether you agree or disagree.")),
    "words": Mark(_l("Say why you disagree, in at most 8,000 characters.")),
}
