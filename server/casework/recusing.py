"""Recusals: somebody stays away from an institution or an inspection, from a day and until it is lifted or over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import structlog
from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.records.recusal import ENDED, LIFTED, OVERSEEING, PLANNED, REASONS, STANDING, WORDS_CHARS_MAX
from server.access import scope
from server.accounts.credentials import ACTIVE
from server.commit.acts import MACHINE, act, new_id
from server.keys.vault import VaultSession
from server.storage import grant_store, record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync.errors import BadTransition, BadValue, NotAllowed, NotFound, OwnWork, Refusal, VersionChanged
from sync.lines import INTEGER_MAX
from sync.merge import Record

log = structlog.get_logger()
RECUSAL = "recusal"
ABOUT = ("institution", "inspection", "ward_round")
"""What a recusal can be about: roots all of them; a round that belongs to an inspection goes with that."""
OPEN = (PLANNED, STANDING)
TURNS_MAX = 100
"""So many recusals begin or end in one tick; the others in the next."""


@dataclass(frozen=True)
class Wanted:
    """Whose recusal from what, why, and for how long; last: None until it is lifted."""

    user: str
    about: str
    reason: str
    words: str = ""
    first: date | None = None
    last: date | None = None


def declare(services: Services, by: str, wanted: Wanted) -> Record:
    """Declare a recusal, one's own or, as a supervisor or administrator of the region, another's; it begins on its day.

    Raises BadValue, NotFound, NotAllowed or Recused and changes nothing.
    """
    today = services.today()
    first = wanted.first or today
    _check(wanted, first, today)
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        about = _about(services, connection, vault, by, wanted)
        person = record_store.load(connection, vault, [wanted.user]).get(wanted.user)
        if person is None or person.type != "user" or person.stage != ACTIVE:
            raise NotFound("there is no such active user", item=wanted.user, field="user")
        if any(one.values["user"] == wanted.user for one in standing_over(connection, vault, [about.id])):
            raise BadValue("he is recused from it already", field="user")
    values: dict[str, Any] = {
        "user": wanted.user,
        "institution": about.id if about.type == "institution" else about.values["institution"],
        "about": about.id,
        "reason": wanted.reason,
        "from_on": first.isoformat(),
    }
    values |= {"words": wanted.words.strip()} if wanted.words.strip() else {}
    values |= {"until_on": wanted.last.isoformat()} if wanted.last else {}
    values |= {"stage": {"from": PLANNED, "to": STANDING}} if first <= today else {}
    draft = Draft("create", RECUSAL, new_id(services), values)
    return act(services, [draft], user=by).records[draft.record]


def _check(wanted: Wanted, first: date, today: date) -> None:
    if wanted.reason not in REASONS:
        raise BadValue("there is no such reason", field="reason")
    if wanted.reason == "other" and not wanted.words.strip():
        raise BadValue("another reason is said in words", field="words")
    if len(wanted.words) > WORDS_CHARS_MAX:
        raise BadValue(f"at most {WORDS_CHARS_MAX} characters", field="words")
    if first < today:
        raise BadValue("it begins today or later: what was done before stands", field="from_on")
    if wanted.last is not None and wanted.last < first:
        raise BadValue("the last day is before the first", field="until_on")


def _about(
    services: Services, connection: Connection, vault: VaultSession, by: str, wanted: Wanted
) -> Record:
    """Return what a recusal is to be about; raises NotFound, NotAllowed or Recused.

    An institution is named by whoever has a role over it; an inspection by whoever may see it.
    """
    found = record_store.load(connection, vault, [wanted.about]).get(wanted.about)
    if found is None or found.type not in ABOUT or found.root != found.id:
        raise NotFound("it is about an institution, or about an inspection of it", field="about")
    grants = grant_store.granted(connection, services.ledger.id, by)
    roles = grants.roles(by, found.root, found.region, INTEGER_MAX)
    seen = scope.visible(connection, services.ledger.id, by, found.type).where(TABLE.c.id == found.id)
    if not (roles and found.type == "institution") and connection.execute(seen).first() is None:
        raise scope.missing(connection, services.ledger.id, by, found.id)
    if not roles:
        raise scope.missing(connection, services.ledger.id, by, found.id)
    if by != wanted.user and not roles & set(OVERSEEING):
        raise NotAllowed(
            "a supervisor or administrator of the region declares another's recusal", field="user"
        )
    return found


def lift(services: Services, by: str, recusal: str, because: str, version: int | None = None) -> Record:
    """Lift a recusal, or one that has not begun, as a supervisor or administrator of its region, with a reason.

    Raises NotFound, OwnWork, BadTransition, BadValue, NotAllowed, Recused or VersionChanged.
    """
    if not 1 <= len(because.strip()) <= WORDS_CHARS_MAX:
        raise BadValue(f"the reason has 1 to {WORDS_CHARS_MAX} characters", field="lifted_because")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [recusal]).get(recusal)
        if found is None or found.type != RECUSAL:
            raise NotFound(item=recusal)
        if found.values["user"] == by:
            raise OwnWork("nobody lifts or changes his own recusal", item=recusal)
        grants = grant_store.granted(connection, services.ledger.id, by)
        if not grants.roles(by, found.root, found.region, INTEGER_MAX):
            raise scope.missing(connection, services.ledger.id, by, recusal)
    if found.stage not in OPEN:
        raise BadTransition(f"the recusal is {found.stage}", item=recusal, field="stage")
    values = {"stage": {"from": found.stage, "to": LIFTED}, "lifted_because": because.strip()}
    draft = Draft("edit", RECUSAL, recusal, values)
    expect = {recusal: found.version if version is None else version}
    return act(services, [draft], user=by, expect=expect).records[recusal]


def standing_over(connection: Connection, vault: VaultSession, abouts: Collection[str]) -> list[Record]:
    """Return the recusals from some institutions and inspections that stand or are to begin."""
    wanted = selected(vault.ledger, RECUSAL).where(TABLE.c.stage.in_(OPEN)).order_by(TABLE.c.id)
    found = record_store.query(connection, vault, wanted)
    return [one for one in found if one.values["about"] in abouts]


def sweep(services: Services) -> Counter[str]:
    """Begin the recusals whose day has come and end those whose last day is over; return how many of each."""
    day = services.today().isoformat()
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        wanted = selected(services.ledger.id, RECUSAL).where(TABLE.c.stage.in_(OPEN))
        known = record_store.query(connection, vault, wanted.order_by(TABLE.c.id))
    done: Counter[str] = Counter()
    for one in known:
        over = "until_on" in one.values and one.values["until_on"] < day
        if not over and not (one.stage == PLANNED and one.values["from_on"] <= day):
            continue
        step = {"stage": {"from": one.stage, "to": ENDED if over else STANDING}}
        try:
            act(services, [Draft("edit", RECUSAL, one.id, step)], user=MACHINE, expect={one.id: one.version})
        except VersionChanged:
            continue  # Another scheduler was quicker, or somebody lifted it.
        except Refusal as refusal:
            log.warning("a recusal cannot move on", recusal=one.id, code=refusal.code)
            continue
        done["recusals_over" if over else "recusals_begun"] += 1
        if done.total() >= TURNS_MAX:
            break
    return done


def listed(services: Services, *, everything: bool = False) -> list[tuple[Record, str]]:
    """Return (recusal, login of who is recused), oldest first; everything: also what was lifted or is over."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        wanted = selected(services.ledger.id, RECUSAL).order_by(TABLE.c.id)
        wanted = wanted if everything else wanted.where(TABLE.c.stage.in_(OPEN))
        found = record_store.query(connection, vault, wanted)
        people = record_store.load(connection, vault, {str(one.values["user"]) for one in found})
    return [(one, str(people[one.values["user"]].values.get("login", "-"))) for one in found]
