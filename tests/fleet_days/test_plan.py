"""The plan of a fleet's days has the field's shares and sizes, and a seed always gives the same one."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import pytest

from mobile_stub.working import PRESENCE_SHARES
from tests.fleet_days import plan as planning
from tests.fleet_days.plan import File, FleetPlan, fleet_plan

TEAMS, DAYS = 80, 5
SEEDS = (1, 2)


@pytest.fixture(scope="module", params=SEEDS)
def plan(request: pytest.FixtureRequest) -> FleetPlan:
    return fleet_plan(request.param, teams=TEAMS, days=DAYS)


def files(plan: FleetPlan) -> list[File]:
    return [one for visit in plan.visits for one in visit.files]


def share(some: int, whole: int) -> float:
    return some / whole


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert fleet_plan(5, teams=3, days=2) == fleet_plan(5, teams=3, days=2)
    assert fleet_plan(5, teams=3, days=2).visits != fleet_plan(6, teams=3, days=2).visits


def test_a_larger_fleet_begins_with_the_smaller_ones_teams() -> None:
    small, large = fleet_plan(5, teams=2, days=2), fleet_plan(5, teams=6, days=2)
    assert set(small.visits) < set(large.visits)


def test_every_team_makes_one_visit_a_day(plan: FleetPlan) -> None:
    assert Counter((one.team, one.day) for one in plan.visits) == {
        (team, day): 1 for team in range(TEAMS) for day in range(DAYS)
    }


def test_rounds_have_twenty_to_fifty_beds_and_the_fields_mix_of_presence(plan: FleetPlan) -> None:
    assert all(20 <= len(one.beds) <= 50 for one in plan.visits)
    seen = Counter(bed.presence for visit in plan.visits for bed in visit.beds)
    for kind, percent in PRESENCE_SHARES.items():
        assert share(seen[kind], seen.total()) == pytest.approx(percent / 100, abs=0.006)


def test_a_smaller_machine_gets_smaller_rounds() -> None:
    assert {len(one.beds) for one in fleet_plan(1, teams=4, beds_max=6).visits} == {6}


def test_each_visit_has_its_photographs_scans_recording_and_clips(plan: FleetPlan) -> None:
    for visit in plan.visits:
        kinds = Counter(one.kind for one in visit.files)
        assert kinds["photo"] + kinds["large_photo"] == 25
        assert 1 <= kinds["scan"] <= 3
        assert (kinds["audio"], kinds["clip"] in range(4)) == (1, True)
        assert 20_000 <= visit.change_bytes <= 200_000


def test_files_weigh_what_such_files_weigh(plan: FleetPlan) -> None:
    for one in files(plan):
        low, high = {
            "photo": (300_000, 900_000),
            "large_photo": (4_000_000, 6_000_000),
            "scan": (500_000, 2_000_000),
            "audio": (4_500_000, 5_500_000),
            "clip": (5_600_000, 8_400_000),
        }[one.kind]
        assert low <= one.size_bytes <= high
    assert 25e6 < mean(visit.file_bytes for visit in plan.visits) < 40e6


def test_three_to_five_of_a_hundred_files_are_duplicates_of_an_earlier_photograph(plan: FleetPlan) -> None:
    again = [(visit, one) for visit in plan.visits for one in visit.files if one.repeats is not None]
    assert 0.03 < share(len(again), len(files(plan))) < 0.05
    for visit, one in again:
        assert one.repeats is not None
        first = visit.files[one.repeats]
        assert (first.kind, first.size_bytes) == ("photo", one.size_bytes)
        assert one is not first


def test_fifteen_of_a_hundred_uploads_break_off_inside_the_file(plan: FleetPlan) -> None:
    cuts = [one.cut_at for one in files(plan) if one.cut_at is not None]
    assert share(len(cuts), len(files(plan))) == pytest.approx(0.15, abs=0.01)
    assert all(0 < cut < 1 for cut in cuts)


def test_one_to_two_of_a_hundred_changes_are_true_conflicts(plan: FleetPlan) -> None:
    conflicts = sum(visit.conflicts for visit in plan.visits)
    assert 0.01 < share(conflicts, sum(visit.changes for visit in plan.visits)) < 0.02


@pytest.mark.slow
def test_clocks_are_near_right_but_for_one_in_a_hundred_and_a_wrong_day_in_a_thousand() -> None:
    many = fleet_plan(1, teams=600, days=10)
    errors = [abs(error) for visit in many.visits for error in visit.clock_errors_ms]
    near = sum(error <= 10_000 for error in errors)
    days = sum(error >= 80_000_000 for error in errors)
    over = sum(300_000 < error < 80_000_000 for error in errors)
    assert near + over + days == len(errors)
    assert share(over, len(errors)) == pytest.approx(0.01, abs=0.003)
    assert share(days, len(errors)) == pytest.approx(0.001, abs=0.0008)
    assert days > 0


def test_six_of_ten_uploads_fall_into_the_evening(plan: FleetPlan) -> None:
    evening = sum(16 * 60 + 30 <= one.upload_minute < 18 * 60 + 30 for one in plan.visits)
    assert share(evening, len(plan.visits)) == pytest.approx(0.6, abs=0.06)


def test_what_was_recorded_in_the_mountains_arrives_one_to_five_days_later_and_all_at_once(
    plan: FleetPlan,
) -> None:
    late = [one for one in plan.visits if one.upload_day > one.day]
    assert late
    assert {one.upload_day - one.day for one in late} <= {1, 2, 3, 4, 5}
    for one in late:
        held = [v for v in plan.visits if v.team == one.team and one.day < v.day <= one.upload_day]
        assert {v.upload_day for v in held} <= {one.upload_day}


def test_nothing_is_uploaded_before_it_is_recorded(plan: FleetPlan) -> None:
    for one in plan.visits:
        end = one.begin_minute + planning.longest_minutes(one)
        assert (one.upload_day, one.upload_minute) >= (one.day, end)
