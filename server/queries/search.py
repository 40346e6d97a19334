"""Search over everything that a reader may see: by numbers, names, digests and places in the ledger.

Each group is one select over visible records with a condition on the index, so scope holds in SQL. Names stand
encrypted: they are found by hashes of pairs of characters, and compared once they are open.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select

from schemas.declare import UUID
from schemas.records import TYPES
from server.console.pages.frame import Paging
from server.console.pages.search import HitGroup, SearchPage
from server.projections.searching import NAMES, pairs, plain
from server.queries import search_hits
from server.queries.reading import PAGE_SIZE, TABLE, Reading
from server.storage import search_store
from sync.merge import Record

SHOWN = 6
"""Hits of a group on the page of all groups."""
QUERY_CHARS_MIN, QUERY_CHARS_MAX = 2, 80
COUNT_MAX = 1_000
"""A group is counted as far as this."""
PLACES_MAX = 200
"""Institutions by whose name inspections, findings, cases and evidence are found."""
DIGEST_CHARS_MIN = 8
PERSON = re.compile(r"[0-9]{15}|[0-9]{17}[0-9x]")
"""A person's number as it is typed; it is never looked for in an address."""
TOO_SHORT, TOO_LONG, NOT_IN_ADDRESS = "too_short", "too_long", "not_in_address"
DOCUMENTS = ("notice", "petition", "bulletin", "appeal")


def is_person(asked: str) -> bool:
    """Return whether what was typed looks like a person's number."""
    return PERSON.fullmatch(plain(asked)) is not None


def problem_with(asked: str) -> str:
    """Return why this is not looked for, or ''."""
    word = plain(asked)
    if len(word) > QUERY_CHARS_MAX:
        return TOO_LONG
    return TOO_SHORT if len(word) < QUERY_CHARS_MIN and not word.isdecimal() else ""


@dataclass(frozen=True)
class _Asked:
    """What is looked for. places: institutions whose name or code has it."""

    word: str
    places: tuple[str, ...]
    codes: frozenset[str]


def search_page(reading: Reading, asked: str, *, within: str = "", page: int = 1) -> SearchPage:
    """Return what is found for some words, SHOWN of each group, or one group a page at a time."""
    if is_person(asked):
        return SearchPage(asked="", problem=NOT_IN_ADDRESS)
    if problem := problem_with(asked) if plain(asked) else "":
        return SearchPage(asked=asked[:QUERY_CHARS_MAX], problem=problem)
    if not plain(asked):
        return SearchPage(asked="")
    groups = found(reading, asked, within=within, page=page)
    paging = None
    if within in GROUPS:
        total = groups[0].total if groups else 0
        paging = Paging(total=total, page=page, size=PAGE_SIZE)
    return SearchPage(asked=asked.strip(), groups=groups, within=within if paging else "", paging=paging)


def found(reading: Reading, asked: str, *, within: str = "", page: int = 1) -> tuple[HitGroup, ...]:
    """Return the groups in which something was found. within: that group alone, PAGE_SIZE hits of it."""
    wanted = _asked(reading, asked)
    names = [within] if within in GROUPS else list(GROUPS)
    size, start = (PAGE_SIZE, (page - 1) * PAGE_SIZE) if within in GROUPS else (SHOWN, 0)
    groups = [_group(reading, name, wanted, size, start) for name in names]
    if within not in GROUPS:
        groups.append(search_hits.entries(reading, wanted.word))
    return tuple(each for each in groups if each is not None and each.hits)


def _asked(reading: Reading, asked: str) -> _Asked:
    word = plain(asked)
    places = _named(reading, reading.visible("institution"), word, PLACES_MAX, 0)
    return _Asked(word, tuple(each.id for each in places), search_hits.codes_called(word))


def _named(reading: Reading, statement: Select[Any], word: str, size: int, start: int) -> list[Record]:
    """Return records found by a number or by their name; the name is compared once it is open."""
    matching = statement.where(by_number_or_name(reading, word)).order_by(TABLE.c.natural_key, TABLE.c.id)
    records = reading.records(matching.limit(size).offset(start))
    return [each for each in records if _fits(each, word)]


def _fits(record: Record, word: str) -> bool:
    name = plain(record.values.get(NAMES.get(record.type, ""), ""))
    by_number = any(each.startswith(word) for each in search_hits.words_of(record))
    return by_number or word in name


def by_number_or_name(reading: Reading, word: str) -> ColumnElement[bool]:
    """Return the condition on records that a number of theirs, or their name, has a plain word in it."""
    parts = [search_store.begins_with(reading.services.ledger.id, word)]
    if len(word) >= QUERY_CHARS_MIN:
        named = search_store.has_pairs(reading.vault, pairs(word))
        parts += [named] if named is not None else []
    return or_(*parts)


def _group(reading: Reading, name: str, wanted: _Asked, size: int, start: int) -> HitGroup | None:
    statement = GROUPS[name](reading, wanted)
    counted = statement.with_only_columns(TABLE.c.id, maintain_column_froms=True).limit(COUNT_MAX + 1)
    total = reading.count(select(counted.subquery()))
    if not total:
        return None
    ordered = statement.order_by(*_order(name)).limit(size).offset(start)
    records = reading.records(ordered)
    if name in ("institutions", "people"):
        records = [each for each in records if _fits(each, wanted.word)]
    hits = search_hits.hits(reading, records)
    return HitGroup(name=name, total=min(total, COUNT_MAX), over=total > COUNT_MAX, hits=hits)


def _order(name: str) -> tuple[Any, ...]:
    if name == "institutions":
        return (TABLE.c.natural_key, TABLE.c.id)
    return (TABLE.c.version.desc(), TABLE.c.id)


# -- groups -----------------------------------------------------------------------------------------------


def _institutions(reading: Reading, wanted: _Asked) -> Select[Any]:
    return reading.visible("institution").where(by_number_or_name(reading, wanted.word))


def _inspections(reading: Reading, wanted: _Asked) -> Select[Any]:
    return _or_id(reading.visible("inspection", "ward_round"), wanted, TABLE.c.parent.in_(wanted.places))


def _roots(reading: Reading, wanted: _Asked) -> ColumnElement[bool]:
    inspections = reading.visible("inspection").where(TABLE.c.parent.in_(wanted.places)).subquery()
    return TABLE.c.root.in_(select(inspections.c.id)) if wanted.places else false()


def _findings(reading: Reading, wanted: _Asked) -> Select[Any]:
    ledger = reading.services.ledger.id
    parts = [_roots(reading, wanted), search_store.begins_with(ledger, wanted.word)]
    if wanted.codes:
        parts.append(search_store.is_word(ledger, wanted.codes))
    return _or_id(reading.visible("finding"), wanted, or_(*parts))


def _cases(reading: Reading, wanted: _Asked) -> Select[Any]:
    by_number = search_store.begins_with(reading.services.ledger.id, wanted.word)
    return _or_id(reading.visible("rectification_case"), wanted, or_(_roots(reading, wanted), by_number))


def _evidence(reading: Reading, wanted: _Asked) -> Select[Any]:
    parts = [_roots(reading, wanted)]
    if len(wanted.word) >= DIGEST_CHARS_MIN:
        parts.append(search_store.begins_with(reading.services.ledger.id, wanted.word))
    return _or_id(reading.visible("evidence"), wanted, or_(*parts))


def _documents(reading: Reading, wanted: _Asked) -> Select[Any]:
    by_number = search_store.begins_with(reading.services.ledger.id, wanted.word)
    return _or_id(reading.visible(*DOCUMENTS), wanted, by_number)


def _patients(reading: Reading, wanted: _Asked) -> Select[Any]:
    by_number = search_store.begins_with(reading.services.ledger.id, wanted.word)
    return _or_id(reading.visible("encounter"), wanted, by_number)


def _devices(reading: Reading, wanted: _Asked) -> Select[Any]:
    by_tail = search_store.begins_with(reading.services.ledger.id, wanted.word)
    return _or_id(reading.visible("device"), wanted, by_tail)


def _people(reading: Reading, wanted: _Asked) -> Select[Any]:
    return reading.visible("user").where(by_number_or_name(reading, wanted.word))


def _others(reading: Reading, wanted: _Asked) -> Select[Any]:
    """Return whatever else bears the very id that was asked for."""
    named = {
        "institution",
        "inspection",
        "ward_round",
        "finding",
        "rectification_case",
        "evidence",
        "encounter",
    }
    rest = [kind for kind in TYPES if kind not in named | set(DOCUMENTS) | {"device", "user"}]
    return _or_id(reading.visible(*rest), wanted, false())


def _or_id(statement: Select[Any], wanted: _Asked, condition: ColumnElement[bool]) -> Select[Any]:
    is_id = UUID.fullmatch(wanted.word) is not None
    return statement.where(or_(TABLE.c.id == wanted.word, condition) if is_id else condition)


GROUPS: dict[str, Callable[[Reading, _Asked], Select[Any]]] = {
    "institutions": _institutions,
    "inspections": _inspections,
    "findings": _findings,
    "cases": _cases,
    "evidence": _evidence,
    "documents": _documents,
    "patients": _patients,
    "devices": _devices,
    "people": _people,
    "others": _others,
}
