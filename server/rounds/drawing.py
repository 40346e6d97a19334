"""What the server draws for a round: pure, from the order, the census and its seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.rounds.roll import Roll, in_wards
from sync import draw
from sync.draw import BY_WARD, RANDOM, SIZE_MAX

EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Order:
    """What a round orders: how, how many (of a random draw), from which wards (all where none is named)."""

    method: str
    size: int | None
    wards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What a sample is drawn from: the census's record, the ledger entry of its import, and who is on it.

    root: of the tree whose last leaf is that entry; change: digest of the entry's change line
    number: which draw from this census this is
    """

    census: str
    index: int
    root: bytes
    change: str
    number: int
    roll: Roll


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample with all that is needed to draw it again."""

    sample: tuple[str, ...]
    seed: str
    population_count: int
    population_digest: str


class CannotDraw(Exception):
    """Carries why an order cannot be carried out: a word of ward_round.FAULTS."""

    def __init__(self, fault: str):
        super().__init__(fault)
        self.fault = fault


def order_of(values: Mapping[str, Any]) -> Order | None:
    """Return what a round's values order, None where they order nothing."""
    method = values.get("draw_method")
    if method is None:
        return None
    return Order(str(method), values.get("draw_size"), tuple(values.get("wards") or ()))


def carry_out(order: Order, source: Source) -> Drawn:
    """Return the sample that an order leads to; raises CannotDraw."""
    wards = in_wards(source.roll, order.wards)
    people = [one for some in wards.values() for one in some]
    if not people:
        raise CannotDraw("nobody_listed")
    seed = draw.seed_of(source.root, source.change, source.number)
    sample = _sample(order, seed, wards, people)
    return Drawn(sample, seed, len(people), draw.population_digest(people))


def _sample(
    order: Order, seed: str, wards: Mapping[str, Sequence[str]], people: Sequence[str]
) -> tuple[str, ...]:
    if order.method == EVERYBODY:
        if len(people) > SIZE_MAX:
            raise CannotDraw("too_many")
        return tuple(sorted(people))
    if order.size is None:
        raise CannotDraw("no_size")
    assert order.method in (RANDOM, BY_WARD), "the declaration knows no other method"
    return (
        draw.draw(seed, people, order.size)
        if order.method == RANDOM
        else draw.draw_by_ward(seed, wards, order.size)
    )
