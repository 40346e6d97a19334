"""A phone's clock is never a reason to refuse: it widens the interval of capture and is flagged."""

from __future__ import annotations

import pytest

from server.queries.origins import derive
from server.storage import ledger_store
from sync.capture_time import Interval
from sync.changes import Anchor, At
from tests.bad_input.scene import Scene, look_size, told

EPOCH_1970, YEAR_2099 = 0, 4_070_908_800_000
HOUR_MS = 3_600_000


def captured(scene: Scene, wall: int, *, session: str | None, mono: int = 60_000) -> tuple[Interval, int]:
    """Push a finding captured at a wall time; returns its interval and when it arrived.

    session: the one in which the app had heard the server an hour ago; None if it never did
    """
    now = scene.installation.services.now_ms()
    epoch, index = scene.at(look_size(scene.installation) - 1)
    heard = None if session is None else Anchor(epoch, index, now - HOUR_MS, now - HOUR_MS, 0, session)
    answer = scene.put_drafts(scene.city.finding(), at=At(wall, mono, "now", heard))
    assert answer.status_code == 201
    assert scene.before is not None
    (entry,) = scene.entries(scene.before.size)
    assert told(entry["outcome"]) == "applied"
    services = scene.installation.services
    with services.database.reading() as connection:
        bodies = ledger_store.bodies_at(connection, services.ledger.id, [scene.before.size])
    return derive(bodies[scene.before.size], entry["at"]), entry["at"]


@pytest.mark.parametrize("wall", [EPOCH_1970, YEAR_2099])
def test_a_clock_that_stands_wrong_widens_the_interval_to_its_bounds_and_is_flagged(scene: Scene, wall: int):
    found, arrived = captured(scene, wall, session="now")
    assert (found.earliest_ms, found.latest_ms) == (arrived - HOUR_MS, arrived)
    assert "clock_jumped" in found.flags


@pytest.mark.parametrize("wall", [EPOCH_1970, YEAR_2099])
def test_a_wrong_clock_after_a_restart_is_called_impossible(scene: Scene, wall: int):
    found, arrived = captured(scene, wall, session="before")
    assert (found.earliest_ms, found.latest_ms) == (arrived - HOUR_MS, arrived)
    assert found.flags == ("restarted", "clock_impossible")


@pytest.mark.parametrize("wall", [EPOCH_1970, YEAR_2099])
def test_a_phone_that_never_heard_the_server_is_bounded_by_its_arrival_alone(scene: Scene, wall: int):
    found, arrived = captured(scene, wall, session=None)
    assert (found.earliest_ms, found.latest_ms, found.flags) == (0, arrived, ("no_anchor",))


def test_a_right_clock_is_not_flagged(scene: Scene):
    now = scene.installation.services.now_ms()
    found, _ = captured(scene, now - HOUR_MS + 60_000, session="now")
    assert found.flags == ()
    assert found.latest_ms - found.earliest_ms < 15_000
