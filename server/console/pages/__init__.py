"""What each page of the desk shows: frozen nouns that a view fills and a template reads.

A view builds a `Shell` (the frame around every page) and one page, then renders
`render_template(page.template, shell=shell, page=page)`. Templates ask nothing else: no query,
no right and no clock is hidden in them. Rules for whoever fills these nouns:

- times are aware UTC, days are `datetime.date` in the ledger's zone, money is whole fen;
- names and numbers of patients arrive masked (`formats.masked_name`, `formats.masked_number`);
- codes stay codes (`in_bed`, `pending_review`): `marks` gives each its word, tone and sign;
- `blocked` is None, or the code of the reason why this reader may not act (`marks.BLOCKS`).

`ENDPOINTS` lists every address that templates ask `url_for` for. Forms post these fields,
besides `csrf_token`:

- sign_in: `username`, `password`, `next`
- language: `language` (`zh_CN` or `en`), `next` (a path of this site)
- review: `version`, `decision` (`approve` or `return`); a return also `reason`, `sentence`
- confirm: `version`, `action` (`confirm`, or `preview` to see another due date), `served_on`,
  `working_days`, `due_on` (the date that was on the screen; refuse if it is not the one computed)
"""

from collections.abc import Mapping

from server.console.pages.cases import CalendarDay, CasePage, CaseRow, CasesPage, Reminder, TimelineEntry
from server.console.pages.evidence import (
    EvidencePage,
    EvidenceQueuePage,
    EvidenceRow,
    FileFacts,
    Proof,
    Review,
)
from server.console.pages.findings import (
    Candidate,
    ConfirmForm,
    DuePreset,
    FieldConflict,
    FindingPage,
    FindingRow,
    FindingsPage,
    Statement,
)
from server.console.pages.frame import (
    CaptureInterval,
    Chip,
    ErrorPage,
    Institution,
    Officer,
    Paging,
    Place,
    Reader,
    Shell,
    SignInPage,
)
from server.console.pages.home import HomePage, Queue
from server.console.pages.ledger import Audit, LedgerEntry, LedgerPage
from server.console.pages.rounds import (
    BedCheck,
    BedPanel,
    BedTile,
    CalledRound,
    CallForm,
    CallPage,
    CallPlace,
    ExecutionPage,
    ExecutionRow,
    HangingRule,
    RoundPage,
    RoundRow,
    RoundsPage,
    Sample,
    Ward,
)

__all__ = [
    "ENDPOINTS",
    "Audit",
    "BedCheck",
    "BedPanel",
    "BedTile",
    "CalendarDay",
    "CallForm",
    "CallPage",
    "CallPlace",
    "CalledRound",
    "Candidate",
    "CaptureInterval",
    "CasePage",
    "CaseRow",
    "CasesPage",
    "Chip",
    "ConfirmForm",
    "DuePreset",
    "ErrorPage",
    "EvidencePage",
    "EvidenceQueuePage",
    "EvidenceRow",
    "ExecutionPage",
    "ExecutionRow",
    "FieldConflict",
    "FileFacts",
    "FindingPage",
    "FindingRow",
    "FindingsPage",
    "HangingRule",
    "HomePage",
    "Institution",
    "LedgerEntry",
    "LedgerPage",
    "Officer",
    "Paging",
    "Place",
    "Proof",
    "Queue",
    "Reader",
    "Reminder",
    "Review",
    "RoundPage",
    "RoundRow",
    "RoundsPage",
    "Sample",
    "Shell",
    "SignInPage",
    "Statement",
    "TimelineEntry",
    "Ward",
]

ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "console.home": ("GET", "/"),
    "console.rounds": ("GET", "/rounds"),  # ?state= &page=
    "console.round": ("GET", "/rounds/<id>"),  # ?bed=
    "console.call": ("GET, POST", "/rounds/call"),
    "console.call_now": ("POST", "/rounds/<id>/call"),
    "console.execution": ("GET", "/rounds/execution"),  # ?since= &until=
    "console.evidence_queue": ("GET", "/evidence"),  # ?state= &page=
    "console.evidence": ("GET", "/evidence/<id>"),  # ?state= keeps the queue it was opened from
    "console.review": ("POST", "/evidence/<id>/review"),
    "console.photo": ("GET", "/evidence/<id>/file"),  # ?width= asks for a smaller derivative
    "console.findings": ("GET", "/findings"),  # ?state= (`conflict` for open conflicts) &page=
    "console.finding": ("GET", "/findings/<id>"),  # ?served_on= &working_days=
    "console.confirm": ("POST", "/findings/<id>/confirm"),
    "console.cases": ("GET", "/cases"),  # ?state= (`due_this_week`, `overdue`) &page=
    "console.case": ("GET", "/cases/<id>"),
    "console.registers": ("GET", "/records"),
    "console.register": ("GET", "/records/<kind>"),  # ?stage= &region= &conflicts= &life= &parent= &sort=
    "console.record": ("GET", "/records/<kind>/<id>"),
    "console.ledger": ("GET", "/ledger"),
    "console.sign_in": ("GET, POST", "/sign-in"),
    "console.sign_out": ("POST", "/sign-out"),
    "console.language": ("POST", "/language"),
    "static": ("GET", "/static/<path:filename>"),
}
