"""Conflicts that wait, and deciding one of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, request

from server.accounts import cookie
from server.api.answers import PAGE_WORDS, listing, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import ResolveBody, body
from server.api.operations import ACTS, ITEMS, Listing, Operation, described, text
from server.casework import conflicts as deciding
from server.casework.conflicts import CandidatesChanged, ConflictSettled, Resolution
from server.console.pages.conflicts import ConflictPage, ConflictRow
from server.current import services
from server.queries import conflicts as queries
from sync.errors import BadTransition, BadValue, Busy, LedgerStopped, NotAllowed, VersionChanged

KIND = text("type", "只列出这一类记录的冲突", "Only conflicts of records of one type")


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What a decision led to; version: of the record by now; ledger_index: the entry of the decision."""

    id: str
    record: str
    version: int
    ledger_index: int


@blueprint.get("/conflicts")
@described(
    Operation(
        ITEMS,
        "待裁决的冲突",
        "List the conflicts that wait for a decision",
        Listing(ConflictRow),
        query=(KIND, *PAGE_WORDS),
        refusals=(BadValue,),
    )
)
def list_conflicts() -> Response:
    """List the conflicts that wait, `?type=` of one type of record."""
    with looking() as look:
        statement = queries.open_conflicts(look, request.args.get("type", ""))
        return jsonify(listing(look, statement, queries.conflict_rows))


@blueprint.get("/conflicts/<record>")
@described(
    Operation(
        ITEMS, "一处冲突及其各个取值", "Show a conflict with every value that stands there", ConflictPage
    )
)
def one_conflict(record: str) -> Response:
    """Show a conflict with every value that stands there."""
    with looking() as look:
        return jsonify(plain(queries.conflict_page(look, record)))


@blueprint.post("/conflicts/<record>/resolve")
@described(
    Operation(
        ACTS,
        "裁决一处冲突：采用其中一个取值，或另写一个",
        "Decide a conflict: one of the values that stand there, or another",
        Resolved,
        body=ResolveBody,
        refusals=(
            CandidatesChanged,
            ConflictSettled,
            VersionChanged,
            NotAllowed,
            BadTransition,
            Busy,
            LedgerStopped,
        ),
    )
)
def resolve(record: str) -> Response:
    """Decide a conflict; `over` names every value that whoever decides has seen."""
    who = cookie.signed_in()
    given = body(ResolveBody())
    if ("take" in given) == ("value" in given):
        raise BadValue("either take one of the values, or give another", field="take")
    wanted = Resolution(frozenset(given["over"]), given.get("take"), given.get("value"))
    result = deciding.resolve(services(), who.id, record, wanted)
    moved = next(iter(result.records.values()))
    done = Resolved(id=record, record=moved.id, version=moved.version, ledger_index=result.first)
    return jsonify(plain(done))
