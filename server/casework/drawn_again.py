"""Drawing again whom a plan sent and which institutions were drawn: from the ledger's own lines, row by row.

The order's entry gives the seed and, of officers, all who could be drawn; the draw's entry must say what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from server.casework import random_draws
from server.casework.random_draws import Again
from server.rounds import censuses
from server.rounds.verdict import Verdict
from server.rounds.verifying import fold, line_at
from server.storage import record_store
from server.wiring import Services
from sync import draw
from sync.errors import BadTransition, NotFound, Refusal
from sync.merge import Record

OFFICERS, INSTITUTIONS = "officers", "institutions"
SEEDS = {"inspection": "draw_seed", "random_draw": "seed"}
"""The field that a draw writes, by the type of record that orders one."""


def kind_of(services: Services, record: str) -> str:
    """Return the type of a record that somebody wants to draw again; raises NotFound."""
    with services.database.reading() as connection:
        found = record_store.places(connection, services.ledger.id, [record]).get(record)
    if found is None:
        raise NotFound("the ledger holds no such record", item=record)
    return found.type


def verify(services: Services, record: str) -> Verdict:
    """Return what is wrong with a draw of officers or of institutions; raises NotFound, BadTransition where none is."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [record]).get(record)
        if found is None or found.type not in SEEDS:
            raise NotFound("the ledger holds no draw of this id", item=record)
        return judged(connection, services.ledger.id, found)


def judged(connection: Connection, ledger: int, found: Record) -> Verdict:
    """Return what is wrong with the draw of a record; raises BadTransition where nothing was drawn."""
    name = SEEDS[found.type]
    if name not in found.writes:
        raise BadTransition("nothing was drawn by this order", item=found.id, field=name)
    what = OFFICERS if found.type == "inspection" else INSTITUTIONS
    verdict = Verdict({"record": found.id, "what": what})
    index = found.acts[0].index
    indexes = sorted({one.index for one in found.acts})
    changes = [line_at(connection, ledger, one)[1] for one in indexes]
    ordered = fold(changes[:1])
    draws = [change for change in changes if name in change.get("set", {})]
    if len(draws) != 1:
        verdict.faults.append(("draws", f"{len(draws)} entries say that they drew"))
    said = draws[0] if draws else {}
    try:
        again = _again(connection, ledger, found.type, ordered, index)
    except Refusal as refusal:
        verdict.faults.append(("order", refusal.detail))
        return verdict
    _compare(verdict, said, again, name)
    _pool(verdict, found, ordered, changes, said, again)
    if found.values.get(name) != fold(draws).get(name):
        verdict.faults.append(("row", "the record's row says another seed than the ledger"))
    if sorted(found.values.get("drawn") or ()) != sorted(said.get("add", {}).get("drawn", ())):
        verdict.faults.append(("row", "the record's row names others than the ledger"))
    verdict.facts = {
        "seed": said.get("set", {}).get(name),
        "order_entry": index,
        "population": len(again.population),
        "drawn": len(again.drawn),
    }
    return verdict


def _again(connection: Connection, ledger: int, kind: str, ordered: dict[str, Any], index: int) -> Again:
    if kind == "random_draw":
        return random_draws.again(connection, ledger, ordered, index)
    root = censuses.root_at(connection, ledger, index + 1)
    seed = draw.seed_of(root, censuses.change_at(connection, ledger, index), 1)
    pool = tuple(sorted(ordered.get("draw_from") or ()))
    return Again(seed, pool, draw.draw(seed, pool, int(ordered.get("draw_size", 0))))


def _compare(verdict: Verdict, said: dict[str, Any], again: Again, name: str) -> None:
    if said.get("set", {}).get(name) != again.seed:
        verdict.faults.append(("seed", "the seed does not follow from the tree and the order's entry"))
    named = set(said.get("add", {}).get("drawn", ()))
    if named != set(again.drawn):
        missing, added = len(set(again.drawn) - named), len(named - set(again.drawn))
        verdict.faults.append(
            ("sample", f"{missing} who were drawn are missing, {added} are there who were not drawn")
        )


def _pool(
    verdict: Verdict,
    found: Record,
    ordered: dict[str, Any],
    changes: Sequence[dict[str, Any]],
    said: dict[str, Any],
    again: Again,
) -> None:
    """Note where those who could be drawn are not the ones that the order named, or the draw says."""
    if found.type == "random_draw":
        told = said.get("set", {})
        given = (told.get("population_count"), told.get("population_digest"))
        if given != (len(again.population), draw.population_digest(again.population)):
            verdict.faults.append(("population", "the draw names another population than its order had"))
        return
    if sorted(fold(changes).get("draw_from") or ()) != sorted(ordered.get("draw_from") or ()):
        verdict.faults.append(("population", "who could be drawn was changed after the order"))
