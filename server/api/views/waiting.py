"""Late and held changes and the quarantine, for programs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, request

from server.accounts import access_log, cookie
from server.api.answers import PAGE_WORDS, page_limit, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import ReadmitBody, RuleBody, body
from server.api.operations import ACTS, ITEMS, Listing, Operation, described, text
from server.api.views.acts import SIGNING
from server.casework import late_changes, readmissions
from server.casework.late_changes import Ruling
from server.console.pages.waiting import KeptPage, LatePage, QuarantineRow, WaitingRow
from server.current import services
from server.intake.followed import follow
from server.queries import quarantine as kept_queries
from server.queries import waiting as queries
from server.queries.records import place_of
from server.queries.waiting_rows import page_of
from sync.errors import (
    BadValue,
    Busy,
    ConflictOpen,
    LedgerStopped,
    NotAllowed,
    OwnWork,
    RecordExists,
    SequenceGap,
    VersionChanged,
)
from sync.outcomes import HELD, LATE

STATE = text("state", "late 迟到，held 等待", "late, or held", enum=["late", "held"])


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What a ruling led to: the first entry of the act."""

    ledger_index: int


@dataclass(frozen=True, kw_only=True)
class LetIn:
    """What became of a set: the record that says so, its branch if it has one, whether it had been let in before."""

    readmission: str
    branch: str | None
    again: bool


@blueprint.get("/waiting")
@described(
    Operation(
        ITEMS,
        "迟到或等待中的改动，等待最久的在前",
        "Changes that are late, or held, with what they wait for; the longest waiting first",
        Listing(WaitingRow),
        query=(STATE, *PAGE_WORDS),
        refusals=(BadValue,),
    )
)
def list_waiting() -> Response:
    """Tell what waits."""
    with looking() as look:
        state = request.args.get("state", LATE)
        if state not in (LATE, HELD):
            raise BadValue("state is late or held", field="state")
        rows, following = page_of(look, state, after=request.args.get("after", ""), limit=page_limit())
        return jsonify({"items": plain(rows), "next": following or None})


@blueprint.get("/waiting/<index>")
@described(
    Operation(
        ITEMS, "一项迟到的改动及其同组", "Show a late change with its group; reading is logged", LatePage
    )
)
def one_late(index: str) -> Response:
    """Show a late change."""
    place = place_of(index)
    with looking() as look:
        page = queries.late_page(look, place)
    access_log.note(services(), cookie.signed_in().id, access_log.READ_LATE)
    return jsonify(plain(page))


@blueprint.post("/waiting/<index>/rule")
@described(
    Operation(
        ACTS,
        "采纳或不采纳一项迟到的改动（整组）",
        "Adopt a late change with its group, or set it aside",
        Ruled,
        body=RuleBody,
        refusals=(OwnWork, NotAllowed, ConflictOpen, VersionChanged, Busy, LedgerStopped, *SIGNING),
    )
)
def rule_late(index: str) -> Response:
    """Rule on a late change."""
    place = place_of(index)
    who = cookie.signed_in()
    given = body(RuleBody())
    with looking() as look:
        queries.late_page(look, place)
    wanted = Ruling(given["act"], given.get("reason"), given.get("note"))
    result = late_changes.rule(cookie.deciding(given.get("assertion")), who.id, place, wanted)
    return jsonify(plain(Ruled(ledger_index=result.first)))


@blueprint.get("/quarantine")
@described(
    Operation(
        ITEMS,
        "隔离区，最近的在前",
        "What phones sent and could not be accepted, the newest first",
        Listing(QuarantineRow),
        query=PAGE_WORDS,
        refusals=(BadValue,),
    )
)
def list_quarantine() -> Response:
    """Tell what is kept outside the ledger."""
    with looking() as look:
        page = kept_queries.quarantine_page(look, after=request.args.get("after", ""), limit=page_limit())
        return jsonify({"items": plain(page.rows), "next": page.next or None})


@blueprint.get("/quarantine/<item>")
@described(Operation(ITEMS, "隔离区中的一项", "What is known of one thing in quarantine", KeptPage))
def one_kept(item: str) -> Response:
    """Tell what is known of one thing, without its words."""
    with looking() as look:
        return jsonify(plain(kept_queries.kept_page(look, item)))


@blueprint.post("/quarantine/<item>/readmit")
@described(
    Operation(
        ACTS,
        "将隔离区中的一个变更集重新采纳",
        "Let a whole set into the ledger, with a reason",
        LetIn,
        body=ReadmitBody,
        refusals=(OwnWork, NotAllowed, RecordExists, SequenceGap, BadValue, Busy, LedgerStopped),
    )
)
def readmit(item: str) -> Response:
    """Let a set in."""
    who = cookie.signed_in()
    given = body(ReadmitBody())
    with looking() as look:
        kept_queries.kept_page(look, item)
    done, result = readmissions.readmit(services(), who.id, item, given["reason"])
    if result is not None:
        follow(services(), result)
    return jsonify(plain(LetIn(readmission=done.record, branch=done.branch, again=done.again)))
