"""Nobody approves what he made: not on a page, not by the API; a third case, by phone, stands in the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.accounts import users
from tests.bad_input.scene import Stored, look
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import PASSWORD, World, build

WATCHED = ("entry", "head", "record", "body", "private_line", "quarantine", "outbox", "upload", "file")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with somebody who captures and would approve, and two photos that wait."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}"))
    both = users.check(login="both", name="测试甲020", roles=("supervisor", "inspector"), region="341502")
    made.users["both"], _ = users.enlist(made.services, both, PASSWORD)
    made.act(
        Draft("edit", "inspection", made.inspection, add={"members": [made.users["both"]]}), by="supervisor"
    )
    made.evidence.append(made.photograph(7, by="both"))
    return made


def is_untouched(world: World, before: Stored) -> bool:
    """Return whether no table that holds work has moved; a session or an access may have been noted."""
    return not look(world.installation).moved(before) & set(WATCHED)


def test_an_author_who_approves_on_the_page_is_refused_and_nothing_moves(world: World):
    desk, own = Desk(world, "both"), world.evidence[-1]
    before = look(world.installation)
    answer = desk.post(f"/evidence/{own}/review", version=world.record(own).version, decision="approve")
    assert answer.status_code == 403
    assert "own_work" in answer.text
    assert is_untouched(world, before)
    assert world.record(own).stage == "pending_review"


def test_an_author_who_approves_by_the_api_is_refused_and_nothing_moves(world: World):
    desk, own = Desk(world, "both"), world.evidence[-1]
    before = look(world.installation)
    body = {"act": "approve", "version": world.record(own).version}
    answer = desk.send(f"/api/evidence/{own}/review", body)
    assert (answer.status_code, answer.json["code"], answer.json["item"]) == (403, "own_work", own)
    assert is_untouched(world, before)


def test_a_supervisor_outside_the_team_approves_it(world: World):
    desk, own = Desk(world, "supervisor"), world.evidence[-1]
    body = {"act": "approve", "version": world.record(own).version}
    assert desk.send(f"/api/evidence/{own}/review", body).json["stage"] == "approved"
