"""Lists narrowed to a region and put in order by the words of their address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from schemas import regions
from schemas.codes import region_code
from server.access import scope
from server.console import register_marks
from server.console.pages.narrowing import Narrowing
from server.console.pages.registers import Choice
from server.queries.reading import TABLE, Reading
from sync.errors import BadCode, BadValue
from sync.rules import region_prefix

REGIONS_MAX = 400
MOVED, OLDEST = "-version", "version"


@dataclass(frozen=True)
class Order:
    """One order of a list: its name in the address, and the columns it goes by."""

    name: str
    columns: tuple[Any, ...]


@dataclass(frozen=True)
class Narrowed:
    """What a list was narrowed to; order: one of those that the list has."""

    region: str
    order: Order

    def within(self, statement: Select[Any]) -> Select[Any]:
        """Return the select with what lies in the region alone."""
        return in_region(statement, self.region)


def in_region(statement: Select[Any], region: str) -> Select[Any]:
    """Return the select with what lies in a region or below it; '' leaves it as it is."""
    if not region:
        return statement
    return statement.where(TABLE.c.region.startswith(region_prefix(region), autoescape=True))


def region_of(given: Mapping[str, str]) -> str:
    """Return the region that an address asks for, '' where it asks for none; raises BadCode."""
    try:
        return region_code(given["region"]) if given.get("region") else ""
    except BadCode as bad:
        raise BadCode(bad.detail, field="region", **bad.facts) from bad


def narrowed(given: Mapping[str, str], orders: tuple[Order, ...]) -> Narrowed:
    """Return what an address asks for, the first order unless told; raises BadValue or BadCode."""
    region = region_of(given)
    name = given.get("sort") or orders[0].name
    for order in orders:
        if order.name == name:
            return Narrowed(region, order)
    raise BadValue(f"the orders are {', '.join(order.name for order in orders)}", field="sort")


def shown(reading: Reading, wanted: Narrowed, orders: tuple[Order, ...], state: str) -> Narrowing:
    """Return the form that narrows a list further, with what stands in its address now."""
    query = {"region": wanted.region}
    if wanted.order is not orders[0]:
        query["sort"] = wanted.order.name
    return Narrowing(
        state=state,
        regions=region_choices(reading, wanted.region),
        sorts=tuple(
            Choice(
                value=order.name,
                words=str(register_marks.SORTS[order.name].word),
                active=order is wanted.order,
            )
            for order in orders
        ),
        query={name: value for name, value in query.items() if value},
    )


def region_choices(reading: Reading, chosen: str) -> tuple[Choice, ...]:
    """Return the regions to choose from: those with a name below where this reader reads, and the one chosen."""
    codes = named_regions(reading)
    if chosen and chosen not in codes:
        codes.append(chosen)
    return tuple(
        Choice(value=code, words=regions.name(code, reading.locale), active=code == chosen)
        for code in codes[:REGIONS_MAX]
    )


def named_regions(reading: Reading) -> list[str]:
    """Return the regions with a name below where this reader reads by his office."""
    heads = {region_prefix(grant.root) for grant in reading.grants.rows if grant.role in scope.DESK_ROLES}
    return [code for code in regions.NAMES if any(code.startswith(head) for head in heads)]
