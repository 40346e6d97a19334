"""Acts of the desk on findings: each names the version that it was decided on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, jsonify
from marshmallow import validate

from schemas.declare import WholeNumber
from schemas.wire.parts import Strict, whole
from server.access.signed import AssertionUnfit, AssertionWanted
from server.accounts import cookie
from server.accounts.passkeys import PasskeyDoubted, PasskeyRefused
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import ConfirmBody, a_day, body
from server.api.operations import ACTS, Operation, described
from server.casework import asking_party, desk
from server.casework.confirm import Confirmation
from server.current import services
from server.documents import issuing
from server.reminders import working_calendars
from server.reminders.calendar import due_date
from sync.errors import (
    BadTransition,
    BadValue,
    Busy,
    ConflictOpen,
    LedgerStopped,
    NotAllowed,
    OwnWork,
    VersionChanged,
)

DECIDING = (VersionChanged, OwnWork, NotAllowed, ConflictOpen, BadTransition, Busy, LedgerStopped)
SIGNING = (AssertionWanted, AssertionUnfit, PasskeyRefused, PasskeyDoubted)
"""What a decision of whoever has a passkey may meet besides."""


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """The case that a confirmation opened or joined, and its last day; ledger_index: the first entry of the act.

    due_on: None until the notice is served
    """

    case: str
    due_on: date | None
    ledger_index: int


class AskBody(Strict):
    """POST /api/findings/<id>/ask."""

    version = whole(required=True)
    working_days = WholeNumber(
        load_default=asking_party.DEFAULT_WORKING_DAYS,
        validate=validate.Range(1, asking_party.WORKING_DAYS_MAX),
    )


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Until when the party was asked to state; version: the finding's after it."""

    answer_by: date
    version: int
    ledger_index: int


@blueprint.post("/findings/<record>/ask")
@described(
    Operation(
        ACTS,
        "请当事人在期限内陈述申辩；逾期未陈述的，由服务器记录",
        "Ask the party to state on a finding by a last day; silence is noted after it",
        Asked,
        body=AskBody,
        refusals=(VersionChanged, BadTransition),
    )
)
def ask_party(record: str) -> Response:
    """Ask the party to state."""
    who, given = cookie.signed_in(), body(AskBody())
    done = desk.ask_party(
        services(), who.id, record, working_days=given["working_days"], version=given["version"]
    )
    now = done.records[record]
    until = date.fromisoformat(str(now.values["answer_by"]))
    return jsonify(plain(Asked(answer_by=until, version=now.version, ledger_index=done.first)))


@blueprint.post("/findings/<record>/confirm")
@described(
    Operation(
        ACTS,
        "确认一个问题并立案整改；当场送达的，期限按工作日由服务器计算",
        "Confirm one version of a finding and open its case; where served on the spot, the last day is computed",
        Confirmed,
        status=201,
        body=ConfirmBody,
        refusals=(*DECIDING, *SIGNING),
    )
)
def confirm(record: str) -> tuple[Response, int]:
    """Confirm one version and open its case."""
    who = cookie.signed_in()
    given = body(ConfirmBody())
    served_on = a_day(given, "served_on")
    due_on = (
        due_date(served_on, given["working_days"], working_calendars.of_record(services(), record))
        if served_on
        else None
    )
    if (expected := a_day(given, "due_on")) is not None and expected != due_on:
        raise BadValue(f"the last day is {due_on}", field="due_on")
    wanted = Confirmation(given["version"], served_on, given["working_days"], given.get("case"))
    here = cookie.deciding(given.get("assertion"))
    result = issuing.confirm_finding(here, who.id, record, wanted)
    opened = next(each.id for each in result.records.values() if each.type == "rectification_case")
    return jsonify(plain(Confirmed(case=opened, due_on=due_on, ledger_index=result.first))), 201
