"""Late changes and the quarantine at the desk: beside what stands now, adopted or set aside, let in by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from server.accounts import users
from server.ledger.audit import audit
from server.operations.lost_phone import declare_lost
from server.storage import device_store, waiting_store
from tests.server.builders import Installation, install
from tests.server.desk_client import Desk, words
from tests.server.phones import team_on_site
from tests.server.signing import decided, keyed
from tests.server.world import PASSWORD, World


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """A fresh installation, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def late(installation: Installation, tmp_path: Path) -> tuple[World, int, str]:
    """A finding that reached the server after the signature; people of the desk with passwords."""
    found, lead, member = team_on_site(installation, tmp_path)
    values = {
        "inspection": found.inspection,
        "violation_code": "bed_hanging",
        "facts": "演示秘密：三号床无人",
        "amount_fen": 120_000,
        "origin": "on_site",
    }
    finding = member.create("finding", values)
    lead.step(found.inspection, "record_signed")
    assert lead.sync().clean
    assert member.sync().pushed.verdicts == {"late": 1}
    world = World(installation)
    for login, role, region in (
        ("boss", "supervisor", "341502"),
        ("ears", "auditor", "341500"),
        ("far", "supervisor", "341503"),
    ):
        new = users.check(login=login, name=f"测试{login}", roles=(role,), region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    with world.services.database.reading() as connection:
        (row,) = waiting_store.open_ones(connection, world.services.ledger.id)
    return world, row.index, finding


def test_a_late_change_is_listed_shown_and_adopted(late):
    world, index, finding = late
    boss = Desk(world, "boss")
    assert f"第 {index} 条" in words(boss.get("/waiting"))
    page = words(boss.get(f"/waiting/{index}"))
    assert "1,200.00 元" in page
    assert "演示秘密：三号床无人" in page
    assert boss.post(f"/waiting/{index}/rule", act="adopt").status_code == 303
    assert world.record(finding).values["amount_fen"] == 120_000
    assert "没有迟到的改动" in words(boss.get("/waiting"))
    assert boss.get(f"/waiting/{index}").status_code == 404


@pytest.mark.parametrize(
    "word", [{"act": "adopt"}, {"act": "set_aside", "reason": "other", "note": "已另行立案"}]
)
def test_whoever_has_a_passkey_signs_what_he_adopts_and_sets_aside(late, word: dict[str, str]):
    world, index, _finding = late
    boss = Desk(world, "boss")
    made = keyed(boss)
    answer = decided(boss, made, f"/api/waiting/{index}/rule", word)
    assert answer.status_code == 200, answer.text
    report = audit(world.services)
    assert report.ok, report.text()
    assert report.notes[0].endswith("signed by passkey, each verified")


def test_setting_aside_wants_a_reason_and_keeps_what_was_typed(late):
    world, index, _ = late
    boss = Desk(world, "boss")
    answer = boss.post(f"/waiting/{index}/rule", act="set_aside", note="演示：与本案无关")
    assert answer.status_code == 400
    assert "请选择理由并写一句说明" in words(answer)
    assert "演示：与本案无关</textarea>" in answer.text
    body = {"act": "set_aside", "reason": "irrelevant", "note": "演示：与本案无关"}
    assert boss.send(f"/api/waiting/{index}/rule", body).status_code == 200
    assert boss.get("/api/waiting").json["items"] == []


@pytest.mark.parametrize(("login", "status"), [("ears", 403), ("far", 404)])
def test_nobody_else_rules_on_it_and_an_auditor_reads_no_private_word(late, login: str, status: int):
    world, index, _ = late
    other = Desk(world, login)
    assert other.post(f"/waiting/{index}/rule", act="adopt").status_code == status
    assert other.send(f"/api/waiting/{index}/rule", {"act": "adopt"}).status_code == status
    page = other.get(f"/waiting/{index}")
    assert page.status_code == (200 if status == 403 else 404)
    assert "演示秘密" not in page.text + other.get(f"/api/waiting/{index}").text
    assert bool(other.get("/api/waiting").json["items"]) == (status == 403)


@pytest.fixture
def kept(late, tmp_path: Path) -> tuple[World, str, Phone]:
    """A set of a phone that was reported lost, in quarantine."""
    from tests.server.phones import client, enrol, visit

    world, _, _ = late
    found = visit(world.services, number=2)
    phone = enrol(world.installation, tmp_path / "lost", found.lead)
    assert phone.sync().clean
    phone.step(found.inspection, "on_site")
    assert client(world.installation)
    declare_lost(world.services, phone.kit.identity.device, now=False)
    phone.sync()
    with world.services.database.reading() as connection:
        (row,) = device_store.quarantined(connection, world.services.ledger.id)
    return world, row.id, phone


def test_a_set_in_quarantine_is_listed_shown_without_its_words_and_let_in_with_a_reason(kept):
    world, key, _ = kept
    boss = Desk(world, "boss")
    assert "手机停用后所传" in words(boss.get("/quarantine"))
    listed = boss.get("/api/quarantine", limit=1).json
    assert (listed["items"][0]["whole"], listed["next"]) == (True, None)
    assert boss.get("/api/quarantine", after="1.x").json["items"] == [], "older than all"
    assert boss.get("/api/quarantine", after="x").json["field"] == "after"
    assert "采纳前不予显示" in words(boss.get(f"/quarantine/{key}"))
    empty = boss.post(f"/quarantine/{key}/readmit", reason="")
    assert empty.status_code == 400
    assert boss.post(f"/quarantine/{key}/readmit", reason="演示：核实过的工作").status_code == 303
    assert "已采纳" in words(boss.get(f"/quarantine/{key}"))
    again = boss.send(f"/api/quarantine/{key}/readmit", {"reason": "演示：再来一次"})
    assert (again.status_code, again.json["again"]) == (200, True)


@pytest.mark.parametrize(("login", "status"), [("ears", 403), ("far", 404)])
def test_nobody_but_a_supervisor_of_the_region_lets_a_set_in(kept, login: str, status: int):
    world, key, _ = kept
    other = Desk(world, login)
    assert other.post(f"/quarantine/{key}/readmit", reason="演示：理由").status_code == status
    assert other.send(f"/api/quarantine/{key}/readmit", {"reason": "演示：理由"}).status_code == status
    assert other.get(f"/quarantine/{key}").status_code == (200 if status == 403 else 404)


@pytest.fixture
def held(installation: Installation, tmp_path: Path) -> tuple[World, str, str]:
    """Beds checked in a round that has not arrived, and one that names a check among them; one of each waits."""
    found, lead, member = team_on_site(installation, tmp_path)
    ward_round = lead.create(
        "ward_round", {"inspection": found.inspection, "mode": "bedside", "trigger": "lead"}
    )
    bed = {"ward_round": ward_round, "presence": "in_bed"}
    check = member.create("bed_check", {**bed, "bed_listed": "1101"})
    for number in range(2, 5):
        member.create("bed_check", {**bed, "bed_listed": f"110{number}"})
    member.edit(check, {"note": "演示：等待中的改动"})
    assert set(member.sync().pushed.verdicts) == {"held"}
    world = World(installation)
    for login, role, region in (("boss", "supervisor", "341502"), ("far", "supervisor", "341503")):
        new = users.check(login=login, name=f"测试{login}", roles=(role,), region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    return world, ward_round, check


def test_what_is_held_says_in_words_what_it_waits_for_and_who_brings_it(held):
    world, ward_round, check = held
    boss = Desk(world, "boss")
    rows = boss.get("/api/waiting", state="held").json["items"]
    assert {row["waiting_for"] for row in rows} == {ward_round, check}
    first = next(row for row in rows if row["waiting_for"] == ward_round)
    assert (first["wanted"]["type"], first["wanted"]["entry"]) == ("ward_round", None)
    edit = next(row for row in rows if row["waiting_for"] == check)
    assert edit["wanted"]["type"] == "bed_check"
    assert edit["wanted"]["entry"] == first["index"], "the check that is held itself brings it"
    page = boss.get("/waiting", state="held")
    assert "等待尚未到达的记录： 查房" in words(page)
    assert f"由第 {first['index']} 条带来" in words(page)
    assert ward_round not in page.text, "no raw id"


def test_lists_of_what_waits_go_on_by_cursor_and_miss_nothing(held):
    world, _, _ = held
    boss = Desk(world, "boss")
    every = [row["index"] for row in boss.get("/api/waiting", state="held").json["items"]]
    seen, after = [], None
    while True:
        page = boss.get("/api/waiting", state="held", limit=2, **({"after": after} if after else {})).json
        seen += [row["index"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
        assert len(page["items"]) == 2
    assert seen == every
    assert len(every) == 5
    assert Desk(world, "far").get("/api/waiting", state="held").json == {"items": [], "next": None}


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": "0"}, {"state": "lost"}])
def test_what_is_no_cursor_is_refused(held, query: dict[str, str]):
    world, _, _ = held
    answer = Desk(world, "boss").get("/api/waiting", **query)
    assert (answer.status_code, answer.json["field"]) == (400, next(iter(query)))
