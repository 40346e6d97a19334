"""The plan of where something was captured: true distances and bearings, nothing outside the drawing."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.console.plan import (
    EARTH_RADIUS_METRES,
    RIM,
    RINGS_MAX,
    Sight,
    circle,
    drawn,
    offset,
    ring_metres,
    sight,
)

CALM = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine makes examples slowly; that is no fault of theirs."""
GATE = (317_550_000, 1_165_080_000)
DEGREE_METRES = 111_195


@pytest.mark.parametrize(
    ("point", "east", "north"),
    [
        ((317_560_000, 1_165_080_000), 0, 111.2),
        ((317_540_000, 1_165_080_000), 0, -111.2),
        ((317_550_000, 1_165_090_000), 94.6, 0),
        ((317_550_000, 1_165_070_000), -94.6, 0),
    ],
)
def test_a_thousandth_of_a_degree_lies_where_it_should(point: tuple[int, int], east: float, north: float):
    assert offset(GATE, point) == pytest.approx((east, north), abs=0.1)


def test_a_place_is_no_distance_from_itself():
    assert offset(GATE, GATE) == (0.0, 0.0)


def test_a_far_city_has_the_length_of_the_great_circle():
    hefei, lhasa = (318_206_000, 1_172_272_000), (296_500_000, 911_000_000)
    (lat, lon), (to_lat, to_lon) = ([math.radians(part / 1e7) for part in one] for one in (hefei, lhasa))
    cosine = math.sin(lat) * math.sin(to_lat) + math.cos(lat) * math.cos(to_lat) * math.cos(to_lon - lon)
    metres = math.acos(cosine) * EARTH_RADIUS_METRES
    assert 2_400_000 < metres < 2_600_000
    assert math.hypot(*offset(hefei, lhasa)) == pytest.approx(metres, abs=1)


def test_across_the_date_line_the_short_way_is_taken():
    east, north = offset((0, 1_799_990_000), (0, -1_799_990_000))
    assert east == pytest.approx(0.002 * DEGREE_METRES, rel=0.001)
    assert north == pytest.approx(0, abs=0.1)


@CALM
@given(
    st.integers(-600_000_000, 600_000_000),
    st.integers(-1_790_000_000, 1_790_000_000),
    st.integers(-40_000, 40_000),
    st.integers(-40_000, 40_000),
)
def test_there_and_back_are_equally_far(lat: int, lon: int, north: int, east: int):
    here, there = (lat, lon), (lat + north, lon + east)
    assert math.hypot(*offset(here, there)) == pytest.approx(math.hypot(*offset(there, here)), abs=0.01)


@pytest.mark.parametrize(
    ("away", "accuracy", "lies"),
    [
        (100, 50, "inside"),
        (150, 50, "inside"),
        (180, 50, "across"),
        (240, 50, "across"),
        (260, 50, "outside"),
    ],
)
def test_a_circle_lies_inside_across_or_outside_the_grounds(away: int, accuracy: int, lies: str):
    assert circle(Sight("e", away, 0, accuracy), 200) == lies


@CALM
@given(
    st.floats(-2e7, 2e7), st.floats(-2e7, 2e7), st.integers(0, 100_000), st.integers(0, 5_000),
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), max_size=5),
)  # fmt: skip
def test_the_item_and_its_accuracy_fit_and_others_are_drawn_or_counted(
    east: float, north: float, accuracy: int, fence: int, others: list[tuple[float, float]]
):
    sights = [Sight(str(n), *each, 5) for n, each in enumerate(others)]
    found = drawn(Sight("e", east, north, accuracy), sights, fence)
    assert math.hypot(found.item.x, found.item.y) + found.item.r <= RIM + 0.2
    assert len(found.others) + found.further == len(others)
    assert all(math.hypot(one.x, one.y) <= RIM + 0.2 for one in found.others)
    assert 1 <= len(found.rings) <= RINGS_MAX
    assert found.rings[-1].metres == found.reach_metres
    assert found.fence_r is None or found.fence_r <= RIM


def test_north_is_above_and_east_to_the_right():
    found = drawn(Sight("e", 30, 40, 5), [], 60)
    assert found.item.x > 0 > found.item.y


@pytest.mark.parametrize(("reach", "metres"), [(1, 1), (20, 5), (81, 50), (200, 50), (201, 100), (2e7, 5e6)])
def test_rings_are_round_numbers(reach: float, metres: float):
    assert ring_metres(reach) == metres


def test_the_edge_of_grounds_that_would_shrink_the_item_to_a_point_is_left_out():
    assert drawn(Sight("e", 5, 5, 3), [], 5_000).fence_r is None
    assert drawn(Sight("e", 5, 5, 3), [], 60).fence_r is not None


def test_words_on_rings_keep_away_from_the_item():
    found = drawn(Sight("e", 50, 50, 5), [], 100)
    assert all(ring.x < 0 < ring.y for ring in found.rings)


def test_what_is_seen_keeps_its_accuracy():
    assert sight("e", GATE, GATE, 12) == Sight("e", 0.0, 0.0, 12)
