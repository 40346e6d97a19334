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
- review: `version`, `decision` (`approve`, `return`, `reject` or `void`); all but an approval also
  `reason`, `sentence`
- together: `item` (`<id>.<version>`, several), `decision`, `step`, and `reason`, `sentence` as above
- undo: `item` as above
- confirm: `version`, `action` (`open` for a notice that is served later, with `working_days` and `case`, an open case
  that takes the finding, or ''; `confirm` for one that was handed over on the spot; `preview` to see another due
  date), `served_on`, `working_days`, `due_on` (the date that was on the screen; refuse if it is not the one computed)
"""

from collections.abc import Mapping

from server.console.pages.account import (
    AccountPage,
    CodePage,
    CodesPage,
    DeskSession,
    FactorPage,
    FactorState,
    JoinPage,
    PasskeyLine,
)
from server.console.pages.alike import Elsewhere, Likenesses, Resembling
from server.console.pages.cases import CalendarDay, CasePage, CaseRow, CasesPage, Reminder, TimelineEntry
from server.console.pages.evidence import (
    EvidencePage,
    EvidenceQueuePage,
    EvidenceRow,
    FileFacts,
    Proof,
    Review,
    VerifyPage,
)
from server.console.pages.findings import (
    AskParty,
    Candidate,
    ConfirmForm,
    DuePreset,
    FieldConflict,
    FindingPage,
    FindingRow,
    FindingsPage,
    OpenCase,
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
    Undo,
)
from server.console.pages.home import HomePage, Queue
from server.console.pages.ledger import Audit, LedgerEntry, LedgerPage
from server.console.pages.plan import Dot, Plan, Ring
from server.console.pages.proof import ProofEntry, ProofFacts
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
from server.console.pages.together import Chosen, TogetherPage

__all__ = [
    "ENDPOINTS",
    "AccountPage",
    "AskParty",
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
    "Chosen",
    "CodePage",
    "CodesPage",
    "ConfirmForm",
    "DeskSession",
    "Dot",
    "DuePreset",
    "Elsewhere",
    "ErrorPage",
    "EvidencePage",
    "EvidenceQueuePage",
    "EvidenceRow",
    "ExecutionPage",
    "ExecutionRow",
    "FactorPage",
    "FactorState",
    "FieldConflict",
    "FileFacts",
    "FindingPage",
    "FindingRow",
    "FindingsPage",
    "HangingRule",
    "HomePage",
    "Institution",
    "JoinPage",
    "LedgerEntry",
    "LedgerPage",
    "Likenesses",
    "Officer",
    "OpenCase",
    "Paging",
    "PasskeyLine",
    "Place",
    "Plan",
    "Proof",
    "ProofEntry",
    "ProofFacts",
    "Queue",
    "Reader",
    "Reminder",
    "Resembling",
    "Review",
    "Ring",
    "RoundPage",
    "RoundRow",
    "RoundsPage",
    "Sample",
    "Shell",
    "SignInPage",
    "Statement",
    "TimelineEntry",
    "TogetherPage",
    "Undo",
    "VerifyPage",
    "Ward",
]

ENDPOINTS: Mapping[str, tuple[str, str]] = {
    "console.home": ("GET", "/"),
    "console.rounds": ("GET", "/rounds"),  # ?state= &page=
    "console.round": ("GET", "/rounds/<id>"),  # ?bed=
    "console.call": ("GET, POST", "/rounds/call"),
    "console.call_now": ("POST", "/rounds/<id>/call"),
    "console.schedules": ("GET, POST", "/rounds/schedules"),
    "console.turn_schedule": ("POST", "/rounds/schedules/<id>/<step>"),
    "console.census": ("GET", "/rounds/census"),  # ?institution=
    "console.bring_census": ("POST", "/rounds/census"),  # a file; `seen` and `import` confirm it
    "console.round_board": ("GET", "/rounds/board"),  # ?entries= &day= &state= &region=
    "console.execution": ("GET", "/rounds/execution"),  # ?since= &until=
    "console.inspections": (
        "GET",
        "/inspections",
    ),  # ?state= &kind= &mode= &region= &institution= &officer= &since=
    "console.agenda": ("GET", "/inspections/calendar"),  # ?on= &view=
    "console.coverage": ("GET", "/inspections/coverage"),  # ?group= &region= &unplanned=
    "console.plan": ("GET, POST", "/inspections/new"),  # ?institution= &day= &find=
    "console.bulk_plans": ("POST", "/inspections/bulk"),
    "console.draws": ("GET", "/inspections/draws"),
    "console.draw_institutions": ("POST", "/inspections/draws"),
    "console.one_draw": ("GET", "/inspections/draws/<id>"),
    "console.carry_out_draw": ("POST", "/inspections/draws/<id>"),
    "console.officers_draw": ("GET", "/inspections/<id>/draw"),
    "console.inspection": ("GET", "/inspections/<id>"),
    "console.approve_plan": ("POST", "/inspections/<id>/approve"),
    "console.draw_plan": ("POST", "/inspections/<id>/draw"),
    "console.handover": ("GET, POST", "/inspections/<id>/handover"),
    "console.evidence_queue": ("GET", "/evidence"),  # ?state= &page=
    "console.evidence": ("GET", "/evidence/<id>"),  # ?state= keeps the queue it was opened from
    "console.review": ("POST", "/evidence/<id>/review"),
    "console.together": ("POST", "/evidence/together"),  # `step=confirm` does what is shown without it
    "console.undo": ("POST", "/evidence/undo"),
    "console.photo": ("GET", "/evidence/<id>/file"),  # ?width= asks for a smaller derivative
    "console.paper": ("GET", "/evidence/<id>/pages/<page>"),
    "console.record_file": ("GET", "/evidence/<id>/record.pdf"),
    "console.verify": ("GET", "/verify/<record>/<digest>"),  # for anybody who holds a copy
    "api.proof": ("GET", "/api/evidence/<record>/proof"),  # what the browser checks by itself
    "ledger.proof": ("GET", "/ledger/proof"),  # ?index= for anybody, as tlog-proof
    "console.second_reviews": ("GET", "/second-reviews"),  # ?state= &page=
    "console.second_review": ("GET", "/second-reviews/<id>"),
    "console.review_again": ("POST", "/second-reviews/<id>"),
    "console.findings": ("GET", "/findings"),  # ?state= (`conflict` for open conflicts) &page=
    "console.finding": ("GET", "/findings/<id>"),  # ?served_on= &working_days=
    "console.confirm": ("POST", "/findings/<id>/confirm"),
    "console.conflicts": ("GET", "/conflicts"),  # ?state= (a type of record) &page=
    "console.conflict": ("GET", "/conflicts/<id>"),
    "console.resolve": ("POST", "/conflicts/<id>/resolve"),
    "console.waiting": ("GET", "/waiting"),  # ?state= (`late`, `held`)
    "console.late": ("GET", "/waiting/<int:index>"),
    "console.rule": ("POST", "/waiting/<int:index>/rule"),
    "console.quarantine": ("GET", "/quarantine"),
    "console.kept": ("GET", "/quarantine/<id>"),
    "console.readmit": ("POST", "/quarantine/<id>/readmit"),
    "console.devices": ("GET", "/devices"),  # ?state= (a stage, `trouble`) &page=
    "console.device": ("GET", "/devices/<id>"),
    "console.outbox": ("GET", "/devices/outbox"),  # its script sends the file to /api/outboxes
    "console.enrol": ("GET", "/devices/enrol"),  # ?user= &supersedes=
    "console.invite": ("POST", "/devices/invites"),
    "console.invite_state": ("GET", "/devices/invites/<digest>"),
    "console.revoke_device": ("POST", "/devices/<id>/revoke"),
    "console.report_lost": ("POST", "/devices/<id>/lost"),
    "console.loss": ("GET", "/devices/<id>/loss"),
    "console.cases": ("GET", "/cases"),  # ?state= (`due_this_week`, `overdue`) &page=
    "console.coming": ("GET", "/reminders"),  # ?days= &region=
    "console.policies": ("GET", "/reminders/policies"),
    "console.lay_down_policy": ("POST", "/reminders/policies"),  # `look` shows what it would do
    "console.bulletins": ("GET", "/bulletins"),
    "console.issue_bulletin": ("POST", "/bulletins/<id>/issue"),
    "console.calendars": ("GET", "/reminders/calendars"),
    "console.bring_calendar": ("POST", "/reminders/calendars"),  # a file; `seen` and `import` confirm it
    "console.case": ("GET", "/cases/<id>"),
    "console.messages": ("GET", "/reminders/log"),  # ?state= &channel= &region= &case= &after=
    "console.message": ("GET", "/reminders/log/<id>"),
    "console.my_messages": ("GET", "/reminders/mine"),  # ?state= &after=
    "console.read_message": ("POST", "/reminders/mine/<id>/read"),
    "console.mend_message": ("POST", "/reminders/log/<id>/mend"),
    "console.case_board": ("GET", "/cases/board"),  # ?region=
    "console.due_calendar": ("GET", "/cases/calendar"),  # ?month= &region=
    "console.rectification_register": (
        "GET",
        "/cases/register",
    ),  # ?state= &region= &since= &until= &sort= &column=
    "console.rectification_register_file": ("GET", "/cases/register/<form>"),  # the words of the register
    "console.courses": (
        "GET",
        "/<any(appeals, interviews, petitions, recoveries, sanctions, tasks):noun>",
    ),  # ?state= &region= &case= &page= and the choices of its kind
    "console.courses_file": (
        "GET",
        "/<any(appeals, interviews, petitions, recoveries, sanctions, tasks):noun>/export/<form>",
    ),  # the words of the list
    "console.begin_course": (
        "GET, POST",
        "/<any(appeals, interviews, petitions, recoveries, sanctions, tasks):noun>/new",
    ),  # ?case= and the like: what it is about
    "console.notice": ("GET", "/notices/<id>"),
    "console.notice_file": ("GET", "/notices/<id>/notice.pdf"),
    "console.notice_slip": ("GET", "/notices/<id>/slip.pdf"),
    "console.bulletin_file": ("GET", "/bulletins/<id>/bulletin.pdf"),
    "console.one_course": (
        "GET",
        "/<any(appeals, interviews, petitions, recoveries, sanctions, tasks):noun>/<id>",
    ),
    "console.decision_file": ("GET", "/sanctions/<id>/decision.pdf"),
    "console.decision_slip": ("GET", "/sanctions/<id>/slip.pdf"),
    "console.take_step": (
        "POST",
        "/<any(appeals, interviews, petitions, recoveries, sanctions, tasks):noun>/<id>/<step>",
    ),
    "console.ask_party": ("POST", "/findings/<id>/ask"),
    "console.report_proof": ("GET", "/cases/reports/<id>/files/<digest>"),
    "console.handed_in_file": ("GET", "/handed-in/<kind>/<id>/files/<digest>"),
    "console.case_step": ("POST", "/cases/<id>/<step>"),  # verify, return, close, call_back, look_back, ...
    "console.draft_notice": ("POST", "/cases/<id>/notices"),
    "console.notice_step": ("POST", "/notices/<id>/<step>"),  # change, drop, sign_off, issue, serve, ...
    "console.decide_extension": ("POST", "/extensions/<id>/decide"),
    "console.bundle": ("GET", "/bundles/<kind>/<id>.zip"),  # kind: case, inspection, institution
    "console.private_bundle": ("POST", "/bundles/<kind>/<id>.zip"),
    "console.registers": ("GET", "/records"),
    "console.register": ("GET", "/records/<kind>"),  # ?stage= &region= &conflicts= &life= &parent= &sort=
    "console.record": ("GET", "/records/<kind>/<id>"),
    "console.register_file": ("GET", "/records/<kind>/export/<form>"),  # the words of the register's page
    "console.reports": ("GET", "/reports"),  # ?since= &until=
    "console.report_file": ("GET", "/reports/<name>/<form>"),  # ?since= &until=
    "console.execution_file": ("GET", "/rounds/execution/<form>"),  # ?since= &until=
    "console.institutions": ("GET", "/institutions"),  # ?q= &kind= &level= &grade= &region= &sort= &page=
    "console.institution": ("GET", "/institutions/<id>"),
    "console.dossier": ("GET", "/institutions/<id>/dossier.pdf"),
    "console.search": ("GET", "/search"),  # ?q= &in= &page=
    "console.look_for": ("POST", "/search"),
    "console.ledger": ("GET", "/ledger"),
    "console.accesses": ("GET, POST", "/access-log"),  # ?user= &record= &act= &day= &after=
    "console.access": ("GET", "/access-log/<id>"),
    "console.accesses_file": ("GET", "/access-log.<form>"),
    "console.users": ("GET, POST", "/users"),  # ?role= &region= &stage= &page=; words are posted
    "console.new_user": ("GET, POST", "/users/new"),
    "console.user": ("GET, POST", "/users/<id>"),
    "console.party_users": ("GET, POST", "/institutions/<id>/users"),
    "console.party_user_act": ("POST", "/institutions/<id>/users/<user>/<act>"),  # invite, disable
    "console.user_act": ("POST", "/users/<id>/<act>"),  # disable, enable, sign-out, invite, reset
    "console.recusals": ("GET", "/recusals"),  # ?state= &user= &page= &about=
    "console.declare_recusal": ("POST", "/recusals"),
    "console.lift_recusal": ("POST", "/recusals/<id>/lift"),
    "console.deputies": ("GET, POST", "/users/deputies"),
    "console.end_deputation": ("POST", "/users/deputies/<id>/end"),
    "console.entries": ("GET", "/entries"),  # ?kind= &type= &from=
    "console.entry": ("GET", "/entries/<index>"),
    "console.entry_proof": ("GET", "/entries/<index>/proof"),
    "console.sign_in": ("GET, POST", "/sign-in"),
    "console.sign_in_code": ("GET, POST", "/sign-in/code"),
    "console.sign_in_set_up": ("GET, POST", "/sign-in/second-factor"),
    "console.join": ("GET, POST", "/join"),
    "console.account": ("GET", "/account"),
    "console.change_password": ("POST", "/account/password"),
    "console.end_session": ("POST", "/account/sessions/<handle>/end"),
    "console.end_other_sessions": ("POST", "/account/sessions/end-others"),
    "console.confirm_self": ("POST", "/account/confirm"),
    "console.remove_passkey": ("POST", "/account/passkeys/<key>/remove"),
    "console.begin_second_factor": ("POST", "/account/second-factor"),
    "console.confirm_second_factor": ("POST", "/account/second-factor/confirm"),
    "console.renew_codes": ("POST", "/account/second-factor/codes"),
    "console.switch_off_second_factor": ("POST", "/account/second-factor/off"),
    "console.sign_on": ("GET", "/sign-in/oidc"),  # ?next=
    "console.sign_out": ("POST", "/sign-out"),
    "console.language": ("POST", "/language"),
    "static": ("GET", "/static/<path:filename>"),
}
