"""Recusals as a reader sees them: those of his region while he oversees it or works there, and always his own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select

from schemas.records.recusal import ENDED, LIFTED, OVERSEEING, PLANNED, STANDING
from server.access import may_see, scope
from server.casework.recusing import OPEN
from server.console.pages import Chip, Paging
from server.console.pages.recusals import RecusalForm, RecusalRow, RecusalsPage
from server.queries import people
from server.queries.reading import PAGE_SIZE, TABLE, Reading
from server.storage import grant_store, record_store
from sync.errors import BadValue, NotFound
from sync.merge import Record
from sync.rules import RECUSED, region_prefix

STATES = (PLANNED, STANDING, LIFTED, ENDED)


def narrowed(reading: Reading, state: str = "", user: str = "") -> Select[Any]:
    """Return a select over the recusals that this reader may see; raises BadValue.

    state, user: only those in this state, or of this user; '' for all of them

    Who is recused sees that he is, although he sees nothing of what it is about.
    """
    if state and state not in STATES:
        raise BadValue("there is no such state of a recusal", field="state")
    ledger = reading.services.ledger.id
    rows = select(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.type == "recusal")
    seen = reading.visible("recusal").with_only_columns(TABLE.c.id)
    found = rows.where(or_(TABLE.c.natural_key == reading.user, TABLE.c.id.in_(seen), _administered(reading)))
    found = found.where(TABLE.c.natural_key == user) if user else found
    return found.where(TABLE.c.stage == state) if state else found


def _administered(reading: Reading) -> ColumnElement[bool]:
    """Return whether a recusal lies in a region that the reader administers, and not at what he is recused from."""
    grants = reading.grants.rows
    parts = [
        TABLE.c.region.startswith(region_prefix(one.root), autoescape=True)
        for one in grants
        if one.role == "admin"
    ]
    away = sorted({one.root for one in grants if one.role == RECUSED})
    if not parts:
        return false()
    kept = ~grant_store.covers(reading.services.ledger.id, TABLE.c.root, away)
    return or_(*parts) & kept if away else or_(*parts)


def oversees(reading: Reading) -> bool:
    """Return whether the reader declares and lifts recusals of others."""
    found = scope.roles(reading.connection, reading.services.ledger.id, reading.user)
    return bool(found & set(OVERSEEING))


def one(reading: Reading, recusal: str) -> RecusalRow:
    """Return one recusal that the reader may see; raises NotFound."""
    found = record_store.query(
        reading.connection, reading.vault, narrowed(reading).where(TABLE.c.id == recusal)
    )
    if not found:
        raise NotFound(item=recusal)
    return recusal_rows(reading, found)[0]


def recusals_page(
    reading: Reading, state: str = "", form: RecusalForm | None = None, *, user: str = "", page: int = 1
) -> RecusalsPage:
    """Return recusals of a state, the newest first, with the form that declares one; raises BadValue, NotFound.

    user: only those of this user's record
    """
    statement = narrowed(reading, state, user)
    counts = reading.by_stage(narrowed(reading, user=user))
    ordered = statement.order_by(TABLE.c.version.desc(), TABLE.c.id)
    some = ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    records = record_store.query(reading.connection, reading.vault, some)
    rows = recusal_rows(reading, records)
    chips = [Chip(value=each, count=counts.get(each, 0), active=each == state) for each in STATES]
    return RecusalsPage(
        chips=(Chip(value="", count=sum(counts.values()), active=not state), *chips),
        rows=rows,
        paging=Paging(total=reading.count(statement), page=page, size=PAGE_SIZE),
        form=form or RecusalForm(),
        today=reading.today,
        state=state,
        user=user,
        person=rows[0].person if user and rows else "",
        oversees=oversees(reading),
    )


def recusal_rows(reading: Reading, records: Sequence[Record]) -> tuple[RecusalRow, ...]:
    """Return recusals as pages and programs show them; what is said in words to whoever may read it."""
    places = reading.named(str(each.values["about"]) for each in records)
    houses = reading.named(str(each.values["institution"]) for each in records)
    names = people.officers(reading, {u for each in records for u in (each.values["user"], each.created_by)})
    return tuple(_row(reading, each, places, houses, names) for each in records)


def _row(reading: Reading, record: Record, places: Any, houses: Any, names: Any) -> RecusalRow:
    roles = reading.roles_over(record)
    own = record.values["user"] == reading.user
    values = record.values if own or roles & (may_see.READING_PERSONS | {"admin"}) else {}
    about = places[str(record.values["about"])]
    planned = about.values.get("planned_on") if not own or about.type == "institution" or roles else None
    until = record.values.get("until_on")
    return RecusalRow(
        id=record.id,
        version=record.version,
        person=names[str(record.values["user"])].name,
        institution=people.institution(houses[str(record.values["institution"])]),
        kind=about.type,
        about=about.id,
        planned_on=date.fromisoformat(planned) if planned else None,
        reason=str(record.values["reason"]),
        words=str(values.get("words") or ""),
        from_on=date.fromisoformat(str(record.values["from_on"])),
        until_on=date.fromisoformat(str(until)) if until else None,
        stage=str(record.stage),
        by=names[record.created_by].name,
        lifted_because=str(values.get("lifted_because") or ""),
        own=own,
        may_lift=not own and record.stage in OPEN and bool(roles & set(OVERSEEING)),
    )


def named(reading: Reading, about: str) -> str:
    """Return what an institution or an inspection is called; raises NotFound or Recused."""
    found = record_store.load(reading.connection, reading.vault, [about]).get(about)
    if found is None or not reading.roles_over(found):
        raise reading.missing(about)
    house = (
        found
        if found.type == "institution"
        else reading.named([found.values.get("institution")])[str(found.values["institution"])]
    )
    name = people.institution(house).name
    return f"{name} · {found.values['planned_on']}" if "planned_on" in found.values else name
