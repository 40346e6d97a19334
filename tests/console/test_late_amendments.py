"""An amendment of an approved item that came late: on the item's own page, field by field, ruled on there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from server.accounts import users
from server.ledger.audit import audit
from server.storage import access_store
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.phones import team_on_site
from tests.server.world import PASSWORD, World

BEFORE, AFTER = "演示：床号卡清晰", "演示：床号卡系后补"
PENDING = "已通过，另有更改待处理"


@dataclass
class Amended:
    """An approved item, whose author amended it on a phone that had not heard of the approval."""

    world: World
    phone: Phone
    item: str

    @property
    def desk(self) -> Desk:
        return Desk(self.world, "boss")

    def index(self) -> int:
        """Return the entry of the late change."""
        found = self.desk.get(f"/api/evidence/{self.item}").json["amendment"]["late"]
        return int(found[0]["change"]["index"])


@pytest.fixture
def amended(tmp_path: Path) -> Iterator[Amended]:
    """A scene of one test's own."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}")
    found, _, member = team_on_site(made, tmp_path)
    world = World(made, {"member": found.member, "lead": found.lead}, inspection=found.inspection)
    for login, role, region in (
        ("boss", "supervisor", "341502"),
        ("ears", "auditor", "341500"),
        ("far", "supervisor", "341503"),
    ):
        new = users.check(login=login, name=f"测试{login}", roles=(role,), region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    item = world.photograph(1, note=BEFORE)
    assert member.sync().clean
    member.edit(item, {"note": AFTER})
    sent = {"act": "approve", "version": world.record(item).version}
    assert Desk(world, "boss").send(f"/api/evidence/{item}/review", sent).status_code == 200
    assert member.sync().pushed.verdicts == {"late": 1}
    yield Amended(world, member, item)
    made.services.engine.dispose()


def count(desk: Desk) -> int:
    """Return how many approved items wait for a word on an amendment."""
    listed = desk.get("/api/evidence", stage="amendment_pending").json
    return len(listed["items"])


def test_a_late_amendment_stands_on_the_items_own_page_field_by_field(amended: Amended):
    desk = amended.desk
    shown = desk.get(f"/evidence/{amended.item}")
    assert PENDING in words(shown)
    assert re.search(f"<del>[^~]{{0,90}}{BEFORE}[^~]{{0,90}}</del><br><ins>[^~]{{0,90}}{AFTER}", shown.text)
    told = desk.get(f"/api/evidence/{amended.item}").json["amendment"]["late"]
    (field,) = told[0]["change"]["changes"][0]["fields"]
    assert (field["name"], field["now"]["values"], field["late"]["values"]) == ("note", [BEFORE], [AFTER])
    with amended.world.services.database.reading() as connection:
        noted = access_store.of_record(connection, amended.world.services.ledger.id, amended.item)
    assert "read_late_change" in [one.act for one in noted]


def test_amendments_that_wait_are_a_filter_of_the_queue_with_their_count(amended: Amended):
    desk = amended.desk
    queue = desk.get("/evidence", state="amendment_pending")
    assert f'href="/evidence/{amended.item}?state=amendment_pending"' in queue.text
    assert f"{PENDING} 1" in words(queue)
    assert f"{PENDING} 1" in words(desk.get("/evidence")), "the chip is there from the start"
    assert count(desk) == 1
    newer = amended.world.photograph(2, supersedes=amended.item)
    assert count(desk) == 1, "an item counts once, however much waits for it"
    assert newer not in desk.get("/evidence", state="amendment_pending").text
    other = amended.world.photograph(3)
    sent = {"act": "approve", "version": amended.world.record(other).version}
    assert desk.send(f"/api/evidence/{other}/review", sent).status_code == 200
    assert count(desk) == 1
    amended.world.photograph(4, supersedes=other)
    assert count(desk) == 2


def test_it_is_adopted_on_the_items_page_and_the_ledger_agrees(amended: Amended):
    desk = amended.desk
    answer = desk.post(f"/waiting/{amended.index()}/rule", act="adopt", back=amended.item)
    assert (answer.status_code, answer.location) == (303, f"/evidence/{amended.item}")
    item = amended.world.record(amended.item)
    assert (item.values["note"], item.stage) == (AFTER, "approved")
    shown = words(desk.get(f"/evidence/{amended.item}"))
    assert PENDING not in shown
    assert AFTER in shown
    assert count(desk) == 0
    assert audit(amended.world.services).ok


def test_set_aside_the_item_stays_as_it_was_approved(amended: Amended):
    desk, index = amended.desk, amended.index()
    bare = desk.post(f"/waiting/{index}/rule", act="set_aside", back=amended.item)
    assert bare.status_code == 400
    said = {"reason": "irrelevant", "note": "演示：原说明属实"}
    answer = desk.post(f"/waiting/{index}/rule", act="set_aside", back=amended.item, **said)
    assert (answer.status_code, answer.location) == (303, f"/evidence/{amended.item}")
    assert amended.world.record(amended.item).values["note"] == BEFORE
    assert count(desk) == 0
    assert desk.get(f"/api/evidence/{amended.item}").json["amendment"] is None


def test_nobody_is_led_elsewhere_by_a_form(amended: Amended):
    answer = amended.desk.post(f"/waiting/{amended.index()}/rule", act="adopt", back="//evil.example")
    assert answer.location == "/waiting"


def test_an_auditor_reads_no_private_word_of_it_and_rules_on_nothing(amended: Amended):
    ears = Desk(amended.world, "ears")
    shown = ears.get(f"/evidence/{amended.item}")
    assert PENDING in words(shown)
    assert AFTER not in shown.text + ears.get(f"/api/evidence/{amended.item}").text
    assert f'action="/waiting/{amended.index()}/rule"' not in shown.text
    assert ears.post(f"/waiting/{amended.index()}/rule", act="adopt").status_code == 403


def test_of_another_county_nothing_is_seen_or_counted(amended: Amended):
    far = Desk(amended.world, "far")
    assert far.get(f"/evidence/{amended.item}").status_code == 404
    assert count(far) == 0


def test_a_change_of_an_item_that_is_not_approved_is_no_amendment(amended: Amended):
    item = amended.world.photograph(5, note=BEFORE)
    assert amended.phone.sync().clean
    amended.phone.edit(item, {"note": AFTER})
    assert amended.phone.sync().pushed.verdicts == {"applied": 1}
    assert amended.desk.get(f"/api/evidence/{item}").json["amendment"] is None
