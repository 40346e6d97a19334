"""The risk of an item is an open sum of what is known of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.console import marks, review_marks
from server.evidence.risk import HIGH, LATE_MS, WEIGHTS, Facts, risk

CALM = Facts(file_state="verified", captured=1_000, received=2_000, outside=False)


def test_an_item_of_which_nothing_is_doubtful_has_no_risk():
    found = risk(CALM)
    assert (found.score, found.grounds, found.level) == (0, (), "none")


@pytest.mark.parametrize(
    ("ground", "facts"),
    [
        ("file_corrupt", {"file_state": "corrupt"}),
        ("file_missing", {"file_state": "declared"}),
        ("file_missing", {"file_state": "partial"}),
        ("file_missing", {"file_state": "abandoned"}),
        ("conflict", {"conflict": True}),
        ("outside_fence", {"outside": True}),
        ("mocked", {"mocked": True}),
        ("duplicate", {"duplicate": True}),
        ("resembles", {"resembling": True}),
        ("late_capture", {"received": 1_000 + LATE_MS + 1}),
        ("no_position", {"located": False, "outside": None}),
        ("no_second_officer", {"accompanied": False}),
        ("clock_impossible", {"clock": ("clock_impossible",)}),
        ("clock_jumped", {"clock": ("clock_jumped",)}),
        ("no_anchor", {"clock": ("no_anchor",)}),
        ("restarted", {"clock": ("restarted",)}),
    ],
)
def test_each_ground_counts_what_the_table_says(ground: str, facts: dict[str, Any]):
    found = risk(replace(CALM, **facts))
    assert found.grounds == (ground,)
    assert found.score == WEIGHTS[ground]
    assert found.level == ("high" if WEIGHTS[ground] >= HIGH else "some")


def test_grounds_add_up_and_the_gravest_stands_first():
    found = risk(replace(CALM, accompanied=False, conflict=True, mocked=True))
    assert found.grounds == ("conflict", "mocked", "no_second_officer")
    assert found.score == 8
    small = risk(replace(CALM, accompanied=False, located=False, outside=None, file_state="partial"))
    assert small.level == "high", "many small things are one large one"


def test_what_came_a_day_later_to_the_second_is_not_late_and_an_unknown_place_is_not_outside():
    assert risk(replace(CALM, received=1_000 + LATE_MS)).score == 0
    assert risk(replace(CALM, outside=None)).score == 0


def test_a_flag_that_says_nothing_here_counts_nothing():
    assert risk(replace(CALM, clock=("something_new",))).score == 0


def test_every_ground_has_its_words():
    assert set(WEIGHTS) <= {*marks.BED_FLAGS, *review_marks.GROUNDS}
