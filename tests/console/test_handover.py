"""A visit is handed over at the desk while it goes on: with a reason, seeing what the old phone still holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from schemas.drafting import Draft
from server.accounts import users
from server.ledger.audit import audit
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.phones import Visit, enrol, team_on_site
from tests.server.world import PASSWORD, World

WHY = "演示：组长临时调离"
SENT = ("inspector", "lead_inspector")


class Scene:
    """A visit on site whose lead's phone holds a bed that it has not sent; colleagues with and without certificate."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.installation = install(folder / "home", f"sqlite:///{folder / 'desk.sqlite'}")
        self.visit: Visit
        self.lead: Phone
        self.visit, self.lead, _ = team_on_site(self.installation, folder)
        self.world = World(self.installation, {"lead": self.visit.lead, "member": self.visit.member})
        certificate = {"certificate": "N000009", "certificate_until": "2027-12-31"}
        people = (
            ("boss", ("supervisor",), "341502", {}),
            ("far", ("supervisor",), "341503", {}),
            ("ears", ("auditor",), "341500", {}),
            ("heir", SENT, "341502", certificate),
            ("helper", ("inspector",), "341502", certificate),
            ("bare", SENT, "341502", {}),
            ("both", ("supervisor", *SENT), "341502", certificate),
        )
        for login, roles, region, more in people:
            new = users.check(login=login, name=f"测试{login}", roles=roles, region=region)
            self.world.users[login], _ = users.enlist(self.world.services, new, PASSWORD)
            if more:
                self.world.act(Draft("edit", "user", self.world.users[login], more), kind="setting")
        self.lead.begin_round(self.visit.ward_round)
        self.lead.check_bed(self.visit.ward_round, bed_listed="1101", presence="in_bed")

    @property
    def path(self) -> str:
        return f"/inspections/{self.visit.inspection}/handover"

    def body(self, taker: str = "heir", **more: object) -> dict[str, object]:
        people = {"giver": self.visit.lead, "taker": self.world.users[taker]}
        return {**people, "reason": WHY, **more}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A scene of one test's own."""
    made = Scene(tmp_path)
    yield made
    made.installation.services.engine.dispose()


def test_the_form_shows_what_the_old_phone_has_not_sent_and_the_colleague_goes_on(
    scene: Scene, tmp_path: Path
):
    boss = Desk(scene.world, "boss")
    assert f'href="{scene.path}"' in boss.get(f"/inspections/{scene.visit.inspection}").text
    page = boss.get(scene.path)
    assert page.status_code == 200
    told = boss.get(f"/api{scene.path}").json
    giver = next(one for one in told["givers"] if one["leads"])
    assert (giver["id"], len(giver["phones"])) == (scene.visit.lead, 1)
    unsent = giver["phones"][0]["health"]["unsent"]
    assert (
        f"{unsent} 项改动尚未上传" if unsent else "尚未告知" if unsent is None else "已全部上传"
    ) in words(page)
    answer = boss.post(scene.path, leaves="0", **scene.body())
    assert (answer.status_code, answer.location) == (303, f"/inspections/{scene.visit.inspection}")
    held = scene.world.record(scene.visit.inspection)
    assert held.values["lead"] == scene.world.users["heir"]
    assert scene.visit.lead in held.values["members"], "he stays in the team"
    told = boss.get(f"/api/inspections/{scene.visit.inspection}").json["happenings"]
    (decision,) = [one for one in told if one["kind"] == "decision"]
    assert decision["note"] == "移交"
    assert scene.world.record(decision["record"]).values["note"] == WHY
    heir = enrol(scene.installation, tmp_path / "heir", scene.world.users["heir"])
    assert heir.sync().clean
    assert heir.show(scene.visit.inspection).values["lead"] == scene.world.users["heir"]
    assert set(scene.lead.sync().pushed.verdicts) == {"applied"}
    assert audit(scene.world.services).ok


def test_of_one_who_leaves_what_the_phone_held_arrives_late(scene: Scene):
    answer = Desk(scene.world, "boss").send(f"/api{scene.path}", scene.body(leaves=True))
    assert answer.status_code == 200, answer.text
    assert answer.json["lead"] == scene.world.users["heir"]
    assert scene.visit.lead not in answer.json["members"]
    assert set(scene.lead.sync().pushed.verdicts) == {"late"}


@pytest.mark.parametrize(
    ("taker", "more", "status", "said"),
    [
        ("bare", {}, 400, "没有执法证"),
        ("helper", {}, 400, "组长资格"),
        ("heir", {"reason": ""}, 400, "一句话说明原因"),
        ("far", {}, 404, "没有该检查人员"),
        ("lead", {}, 400, "另选一名"),
    ],
)
def test_what_does_not_fit_is_told_and_what_was_typed_is_kept(scene: Scene, taker, more, status, said):
    boss = Desk(scene.world, "boss")
    before = scene.world.record(scene.visit.inspection).version
    answer = boss.post(scene.path, leaves="1", **scene.body(taker, **more))
    assert answer.status_code == status, words(answer)
    assert said in words(answer)
    assert more.get("reason", WHY) in answer.text
    assert scene.world.record(scene.visit.inspection).version == before


@pytest.mark.parametrize(("login", "status"), [("ears", 403), ("far", 404)])
def test_nobody_but_a_supervisor_of_the_place_hands_over(scene: Scene, login: str, status: int):
    desk = Desk(scene.world, login)
    for path in (scene.path, f"/api{scene.path}"):
        assert desk.get(path).status_code == status
    assert desk.post(scene.path, **scene.body()).status_code == status
    assert desk.send(f"/api{scene.path}", scene.body()).status_code == status


def test_nobody_hands_a_visit_to_himself(scene: Scene):
    answer = Desk(scene.world, "both").send(f"/api{scene.path}", scene.body("both"))
    assert (answer.status_code, answer.json["code"]) == (403, "own_work")


def test_a_visit_that_was_signed_is_handed_to_nobody(scene: Scene):
    scene.lead.step(scene.visit.inspection, "record_signed")
    assert scene.lead.sync().clean
    boss = Desk(scene.world, "boss")
    assert "不再记录" in words(boss.get(scene.path))
    assert boss.post(scene.path, **scene.body()).status_code == 400
    assert boss.send(f"/api{scene.path}", scene.body()).json["code"] == "bad_transition"
