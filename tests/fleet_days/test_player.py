"""A small fleet's day against a running server: everything arrives as it was captured, and what did not is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet_days.__main__ import rows
from tests.fleet_days.plan import FleetPlan, fleet_plan
from tests.fleet_days.player import Figures, compare, play
from tests.server.builders import install
from tests.server.phones import enrol, visit
from tests.services.processes import free_port

SCALE = 0.005


@pytest.fixture(scope="module")
def plan() -> FleetPlan:
    """One team, two days, small rounds."""
    return fleet_plan(3, teams=1, days=2, beds_max=4)


@pytest.fixture(scope="module")
def figures(plan: FleetPlan, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    home = tmp_path_factory.mktemp("fleet")
    return play(plan, home, port=free_port(), scale=SCALE, told=lambda words: None)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_day_ends_with_every_file_verified_and_a_sound_audit(plan: FleetPlan, figures: Figures) -> None:
    assert figures.faults == []
    assert figures.verified == sum(len(one.files) for one in plan.visits)
    assert figures.audit.startswith("audit ok")


@pytest.mark.slow
def test_what_the_plan_does_to_the_fleet_is_what_happened_to_it(plan: FleetPlan, figures: Figures) -> None:
    files = [one for visit in plan.visits for one in visit.files]
    assert figures.synced.cut == sum(one.cut_at is not None for one in files) > 0
    assert figures.duplicates == sum(one.repeats is not None for one in files) > 0
    assert figures.conflicts_open == sum(one.conflicts for one in plan.visits) > 0
    assert figures.synced.verdicts["conflict"] == figures.conflicts_open


@pytest.mark.slow
def test_the_figures_are_told_line_by_line(figures: Figures) -> None:
    told = dict(rows(figures))
    assert told["fleet"] == "2 phones, 2 days, 2 visits, seed 3"
    assert f"{figures.verified} verified byte for byte" in told["files"]


@pytest.mark.slow
def test_a_file_that_never_came_and_one_that_nobody_captured_are_told(tmp_path: Path) -> None:
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'fleet.sqlite'}")
    found = visit(made.services)
    with enrol(made, tmp_path / "lead", found.lead) as phone:
        assert phone.sync().clean
        phone.step(found.inspection, "on_site")
        item = phone.take_evidence(
            found.inspection, b"\xff\xd8 bed", kind="audio_visual", media_type="image/jpeg"
        )
        for digest in phone.kit.files.iterdir():
            digest.unlink()
        assert [error.code for error in phone.sync().errors] == ["damaged"]
    figures = Figures(fleet_plan(1, teams=0))
    compare(made.services, figures)
    assert figures.faults == [
        f"{item}: file_unverified",
        "the digests that arrived are not those that were captured",
    ]
    made.services.engine.dispose()
