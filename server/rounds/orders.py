"""What rounds order, carried out by the server: samples drawn, remote rounds called, answers closed.

Each step is an act of the machine on the version that it read, so several servers and schedulers may
see to one round and each step happens once. Whoever ordered something asks at once (`see_to`); the
scheduler's sweep takes up what a crash left and what only the clock brings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import structlog
from sqlalchemy import Connection, or_

from schemas.drafting import Draft
from schemas.records.ward_round import REMOTE
from server.commit.acts import act
from server.keys.vault import VaultSession
from server.rounds import censuses, drawing, local_rules, staff
from server.rounds.drawing import CannotDraw, Drawn, Source
from server.storage import record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync.errors import Refusal, VersionChanged
from sync.merge import Record

SWEEP_MAX = 500
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
TRIES = 5
DRAWN, CALLED, ENDED, CLOSED = "drawn", "called", "ended", "closed"
FAULTY, OVERTAKEN = "faulty", "overtaken"
log = structlog.get_logger()


def ask(services: Services, rounds: Iterable[str]) -> None:
    """Carry out what these rounds order, now if it can be; what is refused is told to the log and left to the sweep.

    For whoever has just committed an order: it stands, whatever becomes of carrying it out.
    """
    for record in rounds:
        try:
            see_to(services, [record])
        except Refusal as refusal:
            log.warning("an order waits", record=record, code=refusal.code)


def see_to(services: Services, rounds: Iterable[str]) -> Counter[str]:
    """Carry out what these rounds order and what is due of it; return how often each step was taken."""
    tally: Counter[str] = Counter()
    for record in rounds:
        for _ in range(TRIES):
            step = _step(services, record)
            if step is None:
                break
            tally[step] += step != OVERTAKEN
            if step == FAULTY:
                break
    return +tally


def sweep(services: Services) -> Counter[str]:
    """See to every round that waits for the server or whose time has come, the longest waiting first."""
    with services.database.reading() as connection:
        waiting = selected(services.ledger.id, "ward_round").where(
            or_(
                TABLE.c.stage.in_(("planned", "sampled")) & TABLE.c.state.contains('"draw_method"'),
                TABLE.c.stage.in_(("in_progress", "explanation_open"))
                & TABLE.c.state.contains('"called_at"'),
            )
        )
        ids = list(
            connection.execute(
                waiting.with_only_columns(TABLE.c.id).order_by(TABLE.c.version, TABLE.c.id).limit(SWEEP_MAX)
            ).scalars()
        )
    return see_to(services, ids)


def _step(services: Services, record: str) -> str | None:
    """Take the next step of a round, if there is one; None where nothing is to be done now."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [record]).get(record)
        if found is None or found.life == "voided":
            return None
        prepared = _prepare(services, connection, vault, found)
    if prepared is None:
        return None
    what, drafts, others = prepared
    try:
        act(services, drafts, kind="change", expect={found.id: found.version, **others})
    except VersionChanged:
        # Somebody else saw to it, or changed the order: what is to be done now is asked anew.
        return OVERTAKEN
    return what


Prepared = tuple[str, list[Draft], dict[str, int]]


def _prepare(
    services: Services, connection: Connection, vault: VaultSession, found: Record
) -> Prepared | None:
    now, values = services.now_ms(), found.values
    if found.stage == "planned":
        order = drawing.order_of(values)
        early = is_remote(found) and int(values.get("call_at", 0)) > now
        return None if order is None or early else _draw(services, connection, vault, found)
    if found.stage == "sampled" and is_remote(found) and "drawn" in values:
        return CALLED, [_call(services, connection, found)], {}
    if found.stage == "in_progress" and "called_at" in values and int(values["respond_by"]) <= now:
        step = {"stage": {"from": "in_progress", "to": "explanation_open"}}
        return ENDED, [Draft("edit", "ward_round", found.id, step)], {}
    open_now = found.stage == "explanation_open" and "called_at" in values
    if open_now and "answers_closed_at" not in values and int(values["explain_by"]) <= now:
        return CLOSED, [Draft("edit", "ward_round", found.id, {"answers_closed_at": now})], {}
    return None


def is_remote(ward_round: Record) -> bool:
    """Return whether a round is called over the network: it then lies in itself."""
    return ward_round.values["mode"] == REMOTE and ward_round.root == ward_round.id


def institution_of(connection: Connection, vault: VaultSession, ward_round: Record) -> str:
    """Return the institution whose wards a round visits."""
    if ward_round.root == ward_round.id:
        return str(ward_round.values["institution"])
    inspection = record_store.load(connection, vault, [ward_round.root])[ward_round.root]
    return str(inspection.values["institution"])


# -- the draw ----------------------------------------------------------------------------------------


def _draw(services: Services, connection: Connection, vault: VaultSession, found: Record) -> Prepared | None:
    """Return the act that draws a round's sample, or that says why it cannot be drawn."""
    institution = institution_of(connection, vault, found)
    try:
        operator = _operator(connection, vault, found, institution)
        census = _census(services, connection, vault, found, institution)
        source = _source(services, connection, census, institution)
        order = drawing.order_of(found.values)
        assert order is not None, "only what is ordered is drawn"
        drawn = drawing.carry_out(order, source)
    except CannotDraw as cannot:
        if found.values.get("order_fault") == cannot.fault:
            return None
        return FAULTY, [Draft("edit", "ward_round", found.id, {"order_fault": cannot.fault})], {}
    counted = Draft("edit", "census", census.id, {"draws": source.number})
    return DRAWN, [_drawn(found, source, drawn, operator), counted], {census.id: census.version}


def _census(
    services: Services, connection: Connection, vault: VaultSession, found: Record, institution: str
) -> Record:
    census = censuses.newest(connection, vault, institution)
    oldest = services.now_ms() - local_rules.of(services, found.region).census_days_max * DAY_MS
    if census is None or int(census.values["taken_at"]) < oldest:
        raise CannotDraw("no_census")
    return census


def _source(services: Services, connection: Connection, census: Record, institution: str) -> Source:
    ledger, index = services.ledger.id, censuses.index_of(census)
    return Source(
        census=census.id,
        index=index,
        root=censuses.root_at(connection, ledger, index + 1),
        change=censuses.change_at(connection, ledger, index),
        number=int(census.values.get("draws", 0)) + 1,
        roll=censuses.roll_at(connection, ledger, institution, index, str(census.values["day"])),
    )


def _drawn(found: Record, source: Source, drawn: Drawn, operator: str | None) -> Draft:
    values: dict[str, Any] = {
        "seed": drawn.seed,
        "census": source.census,
        "draw_number": source.number,
        "population_count": drawn.population_count,
        "population_digest": drawn.population_digest,
        "stage": {"from": "planned", "to": "sampled"},
    }
    if operator is not None and found.values.get("operator") != operator:
        values["operator"] = operator
    return Draft("edit", "ward_round", found.id, values, add={"drawn": list(drawn.sample)})


def _operator(connection: Connection, vault: VaultSession, found: Record, institution: str) -> str | None:
    """Return who answers a remote round: an active user of its institution, named or its only one.

    None for a bedside round; raises CannotDraw.
    """
    if not is_remote(found):
        return None
    fit = staff.of(connection, vault, [institution]).get(institution, [])
    named = found.values.get("operator") or (fit[0] if len(fit) == 1 else None)
    if named not in fit:
        raise CannotDraw("operator_unfit")
    return str(named)


# -- the call ----------------------------------------------------------------------------------------


def _call(services: Services, connection: Connection, found: Record) -> Draft:
    """Return the act that calls a round: its challenge follows from the root just after its sample was drawn.

    That root did not exist before, so nobody could know the challenge, and no picture that shows it is older.
    """
    now, rules = services.now_ms(), local_rules.of(services, found.region)
    size = found.version + 1
    respond_by = now + MINUTE_MS * int(found.values.get("respond_minutes", rules.respond_minutes))
    values = {
        "called_at": now,
        "started_at": now,
        "respond_by": respond_by,
        "explain_by": respond_by
        + MINUTE_MS * int(found.values.get("explain_minutes", rules.explain_minutes)),
        "challenge_size": size,
        "challenge_root": censuses.root_at(connection, services.ledger.id, size).hex(),
        "stage": {"from": "sampled", "to": "in_progress"},
    }
    return Draft("edit", "ward_round", found.id, values)
