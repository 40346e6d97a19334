"""Two phones' sets in any order, children before their parents too, lead to the same values and open conflicts."""

from __future__ import annotations

import random
from typing import Any

import pytest

from schemas.drafting import Draft
from server.storage import record_store, waiting_store
from tests.commit.state import is_sound
from tests.server.pushing import City

RUNS = 3


def script(city: City) -> tuple[list[list[Draft]], list[list[Draft]]]:
    """Return what each of two phones records, in sets: half of the second's work lies in the first's."""
    finding, other = city.finding(), city.finding()
    ward_round = Draft(
        "create",
        "ward_round",
        city.id(),
        {"inspection": city.inspection, "mode": "bedside", "trigger": "plan"},
    )
    mine, yours = (
        Draft(
            "create",
            "bed_check",
            city.id(),
            {"ward_round": ward_round.record, "bed_listed": bed, "presence": "in_bed"},
        )
        for bed in ("1101", "1102")
    )
    group = city.id()
    first = [
        [finding],
        [Draft("edit", "finding", finding.record, {"amount_fen": 1}, add={"persons": ["测试甲011"]})],
        [ward_round, mine],
        [Draft("edit", "bed_check", mine.record, {"bed_observed": "1103"})],
    ]
    second = [
        [Draft("edit", "finding", finding.record, {"amount_fen": 2}, add={"persons": ["测试甲012"]})],
        [Draft("edit", "bed_check", yours.record, {"note": "演示数据"}), other],
        [yours, Draft("edit", "bed_check", mine.record, {"note": "演示数据"})],
        [
            Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-01"}, tx=group),
            Draft("edit", "bed_check", yours.record, {"bed_observed": "1104"}, tx=group),
        ],
        [Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-02"})],
        [Draft("void", "finding", other.record)],
    ]
    return first, second


def orders(seed: int, lengths: tuple[int, int]) -> list[int]:
    """Return an interleaving of two phones' sets; 0 is the order in which everything comes after its parent."""
    order = [0] * lengths[0] + [1] * lengths[1]
    if seed:
        random.Random(seed).shuffle(order)
    return order


def state(city: City, records: list[str]) -> dict[str, Any]:
    """Return the values, life and open conflicts of some records."""
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, records)
    return {key: (dict(one.values), one.life, one.open_conflicts) for key, one in found.items()}


@pytest.mark.parametrize("seed", range(1, RUNS + 1))
def test_any_order_leads_to_the_same_values_and_nothing_goes_on_waiting(
    city: City, seed: int, twin: City
) -> None:
    sets = script(city)
    records = sorted({draft.record for phone in sets for one in phone for draft in one})
    shown = []
    for place, order in ((twin, orders(0, (4, 6))), (city, orders(seed, (4, 6)))):
        left = [list(phone) for phone in sets]
        for who in order:
            drafts = [_moved(draft, city, place) for draft in left[who].pop(0)]
            place.phones[who].push(*drafts)
        assert is_sound(place.installation)
        services = place.installation.services
        with services.database.reading() as connection:
            assert waiting_store.open_ones(connection, services.ledger.id) == []
        values = state(place, records)
        shown.append({key: _without(found, place) for key, found in values.items()})
    assert shown[0] == shown[1]
    assert len(shown[0]) == len(records)


def _moved(draft: Draft, source: City, target: City) -> Draft:
    """Return a draft for another city's inspection."""
    values = {k: target.inspection if v == source.inspection else v for k, v in draft.values.items()}
    return Draft(draft.op, draft.type, draft.record, values, draft.add, draft.remove, tx=draft.tx)


def _without(found: tuple[dict[str, Any], str, tuple[str, ...]], city: City) -> tuple[Any, ...]:
    values, life, conflicts = found
    return {name: value for name, value in values.items() if value != city.inspection}, life, conflicts
