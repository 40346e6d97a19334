"""Handing a visit over while it goes on: a colleague's phone gets what reached the server, and works on from there.

Whoever hands over stays in the team unless told to leave it: what his phone still holds then comes into force when it
arrives. Of one who left it arrives late, and a supervisor adopts it or sets it aside. Either way nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from schemas.drafting import Draft
from schemas.records.inspection import OPEN_STAGES
from server.access.duties import team_of
from server.accounts.credentials import ACTIVE
from server.casework import recusing
from server.casework.desk import load
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.wiring import Services
from sync.errors import BadTransition, BadValue, NotAllowed
from sync.merge import Record

REASON_CHARS_MIN, REASON_CHARS_MAX = 2, 500
INSPECTORS = frozenset({"inspector", "lead_inspector"})


@dataclass(frozen=True)
class Handover:
    """Who hands a visit over to whom; leaves: the giver is no longer of the team."""

    giver: Record
    taker: Record
    leaves: bool = False


def decide(wanted: Handover, inspection: Record) -> list[Draft]:
    """Return the edit that hands a visit over; raises BadTransition, BadValue or NotAllowed.

    The taker becomes lead where the giver was.
    """
    giver, taker = wanted.giver, wanted.taker
    if inspection.stage not in OPEN_STAGES:
        raise BadTransition(
            f"the visit is {inspection.stage}: nobody records in it any more", item=inspection.id
        )
    if giver.id not in team_of(inspection):
        raise BadValue("whoever hands over is not of the visit's team", field="giver")
    if taker.stage != ACTIVE or not INSPECTORS & set(taker.values.get("roles", ())):
        raise NotAllowed("whoever takes over must be an active inspector", field="taker")
    if taker.id == giver.id:
        raise BadValue("nobody hands over to himself", field="taker")
    members = set(inspection.values.get("members") or ())
    leads = inspection.values.get("lead") == giver.id
    values: dict[str, Any] = {"lead": taker.id} if leads else {}
    staying = {taker.id} if wanted.leaves else {taker.id, giver.id}
    add = {"members": sorted(staying - members)} if staying - members else {}
    remove = {"members": [giver.id]} if wanted.leaves and giver.id in members else {}
    if not (values or add or remove):
        raise BadValue(
            "both are of the team already, and neither leads: there is nothing to hand over", field="taker"
        )
    return [Draft("edit", "inspection", inspection.id, values, add=add, remove=remove)]


def said(inspection: Record, reason: str, decision_id: str) -> Draft:
    """Return the decision that says why a visit is handed over; raises BadValue."""
    if not REASON_CHARS_MIN <= len(reason) <= REASON_CHARS_MAX:
        raise BadValue("say why, in a sentence", field="reason")
    about = {"about": inspection.id, "about_version": inspection.version}
    return Draft("create", "decision", decision_id, {**about, "act": "hand_over", "note": reason})


def hand_over(services: Services, user: str, inspection: str, wanted: Handover, reason: str = "") -> Result:
    """Hand a visit over as a supervisor; raises a Refusal and changes nothing where that may not be."""
    item, _ = load(services, user, "inspection", inspection)
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        places = (item.id, str(item.values["institution"]))
        away = {one.values["user"] for one in recusing.standing_over(connection, vault, places)}
    if wanted.taker.id in away:
        raise NotAllowed("whoever takes over is recused from this inspection or institution", field="taker")
    drafts = decide(wanted, item)
    if reason:
        drafts.append(said(item, reason, new_id(services)))
    return act(services, drafts, user=user, expect={item.id: item.version})
