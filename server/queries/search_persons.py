"""Encounters of one person, found by the keyed hash of a number; who looked is in the access log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.access import may_see
from server.accounts import access_log
from server.console.pages.search import HitGroup, SearchPage
from server.projections.searching import plain
from server.queries import search, search_hits
from server.queries.reading import PAGE_SIZE, TABLE, Reading
from server.storage import search_store
from server.wiring import Services
from sync.merge import Record

NOT_YOURS, NOBODY = "persons_not_yours", "person_unknown"


@dataclass(frozen=True)
class Found:
    """What came of looking for a person. allowed: whether the reader has a role that sees persons at all."""

    allowed: bool
    encounters: Sequence[Record] = ()


def of_number(reading: Reading, number: str) -> Found:
    """Return the encounters of the person of a number, newest first; number: as typed.

    Found by its keyed hash alone, then compared once it is open; what the reader's role does not show is left out.
    """
    roles = {grant.role for grant in reading.grants.rows}
    if not roles & may_see.READING_PERSONS:
        return Found(allowed=False)
    word = plain(number)
    condition = search_store.is_person(reading.vault, word)
    if condition is None:
        return Found(allowed=True)
    statement = reading.visible("encounter").where(condition).order_by(TABLE.c.version.desc(), TABLE.c.id)
    records = reading.records(statement.limit(PAGE_SIZE))
    return Found(True, [each for each in records if plain(each.values.get("person_no", "")) == word])


def note(services: Services, user: str, found: Found) -> None:
    """Enter into the access log that somebody looked for a person, and which encounters he was shown."""
    shown: list[str | None] = [each.id for each in found.encounters]
    for record in shown or [None]:
        access_log.note(services, user, access_log.SEARCH_PERSON, record)


def page(reading: Reading, found: Found, number: str) -> SearchPage:
    """Return what was found of a person, and of what else bears such a number; the number is not on it."""
    others = tuple(each for each in search.found(reading, number) if each.name != "patients")
    if not found.allowed:
        return SearchPage(asked="", groups=others, problem=NOT_YOURS, person=True)
    hits = search_hits.hits(reading, found.encounters)
    persons = (HitGroup(name="persons", total=len(hits), over=False, hits=hits),) if hits else ()
    return SearchPage(
        asked="", groups=(*persons, *others), problem="" if persons or others else NOBODY, person=True
    )
