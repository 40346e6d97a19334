"""Acts of the desk: each names the version that it was decided on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, jsonify

from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import ConfirmBody, ReviewBody, a_day, body
from server.api.operations import ACTS, Operation, described
from server.casework import desk
from server.casework.confirm import Confirmation
from server.casework.review import Review
from server.current import services
from server.reminders.calendar import due_date
from sync.errors import (
    BadProof,
    BadTransition,
    BadValue,
    Busy,
    ConflictOpen,
    FileCorrupt,
    FileUnverified,
    LedgerStopped,
    NotAllowed,
    OwnWork,
    VersionChanged,
)

DECIDING = (VersionChanged, OwnWork, NotAllowed, ConflictOpen, BadTransition, Busy, LedgerStopped)


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What a review led to; ledger_index: the first entry of the act."""

    id: str
    version: int
    stage: str
    ledger_index: int


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """The case that a confirmation opened, and its last day; ledger_index: the first entry of the act."""

    case: str
    due_on: date
    ledger_index: int


@blueprint.post("/evidence/<record>/review")
@described(
    Operation(
        ACTS,
        "审核一件证据的一个版本：通过、退回或不予采用",
        "Approve, return or reject exactly one version of an evidence item",
        Reviewed,
        body=ReviewBody,
        refusals=(*DECIDING, FileUnverified, FileCorrupt, BadProof),
    )
)
def review(record: str) -> Response:
    """Approve, return or reject one version."""
    who = cookie.signed_in()
    given = body(ReviewBody())
    wanted = Review(given["act"], given["version"], given.get("reason"), given.get("note"))
    result = desk.review_evidence(services(), who.id, record, wanted)
    item = result.records[record]
    done = Reviewed(id=record, version=item.version, stage=str(item.stage), ledger_index=result.first)
    return jsonify(plain(done))


@blueprint.post("/findings/<record>/confirm")
@described(
    Operation(
        ACTS,
        "确认一个问题并立案整改，期限按工作日由服务器计算",
        "Confirm one version of a finding and open its case; the server computes the last day",
        Confirmed,
        status=201,
        body=ConfirmBody,
        refusals=DECIDING,
    )
)
def confirm(record: str) -> tuple[Response, int]:
    """Confirm one version and open its case."""
    who = cookie.signed_in()
    given = body(ConfirmBody())
    due_on = due_date(given["served_on"], given["working_days"], services().calendar)
    if (expected := a_day(given, "due_on")) is not None and expected != due_on:
        raise BadValue(f"the last day is {due_on}", field="due_on")
    wanted = Confirmation(given["version"], given["served_on"], given["working_days"])
    result = desk.confirm_finding(services(), who.id, record, wanted)
    opened = next(each.id for each in result.records.values() if each.type == "rectification_case")
    return jsonify(plain(Confirmed(case=opened, due_on=due_on, ledger_index=result.first))), 201
