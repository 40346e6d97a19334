"""Silence: somebody was asked by a last day, could answer and did not; noted once, by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from server.accounts import users
from server.casework import asking_party, keeping_up, statements
from server.casework.statements import Said
from server.commit.acts import act, new_id
from tests.conftest import BACKENDS
from tests.portal.scene import Scene, stage
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.world import build

LAST_DAY = "2026-11-24"
"""Five working days after the world's today, Tuesday 17 November 2026."""


@pytest.fixture(params=BACKENDS)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """Two institutions of this test's own: its clock runs ahead."""
    url, server = f"sqlite:///{tmp_path / 'portal.sqlite'}", None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        url = server.create_database()
    made = stage(build(install(tmp_path, url)))
    yield made
    made.world.services.engine.dispose()
    if server is not None:
        server.drop_database(url)


@pytest.fixture
def finding(scene: Scene) -> str:
    """A finding that lies before the party."""
    return scene.put(1)[0]


def asked(scene: Scene, finding: str, days: int = 5, login: str = "supervisor") -> Any:
    """Ask the party as a program; return the answer."""
    body = {"version": scene.world.record(finding).version, "working_days": days}
    return Desk(scene.world, login).send(f"/api/findings/{finding}/ask", body)


def told(scene: Scene, finding: str) -> tuple[str, str]:
    """Return a finding's stage and what is noted of its party."""
    found = scene.world.record(finding)
    return str(found.stage), str(found.values.get("statement_kind", ""))


def pass_days(scene: Scene, days: int) -> None:
    scene.world.installation.clock.advance(days=days)


def test_who_was_asked_and_said_nothing_is_noted_as_silent_on_the_day_after(scene: Scene, finding: str):
    assert asked(scene, finding).json["answer_by"] == LAST_DAY
    pass_days(scene, 7)
    assert scene.world.services.today().isoformat() == LAST_DAY
    assert keeping_up.sweep(scene.world.services) == 0
    assert told(scene, finding) == ("proposed", ""), "the last day is not over"
    pass_days(scene, 1)
    assert keeping_up.sweep(scene.world.services) == 1
    assert told(scene, finding) == ("heard", "silent")
    assert scene.world.record(finding).values["heard_on"] == "2026-11-25"
    assert keeping_up.sweep(scene.world.services) == 0
    own = Desk(scene.world, "portal")
    assert "未作陈述" in words(own.get(f"/portal/findings/{finding}"))
    assert "未作陈述" in words(Desk(scene.world, "supervisor").get(f"/findings/{finding}"))


def test_who_was_never_asked_is_never_silent(scene: Scene, finding: str):
    pass_days(scene, 200)
    assert keeping_up.sweep(scene.world.services) == 0
    assert told(scene, finding) == ("proposed", "")


def test_who_speaks_on_the_last_day_is_heard_by_his_words(scene: Scene, finding: str):
    asked(scene, finding)
    pass_days(scene, 7)
    own = Desk(scene.world, "portal")
    assert "2026年11月24日" in words(own.get(f"/portal/findings/{finding}"))
    body = {"version": scene.world.record(finding).version, "kind": "agrees"}
    assert own.send(f"/api/portal/findings/{finding}/statement", body).status_code == 200
    pass_days(scene, 3)
    assert keeping_up.sweep(scene.world.services) == 0
    assert told(scene, finding) == ("heard", "agrees")


def test_silence_is_noted_once_by_many_schedulers(scene: Scene, finding: str):
    asked(scene, finding)
    pass_days(scene, 8)
    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda _: keeping_up.sweep(scene.world.services), range(4)))
    writes = scene.world.record(finding).writes
    heard = [write for write in writes["stage"] if write.value == "heard"]
    assert (len(heard), len(writes["statement_kind"])) == (1, 1)


def test_a_statement_that_came_in_the_same_moment_counts_and_not_the_silence(scene: Scene, finding: str):
    services = scene.world.services
    asked(scene, finding)
    pass_days(scene, 8)
    found = scene.world.record(finding)
    said = statements.decide(
        found,
        Said(kind="disputes", words="有异议。"),
        institution=scene.world.hospital,
        today=services.today(),
        statement=new_id(services),
    )
    quiet = asking_party.silence(found, [], today=services.today())
    act(services, [said], user=scene.world.users["portal"], expect={finding: found.version})
    act(services, quiet, expect={finding: found.version})
    assert told(scene, finding) == ("heard", "silent"), "the clock had looked before"
    assert keeping_up.sweep(services) == 1
    assert told(scene, finding) == ("heard", "disputes")
    assert scene.world.record(finding).values["statement"] == "有异议。"
    assert keeping_up.sweep(services) == 0


def test_the_last_day_moves_later_alone(scene: Scene, finding: str):
    asked(scene, finding)
    assert asked(scene, finding, 3).json["field"] == "working_days"
    assert asked(scene, finding, 10).json["answer_by"] == "2026-12-01"
    pass_days(scene, 8)
    assert keeping_up.sweep(scene.world.services) == 0


def test_an_institution_without_an_account_is_not_asked_here(scene: Scene, finding: str):
    users.disable(scene.world.services, "portal")
    refused = asked(scene, finding)
    assert (refused.json["code"], refused.json["field"]) == ("bad_transition", "institution")
    desk = Desk(scene.world, "supervisor")
    version = scene.world.record(finding).version
    shown = desk.post(f"/findings/{finding}/ask", version=version, working_days="5")
    assert (shown.status_code, "邀请" in words(shown)) == (409, True)
    assert "answer_by" not in scene.world.record(finding).values


def test_a_finding_that_does_not_lie_before_the_party_is_not_put_to_it(scene: Scene):
    values = {
        "inspection": scene.world.inspection,
        "violation_code": "bed_hanging",
        "facts": "1104 床患者核查时不在院。",
        "origin": "on_site",
        "amount_fen": 100,
    }
    draft = scene.world.make("finding", values, by="member")
    assert asked(scene, draft).json["code"] == "bad_transition"
    scene.world.move("finding", draft, "draft", "proposed", by="lead")
    assert asked(scene, draft).json["code"] == "bad_transition", "the record is not signed"


def test_the_form_asks(scene: Scene, finding: str):
    desk = Desk(scene.world, "supervisor")
    version = scene.world.record(finding).version
    assert desk.post(f"/findings/{finding}/ask", version=version, working_days="5").status_code == 303
    assert "2026年11月24日" in words(desk.get(f"/findings/{finding}"))
    again = desk.post(f"/findings/{finding}/ask", version=version, working_days="9")
    assert again.status_code == 409, "another version than the one that was on the screen"


@pytest.mark.parametrize("login", ["neighbour", "member", "portal", "auditor"])
def test_only_a_supervisor_of_the_region_asks(scene: Scene, finding: str, login: str):
    assert asked(scene, finding, login=login).status_code in (403, 404)
    version = scene.world.record(finding).version
    path = f"/findings/{finding}/ask"
    assert Desk(scene.world, login).post(path, version=version, working_days="5").status_code in (403, 404)
    assert "answer_by" not in scene.world.record(finding).values
