"""How often somebody was not found, against the dated rule of the region: derived, and never from one absence alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rounds.bed_hanging import Sighting, is_explained, standing
from server.rounds.local_rules import LocalRules, holding

TODAY = date(2026, 11, 20)
LAX = LocalRules(
    region="000000",
    since=date(2020, 1, 1),
    census_days_max=3,
    respond_minutes=30,
    explain_minutes=1440,
    fence_metres=300,
    bed_hanging_absences=3,
    bed_hanging_days=10,
)
STRICT = replace(LAX, region="341500", since=date(2026, 11, 1), bed_hanging_absences=2, bed_hanging_days=3)


def away(days: int, name: str = "", **more: Any) -> Sighting:
    """Return an unexplained absence so many days ago."""
    return Sighting(name or f"r{days:02d}", TODAY - timedelta(days=days), "absent", **more)


def test_whoever_was_always_found_stands_at_nothing():
    seen = [Sighting("r1", TODAY, "in_bed"), Sighting("r2", TODAY, "on_site_off_bed")]
    assert (standing(seen, STRICT, TODAY).word, standing([], STRICT, TODAY).word) == ("none", "none")


@pytest.mark.parametrize("presence", ["absent", "discharged_unsettled"])
def test_one_absence_is_a_suspicion_and_no_more(presence: str):
    found = standing([Sighting("r1", TODAY, presence)], STRICT, TODAY)
    assert (found.word, found.absences) == ("suspicion", ("r1",))


def test_as_many_absences_as_the_rule_says_meet_it():
    found = standing([away(0, "b"), away(2, "a")], STRICT, TODAY)
    assert (found.word, found.absences, found.rules) == ("meets_rule", ("a", "b"), STRICT)


def test_absences_outside_the_rules_days_count_for_a_suspicion_only():
    found = standing([away(3), away(4)], STRICT, TODAY)
    assert (found.word, found.absences) == ("suspicion", ())


def test_the_day_itself_is_the_first_of_the_rules_days():
    assert standing([away(0), away(2)], STRICT, TODAY).word == "meets_rule"
    assert standing([away(0), away(3)], STRICT, TODAY).word == "suspicion"


@pytest.mark.parametrize(
    "other",
    [
        away(1, explained=True),
        Sighting("r1", TODAY, None),
        Sighting("r1", TODAY, "unverifiable"),
        Sighting("r1", TODAY + timedelta(days=1), "absent"),
        away(0),
    ],
    ids=["explained", "disputed", "unverifiable", "of tomorrow", "the same round again"],
)
def test_what_is_no_further_unexplained_absence_does_not_count(other: Sighting):
    assert standing([away(0), other], STRICT, TODAY).word == "suspicion"


@pytest.mark.parametrize(
    ("region", "day", "word"),
    [
        ("341502", TODAY, "meets_rule"),
        ("340100", TODAY, "suspicion"),
        ("341502", date(2026, 10, 31), "none"),
    ],
    ids=["the city's own rule", "another city", "before the rule's day, and before the absences"],
)
def test_the_region_and_the_day_choose_the_rule(region: str, day: date, word: str):
    rules = holding((LAX, STRICT), region, day)
    assert standing([away(0), away(1)], rules, day).word == word


@pytest.mark.parametrize(
    "values",
    [
        {"slip": {"kind": "leave"}},
        {"slip": {"kind": "exam"}},
        {"absence_reason": "meal"},
        {"conclusion": "explained"},
        {"conclusion": "normal"},
    ],
)
def test_a_slip_a_reason_or_a_conclusion_explains(values: dict[str, Any]):
    assert is_explained(values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"slip": {"kind": "none"}},
        {"absence_reason": "unknown"},
        {"conclusion": "bed_hanging_suspected"},
        {"note": "外出"},
    ],
)
def test_what_says_nothing_explains_nothing(values: dict[str, Any]):
    assert not is_explained(values)


SIGHTINGS = st.lists(
    st.builds(
        Sighting,
        ward_round=st.sampled_from([f"r{number}" for number in range(8)]),
        day=st.dates(TODAY - timedelta(days=20), TODAY + timedelta(days=3)),
        presence=st.none() | st.sampled_from(["in_bed", "absent", "discharged_unsettled", "unverifiable"]),
        explained=st.booleans(),
    ),
    max_size=8,
)
WORDS = ("none", "suspicion", "meets_rule")


@given(SIGHTINGS, st.randoms())
def test_the_order_in_which_rounds_are_read_does_not_matter(some: list[Sighting], chance: Any):
    mixed = list(some)
    chance.shuffle(mixed)
    assert standing(mixed, STRICT, TODAY) == standing(some, STRICT, TODAY)


@given(SIGHTINGS, SIGHTINGS)
def test_seeing_more_never_makes_anybody_less_suspect(some: list[Sighting], more: list[Sighting]):
    before, after = (standing(seen, STRICT, TODAY) for seen in (some, some + more))
    assert WORDS.index(before.word) <= WORDS.index(after.word)
    assert set(before.absences) <= set(after.absences)


@given(SIGHTINGS)
def test_the_rule_is_met_only_by_as_many_different_rounds(some: list[Sighting]):
    found = standing(some, STRICT, TODAY)
    assert (found.word == "meets_rule") == (len(found.absences) >= STRICT.bed_hanging_absences)
    assert len(set(found.absences)) == len(found.absences)
