"""Ordering remote rounds from the desk: one ward or fifty hospitals, one act, then called at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.drafting import Draft
from schemas.records.ward_round import BEFORE, REMOTE
from server.access import scope
from server.commit.acts import act, new_id
from server.rounds import orders, staff
from server.rounds.drawing import EVERYBODY
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadTransition, BadValue, NotFound
from sync.merge import Record

INSTITUTIONS_MAX = 200
CALLER = "supervisor"
"""Who calls rounds from the desk; inspectors call those of their inspections by phone."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """What somebody orders: where, who is drawn, who answers, in which time, who watches.

    institutions: record ids; operators: {institution: user} where an institution has several who could answer
    lead: None for whoever orders; call_at: Unix ms of a later call, None for now
    """

    institutions: tuple[str, ...]
    method: str
    size: int | None = None
    wards: tuple[str, ...] = ()
    operators: Mapping[str, str] = field(default_factory=dict)
    lead: str | None = None
    members: tuple[str, ...] = ()
    trigger: str = "surprise"
    respond_minutes: int | None = None
    explain_minutes: int | None = None
    challenge_by_bed: bool = False
    call_at: int | None = None


def order(services: Services, user: str, wanted: Call) -> list[str]:
    """Make a remote round for each institution as one act of the user, call them, and return their ids.

    Raises BadValue, NotFound or NotAllowed and makes nothing; a round that was made and cannot be drawn or
    called says why in its `order_fault`.
    """
    if not 1 <= len(wanted.institutions) <= INSTITUTIONS_MAX:
        raise BadValue(f"a call names 1 to {INSTITUTIONS_MAX} institutions", field="institutions")
    if len(set(wanted.institutions)) != len(wanted.institutions):
        raise BadValue("an institution is named twice", field="institutions")
    if wanted.method != EVERYBODY and wanted.size is None:
        raise BadValue("a random sample has a number", field="size")
    places = _places(services, user, wanted.institutions)
    operators = _operators(services, wanted, places)
    made = {one.id: new_id(services) for one in places}
    act(
        services, [_draft(made[one.id], one.id, operators[one.id], user, wanted) for one in places], user=user
    )
    orders.ask(services, made.values())
    return [made[institution] for institution in wanted.institutions]


def call_now(services: Services, user: str, ward_round: str) -> None:
    """Call a remote round that was ordered for later; raises NotFound, BadTransition, NotAllowed."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        seen = scope.visible(connection, services.ledger.id, user, "ward_round").where(
            TABLE.c.id == ward_round
        )
        found = record_store.query(connection, vault, seen)
    if not found:
        raise NotFound(item=ward_round)
    if found[0].stage not in BEFORE or not orders.is_remote(found[0]):
        raise BadTransition("only a remote round that was not called yet can be called", item=ward_round)
    now = {"call_at": services.now_ms()}
    act(
        services,
        [Draft("edit", "ward_round", ward_round, now)],
        user=user,
        expect={ward_round: found[0].version},
    )
    orders.ask(services, [ward_round])


def _places(services: Services, user: str, institutions: Sequence[str]) -> list[Record]:
    """Return the institutions if the user may see all of them; raises NotFound."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        seen = scope.visible(connection, services.ledger.id, user, "institution")
        found = record_store.query(connection, vault, seen.where(TABLE.c.id.in_(institutions)))
    known = {one.id: one for one in found}
    for institution in institutions:
        if institution not in known:
            raise NotFound("there is no such institution in your scope", item=institution)
    return [known[institution] for institution in institutions]


def _operators(services: Services, wanted: Call, places: Sequence[Record]) -> dict[str, str]:
    """Return who answers for each institution: who is named, else its only user; raises BadValue."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        users = staff.of(connection, vault, [place.id for place in places])
    found: dict[str, str] = {}
    for place in places:
        fit = users.get(place.id, [])
        named = wanted.operators.get(place.id) or (fit[0] if len(fit) == 1 else None)
        if named not in fit:
            code = place.values["fixmedins_code"]
            words = (
                "has no user who could answer" if not fit else "has several users who could answer; name one"
            )
            raise BadValue(f"{code} {words}", item=place.id, field="operators")
        found[place.id] = named
    return found


def _draft(record: str, institution: str, operator: str, user: str, wanted: Call) -> Draft:
    values: dict[str, Any] = {
        "mode": REMOTE,
        "trigger": wanted.trigger,
        "institution": institution,
        "operator": operator,
        "initiator": user,
        "lead": wanted.lead or user,
        "draw_method": wanted.method,
    }
    optional = {
        "draw_size": wanted.size,
        "respond_minutes": wanted.respond_minutes,
        "explain_minutes": wanted.explain_minutes,
        "call_at": wanted.call_at,
        "challenge_by_bed": wanted.challenge_by_bed or None,
    }
    values |= {name: value for name, value in optional.items() if value is not None}
    sets = {"wards": list(wanted.wards), "members": list(wanted.members)}
    return Draft(
        "create", "ward_round", record, values, add={name: some for name, some in sets.items() if some}
    )
