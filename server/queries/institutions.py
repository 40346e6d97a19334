"""Institutions as a list: found by name or code, narrowed, in the order of what is open or of the last inspection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from schemas import regions
from schemas.records.institution import FIRST_GRADE, GRADES, KINDS
from server.console.pages.frame import Paging
from server.console.pages.institutions import InstitutionRow, InstitutionsPage
from server.console.pages.registers import Choice
from server.projections.searching import facet, plain
from server.queries import people
from server.queries.narrowing import region_choices
from server.queries.reading import PAGE_SIZE, TABLE, Reading
from server.queries.reports.cases import OPEN_STAGES as OPEN_CASES
from server.queries.search import QUERY_CHARS_MAX, by_number_or_name
from server.storage import record_store, search_store
from sync.errors import BadValue
from sync.merge import Record
from sync.rules import region_prefix

LEVELS = ("0", "1", "2", "3")
CODE, FINDINGS, CASES, INSPECTED, WAITING = "code", "findings", "cases", "inspected", "waiting"
SORTS = (CODE, FINDINGS, CASES, INSPECTED, WAITING)
WORDS = ("q", "kind", "level", "grade", "region", "sort")
BEGUN = ("on_site", "record_signed", "submitted", "accepted", "returned", "archived")
"""Stages of an inspection that took place."""
OPEN_FINDINGS = ("draft", "proposed", "heard", "confirmed")
"""Stages of a finding that is neither withdrawn nor in a case."""
CHOICES: Mapping[str, Sequence[str]] = {
    "kind": tuple(KINDS),
    "level": LEVELS,
    "grade": tuple(GRADES),
    "sort": SORTS,
}
FIELDS = {"kind": "kind", "level": "level", "grade": "credit_grade"}


@dataclass(frozen=True)
class Asked:
    """What is asked of the list; what is empty asks nothing."""

    q: str = ""
    kind: str = ""
    level: str = ""
    grade: str = ""
    region: str = ""
    sort: str = CODE


def asked(given: Mapping[str, str]) -> Asked:
    """Return what is asked by the words of an address; raises BadValue naming the word at fault."""
    words = {name: given[name].strip() for name in WORDS if given.get(name, "").strip()}
    for name, choices in CHOICES.items():
        if name in words and words[name] not in choices:
            raise BadValue(f"{name} is one of {', '.join(choices)}", field=name)
    region = words.get("region", "")
    if region and not (region.isascii() and region.isdecimal() and len(region) in (2, 4, 6, 9, 12)):
        raise BadValue("a region is its code", field="region")
    if len(words.get("q", "")) > QUERY_CHARS_MAX:
        raise BadValue(f"at most {QUERY_CHARS_MAX} characters", field="q")
    return Asked(**words)


def matching(reading: Reading, wanted: Asked) -> Select[Any]:
    """Return a select over the institutions that are asked for, as far as this reader may see them."""
    ledger = reading.services.ledger.id
    found = reading.visible("institution")
    if plain(wanted.q):
        found = found.where(by_number_or_name(reading, plain(wanted.q)))
    for name, field in FIELDS.items():
        if value := getattr(wanted, name):
            found = found.where(search_store.is_word(ledger, [facet(field, value)]))
    if wanted.region:
        found = found.where(TABLE.c.region.startswith(region_prefix(wanted.region), autoescape=True))
    return found


def institutions_page(reading: Reading, wanted: Asked, *, page: int = 1) -> InstitutionsPage:
    """Return one page of institutions with what is open at each."""
    found = matching(reading, wanted)
    total = reading.count(found)
    ordered = _ordered(reading, found, wanted.sort).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    records = reading.records(ordered)
    zh = reading.locale == "zh_CN"

    def choices(name: str, options: Mapping[str, tuple[str, str]]) -> tuple[Choice, ...]:
        chosen = getattr(wanted, name)
        return tuple(
            Choice(value=value, words=words[0 if zh else 1], active=value == chosen)
            for value, words in options.items()
        )

    query = {name: getattr(wanted, name) for name in WORDS if getattr(wanted, name)}
    if wanted.sort == CODE:
        query.pop("sort", None)
    return InstitutionsPage(
        rows=institution_rows(reading, records),
        paging=Paging(total=total, page=page, size=PAGE_SIZE),
        asked=wanted.q,
        kinds=choices("kind", KINDS),
        levels=choices("level", {level: (level, level) for level in LEVELS}),
        grades=choices("grade", GRADES),
        regions=region_choices(reading, wanted.region),
        sorts=choices("sort", {each: (each, each) for each in SORTS}),
        query=query,
    )


def institution_rows(reading: Reading, institutions: Sequence[Record]) -> tuple[InstitutionRow, ...]:
    """Return institutions as rows, however many in the same few queries."""
    ids = [each.id for each in institutions]
    findings = _numbers(reading, _open_findings(reading), ids)
    cases = _numbers(reading, _open_cases(reading), ids)
    days = _last_days(reading, ids)
    return tuple(
        InstitutionRow(
            id=each.id,
            institution=people.institution(each),
            kind=str(each.values["kind"]),
            level=each.values.get("level"),
            region=regions.name(str(each.values["region"]), reading.locale),
            grade=str(each.values.get("credit_grade") or FIRST_GRADE),
            open_findings=findings.get(each.id, 0),
            open_cases=cases.get(each.id, 0),
            inspected_on=days.get(each.id),
        )
        for each in institutions
    )


def _ordered(reading: Reading, found: Select[Any], sort: str) -> Select[Any]:
    if sort == CODE:
        return found.order_by(TABLE.c.natural_key, TABLE.c.id)
    counted = {FINDINGS: _open_findings, CASES: _open_cases}.get(sort, _last_moved)(reading).subquery()
    joined = found.outerjoin(counted, counted.c.institution == TABLE.c.id)
    number = func.coalesce(counted.c.number, 0 if sort != INSPECTED else -1)
    return joined.order_by(
        number.asc() if sort == WAITING else number.desc(), TABLE.c.natural_key, TABLE.c.id
    )


def _begun(reading: Reading) -> Select[Any]:
    return reading.visible("inspection").where(TABLE.c.stage.in_(BEGUN))


def _last_moved(reading: Reading) -> Select[Any]:
    """Return a select of (institution, the ledger's place at which its newest inspection last moved)."""
    begun = _begun(reading).with_only_columns(TABLE.c.parent, TABLE.c.version).subquery()
    return select(begun.c.parent.label("institution"), func.max(begun.c.version).label("number")).group_by(
        begun.c.parent
    )


def _open_findings(reading: Reading) -> Select[Any]:
    """Return a select of (institution, number of open findings)."""
    lying = reading.visible("finding").where(TABLE.c.stage.in_(OPEN_FINDINGS)).subquery()
    at = reading.visible("inspection").subquery()
    joined = select(at.c.parent.label("institution"), func.count().label("number"))
    return joined.join_from(lying, at, at.c.id == lying.c.root).group_by(at.c.parent)


def _open_cases(reading: Reading) -> Select[Any]:
    """Return a select of (institution, number of cases that are not closed)."""
    lying = reading.visible("rectification_case").where(TABLE.c.stage.in_(OPEN_CASES)).subquery()
    at = reading.visible("inspection").subquery()
    joined = select(at.c.parent.label("institution"), func.count().label("number"))
    return joined.join_from(lying, at, at.c.id == lying.c.root).group_by(at.c.parent)


def _numbers(reading: Reading, counted: Select[Any], ids: Sequence[str]) -> dict[str, int]:
    table = counted.subquery()
    rows = reading.connection.execute(
        select(table.c.institution, table.c.number).where(table.c.institution.in_(ids))
    )
    return {str(institution): int(number) for institution, number in rows}


def _last_days(reading: Reading, ids: Sequence[str]) -> dict[str, date]:
    """Return the day of the last inspection that took place at each of some institutions."""
    rows = reading.connection.execute(_begun(reading).where(TABLE.c.parent.in_(ids)))
    found: dict[str, date] = {}
    for row in rows:
        day = date.fromisoformat(record_store.glimpse(row, ["planned_on"]).values["planned_on"])
        found[row.parent] = max(day, found.get(row.parent, day))
    return found
