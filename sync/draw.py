"""The draw: a sample that nobody can choose and anybody can redraw; docs/protocol.md section 13 says how by hand.

Everything is SHA-256 over short texts, so that a stranger needs a shell and no program of ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sync.errors import BadValue

PURPOSE = "wardledger/1 draw"
RANDOM, BY_WARD = "random", "random_by_ward"
SIZE_MAX = 1_000
POPULATION_MAX = 20_000


def seed_of(root: bytes, census: str, number: int) -> str:
    """Return the seed of a draw, in hex.

    root: of the tree whose last leaf is the census import's entry; census: digest of that entry's change
    line in hex, which is salted, so that whoever knows public roots alone cannot draw ahead
    number: which draw from this census this is, from 1: a second round of the day looks for others
    """
    return _hex("seed", root.hex(), census, str(number))


def population_digest(population: Iterable[str]) -> str:
    """Return the SHA-256 of the ids in order, each ended by LF; raises BadValue if one stands there twice."""
    return hashlib.sha256("".join(f"{one}\n" for one in _distinct(population)).encode()).hexdigest()


def roll_digest(roll: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of a census: of `<ward> <id>` for each in-patient in order, each ended by LF.

    roll: (ward, id) of everybody who can be drawn, as the `census` record of the import commits to them
    """
    return hashlib.sha256("".join(f"{ward} {one}\n" for ward, one in sorted(roll)).encode()).hexdigest()


def draw(seed: str, population: Iterable[str], size: int) -> tuple[str, ...]:
    """Return `size` ids of the population (all of a smaller one), sorted.

    Each id's ticket is SHA-256 over purpose, seed and id; the smallest tickets win. Every subset of that
    size is equally likely, as a ticket depends on nothing but the seed and its own id. Raises BadValue.
    """
    _check_size(size)
    ranked = sorted(_distinct(population), key=lambda one: (_hex("ticket", seed, one), one))
    return tuple(sorted(ranked[:size]))


def draw_by_ward(seed: str, wards: Mapping[str, Iterable[str]], size: int) -> tuple[str, ...]:
    """Return `size` ids, each ward with its share, sorted; wards: ids by ward.

    A ward's share is the whole part of size x own / all; places left over go to the largest remainders,
    of equal ones to the ward with the smaller ticket. Within a ward the smallest tickets win.
    """
    _check_size(size)
    people = {ward: _distinct(some) for ward, some in wards.items()}
    _distinct(one for some in people.values() for one in some)
    shares = _shares(seed, {ward: len(some) for ward, some in people.items()}, size)
    found = [one for ward, share in shares.items() if share for one in draw(seed, people[ward], share)]
    return tuple(sorted(found))


def below(seed: str, what: str, bound: int) -> int:
    """Return a whole number from 0 to bound - 1, each equally likely.

    what: tells several numbers under one seed apart; bound: 1 to 2^53
    The first of SHA-256(purpose, seed, what, 0), (..., 1), ... that does not lie in the last, cut
    stretch of `bound` numbers, modulo `bound`.
    """
    if not 1 <= bound <= 2**53:
        raise BadValue("a bound is 1 to 2^53", field="bound")
    whole = 2**256 - 2**256 % bound
    count = 0
    while (number := int(_hex("number", seed, what, str(count)), 16)) >= whole:
        count += 1
    return number % bound


def _shares(seed: str, counts: Mapping[str, int], size: int) -> dict[str, int]:
    total = sum(counts.values())
    if size >= total:
        return dict(counts)
    shares = {ward: size * count // total for ward, count in counts.items()}
    left = size - sum(shares.values())
    order = sorted(counts, key=lambda ward: (-(size * counts[ward] % total), _hex("ward", seed, ward), ward))
    for ward in order[:left]:
        shares[ward] += 1
    return shares


def _distinct(ids: Iterable[str]) -> list[str]:
    found = sorted(ids)
    if len(set(found)) != len(found):
        raise BadValue("an id stands in the population twice")
    return found


def _check_size(size: int) -> None:
    if not 1 <= size <= SIZE_MAX:
        raise BadValue(f"a sample has 1 to {SIZE_MAX} members", field="sample_size")


def _hex(*parts: str) -> str:
    """Return SHA-256 in hex over the purpose and the parts, joined by LF, without a last LF."""
    return hashlib.sha256("\n".join((PURPOSE, *parts)).encode()).hexdigest()
