"""A random share of the day's first reviews is looked at again by somebody else; anybody can draw it again."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from datetime import date

import pytest

from server.accounts import users
from server.casework import recusing, second_draw, second_review
from server.casework.second_review import First
from server.cli import draw as command
from server.ledger.audit import audit
from server.rounds.local_rules import read
from sync.errors import BadValue, NotFound
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.signing import decided, keyed, supervisor
from tests.server.world import PASSWORD, World, build

DAY_SECONDS = 24 * 60 * 60


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A county with two second reviewers, one of whom supervises too, and three items reviewed on one day."""
    home = tmp_path_factory.mktemp("again")
    made = build(install(home, f"sqlite:///{home / 'desk.sqlite'}"), photos=3)
    people = (
        ("second", ("second_reviewer",)),
        ("both", ("supervisor", "second_reviewer")),
        ("third", ("supervisor",)),
    )
    for number, (login, roles) in enumerate(people, start=60):
        new = users.check(login=login, name=f"测试甲{number:03d}", roles=roles, region="341502")
        made.users[login], _ = users.enlist(made.services, new, PASSWORD)
    yield made
    made.services.engine.dispose()


def approve(world: World, item: str, by: str = "both") -> None:
    sent = {"act": "approve", "version": world.record(item).version}
    assert Desk(world, by).send(f"/api/evidence/{item}/review", sent).status_code == 200


def a_day_later(world: World) -> date:
    """Let the day end: somebody's entry of the next one closes it; return the day."""
    day = world.services.today()
    world.installation.clock.advance(seconds=DAY_SECONDS)
    world.photograph(90 + day.day)
    return day


def drawn_task(world: World) -> str:
    """Return the task of a fresh review that was drawn."""
    item = world.photograph(300 + world.services.today().toordinal() % 500, bed_check=world.checks[0])
    approve(world, item)
    day = a_day_later(world)
    assert second_draw.sweep(world.services) == 1
    return second_review.task_id("341502", day.isoformat(), 0)


def page_of(world: World, task: str) -> dict[str, object]:
    found: dict[str, object] = Desk(world, "second").get(f"/api/second-reviews/{task}").json["row"]
    return found


# -- the draw ---------------------------------------------------------------------------------------------


def firsts(count: int) -> list[First]:
    return [First(f"d{n:03d}", f"e{n:03d}", n, "u", "approve") for n in range(count)]


@pytest.mark.parametrize(
    ("count", "percent", "size"), [(1, 5, 1), (20, 5, 1), (21, 5, 2), (100, 5, 5), (100, 10, 10)]
)
def test_at_least_the_share_is_drawn(count: int, percent: int, size: int):
    assert len(second_review.drawn("0" * 64, firsts(count), percent)) == size


def test_the_same_seed_draws_the_same_and_another_one_others():
    assert second_review.drawn("a" * 64, firsts(200), 5) == second_review.drawn(
        "a" * 64, firsts(200)[::-1], 5
    )
    assert second_review.drawn("a" * 64, firsts(200), 5) != second_review.drawn("b" * 64, firsts(200), 5)
    root = bytes(32)
    assert second_review.seed_of(root, "341502", "2026-11-17") != second_review.seed_of(
        root, "341503", "2026-11-17"
    )


def test_what_was_taken_back_is_not_drawn_and_the_last_review_of_an_item_counts():
    made = [
        First("d1", "e1", 1, "u", "approve"),
        First("d2", "e1", 2, "u", "undo"),
        First("d3", "e2", 3, "u", "return"),
        First("d4", "e2", 4, "u", "approve"),
        First("d5", "e3", 5, "u", "agree"),
    ]
    assert [one.decision for one in second_review.population(made)] == ["d4"]


def test_no_region_may_ask_for_less_than_the_law():
    rule = {
        "region": "341500", "from": "2026-01-01", "census_days_max": 3, "respond_minutes": 30, "explain_minutes": 60,
        "fence_metres": 300, "bed_hanging_absences": 2, "bed_hanging_days": 7,
    }  # fmt: skip
    assert read(json.dumps([rule]))[0].second_review_percent == 5
    assert read(json.dumps([{**rule, "second_review_percent": 20}]))[0].second_review_percent == 20
    with pytest.raises(BadValue):
        read(json.dumps([{**rule, "second_review_percent": 4}]))


# -- the way of it ------------------------------------------------------------------------------------------


def test_a_day_is_drawn_once_it_has_ended_and_once_only(world: World, capsys: pytest.CaptureFixture[str]):
    item = world.photograph(200, bed_check=world.checks[0])
    approve(world, item)
    assert second_draw.sweep(world.services) == 0, "the day is not over"
    with pytest.raises(NotFound):
        second_draw.draw_of(world.services, "341502", world.services.today())
    day = a_day_later(world)
    assert second_draw.sweep(world.services) == 1
    assert second_draw.sweep(world.services) == 0
    asked = argparse.Namespace(region="341502", day=day.isoformat(), json=True)
    assert command.second(asked, world.installation.app) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["population"], len(told["drawn"])) == (True, 1, 1)


def test_a_second_reviewer_agrees_and_the_rate_tells(world: World):
    task = drawn_task(world)
    row = page_of(world, task)
    desk = Desk(world, "second")
    assert row["blocked"] is None
    assert "复审一致" in words(desk.get(f"/second-reviews/{task}"))
    answer = desk.post(f"/second-reviews/{task}", decision="agree", version=row["version"])
    assert answer.status_code == 303
    assert page_of(world, task)["outcome"] == "agree"
    done = desk.get("/api/second-reviews", state="done").json
    assert done["agreed"] >= 1
    assert "其中一致" in words(desk.get("/second-reviews", state="done"))
    again = desk.send(
        f"/api/second-reviews/{task}", {"act": "agree", "version": page_of(world, task)["version"]}
    )
    assert again.json["code"] == "bad_transition"


def test_a_second_reviewer_who_has_a_passkey_signs_his_word(world: World):
    task = drawn_task(world)
    login = supervisor(world, "second_reviewer")
    desk, version = Desk(world, login), page_of(world, task)["item"]["version"]
    made, path = keyed(desk), f"/api/second-reviews/{task}"
    assert decided(desk, made, path, {"act": "agree", "version": version}).status_code == 200
    report = audit(world.services)
    assert report.ok, report.text()
    assert report.notes[0].endswith("signed by passkey, each verified")


def test_whoever_looked_first_is_refused(world: World):
    task = drawn_task(world)
    first = Desk(world, "both")
    assert first.get(f"/api/second-reviews/{task}").json["row"]["blocked"] == "reviewed_first"
    answer = first.send(
        f"/api/second-reviews/{task}", {"act": "agree", "version": page_of(world, task)["version"]}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "own_work")
    assert page_of(world, task)["stage"] == "open"


def test_a_supervisor_who_is_no_second_reviewer_is_refused(world: World):
    task = drawn_task(world)
    answer = Desk(world, "third").send(
        f"/api/second-reviews/{task}", {"act": "agree", "version": page_of(world, task)["version"]}
    )
    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")


def test_disagreeing_opens_the_item_again_for_a_third_person(world: World):
    task = drawn_task(world)
    row = page_of(world, task)
    item = str(row["item"]["id"])  # type: ignore[index]
    desk = Desk(world, "second")
    bare = desk.send(f"/api/second-reviews/{task}", {"act": "disagree", "version": row["version"]})
    assert bare.status_code == 422 or bare.json["field"] == "reason"
    said = {
        "act": "disagree",
        "version": row["version"],
        "reason": "not_proven",
        "note": "床号与在院名单不符",
    }
    answer = desk.send(f"/api/second-reviews/{task}", said)
    assert (answer.status_code, answer.json["stage"]) == (200, "pending_review")
    sent = {"act": "approve", "version": world.record(item).version}
    refused = Desk(world, "both").send(f"/api/evidence/{item}/review", sent)
    assert (refused.status_code, refused.json["code"]) == (403, "own_work")
    assert Desk(world, "third").send(f"/api/evidence/{item}/review", sent).status_code == 200


def test_of_another_county_nothing_is_seen(world: World):
    task = drawn_task(world)
    neighbour = Desk(world, "neighbour")
    assert neighbour.get("/api/second-reviews").json["rows"] == []
    assert neighbour.get(f"/api/second-reviews/{task}").status_code == 404
    assert neighbour.get(f"/second-reviews/{task}").status_code == 404
    sent = {"act": "agree", "version": 1}
    assert neighbour.send(f"/api/second-reviews/{task}", sent).status_code == 404


def test_who_is_recused_is_drawn_for_no_second_look_and_gets_it_back_when_it_is_lifted(world: World):
    task = drawn_task(world)
    second, sent = Desk(world, "second"), {"act": "agree", "version": page_of(world, task)["version"]}
    wanted = recusing.Wanted(world.users["second"], world.inspection, "kinship")
    made = recusing.declare(world.services, world.users["third"], wanted)
    assert task not in {each["id"] for each in second.get("/api/second-reviews").json["rows"]}
    refused = second.send(f"/api/second-reviews/{task}", sent)
    assert (refused.status_code, refused.json["code"]) == (403, "recused")
    assert world.record(task).stage == "open"
    recusing.lift(world.services, world.users["third"], made.id, "测试")
    assert second.send(f"/api/second-reviews/{task}", sent).status_code == 200


# -- among what waits -----------------------------------------------------------------------------------


def counted(desk: Desk) -> tuple[int, int]:
    """Return how many second reviews wait, and how much waits for the reader in all, as a program is told."""
    told = desk.get("/api/to-do").json
    return next(one["count"] for one in told["queues"] if one["name"] == "second"), told["total"]


def test_what_was_drawn_is_counted_among_what_waits_and_on_the_rail(world: World):
    before, _ = counted(Desk(world, "second"))
    drawn_task(world)
    desk = Desk(world, "second")
    now, total = counted(desk)
    others = [
        one["count"]
        for one in desk.get("/api/to-do").json["queues"]
        if one["name"] not in ("second", "rounds")
    ]
    assert (now, total) == (before + 1, before + 1 + sum(others))
    page = desk.get("/").text
    assert 'href="/second-reviews"' in page
    rail = page[page.index('class="rail"') : page.index("</nav>")]
    assert re.search(rf'href="/second-reviews".*?<span class="count">{before + 1}</span>', rail, re.DOTALL)


def test_a_supervisor_who_does_not_look_again_sees_the_count_and_is_not_told_that_it_waits_for_him(
    world: World,
):
    before, _ = counted(Desk(world, "third"))
    drawn_task(world)
    after, now = counted(Desk(world, "third"))
    assert after == before + 1
    looks_again = Desk(world, "both")
    assert counted(looks_again)[1] - now == after, "the same work, and what is to be looked at again"


def test_another_county_counts_none(world: World):
    drawn_task(world)
    assert counted(Desk(world, "neighbour"))[0] == 0


def test_second_reviews_are_narrowed_to_a_region(world: World):
    drawn_task(world)
    desk = Desk(world, "second")
    waiting = desk.get("/api/second-reviews").json["paging"]["total"]
    assert waiting >= 1
    assert desk.get("/api/second-reviews", region="341502").json["paging"]["total"] == waiting
    assert desk.get("/api/second-reviews", region="341503").json["rows"] == []
    assert desk.get("/second-reviews", region="341502").status_code == 200
    refused = desk.get("/api/second-reviews", region="999999")
    assert (refused.status_code, refused.json["field"]) == (400, "region")
