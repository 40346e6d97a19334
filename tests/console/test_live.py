"""An open page looks again by itself: cheaply while nothing happened, and keeping no session alive."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from server.accounts import cookie, sessions
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.world import WARD, World, build

SCRIPT = Path(cookie.__file__).parents[1] / "static" / "desk" / "live.js"
SCRIPT_BYTES_MAX = 12 * 1024


@pytest.fixture
def desk(world: World) -> Desk:
    """A supervisor who is signed in."""
    return Desk(world, "supervisor")


def look(desk: Desk, path: str, mark: str = "") -> TestResponse:
    """Ask as an open page does."""
    headers = {cookie.LIVE: "1", **({"If-None-Match": mark} if mark else {})}
    return desk.client.get(path, headers=headers)


def check_bed(world: World) -> None:
    """Let a phone's check of one more bed arrive."""
    values = {
        "ward_round": world.ward_round,
        "bed_listed": "1199",
        "presence": "in_bed",
        "identity_method": "id_card",
    }
    world.make("bed_check", values, by="member")


def test_a_look_is_answered_without_a_page_until_something_happens(world: World, desk: Desk):
    path = f"/rounds/{world.ward_round}"
    first = look(desk, path)
    mark = first.headers["ETag"]
    assert (first.status_code, bool(mark)) == (200, True)
    again = look(desk, path, mark)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", mark)
    check_bed(world)
    later = look(desk, path, mark)
    assert later.status_code == 200
    assert later.headers["ETag"] != mark


def test_a_mark_of_another_page_reader_or_language_is_not_taken(world: World, desk: Desk):
    mark = look(desk, "/rounds").headers["ETag"]
    assert look(desk, "/rounds?state=sampled", mark).status_code == 200
    assert look(Desk(world, "city"), "/rounds", mark).status_code == 200
    desk.post("/language", language="en", next="/")
    assert look(desk, "/rounds", mark).status_code == 200


def test_words_of_time_are_renewed_by_the_minute(world: World, desk: Desk):
    mark = look(desk, "/rounds").headers["ETag"]
    world.installation.clock.advance(seconds=61)
    assert look(desk, "/rounds", mark).status_code == 200


def test_a_page_that_a_person_opens_is_never_answered_by_a_mark(world: World, desk: Desk):
    mark = look(desk, "/rounds").headers["ETag"]
    answer = desk.client.get("/rounds", headers={"If-None-Match": mark})
    assert (answer.status_code, "ETag" in answer.headers) == (200, False)


def test_who_is_not_signed_in_or_may_not_see_it_gets_no_mark(world: World, desk: Desk):
    path = f"/rounds/{world.ward_round}"
    mark = look(desk, path).headers["ETag"]
    assert look(Desk(world), path, mark).status_code == 303
    other = look(Desk(world, "neighbour"), path, mark)
    assert (other.status_code, "ETag" in other.headers) == (404, False)


def test_looking_keeps_no_session_alive_and_asking_does(tmp_path: Path):
    world = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    left, used = Desk(world, "supervisor"), Desk(world, "supervisor")
    for _ in range(5):
        world.installation.clock.advance(seconds=sessions.IDLE_MS // 4000)
        look(left, "/rounds")
        assert used.get("/rounds").status_code == 200
    assert look(left, "/rounds").status_code == 303
    world.services.engine.dispose()


def test_a_look_leaves_a_message_to_the_page_that_is_opened_next(world: World, desk: Desk):
    record = world.photograph(90, ward_round=world.ward_round)
    version = world.record(record).version
    done = desk.post(f"/evidence/{record}/review", decision="approve", version=version)
    assert done.status_code == 303
    assert "通过 1 件证据" not in words(look(desk, "/rounds"))
    assert "通过 1 件证据" in words(desk.get(done.location))


def test_the_parts_of_a_round_that_change_are_marked_and_those_of_one_that_is_over_do_not_look(
    world: World, desk: Desk
):
    path = f"/rounds/{world.ward_round}"
    page = desk.get(path).text
    for key in ("sample", "facts", "wards", "bed", "order", "marks"):
        assert f'data-live="{key}"' in page
    assert WARD in page
    assert "desk/live.js" in page
    world.move("ward_round", world.ward_round, "in_progress", "concluded", by="lead")
    assert "desk/live.js" not in desk.get(path).text


def test_the_script_stays_small():
    assert SCRIPT.stat().st_size <= SCRIPT_BYTES_MAX
