"""Drawing institutions: ordered in one entry, drawn by the tree that ends with it, drawn again by anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from schemas import codes
from schemas.drafting import Draft
from schemas.records import RULES
from schemas.records.institution import FIRST_GRADE, GRADES, KINDS
from schemas.records.random_draw import SIZE_MAX
from server.access import scope
from server.commit.acts import act, new_id
from server.rounds import censuses
from server.storage import record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync import draw
from sync.as_of import as_of
from sync.errors import BadCode, BadTransition, BadValue, NotFound
from sync.rules import region_prefix

READ = ("region", "kind", "credit_grade")
"""What of an institution decides whether it can be drawn; all of it is public."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody orders: how many of which region; kinds, grades: of these alone, of all where none is named."""

    region: str
    size: int
    kinds: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()


def order(services: Services, user: str, wanted: Wanted) -> str:
    """Order a draw and carry it out; returns its id. Raises BadValue or NotAllowed and orders nothing."""
    _check(wanted)
    made = new_id(services)
    sets = {"kinds": wanted.kinds, "grades": wanted.grades}
    add: dict[str, Sequence[str]] = {name: sorted(set(some)) for name, some in sets.items() if some}
    with services.database.reading() as connection:
        if not population(connection, services.ledger.id, wanted, None):
            raise BadValue("no institution can be drawn by this order", field="kinds")
    values = {"region": wanted.region, "size": wanted.size}
    act(services, [Draft("create", "random_draw", made, values, add=add)], user=user)
    carry_out(services, user, made)
    return made


def carry_out(services: Services, user: str, record: str) -> None:
    """Draw what was ordered and is not drawn yet; raises NotFound, BadTransition where it is drawn already."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        seen = scope.visible(connection, services.ledger.id, user, "random_draw")
        found = record_store.query(connection, vault, seen.where(TABLE.c.id == record))
        if not found:
            raise NotFound(item=record)
        if found[0].stage != "ordered":
            raise BadTransition("it is drawn already", item=record, field="stage")
        drawn = again(connection, services.ledger.id, found[0].values, found[0].acts[0].index)
    values = {
        "seed": drawn.seed,
        "population_count": len(drawn.population),
        "population_digest": draw.population_digest(drawn.population),
        "stage": {"from": "ordered", "to": "drawn"},
    }
    edit = Draft("edit", "random_draw", record, values, add={"drawn": list(drawn.drawn)})
    act(services, [edit], user=user, expect={record: found[0].version})


@dataclass(frozen=True)
class Again:
    """What the ledger draws: the seed, all who could be drawn, and who was."""

    seed: str
    population: tuple[str, ...]
    drawn: tuple[str, ...]


def again(connection: Connection, ledger: int, ordered: Mapping[str, Any], index: int) -> Again:
    """Return what an order draws. index: of its entry; the root of the tree that ends with it is the seed's."""
    wanted = Wanted(
        region=str(ordered["region"]),
        size=int(ordered["size"]),
        kinds=tuple(ordered.get("kinds") or ()),
        grades=tuple(ordered.get("grades") or ()),
    )
    people = population(connection, ledger, wanted, index)
    root = censuses.root_at(connection, ledger, index + 1)
    seed = draw.seed_of(root, censuses.change_at(connection, ledger, index), 1)
    return Again(seed, tuple(people), draw.draw(seed, people, wanted.size))


def population(connection: Connection, ledger: int, wanted: Wanted, index: int | None) -> list[str]:
    """Return the institutions that an order can draw, as the ledger stood just after an entry; None: as it stands."""
    prefix = region_prefix(wanted.region)
    found = []
    for row in connection.execute(selected(ledger, "institution")):
        record = record_store.glimpse(row, READ)
        values = record.values if index is None else as_of(record, RULES["institution"], READ, index)
        if (
            values is not None
            and str(values.get("region", "")).startswith(prefix)
            and (not wanted.kinds or values.get("kind") in wanted.kinds)
            and (not wanted.grades or values.get("credit_grade", FIRST_GRADE) in wanted.grades)
        ):
            found.append(str(row.id))
    return sorted(found)


def _check(wanted: Wanted) -> None:
    """Raise BadValue by the field that does not fit."""
    try:
        codes.region_code(wanted.region)
    except BadCode as bad:
        raise BadValue("there is no such region", field="region") from bad
    if not 1 <= wanted.size <= SIZE_MAX:
        raise BadValue(f"1 to {SIZE_MAX} can be drawn", field="size")
    if set(wanted.kinds) - KINDS.keys():
        raise BadValue("there is no such kind of institution", field="kinds")
    if set(wanted.grades) - GRADES.keys():
        raise BadValue("there is no such grade", field="grades")
