"""Absence: a deputy takes over the desk roles of who is away, from a day and until a day, each an act in the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import structlog

from schemas.drafting import Draft
from schemas.records.deputation import ACTIVE, ENDED, PLANNED, ROLES
from server.accounts.credentials import ACTIVE as IN_USE
from server.commit.acts import MACHINE, act, new_id
from server.storage import record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync.errors import BadValue, NotFound, Refusal, VersionChanged
from sync.merge import Record

log = structlog.get_logger()
TURNS_MAX = 100
"""So many deputations begin or end in one tick; the others in the next."""


def appoint(
    services: Services,
    absent: Record,
    deputy: Record,
    *,
    first: date,
    last: date,
    roles: Sequence[str] = (),
    by: str = MACHINE,
) -> Record:
    """Let one user stand in for another from the first day to the last, in all of his desk roles or some.

    It begins at once where the first day has come. Raises BadValue.
    """
    held = [role for role in sorted(absent.values.get("roles", ())) if role in ROLES]
    chosen = list(roles) or held
    if absent.id == deputy.id:
        raise BadValue("nobody is his own deputy", field="deputy")
    if deputy.stage != IN_USE:
        raise BadValue("the deputy is disabled", field="deputy")
    if missing := sorted(set(chosen) - set(held)):
        raise BadValue(f"who is away does not have the role {missing[0]}", field="roles")
    if not chosen:
        raise BadValue(
            "who is away has no role at the desk; put another inspector into his inspections", field="roles"
        )
    if last < max(first, services.today()):
        raise BadValue("the last day is over, or before the first", field="until_on")
    values = {
        "absent": absent.id,
        "deputy": deputy.id,
        "region": absent.values["region"],
        "from_on": first.isoformat(),
        "until_on": last.isoformat(),
    }
    if first <= services.today():
        values["stage"] = {"from": PLANNED, "to": ACTIVE}
    draft = Draft("create", "deputation", new_id(services), values, add={"roles": chosen})
    return act(services, [draft], user=by, kind="setting").records[draft.record]


def end(services: Services, key: str, *, by: str = MACHINE) -> None:
    """End a deputation before its day, or one that has not begun; raises NotFound."""
    found = next((one for one in standing(services) if one.id == key), None)
    if found is None:
        raise NotFound("no deputation of this id is planned or active", item=key)
    _step(services, found, ENDED, by=by)


def standing(services: Services) -> list[Record]:
    """Return the deputations that are planned or active, oldest first."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        wanted = selected(services.ledger.id, "deputation").where(TABLE.c.stage.in_((PLANNED, ACTIVE)))
        return record_store.query(connection, vault, wanted.order_by(TABLE.c.id))


def sweep(services: Services) -> Counter[str]:
    """Begin the deputations whose day has come and end those whose day is over; return how many of each.

    One ends too when who is away does not have all of its roles, over its region, any more: it lends what he has.
    """
    day = services.today().isoformat()
    done: Counter[str] = Counter()
    known = standing(services)
    away = _away(services, known)
    for one in known:
        over = one.values["until_on"] < day or not _has(away[one.values["absent"]], one)
        begins = one.stage == PLANNED and one.values["from_on"] <= day
        if not over and not begins:
            continue
        try:
            _step(services, one, ENDED if over else ACTIVE)
        except VersionChanged:
            continue  # Another scheduler was quicker.
        except Refusal as refusal:
            # What keeps one from beginning must not keep today's reminders from being sent.
            log.warning("a deputation cannot move on", deputation=one.id, code=refusal.code)
            continue
        done["ended" if over else "begun"] += 1
        if done.total() >= TURNS_MAX:
            break
    return done


def _away(services: Services, known: Sequence[Record]) -> dict[str, Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, {one.values["absent"] for one in known})


def _has(absent: Record, one: Record) -> bool:
    """Return whether who is away has the roles of a deputation, over its region."""
    roles = set(one.values.get("roles", ()))
    return absent.values["region"] == one.values["region"] and roles <= set(absent.values.get("roles", ()))


def _step(services: Services, one: Record, stage: str, *, by: str = MACHINE) -> None:
    draft = Draft("edit", "deputation", one.id, {"stage": {"from": one.stage, "to": stage}})
    act(services, [draft], user=by, kind="setting", expect={one.id: one.version})
