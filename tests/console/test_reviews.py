"""Taking a review back, voiding, and deciding on several items at once: at the desk and over the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.drafting import Draft
from server.casework import reviewing
from server.casework.review import UNDO_SECONDS
from server.casework.reviewing import TOGETHER_MAX
from server.ledger.audit import audit
from server.storage import ledger_store
from tests.server.desk_client import Desk, heading, words
from tests.server.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def fresh(world: World, **values: Any) -> str:
    """Return a fresh photo that waits for review, of bytes that no other has."""
    world.evidence.append(world.photograph(100 + len(world.evidence), bed_check=world.checks[0], **values))
    return world.evidence[-1]


@pytest.fixture
def item(world: World) -> str:
    """A fresh photo that waits for review."""
    return fresh(world)


def size(world: World) -> int:
    """Return how many entries the ledger has."""
    with world.services.database.reading() as connection:
        return ledger_store.head(connection, world.services.ledger.id).size


def named(world: World, *records: str) -> list[str]:
    """Return items as a form names them."""
    return [f"{record}.{world.record(record).version}" for record in records]


def at(world: World, *records: str) -> list[dict[str, Any]]:
    """Return items as the API takes them."""
    return [{"id": record, "version": world.record(record).version} for record in records]


def spoil(world: World, record: str) -> None:
    """Alter one byte of an item's stored file."""
    digest = world.record(record).values["cipher_digest"]
    path = Path(world.services.config.files_url) / "cipher" / digest[:2] / digest
    raw = bytearray(path.read_bytes())
    raw[1000] ^= 1
    path.write_bytes(raw)


def decide(world: World, desk: Desk, record: str, act: str = "approve") -> None:
    """Decide on an item as it stands."""
    why = {} if act == "approve" else {"reason": "blurred", "sentence": "请重拍"}
    version = world.record(record).version
    answer = desk.post(f"/evidence/{record}/review", version=version, decision=act, **why)
    assert answer.status_code == 303, words(answer)


def decisions(world: World, desk: Desk, record: str) -> list[str]:
    """Return the acts of the decisions on an item, oldest first."""
    return [each["decision"] for each in desk.get(f"/api/evidence/{record}").json["reviews"]]


# Taking a review back


@pytest.mark.parametrize("act", ["approve", "return", "reject"])
def test_a_review_is_taken_back_within_the_minute_as_an_entry_of_its_own(
    world: World, desk: Desk, item: str, act: str
):
    decide(world, desk, item, act)
    page = desk.get("/findings")
    assert "撤回" in words(page), "the way back stands on every page"
    answer = desk.post("/evidence/undo", item=named(world, item))
    assert (answer.status_code, answer.location) == (303, f"/evidence/{item}?state=pending_review")
    assert world.record(item).stage == "pending_review"
    assert decisions(world, desk, item) == [act, "undo"]
    assert "已撤回 1 件审核" in words(desk.get(answer.location))
    decide(world, desk, item)


def test_after_a_minute_a_review_stands(world: World, desk: Desk, item: str):
    decide(world, desk, item)
    world.installation.clock.advance(seconds=UNDO_SECONDS + 1)
    assert 'data-undo="' not in desk.get("/evidence").text
    answer = desk.send(f"/api/evidence/{item}/undo", {"version": world.record(item).version})
    assert (answer.status_code, answer.json["code"]) == (409, "undo_expired")
    assert world.record(item).stage == "approved"


def test_at_the_sixtieth_second_it_can_still_be_taken_back(world: World, desk: Desk, item: str):
    decide(world, desk, item)
    world.installation.clock.advance(seconds=UNDO_SECONDS)
    answer = desk.send(f"/api/evidence/{item}/undo", {"version": world.record(item).version})
    assert (answer.status_code, answer.json["stage"]) == (200, "pending_review")


def test_nobody_takes_another_s_review_back(world: World, desk: Desk, item: str):
    decide(world, desk, item)
    for login, status in (("city", 403), ("member", 403), ("neighbour", 404)):
        body = {"version": world.record(item).version}
        assert Desk(world, login).send(f"/api/evidence/{item}/undo", body).status_code == status, login
    assert world.record(item).stage == "approved"


def test_a_review_on_which_something_was_built_stands(world: World, desk: Desk, item: str):
    decide(world, desk, item)
    world.act(Draft("edit", "finding", world.finding, add={"evidence": [item]}), by="lead")
    answer = desk.send(f"/api/evidence/{item}/undo", {"version": world.record(item).version})
    assert (answer.status_code, answer.json["code"]) == (409, "built_upon")
    refused = desk.post("/evidence/undo", item=named(world, item))
    assert (refused.status_code, heading(refused)) == (409, "所选证据不能全部作出决定")
    assert world.record(item).stage == "approved"


def test_what_cited_the_item_before_its_review_does_not_stand_in_the_way(world: World, desk: Desk):
    cited = world.evidence[0]
    decide(world, desk, cited, "return")
    answer = desk.send(f"/api/evidence/{cited}/undo", {"version": world.record(cited).version})
    assert answer.status_code == 200
    assert cited in world.record(world.finding).values["evidence"]


def test_an_item_that_its_team_handed_in_again_is_not_taken_back(world: World, desk: Desk, item: str):
    decide(world, desk, item, "return")
    seen = world.record(item).version
    world.act(Draft("edit", "evidence", item, {"note": "测试补充"}), by="member")
    assert desk.send(f"/api/evidence/{item}/undo", {"version": seen}).json["code"] == "version_changed"
    body = {"version": world.record(item).version}
    assert desk.send(f"/api/evidence/{item}/undo", body).json["code"] == "built_upon"
    assert 'data-undo="' not in desk.get("/evidence").text


def test_nothing_is_taken_back_twice_and_nothing_that_was_never_reviewed(world: World, desk: Desk, item: str):
    body = {"version": world.record(item).version}
    assert desk.send(f"/api/evidence/{item}/undo", body).json["code"] == "bad_transition"
    decide(world, desk, item)
    body = {"version": world.record(item).version}
    assert desk.send(f"/api/evidence/{item}/undo", body).status_code == 200
    body = {"version": world.record(item).version}
    assert desk.send(f"/api/evidence/{item}/undo", body).json["code"] == "bad_transition"


# Voiding


@pytest.mark.parametrize("act", ["", "approve", "return", "reject"])
def test_a_supervisor_voids_in_any_stage_with_a_reason(world: World, desk: Desk, item: str, act: str):
    if act:
        decide(world, desk, item, act)
    assert "作废本件…" in words(desk.get(f"/evidence/{item}"))
    form = {"version": world.record(item).version, "decision": "void", "reason": "unlawful"}
    answer = desk.post(f"/evidence/{item}/review", sentence="取证时只有一人在场", **form)
    assert answer.status_code == 303
    assert world.record(item).life == "voided"
    page = words(desk.get(f"/evidence/{item}"))
    assert "本件已作废" in page
    assert "取证程序不当 “取证时只有一人在场”" in page
    assert item not in desk.get("/evidence", state="").text
    assert 'data-undo="' not in desk.get("/evidence").text, "a void is not taken back by a key"


def test_a_tampered_item_can_be_voided_though_nothing_else_can_be_decided(
    world: World, desk: Desk, item: str
):
    spoil(world, item)
    body = {"version": world.record(item).version, "reason": "other", "note": "文件被改动"}
    assert desk.send(f"/api/evidence/{item}/void", body).status_code == 200
    assert world.record(item).life == "voided"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": "unlawful"}, "note"),
        ({"note": "x"}, "reason"),
        ({"reason": "other", "note": "不用", "version": None}, "version"),
    ],
)
def test_a_void_without_a_reason_a_sentence_and_a_version_is_refused(
    world: World, desk: Desk, item: str, more: dict[str, Any], field: str
):
    body = {"version": world.record(item).version, **more}
    answer = desk.send(f"/api/evidence/{item}/void", body)
    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert world.record(item).life == "live"


@pytest.mark.parametrize(
    ("login", "status"), [("member", 403), ("lead", 403), ("auditor", 403), ("neighbour", 404)]
)
def test_nobody_else_voids_at_the_desk(world: World, item: str, login: str, status: int):
    body = {"version": world.record(item).version, "reason": "other", "note": "不应采用"}
    assert Desk(world, login).send(f"/api/evidence/{item}/void", body).status_code == status
    assert world.record(item).life == "live"


def test_a_void_of_an_older_version_or_of_what_is_void_is_refused(world: World, desk: Desk, item: str):
    body = {"version": world.record(item).version, "reason": "other", "note": "不应采用"}
    older = desk.send(f"/api/evidence/{item}/void", {**body, "version": body["version"] - 1})
    assert older.json["code"] == "version_changed"
    assert desk.send(f"/api/evidence/{item}/void", body).status_code == 200
    again = desk.send(f"/api/evidence/{item}/void", {**body, "version": world.record(item).version})
    assert again.status_code in (400, 404)


# Several at once


def test_several_items_are_approved_in_one_act_with_a_decision_each_and_taken_back_together(
    world: World, desk: Desk
):
    items = [fresh(world) for _ in range(3)]
    before = size(world)
    shown = desk.post("/evidence/together", decision="approve", item=named(world, *items))
    assert shown.status_code == 200
    assert heading(shown) == "通过这 3 件证据？"
    assert size(world) == before, "looking decides nothing"
    answer = desk.post("/evidence/together", decision="approve", item=named(world, *items), step="confirm")
    assert answer.status_code == 303
    assert [world.record(each).stage for each in items] == ["approved"] * 3
    assert size(world) == before + 6
    assert all(decisions(world, desk, each) == ["approve"] for each in items)
    page = desk.get("/evidence")
    assert "通过 3 件证据" in words(page)
    assert all(each in page.text for each in named(world, *items)), "the toast takes all of them back"
    assert desk.post("/evidence/undo", item=named(world, *items)).status_code == 303
    assert [world.record(each).stage for each in items] == ["pending_review"] * 3


def test_one_item_that_may_not_be_decided_on_holds_all_of_them_back_and_is_named(world: World, desk: Desk):
    good, waiting, spoilt = fresh(world), fresh(world, sent=False), fresh(world)
    spoil(world, spoilt)
    before = size(world)
    body = {"act": "approve", "items": at(world, good, waiting, spoilt)}
    answer = desk.send("/api/evidence/review", body)
    assert (answer.status_code, answer.json["code"]) == (409, "not_all")
    assert answer.json["items"] == [
        {"item": waiting, "code": "file_unverified"},
        {"item": spoilt, "code": "file_corrupt"},
    ]
    shown = desk.post(
        "/evidence/together", decision="approve", item=named(world, good, waiting, spoilt), step="confirm"
    )
    assert shown.status_code == 409
    assert "2 件不能决定" in words(shown)
    assert "通过 1 件证据" in words(shown), "the rest can go on"
    assert size(world) == before
    rest = desk.send("/api/evidence/review", {"act": "approve", "items": at(world, good)})
    assert rest.json["items"][0]["stage"] == "approved"


def test_several_are_returned_with_one_reason_that_each_decision_carries(world: World, desk: Desk):
    items = [fresh(world) for _ in range(2)]
    shown = desk.post("/evidence/together", decision="return", item=named(world, *items))
    assert "退回 2 件证据" in words(shown)
    missing = desk.post("/evidence/together", decision="return", item=named(world, *items), step="confirm")
    assert missing.status_code == 409
    why = {"reason": "blurred", "sentence": "请重拍床头卡"}
    form = {"decision": "return", "item": named(world, *items), "step": "confirm", **why}
    assert desk.post("/evidence/together", **form).status_code == 303
    for each in items:
        assert world.record(each).stage == "returned"
        assert "请重拍床头卡" in words(desk.get(f"/evidence/{each}"))


@pytest.mark.parametrize("login", ["auditor", "member"])
def test_who_may_not_decide_on_one_may_not_decide_on_several(world: World, login: str):
    items = [fresh(world) for _ in range(2)]
    before = size(world)
    answer = Desk(world, login).send("/api/evidence/review", {"act": "approve", "items": at(world, *items)})
    assert answer.json["code"] == "not_all"
    assert {each["code"] for each in answer.json["items"]} <= {"not_allowed", "own_work"}
    assert size(world) == before


def test_what_lies_outside_the_reader_s_region_is_not_named(world: World, item: str):
    neighbour = Desk(world, "neighbour")
    answer = neighbour.send("/api/evidence/review", {"act": "approve", "items": at(world, item)})
    assert answer.json["items"] == [{"item": item, "code": "not_found"}]
    shown = words(neighbour.post("/evidence/together", decision="approve", item=named(world, item)))
    assert "1 件已不存在，或您无权查看" in shown
    assert "测试市第001医院" not in shown


def test_a_stale_version_among_several_is_named(world: World, desk: Desk):
    first, second = fresh(world), fresh(world)
    items = at(world, first, second)
    world.act(Draft("edit", "evidence", second, {"note": "测试补充"}), by="member")
    answer = desk.send("/api/evidence/review", {"act": "approve", "items": items})
    assert answer.json["items"] == [{"item": second, "code": "version_changed"}]
    assert world.record(first).stage == "pending_review"


def test_more_than_a_page_at_once_nothing_and_one_twice_are_refused(world: World, desk: Desk, item: str):
    one = at(world, item)[0]
    many = [{"id": f"{n:08x}{item[8:]}", "version": 1} for n in range(TOGETHER_MAX + 1)]
    for items in (many, [], [one, one], [{"id": "x", "version": 1}], [{"id": item}]):
        answer = desk.send("/api/evidence/review", {"act": "approve", "items": items})
        assert (answer.status_code, answer.json["code"]) == (400, "bad_value")
    assert desk.post("/evidence/together", decision="approve").status_code == 400
    assert desk.post("/evidence/together", decision="approve", item=["x", "y.z"]).status_code == 400
    assert world.record(item).stage == "pending_review"


# An item handed in for another


def test_approving_an_item_handed_in_for_an_approved_one_supersedes_that(world: World, desk: Desk, item: str):
    decide(world, desk, item)
    newer = fresh(world, supersedes=item)
    assert world.record(item).stage == "approved", "the approved one stands while the newer one waits"
    decide(world, desk, newer)
    assert (world.record(item).stage, world.record(newer).stage) == ("superseded", "approved")
    assert decisions(world, desk, item) == ["approve", "supersede"]
    body = {"version": world.record(newer).version}
    assert desk.send(f"/api/evidence/{newer}/undo", body).json["code"] == "built_upon"


def test_an_approved_item_says_that_a_newer_one_waits_and_that_one_shows_how_they_differ(
    world: World, desk: Desk, item: str
):
    decide(world, desk, item)
    assert "另有更新待审" not in words(desk.get(f"/evidence/{item}"))
    newer = fresh(world, supersedes=item, kind="documentary", note="补拍")
    shown = desk.get(f"/evidence/{item}")
    assert "另有更新待审" in words(shown)
    assert f'href="/evidence/{newer}"' in shown.text
    other = desk.get(f"/evidence/{newer}")
    assert f'href="/evidence/{item}"' in other.text
    assert "视听资料 书证" in words(other)
    told = desk.get(f"/api/evidence/{newer}").json["amendment"]
    assert (told["replaces"], told["stands"]) == (item, True)
    assert {"kind", "note", "digest"} <= {each["field"] for each in told["differences"]}
    decide(world, desk, newer)
    assert "另有更新待审" not in words(desk.get(f"/evidence/{item}"))
    assert Desk(world, "neighbour").get(f"/evidence/{newer}").status_code == 404


def test_what_names_an_item_of_another_inspection_amends_nothing(world: World, desk: Desk, item: str):
    stranger = fresh(world, supersedes=world.inspection)
    assert desk.get(f"/api/evidence/{stranger}").json["amendment"] is None


@pytest.mark.parametrize("act", ["return", "reject"])
def test_a_newer_item_that_is_not_approved_supersedes_nothing(world: World, desk: Desk, item: str, act: str):
    decide(world, desk, item)
    newer = fresh(world, supersedes=item)
    decide(world, desk, newer, act)
    assert world.record(item).stage == "approved"


def test_after_all_this_the_ledger_and_the_records_agree(world: World, desk: Desk, item: str):
    decide(world, desk, item)
    with pytest.raises(reviewing.NotAll):
        reviewing.undo_together(world.services, world.users["city"], [(item, world.record(item).version)])
    assert audit(world.services).ok
