"""Planning inspections, pure: who goes where on which day, approved by a supervisor who does not go himself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.drafting import Draft
from schemas.records.inspection import KINDS, MODES, OFFICERS_MAX
from server.access.duties import team_of
from server.casework import handover, officers
from server.casework.handover import Handover
from sync import draw
from sync.errors import BadTransition, BadValue, OwnWork, Refusal
from sync.merge import Record

PLANS_MAX = 200
"""So many inspections are planned, approved or handed over in one act."""
AHEAD_DAYS_MAX = 400
NOTE_CHARS_MAX = 2_000
PLANNED = ("draft", "approved")
"""Stages in which nobody has gone yet, so that another may go instead."""


class OfficerUnfit(Refusal):
    """Somebody may not go on this inspection: no inspector, no certificate on its day, or recused."""

    code = "officer_unfit"
    next = "Choose another officer, or another day."


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where somebody goes, when, and who.

    members: besides the lead; draw_size: how many are drawn besides the lead, None where all are named
    """

    institution: str
    planned_on: date
    lead: str
    kind: str = "routine_check"
    mode: str = "open"
    members: tuple[str, ...] = ()
    draw_size: int | None = None
    checklist: str = ""
    note: str = ""


@dataclass(frozen=True)
class Crew:
    """Who could go: users by id, who keeps away from which institution or inspection, and today."""

    users: Mapping[str, Record]
    recused: Mapping[str, Collection[str]]
    today: date

    def check(self, user: str, institution: str, on: date, inspection: str = "") -> Record:
        """Return an officer who may go; raises OfficerUnfit."""
        found = self.users.get(user)
        recused = {*self.recused.get(institution, ()), *self.recused.get(inspection, ())}
        fault = officers.fault_of(found, on, recused) if found else "unknown"
        if found is None or fault is not None:
            raise OfficerUnfit(f"an officer may not go on {on}: {fault}", item=user, field=fault)
        return found

    def fit(self, institution: str, on: date) -> list[str]:
        """Return the ids of all who may go to an institution on a day."""
        recused = self.recused.get(institution, ())
        return sorted(one.id for one in self.users.values() if officers.fault_of(one, on, recused) is None)


def decide_plan(plan: Plan, record: str, crew: Crew) -> Draft:
    """Return the draft of a planned inspection; raises BadValue or OfficerUnfit."""
    if plan.kind not in KINDS:
        raise BadValue("there is no such kind of inspection", field="kind")
    if plan.mode not in MODES:
        raise BadValue("an inspection is open or covert", field="mode")
    if not 0 <= (plan.planned_on - crew.today).days <= AHEAD_DAYS_MAX:
        raise BadValue(f"a day from today to {AHEAD_DAYS_MAX} days ahead", field="planned_on")
    if len(plan.note) > NOTE_CHARS_MAX:
        raise BadValue(f"a note has at most {NOTE_CHARS_MAX} characters", field="note")
    lead = crew.check(plan.lead, plan.institution, plan.planned_on)
    if not officers.may_lead(lead):
        raise OfficerUnfit("an inspection is led by a lead inspector", item=plan.lead, field="lead")
    values: dict[str, Any] = {
        "kind": plan.kind,
        "mode": plan.mode,
        "institution": plan.institution,
        "lead": plan.lead,
        "planned_on": plan.planned_on.isoformat(),
    }
    values |= {"checklist_wanted": plan.checklist} if plan.checklist else {}
    values |= {"note": plan.note} if plan.note else {}
    if plan.draw_size is not None:
        pool = [user for user in crew.fit(plan.institution, plan.planned_on) if user != plan.lead]
        if not 1 <= plan.draw_size <= min(OFFICERS_MAX, len(pool)):
            raise BadValue(f"1 to {min(OFFICERS_MAX, len(pool))} can be drawn", field="draw_size")
        values["draw_size"] = plan.draw_size
        return Draft("create", "inspection", record, values, add={"draw_from": pool})
    members = sorted(set(plan.members) - {plan.lead})
    for user in members:
        crew.check(user, plan.institution, plan.planned_on)
    if not officers.OFFICERS_MIN - 1 <= len(members) <= OFFICERS_MAX:
        raise BadValue("two officers go at least", field="members")
    return Draft("create", "inspection", record, values, add={"members": members})


def waits_for_draw(inspection: Record) -> bool:
    """Return whether officers were ordered to be drawn and are not yet."""
    return "draw_size" in inspection.values and "draw_seed" not in inspection.values


def decide_draw(inspection: Record, root: bytes, change: str) -> Draft:
    """Return the edit that draws the officers of a plan; anybody can draw them again from the same.

    root: of the tree whose last leaf is the plan's entry; change: digest of that entry's change line
    """
    seed = draw.seed_of(root, change, 1)
    drawn = list(draw.draw(seed, inspection.values.get("draw_from", ()), int(inspection.values["draw_size"])))
    return Draft(
        "edit", "inspection", inspection.id, {"draw_seed": seed}, add={"drawn": drawn, "members": drawn}
    )


def decide_approval(user: str, inspection: Record, crew: Crew) -> Draft:
    """Return the step by which a plan is approved; raises BadTransition, OwnWork, OfficerUnfit or BadValue."""
    if inspection.stage != "draft":
        raise BadTransition(f"the inspection stands at {inspection.stage}", item=inspection.id, field="stage")
    if waits_for_draw(inspection):
        raise BadTransition("its officers are not drawn yet", item=inspection.id, field="draw_size")
    team = team_of(inspection)
    if user in team:
        raise OwnWork("nobody approves an inspection that he goes on himself", item=inspection.id)
    on = date.fromisoformat(inspection.values["planned_on"])
    for officer in sorted(team):
        crew.check(officer, str(inspection.values["institution"]), on, inspection.id)
    if len(team) < officers.OFFICERS_MIN:
        raise BadValue("two officers go at least", item=inspection.id, field="members")
    return Draft("edit", "inspection", inspection.id, {"stage": {"from": "draft", "to": "approved"}})


def decide_reassignment(wanted: Handover, inspection: Record, crew: Crew) -> Sequence[Draft]:
    """Return the edit that puts another officer in the place of one who cannot go.

    Raises BadTransition for a visit that has begun, OfficerUnfit, or what `handover.decide` raises.
    """
    if inspection.stage not in PLANNED:
        raise BadTransition("the visit has begun: hand it over instead", item=inspection.id, field="stage")
    on = date.fromisoformat(inspection.values["planned_on"])
    taker = crew.check(wanted.taker.id, str(inspection.values["institution"]), on, inspection.id)
    if inspection.values.get("lead") == wanted.giver.id and not officers.may_lead(taker):
        raise OfficerUnfit("an inspection is led by a lead inspector", item=taker.id, field="lead")
    drafts = handover.decide(wanted, inspection)
    if len(team_of(inspection) - {wanted.giver.id} | {taker.id}) < officers.OFFICERS_MIN:
        raise OfficerUnfit("he goes on that inspection already", item=inspection.id, field="members")
    return drafts


def decide_handover(
    user: str, wanted: Handover, inspection: Record, crew: Crew, *, reason: str, decision_id: str
) -> Sequence[Draft]:
    """Return the edit that hands a visit over while it goes on, and the decision that says why.

    Raises OwnWork for a supervisor who is one of the two, OfficerUnfit, or what `handover.decide` raises.
    """
    if user in (wanted.giver.id, wanted.taker.id):
        raise OwnWork("another supervisor hands over what is yours", item=inspection.id)
    drafts = handover.decide(wanted, inspection)
    taker = crew.check(wanted.taker.id, str(inspection.values["institution"]), crew.today, inspection.id)
    if inspection.values.get("lead") == wanted.giver.id and not officers.may_lead(taker):
        raise OfficerUnfit("an inspection is led by a lead inspector", item=taker.id, field="lead")
    left = team_of(inspection) - ({wanted.giver.id} if wanted.leaves else set())
    if len(left | {taker.id}) < officers.OFFICERS_MIN:
        raise OfficerUnfit("two officers stay at least", item=inspection.id, field="leaves")
    return [*drafts, handover.said(inspection, reason, decision_id)]
