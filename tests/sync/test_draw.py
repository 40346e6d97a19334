"""A draw can be redone by hand, favours nobody, and follows from seed and population alone."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.draw import SIZE_MAX, below, draw, draw_by_ward, population_digest, roll_digest, seed_of
from sync.errors import BadValue

ROOT, CENSUS = bytes(range(32)), "ab" * 32
SEED = "c0e4a9de36fea7ec4db4e147f404e804c5ef13317924fc54237f1d8ba76f9427"
PEOPLE = [f"00000000-0000-7000-8000-{n:012d}" for n in range(20)]


def named(*numbers: int) -> tuple[str, ...]:
    return tuple(PEOPLE[n] for n in numbers)


def test_the_seed_is_the_golden_one():
    assert seed_of(ROOT, CENSUS, 1) == SEED


@pytest.mark.parametrize(
    "other",
    [seed_of(bytes(32), CENSUS, 1), seed_of(ROOT, "cd" * 32, 1), seed_of(ROOT, CENSUS, 2)],
    ids=["root", "census", "number"],
)
def test_root_census_and_number_each_make_another_seed(other):
    assert other != SEED


def test_the_samples_are_the_golden_ones():
    assert draw(SEED, PEOPLE, 5) == named(0, 8, 10, 17, 18)
    wards = {"W11": PEOPLE[:11], "W12": PEOPLE[11:17], "W13": PEOPLE[17:]}
    assert draw_by_ward(SEED, wards, 7) == named(0, 8, 9, 10, 12, 14, 17)
    assert below(SEED, "2026-11-23", 600) == 597
    digest = "f26c6e4f5479f55eb43e95bb5403f893865a6085bb846e0759aa6bcea7906e56"
    assert population_digest(PEOPLE) == digest


BY_HAND = r"""
seed=$(printf 'wardledger/1 draw\nseed\n%s\n%s\n%s' "$1" "$2" 1 | sha256sum | cut -c 1-64)
for id in $3; do
  printf '%s %s\n' "$(printf 'wardledger/1 draw\nticket\n%s\n%s' "$seed" "$id" | sha256sum | cut -c 1-64)" "$id"
done | sort | head -n 5 | cut -d ' ' -f 2 | sort
"""


def test_a_stranger_draws_the_same_sample_with_a_shell_alone():
    shell = shutil.which("sh")
    assert shell
    words = [shell, "-c", BY_HAND, "sh", ROOT.hex(), CENSUS, " ".join(PEOPLE)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert tuple(said.split()) == draw(SEED, PEOPLE, 5)


@given(st.sets(st.integers(0, 10**6), min_size=1, max_size=60), st.integers(1, 70), st.randoms())
def test_the_order_in_which_the_population_is_named_decides_nothing(numbers, size, chance):
    people = [str(number) for number in numbers]
    shuffled = list(people)
    chance.shuffle(shuffled)
    found = draw(SEED, people, size)
    assert draw(SEED, shuffled, size) == found == tuple(sorted(found))
    assert set(found) <= set(people)
    assert len(found) == min(size, len(people))
    assert population_digest(shuffled) == population_digest(people)


@given(st.sets(st.integers(0, 10**6), min_size=2, max_size=60), st.integers(1, 60))
def test_whoever_leaves_the_population_moves_nobody_else_out_of_the_sample(numbers, size):
    people = sorted(str(number) for number in numbers)
    found = draw(SEED, people, size)
    gone = people[-1]
    assert set(found) - {gone} <= set(draw(SEED, people[:-1], size))


def test_every_pair_is_drawn_equally_often():
    people, rounds = PEOPLE[:6], 6_000
    seen = Counter(draw(seed_of(ROOT, CENSUS, number), people, 2) for number in range(1, rounds + 1))
    pairs = list(combinations(people, 2))
    expected = rounds / len(pairs)
    chi_squared = sum((seen[pair] - expected) ** 2 / expected for pair in pairs)
    # 14 degrees of freedom: a fair draw exceeds 36 once in a thousand; the seeds are fixed, so this one never.
    assert chi_squared < 36


@given(
    st.dictionaries(st.sampled_from(["W11", "W12", "W13", "W14"]), st.integers(0, 30), min_size=1),
    st.integers(1, 100),
)
def test_each_ward_gets_its_share_to_within_one(counts, size):
    people = iter(range(10**6))
    wards = {ward: [f"{next(people):06d}" for _ in range(count)] for ward, count in counts.items()}
    total = sum(counts.values())
    found = set(draw_by_ward(SEED, wards, size))
    assert len(found) == min(size, total)
    for ward, some in wards.items():
        share = len(found & set(some))
        exact = min(size, total) * counts[ward] / total if total else 0
        assert int(exact) <= share <= -int(-exact // 1)
        assert found & set(some) == (set(draw(SEED, some, share)) if share else set())


def test_a_place_left_over_goes_to_the_largest_remainder():
    wards = {"W11": PEOPLE[:5], "W12": PEOPLE[5:9], "W13": PEOPLE[9:10]}
    found = Counter(
        next(ward for ward in wards if one in wards[ward]) for one in draw_by_ward(SEED, wards, 4)
    )
    assert found == {"W11": 2, "W12": 2}


@given(st.integers(1, 2**53), st.integers(0, 500))
def test_a_number_lies_below_its_bound(bound, salt):
    assert 0 <= below(SEED, str(salt), bound) < bound


def test_numbers_below_a_bound_are_equally_likely():
    seen = Counter(below(SEED, str(n), 10) for n in range(10_000))
    assert max(abs(count - 1000) for count in seen.values()) < 100


@pytest.mark.parametrize("size", [0, -1, SIZE_MAX + 1])
def test_a_sample_of_nobody_or_of_too_many_is_refused(size):
    with pytest.raises(BadValue):
        draw(SEED, PEOPLE, size)
    with pytest.raises(BadValue):
        draw_by_ward(SEED, {"W11": PEOPLE}, size)


@pytest.mark.parametrize("bound", [0, -1, 2**53 + 1])
def test_a_bound_that_is_none_is_refused(bound):
    with pytest.raises(BadValue):
        below(SEED, "", bound)


def test_nobody_stands_in_the_population_twice():
    twice = [*PEOPLE, PEOPLE[3]]
    random.Random(1).shuffle(twice)
    for act in (lambda: draw(SEED, twice, 3), lambda: population_digest(twice)):
        with pytest.raises(BadValue):
            act()
    with pytest.raises(BadValue):
        draw_by_ward(SEED, {"W11": PEOPLE[:3], "W12": PEOPLE[2:5]}, 2)


def test_a_census_is_committed_to_ward_by_ward():
    roll = [("W12", PEOPLE[0]), ("W11", PEOPLE[1])]
    assert roll_digest(roll) == roll_digest(roll[::-1])
    lines = f"W11 {PEOPLE[1]}\nW12 {PEOPLE[0]}\n"
    assert roll_digest(roll) == hashlib.sha256(lines.encode()).hexdigest()
    assert roll_digest([("W11", PEOPLE[0]), ("W11", PEOPLE[1])]) != roll_digest(roll)
