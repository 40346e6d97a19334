"""A statement of defence: on what was put to the party, before it is confirmed, once, in its own words."""

from __future__ import annotations

import pytest

from schemas.records.statement import KINDS
from server.casework import keeping_up, statements
from server.casework.statements import Said
from server.commit.acts import act, new_id
from server.console import portal_marks
from tests.portal.scene import Scene
from tests.server.desk_client import Desk, words

WHY = "该患者当日请假外出检查，有外出登记。"
FINDINGS = 8


@pytest.fixture(scope="module")
def put(scene: Scene) -> list[str]:
    """Findings that were proposed, in an inspection whose record is still to be signed."""
    world = scene.world
    values = {
        "inspection": world.inspection,
        "violation_code": "bed_hanging",
        "facts": "1104 床患者核查时不在院。",
        "origin": "on_site",
        "amount_fen": 100,
    }
    made = []
    for _ in range(FINDINGS):
        made.append(world.make("finding", values, by="member", evidence=[world.evidence[0]]))
        world.move("finding", made[-1], "draft", "proposed", by="lead")
    return made


@pytest.fixture
def finding(scene: Scene, put: list[str]) -> str:
    """A finding that nobody was heard on, of a record that lay before the party."""
    world = scene.world
    if world.record(world.inspection).stage == "on_site":
        world.move("inspection", world.inspection, "on_site", "record_signed", by="lead")
    return put.pop()


def version(scene: Scene, record: str) -> int:
    return scene.world.record(record).version


def test_the_form_offers_every_opinion_that_there_is():
    assert list(portal_marks.STATEMENTS) == list(KINDS)


def test_before_the_record_is_signed_nothing_of_it_is_there(scene: Scene, own: Desk, put: list[str]):
    assert own.get(f"/portal/findings/{put[0]}").status_code == 404
    body = {"version": version(scene, put[0]), "kind": "agrees"}
    assert own.send(f"/api/portal/findings/{put[0]}/statement", body).status_code == 404


def test_the_party_disputes_in_its_words_and_the_finding_is_heard(scene: Scene, own: Desk, finding: str):
    path = f"/portal/findings/{finding}"
    assert path in own.get("/portal").text
    done = own.post(path, version=version(scene, finding), kind="disputes", words=WHY)
    assert done.status_code == 303, words(done)
    found = scene.world.record(finding)
    assert (found.stage, found.values["statement_kind"], found.values["statement"]) == (
        "heard",
        "disputes",
        WHY,
    )
    assert WHY in words(own.get(path))
    assert path not in own.get("/portal").text


def test_a_program_agrees_without_words(scene: Scene, own: Desk, finding: str):
    body = {"version": version(scene, finding), "kind": "agrees"}
    done = own.send(f"/api/portal/findings/{finding}/statement", body)
    assert done.json["finding"]["stage"] == "heard"
    assert scene.world.record(finding).values["statement_kind"] == "agrees"


def test_whoever_disputes_says_why_and_keeps_what_was_typed(scene: Scene, own: Desk, finding: str):
    refused = own.post(
        f"/portal/findings/{finding}", version=version(scene, finding), kind="disputes", words=" "
    )
    assert refused.status_code == 422
    assert "checked" in refused.text
    assert scene.world.record(finding).stage == "proposed"


def test_once_heard_nothing_more_is_stated_here(scene: Scene, own: Desk, finding: str):
    path = f"/api/portal/findings/{finding}/statement"
    assert own.send(path, {"version": version(scene, finding), "kind": "agrees"}).status_code == 200
    again = own.send(path, {"version": version(scene, finding), "kind": "disputes", "words": WHY})
    assert again.json["code"] == "bad_transition"


def test_another_version_than_the_one_that_was_read_is_refused(scene: Scene, own: Desk, finding: str):
    body = {"version": version(scene, finding) - 1, "kind": "agrees"}
    assert own.send(f"/api/portal/findings/{finding}/statement", body).json["code"] == "version_changed"


def test_another_institution_says_nothing_to_it(scene: Scene, other: Desk, finding: str):
    body = {"version": version(scene, finding), "kind": "agrees"}
    assert other.get(f"/portal/findings/{finding}").status_code == 404
    assert other.get(f"/api/portal/findings/{finding}").status_code == 404
    assert other.post(f"/portal/findings/{finding}", **body).status_code == 404
    assert other.send(f"/api/portal/findings/{finding}/statement", body).status_code == 404
    assert Desk(scene.world, "supervisor").get(f"/portal/findings/{finding}").status_code == 403
    assert scene.world.record(finding).stage == "proposed"


def test_what_a_crash_left_is_noted_by_the_sweep(scene: Scene, finding: str):
    world = scene.world
    draft = statements.decide(
        world.record(finding),
        Said(kind="agrees"),
        institution=world.hospital,
        today=world.services.today(),
        statement=new_id(world.services),
    )
    act(world.services, [draft], user=world.users["portal"])
    assert world.record(finding).stage == "proposed"
    assert keeping_up.sweep(world.services) == 1
    assert world.record(finding).stage == "heard"
    assert keeping_up.sweep(world.services) == 0
