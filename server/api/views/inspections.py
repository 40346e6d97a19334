"""Inspections for programs: listed, planned, approved, and handed to another before they begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.inspection import KINDS, MODES, OFFICERS_MAX
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import PAGE_WORDS, listing, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ACTS, ITEMS, Listing, Operation, described, text
from server.casework import plans
from server.casework.planning import NOTE_CHARS_MAX, PLANS_MAX, OfficerUnfit, Plan
from server.console.pages.inspections import Available, CoveragePage, InspectionPage, InspectionRow
from server.current import services
from server.queries import inspection, inspections, planning
from server.queries.days import asked_day
from server.queries.reading import TABLE
from sync.errors import (
    BadTransition,
    BadValue,
    Busy,
    LedgerStopped,
    NotAllowed,
    NotFound,
    NotInCatalogue,
    OwnWork,
    VersionChanged,
)

MAKING = (BadValue, OfficerUnfit, NotFound, NotAllowed, NotInCatalogue, Busy, LedgerStopped)
CHANGING = (*MAKING, BadTransition, OwnWork, VersionChanged)
ID_CHARS_MAX = 60
FILTERS = (
    text("state", "只列出处于该阶段的", "Only those at one stage"),
    text("kind", "检查类型", "Kind of inspection", enum=list(KINDS)),
    text("mode", "方式", "Open or covert", enum=list(MODES)),
    text("region", "行政区划及其下级", "A region and what lies below it"),
    text("institution", "机构编码", "An institution by its code"),
    text("officer", "检查人员", "An officer by id"),
    text("since", "计划日期从", "Planned from this day on", format="date"),
    text("until", "计划日期至", "Planned up to this day", format="date"),
)
COVERED = (
    text("group", "机构类别：medical 或 pharmacies", "Which institutions", enum=list(planning.GROUPS)),
    text("region", "行政区划及其下级", "A region and what lies below it"),
    text("unplanned", "为 1 时只列未安排的", "1 leaves out those that have a plan"),
)


@dataclass(frozen=True, kw_only=True)
class Officers:
    """Who could be sent on a day."""

    items: tuple[Available, ...]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """The inspections that were made or changed, by id, in the order in which they were named."""

    inspections: tuple[str, ...]


class PlanBody(Strict):
    """POST /api/inspections: one inspection at each institution, as one act."""

    institutions = fields.List(
        fields.String(validate=validate.Length(1, ID_CHARS_MAX)),
        required=True,
        validate=validate.Length(1, PLANS_MAX),
    )
    planned_on = fields.Date(required=True)
    kind = fields.String(load_default="routine_check", validate=validate.OneOf(list(KINDS)))
    mode = fields.String(load_default="open", validate=validate.OneOf(list(MODES)))
    lead = fields.String(required=True, validate=validate.Length(1, ID_CHARS_MAX))
    members = fields.List(
        fields.String(validate=validate.Length(1, ID_CHARS_MAX)), validate=validate.Length(0, OFFICERS_MAX)
    )
    draw_size = WholeNumber(validate=validate.Range(1, OFFICERS_MAX))
    checklist = fields.String(validate=validate.Length(0, ID_CHARS_MAX))
    note = fields.String(validate=validate.Length(0, NOTE_CHARS_MAX))


class ApproveBody(Strict):
    """POST /api/inspections/approve: plans by id, all or none."""

    inspections = fields.List(
        fields.String(validate=validate.Length(1, ID_CHARS_MAX)),
        required=True,
        validate=validate.Length(1, PLANS_MAX),
    )


class ReassignBody(ApproveBody):
    """POST /api/inspections/reassign: `taker` goes in the place of `giver`, to all of them or none."""

    giver = fields.String(required=True, validate=validate.Length(1, ID_CHARS_MAX))
    taker = fields.String(required=True, validate=validate.Length(1, ID_CHARS_MAX))


@blueprint.get("/inspections")
@described(
    Operation(ITEMS, "检查列表", "List inspections", Listing(InspectionRow), query=(*FILTERS, *PAGE_WORDS),
              refusals=(BadValue,))
)  # fmt: skip
def list_inspections() -> Response:
    """List inspections by filter."""
    with looking() as look:
        given = {name: request.args[name] for name in inspections.FILTERS if request.args.get(name)}
        stage = given.pop("state", "")
        statement = inspections.narrowed(look, given)
        if stage:
            statement = statement.where(TABLE.c.stage == stage)
        return jsonify(listing(look, statement, inspections.inspection_rows))


@blueprint.get("/inspections/coverage")
@described(
    Operation(
        ITEMS,
        "本期尚未检查的机构",
        "Which institutions have had no inspection in their period",
        CoveragePage,
        query=COVERED,
        refusals=(BadValue,),
    )
)
def coverage() -> Response:
    """Tell who is missing in the period."""
    with looking() as look:
        return jsonify(plain(planning.coverage_page(look, request.args.to_dict())))


@blueprint.get("/inspections/officers")
@described(
    Operation(
        ITEMS,
        "某日可派的检查人员",
        "Who could be sent on a day, and what keeps the others",
        Officers,
        query=(
            text("on", "日期", "The day, today unless told", format="date"),
            text("institution", "机构（记录编号）", "The record of the institution, for recusals"),
        ),
        refusals=(BadValue, NotAllowed),
    )
)
def officers() -> Response:
    """Tell who could be sent on a day."""
    with looking() as look:
        if not inspections.may_plan(look):
            raise NotAllowed(f"a {plans.PLANNER} plans inspections")
        on = asked_day(request.args.get("on"), "on") or look.today
        place = [one for one in (request.args.get("institution"),) if one]
        return jsonify(plain(Officers(items=planning.available(look, place, on))))


@blueprint.get("/inspections/<record>")
@described(
    Operation(ITEMS, "一次检查及其经过", "Show an inspection with everything that happened", InspectionPage)
)
def one_inspection(record: str) -> Response:
    """Show an inspection."""
    with looking() as look:
        return jsonify(plain(inspection.inspection_page(look, record)))


@blueprint.post("/inspections")
@described(
    Operation(
        ACTS,
        "安排检查，人员指定或抽取",
        "Plan inspections, their officers named or drawn",
        Planned,
        status=201,
        body=PlanBody,
        refusals=MAKING,
    )
)
def plan_inspections() -> tuple[Response, int]:
    """Plan an inspection at each institution."""
    who = cookie.signed_in()
    given: dict[str, Any] = body(PlanBody())
    more = {name: given[name] for name in ("draw_size", "checklist", "note") if name in given}
    wanted = [
        Plan(
            institution=place,
            planned_on=given["planned_on"],
            lead=given["lead"],
            kind=given["kind"],
            mode=given["mode"],
            members=tuple(given.get("members", ())),
            **more,
        )
        for place in dict.fromkeys(given["institutions"])
    ]
    made = plans.plan(services(), who.id, wanted)
    return jsonify(plain(Planned(inspections=tuple(made)))), 201


@blueprint.post("/inspections/approve")
@described(
    Operation(
        ACTS, "批准检查计划", "Approve plans, all or none", Planned, body=ApproveBody, refusals=CHANGING
    )
)
def approve_inspections() -> Response:
    """Approve plans."""
    who = cookie.signed_in()
    chosen = list(dict.fromkeys(body(ApproveBody())["inspections"]))
    plans.approve(services(), who.id, dict.fromkeys(chosen))
    return jsonify(plain(Planned(inspections=tuple(chosen))))


@blueprint.post("/inspections/reassign")
@described(
    Operation(
        ACTS,
        "改派检查人员，全部或不动",
        "Send another officer to inspections that have not begun, all or none",
        Planned,
        body=ReassignBody,
        refusals=CHANGING,
    )
)
def reassign_inspections() -> Response:
    """Send another officer."""
    who = cookie.signed_in()
    given = body(ReassignBody())
    chosen = list(dict.fromkeys(given["inspections"]))
    plans.reassign(services(), who.id, chosen, given["giver"], given["taker"])
    return jsonify(plain(Planned(inspections=tuple(chosen))))
