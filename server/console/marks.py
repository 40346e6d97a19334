"""What every code looks like on a page: its word, its tone and its sign, the same everywhere.

A tone is a colour token (`ok`, `waiting`, `problem`, `unknown`, `info`, `violet`, `plain`); a
sign is a symbol of `static/desk/icons.svg`. Colour never stands alone. The words of choices and
stages come from the declarations of the record types; only what the desk adds is named here. A
code that no table knows is shown as it is, grey and dashed: a new one never breaks a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l

from schemas.declare import RecordType
from schemas.records import (
    TYPES,
    bed_check,
    decision,
    evidence,
    finding,
    rectification_case,
    reminder,
    user,
    ward_round,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """How a code is shown; word becomes a string of the reader's language when it is rendered."""

    word: LazyString | str
    tone: str = "plain"
    sign: str = ""


Table = Mapping[str, Mark]
Looks = Mapping[str, tuple[str, str]]


def either(zh: str, en: str) -> LazyString:
    """Return a declaration's label in the reader's language; Chinese outside a request."""
    return LazyString(lambda: en if (locale := get_locale()) and locale.language != "zh" else zh)


def choices(options: Mapping[str, tuple[str, str]], looks: Looks | None = None, rest: str = "plain") -> Table:
    """Return a table of a declared choice; looks: tone and sign by code, `rest` for all others."""
    return {
        code: Mark(either(zh, en), *(looks or {}).get(code, (rest, ""))) for code, (zh, en) in options.items()
    }


def stages(kind: RecordType, looks: Looks) -> Table:
    """Return a table of a record type's declared stages."""
    return choices({stage.name: (stage.zh, stage.en) for stage in kind.stages}, looks)


OK, WAITING, PROBLEM = ("ok", "tick"), ("waiting", "clock"), ("problem", "alert")
SUSPECTED = ("problem", "flag")

PRESENCE: Table = {
    **choices(
        bed_check.PRESENCES,
        {
            "in_bed": OK,
            "on_site_off_bed": ("info", "arrow"),
            "absent": ("problem", "cross"),
            "discharged_unsettled": ("violet", "door"),
            "unverifiable": ("unknown", "question"),
        },
    ),
    "disputed": Mark(_l("Disputed"), "split", "split"),
    "unchecked": Mark(_l("Not checked yet")),
}
CONCLUSIONS = choices(
    bed_check.CONCLUSIONS,
    {
        "normal": OK,
        "explained": OK,
        **{code: SUSPECTED for code in bed_check.CONCLUSIONS if "suspected" in code},
    },
)
SAMPLE_METHODS = choices({**ward_round.METHODS, **ward_round.DRAWS})
ORDER_FAULTS = choices(ward_round.FAULTS)
DRAWS = choices(ward_round.DRAWS)
CALL_FAULTS: Table = {
    "institutions": Mark(_l("Choose 1 to 200 institutions.")),
    "operators": Mark(_l("An institution has no user who could answer, or several: choose who answers.")),
    "method": Mark(_l("Choose how the sample is drawn.")),
    "size": Mark(_l("A random sample needs a number of in-patients from 1 to 1000.")),
    "wards": Mark(_l("Write wards as the census does, with commas between them.")),
    "respond_minutes": Mark(_l("The time to answer is 1 to 10080 minutes.")),
    "explain_minutes": Mark(_l("The time to explain is 0 to 10080 minutes.")),
}
IDENTITY_METHODS = choices(bed_check.IDENTITY_METHODS)
ABSENCE_REASONS = choices(bed_check.ABSENCE_REASONS)
SLIPS = choices(bed_check.SLIPS)
CALL_RESULTS = choices(bed_check.CALL_RESULTS)
NEEDS_OF_ADMISSION = choices(bed_check.NEEDS_OF_ADMISSION)
BED_HANGING: Table = {
    "none": Mark(_l("No unexplained absence known"), *OK),
    "suspicion": Mark(_l("Not found, unexplained: a suspicion"), *SUSPECTED),
    "meets_rule": Mark(_l("Not found often enough for the local rule"), *SUSPECTED),
}
BED_FLAGS: Table = {
    "missed": Mark(_l("Not answered"), *PROBLEM),
    "late": Mark(_l("Arrived late"), *WAITING),
    "before_call": Mark(_l("Not captured after the call"), *PROBLEM),
    "other_operator": Mark(_l("Answered by somebody who was not called"), *PROBLEM),
    "challenge_missing": Mark(_l("No challenge given"), *PROBLEM),
    "challenge_mismatch": Mark(_l("Another challenge given"), *PROBLEM),
    "no_picture": Mark(_l("No picture"), "waiting", "camera"),
    "duplicate": Mark(_l("The very picture of an earlier item"), *PROBLEM),
    "resembles": Mark(_l("Resembles an earlier picture"), "waiting", "image"),
    "outside_fence": Mark(_l("Outside the institution's grounds"), "problem", "pin"),
    "vague_position": Mark(_l("Position too inexact to tell"), "waiting", "pin"),
    "no_position": Mark(_l("No position"), "waiting", "pin"),
    "clock_jumped": Mark(_l("The phone's clock jumped"), *WAITING),
    "clock_impossible": Mark(_l("The phone's clock cannot be right"), *PROBLEM),
    "restarted": Mark(_l("The app was restarted, the time is wide"), *WAITING),
    "no_anchor": Mark(_l("Captured before the phone first reached the server"), *WAITING),
    "mocked": Mark(_l("Simulated position"), "problem", "pin"),
}
ROUND_MODES = choices(ward_round.MODES, {"bedside": ("plain", "bed"), "remote": ("plain", "phone")})
ROUND_STATES = stages(
    ward_round.TYPE,
    {
        "planned": ("plain", "clock"),
        "sampled": ("plain", "clock"),
        "in_progress": ("info", "arrow"),
        "explanation_open": WAITING,
        "concluded": WAITING,
        "confirmed": OK,
    },
)
EVIDENCE_KINDS = choices(evidence.KINDS)
EVIDENCE_STATES: Table = {
    **stages(
        evidence.TYPE,
        {
            "captured": ("unknown", "phone"),
            "uploaded": ("unknown", "clock"),
            "pending_review": WAITING,
            "approved": OK,
            "returned": ("problem", "return"),
            "rejected": ("problem", "cross"),
            "superseded": ("unknown", "arrow"),
        },
    ),
    "voided": Mark(_l("Voided"), "unknown", "cross"),
}
FILE_STATES = choices(
    evidence.FILE_STATES,
    {
        "declared": ("unknown", "clock"),
        "partial": WAITING,
        "verified": OK,
        "corrupt": PROBLEM,
        "abandoned": ("problem", "cross"),
    },
)
PROOFS: Table = {
    "ok": Mark(_l("Proven, recomputed just now"), *OK),
    "bad": Mark(_l("Proof fails"), *PROBLEM),
    "unknown": Mark(_l("Not proven yet"), "unknown", "question"),
}
PROOF_FAULTS: Table = {
    "leaf_mismatch": Mark(_l("The stored entry differs from the one in the tree. Do not use this item.")),
    "root_mismatch": Mark(_l("The path does not lead to the signed root. Do not use this item.")),
    "signature_invalid": Mark(_l("The checkpoint's signature is not the ledger's.")),
    "change_mismatch": Mark(_l("The stored change is not the one that its entry commits to. Do not use it.")),
    "record_mismatch": Mark(_l("The stored record is not the one that its entry commits to. Do not use it.")),
    "file_corrupt": Mark(_l("The stored file is not what was signed at capture. Do not use this item.")),
    "file_missing": Mark(_l("The ledger proves the record; its file has not arrived yet.")),
    "file_erased": Mark(_l("The ledger proves the record; the key of its file was erased by law.")),
    "file_large": Mark(_l("The ledger proves the record; the large file is read again when you decide.")),
    "not_in_ledger": Mark(_l("The item has no ledger entry yet. Reload after the next commit.")),
    "not_checked": Mark(_l("The ledger could not be read just now. Reload to try again.")),
}
BROWSER_PROOFS: Table = {
    "asking": Mark(_l("This browser is checking for itself …")),
    "ok": Mark(_l("By this browser: path, root and signature hold"), "ok"),
    "unsigned": Mark(
        _l("This browser recomputed the path; it cannot check the signature, the server did"), "ok"
    ),
    "bad": Mark(_l("This browser finds that the proof fails. Do not use this item."), "problem"),
    "away": Mark(_l("This browser could not get the proof; the server checked alone"), "unknown"),
    "unable": Mark(
        _l("This browser cannot compute digests here (no HTTPS?); the server checked alone"), "unknown"
    ),
}
PROOF_STEPS: Table = {
    "change": Mark(_l("Each entry commits to its change")),
    "path": Mark(_l("Each entry's path leads to the root of the tree")),
    "digest": Mark(_l("The file's digest is the one signed at capture")),
    "signature": Mark(_l("The ledger's key signed that root")),
    "file": Mark(_l("The file has that digest (on request)")),
}
REVIEW_DECISIONS = choices(
    decision.ACTS,
    {
        "approve": OK,
        "return": ("problem", "return"),
        "reject": ("problem", "cross"),
        "void": ("problem", "cross"),
        "undo": ("plain", "return"),
        "supersede": ("unknown", "arrow"),
    },
)
SECOND_STATES: Table = {
    "waiting": Mark(_l("To review again"), *WAITING),
    "done": Mark(_l("Reviewed again"), *OK),
}
SECOND_OUTCOMES = choices(decision.ACTS, {"agree": OK, "disagree": PROBLEM})
RETURN_REASONS = choices(decision.REASONS)
BLOCKS: Table = {
    "author": Mark(_l("You captured this item yourself. Somebody outside the inspection must review it.")),
    "team_member": Mark(
        _l("You are a member of this inspection. Somebody outside the inspection must review it.")
    ),
    "recused": Mark(_l("You are recused from this institution.")),
    "not_permitted": Mark(_l("Your role does not include this decision.")),
    "out_of_region": Mark(_l("This institution is outside your region.")),
    "file_not_verified": Mark(_l("The file has not arrived completely, or its digest does not match.")),
    "proof_failed": Mark(
        _l("The ledger does not prove this item. Do not decide on it; tell an administrator.")
    ),
    "already_reviewed": Mark(_l("This version has been reviewed already.")),
    "voided": Mark(_l("This item was voided. It counts for nothing any more.")),
    "reviewed_first": Mark(_l("You decided on this item before. Somebody else must look again.")),
    "conflict_open": Mark(_l("Two values stand against each other. The lead inspector decides first.")),
    "not_heard": Mark(_l("The inspected party has not been heard yet. An inspector records its statement.")),
    "server_read_only": Mark(_l("The server is read-only at the moment. Nothing can be decided.")),
}
FINDING_STATES = stages(
    finding.TYPE,
    {
        "draft": ("unknown", "clock"),
        "proposed": WAITING,
        "heard": WAITING,
        "confirmed": OK,
        "withdrawn": ("unknown", "cross"),
        "in_case": OK,
    },
)
STATEMENTS = choices(finding.STATEMENTS)
VIOLATIONS = choices(finding.VIOLATIONS)
FIELDS = choices({field.name: (field.zh, field.en) for kind in TYPES.values() for field in kind.fields})
LEVELS = choices(rectification_case.LEVELS)
STAGES = stages(
    rectification_case.TYPE,
    {
        "assigned": ("plain", "clock"),
        "notified": WAITING,
        "rectifying": WAITING,
        "report_submitted": WAITING,
        "verifying": WAITING,
        "returned": ("problem", "return"),
        "closed": OK,
        "reopened": ("problem", "return"),
        "satisfied": OK,
    },
)
MAIN_STAGES = ("assigned", "notified", "rectifying", "report_submitted", "verifying", "closed", "satisfied")
SIDE_STAGES = {"returned": "verifying", "reopened": "closed"}
DELIVERIES: Table = {
    **choices(
        reminder.RESULTS, {"sent": ("info", "arrow"), "failed": PROBLEM, "unknown": ("unknown", "question")}
    ),
    "planned": Mark(_l("Planned"), "plain", "clock"),
    "queued": Mark(_l("Waiting to be sent"), *WAITING),
    "delivered": Mark(_l("Delivered"), *OK),
    "acknowledged": Mark(_l("Acknowledged"), *OK),
    "superseded": Mark(_l("No longer wanted"), "unknown", "cross"),
}
CHANNELS: Table = {
    **choices(reminder.CHANNELS),
    "sms": Mark(_l("SMS")),
    "wecom": Mark(_l("WeCom")),
    "dingtalk": Mark(_l("DingTalk")),
}
RECIPIENTS: Table = {
    "institution_contact": Mark(_l("Institution contact")),
    "institution_head": Mark(_l("Head of the institution")),
    "inspector": Mark(_l("Inspector")),
    "supervisor": Mark(_l("Supervisor")),
    "county_supervisor": Mark(_l("County supervisor")),
    "city_supervisor": Mark(_l("City supervisor")),
    "leader": Mark(_l("Leader")),
    "office": Mark(_l("Office (group or system)")),
}
EVENTS: Table = {
    "opened": Mark(_l("Case opened"), "plain", "case"),
    "served": Mark(_l("Notice served"), "plain", "mail"),
    "stage": Mark(_l("Stage changed"), "plain", "arrow"),
    "report": Mark(_l("Report submitted"), "plain", "case"),
    "reminder": Mark(_l("Reminder"), "plain", "mail"),
    "note": Mark(_l("Note"), "plain", "case"),
}
ROLES = choices(user.ROLES)
SIGN_IN_FAULTS: Table = {
    "wrong": Mark(_l("The user name or the password is not right. Nothing was changed; try again.")),
    "locked": Mark(_l("Too many attempts. Wait ten minutes, or ask an administrator.")),
    "expired": Mark(_l("You were signed out. Sign in again; you return to the page you were on.")),
    "passkey": Mark(_l("Your role asks for more than a password. Sign in with your passkey below.")),
    "disabled": Mark(_l("This account is disabled. Ask an administrator.")),
}
ACCOUNT_FAULTS: Table = {
    "short": Mark(_l("The password is too short, or longer than 200 characters.")),
    "weak": Mark(
        _l("Everybody tries this password first. Choose another: several words that do not belong together.")
    ),
    "differ": Mark(_l("The two passwords are not the same.")),
    "present": Mark(
        _l("The present password is not right. After five failures the account rests for 15 minutes.")
    ),
    "code": Mark(
        _l("The code is not right or was used already. Wait for the next one; after five failures it rests.")
    ),
    "link": Mark(
        _l("The code is unknown, used or expired. Check it letter by letter, or ask your administrator.")
    ),
}
MEANS: Table = {
    "": Mark(_l("Password")),
    "password": Mark(_l("Password")),
    "password_code": Mark(_l("Password and code"), "ok", "tick"),
    "passkey": Mark(_l("Passkey"), "ok", "tick"),
    "provider": Mark(_l("Single sign-on"), "ok", "tick"),
}
PLACES_OF_SESSIONS: Table = {
    "": Mark(_l("unknown place")),
    "here": Mark(_l("on the server itself")),
    "inside": Mark(_l("from the bureau’s own network")),
    "outside": Mark(_l("from outside")),
}
CHIPS: Table = {
    "": Mark(_l("All")),
    "conflict": Mark(_l("With a conflict"), "problem", "split"),
    "extension_asked": Mark(_l("More time asked for"), "waiting", "clock"),
    "due_this_week": Mark(_l("Due or overdue"), "waiting", "clock"),
    "overdue": Mark(_l("Overdue"), "problem", "alert"),
    "open": Mark(_l("Open"), "waiting", "clock"),
    "amendment_pending": Mark(_l("Approved, amendment pending"), "waiting", "split"),
}
WINDS: Table = {
    "n": Mark(_l("north")),
    "ne": Mark(_l("north-east")),
    "e": Mark(_l("east")),
    "se": Mark(_l("south-east")),
    "s": Mark(_l("south")),
    "sw": Mark(_l("south-west")),
    "w": Mark(_l("west")),
    "nw": Mark(_l("north-west")),
}
CIRCLES: Table = {
    "inside": Mark(_l("wholly inside the grounds of %(fence)s"), *OK),
    "across": Mark(_l("across the edge of the grounds of %(fence)s: cannot be told"), "waiting", "pin"),
    "outside": Mark(_l("wholly outside the grounds of %(fence)s"), "problem", "pin"),
}
UNPLACED: Table = {
    "no_position": Mark(_l("no position recorded")),
    "institution": Mark(
        _l("The register has no position of the institution, so that nothing can be compared.")
    ),
}
ENTRY_KINDS: Table = {
    "change": Mark(_l("Change")),
    "release": Mark(_l("Release")),
    "adopt": Mark(_l("Adoption")),
    "decision": Mark(_l("Decision")),
    "import": Mark(_l("Import")),
    "reminder": Mark(_l("Reminder")),
    "device": Mark(_l("Device")),
    "key": Mark(_l("Key")),
    "setting": Mark(_l("Setting")),
    "erase": Mark(_l("Erasure")),
    "access": Mark(_l("Access log")),
    "recover": Mark(_l("Recovery")),
}
RECORD_TYPES = choices({name: (kind.zh, kind.en) for name, kind in TYPES.items()})
VERDICTS: Table = {
    "applied": Mark(_l("Applied"), "ok", "tick"),
    "same": Mark(_l("Same as before"), "plain", "tick"),
    "merged": Mark(_l("Merged"), "ok", "tick"),
    "conflict": Mark(_l("Conflict"), "problem", "split"),
    "late": Mark(_l("Late"), "waiting", "clock"),
    "held": Mark(_l("Held"), "waiting", "clock"),
    "refused": Mark(_l("Refused"), "problem", "cross"),
}


def mark(code: str, table: Table) -> Mark:
    """Return how a table shows a code; an unknown code is its own word, grey and dashed."""
    return table.get(code) or Mark(code, "unknown", "question")
