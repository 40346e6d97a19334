"""Appeals at the desk: filed on paper, accepted, decided by a leader; the sanction moves with what came of it."""

from __future__ import annotations

import pytest

from sync.errors import BadValue, NotAllowed
from tests.console.course_scene import begin, case_of, person, send, take, today
from tests.server.desk_client import Desk, words
from tests.server.world import World


@pytest.fixture
def bench(world: World) -> World:
    """The world with somebody for law and a leader."""
    person(world, "law", "legal_reviewer")
    person(world, "chief", "leader", region="341500")
    return world


def told(world: World) -> str:
    given = {
        "case": case_of(world),
        "track": "agreement",
        "level": "4",
        "reasons": "测试",
        "amount_fen": 10_000,
    }
    made = begin(world, "sanctions", **given)
    take(world, "sanctions", made, "tell", told_on=today(world))
    return made


def served(world: World) -> str:
    made = told(world)
    take(world, "sanctions", made, "answer", statement_kind="silent")
    take(world, "sanctions", made, "review", "law", legal_opinion="agreed")
    take(world, "sanctions", made, "decide", "chief", decision_reasons="测试")
    take(world, "sanctions", made, "serve", served_on=today(world))
    return made


def appeal(world: World, sanction: str, kind: str = "administrative_review") -> str:
    return begin(
        world, "appeals", sanction=sanction, kind=kind, filed_on=today(world), reasons="测试：认定事实有误"
    )


def accepted(world: World, sanction: str) -> str:
    made = appeal(world, sanction)
    take(world, "appeals", made, "accept", accepted_on=today(world))
    return made


@pytest.mark.parametrize(
    ("outcome", "more", "stage", "amount"),
    [
        ("upheld", {}, "decided", 10_000),
        ("changed", {"decided_amount_fen": 5_000, "decided_level": "3"}, "decided", 5_000),
        ("revoked", {}, "revoked", 10_000),
    ],
)
def test_what_comes_of_an_appeal_moves_the_sanction(
    bench: World, outcome: str, more: dict[str, object], stage: str, amount: int
):
    sanction = served(bench)
    made = accepted(bench, sanction)
    assert bench.record(sanction).stage == "appealed"
    take(bench, "appeals", made, "decide", "chief", outcome=outcome, answer="测试：经复议", **more)
    found = bench.record(sanction)
    assert (found.stage, found.values["decided_amount_fen"]) == (stage, amount)
    assert (bench.record(made).stage, bench.record(made).values["outcome"]) == ("decided", outcome)


def test_an_appeal_makes_nothing_heavier_and_a_change_says_what(bench: World):
    sanction = served(bench)
    made = accepted(bench, sanction)
    for more in ({"decided_amount_fen": 10_001}, {"decided_level": "5"}, {}):
        answer = send(bench, "chief", "appeals", made, "decide", outcome="changed", answer="测试", **more)
        assert answer.status_code == 400, more
    assert bench.record(sanction).stage == "appealed"
    assert bench.record(made).stage == "accepted"


def test_only_a_leader_decides_an_appeal(bench: World):
    made = accepted(bench, served(bench))
    for who in ("supervisor", "law"):
        with pytest.raises(NotAllowed):
            take(bench, "appeals", made, "decide", who, outcome="upheld", answer="测试")


def test_a_statement_comes_before_the_decision_and_a_review_after_it(bench: World):
    early = told(bench)
    with pytest.raises(BadValue):
        appeal(bench, early)
    made = appeal(bench, early, "statement_of_defence")
    take(bench, "appeals", made, "accept", accepted_on=today(bench))
    found = bench.record(early)
    assert (found.stage, found.values["statement_kind"]) == ("told_party", "disputes")
    hearing = appeal(bench, early, "hearing")
    take(bench, "appeals", hearing, "accept", accepted_on=today(bench))
    refused = send(bench, "law", "sanctions", early, "review", legal_opinion="agreed")
    assert "hearing" in refused.json["detail"]
    with pytest.raises(BadValue):
        appeal(bench, served(bench), "statement_of_defence")


def test_what_halts_a_sanction_is_not_withdrawn_behind_the_leader(bench: World):
    sanction = served(bench)
    made = accepted(bench, sanction)
    with pytest.raises(BadValue):
        take(bench, "appeals", made, "withdraw")
    other = appeal(bench, served(bench))
    take(bench, "appeals", other, "withdraw")
    assert bench.record(other).stage == "withdrawn"


def test_paper_is_entered_from_the_page_of_the_sanction(bench: World):
    sanction = served(bench)
    desk = Desk(bench, "supervisor")
    assert f"/appeals/new?sanction={sanction}" in desk.get(f"/sanctions/{sanction}").text
    typed = {"sanction": sanction, "kind": "lawsuit", "filed_on": today(bench), "reasons": "测试：起诉"}
    answer = desk.post("/appeals/new", **typed)
    assert answer.status_code == 303
    assert "测试：起诉" in words(desk.get(answer.location))
    later = desk.post("/appeals/new", **typed | {"filed_on": "2027-01-01"})
    assert later.status_code == 422
    assert Desk(bench, "neighbour").get(answer.location).status_code == 404
    made = answer.location.rpartition("/")[2]
    assert send(bench, "neighbour", "appeals", made, "reject", answer="测试").status_code == 404
    assert send(bench, "law", "appeals", made, "reject", answer="测试").status_code == 403
