"""A weekly bulletin on paper: who is overdue for how long, the same bytes for ever, only for whom it is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.documents.bulletin import BulletinLine, BulletinPaper, render
from server.documents.notice import digest_of
from tests.api.conftest import world as shared_world
from tests.documents.test_notice import text
from tests.server.desk_client import Desk
from tests.server.world import World

world = shared_world
NUMBERS = count(1)
PAPER = BulletinPaper(
    bureau="裕安区医疗保障局", number="2026-47", from_on=date(2026, 11, 16), until_on=date(2026, 11, 22),
    cases_open=12, cases_overdue=3, cases_closed=5, words="请抓紧整改。", issued_on=date(2026, 11, 23),
    at=1_795_400_000, entry=18_402, origin="ledger.test/a",
    lines=(
        BulletinLine(institution="测试甲医院", code="H34150200001", cases_overdue=1, weeks_running=1, step="通报"),
        BulletinLine(institution="测试乙药店", code="P34150200002", cases_overdue=2, weeks_running=3, step="约谈"),
    ),
)  # fmt: skip


@pytest.fixture
def issued(world: World) -> str:
    """A bulletin that names the hospital, issued."""
    values = {
        "number": f"TB-{next(NUMBERS)}",
        "region": "341502",
        "from_on": "2026-11-09",
        "until_on": "2026-11-15",
        "cases_open": 4,
        "cases_overdue": 1,
        "words": "请抓紧整改。",
    }
    line = {"institution": world.hospital, "cases_overdue": 1, "weeks_running": 2, "step": "phone_call"}
    made = world.make("bulletin", values, by="supervisor", lines=[line])
    step = {"stage": {"from": "draft", "to": "issued"}}
    world.act(Draft("edit", "bulletin", made, {**step, "issued_on": "2026-11-16"}), by="supervisor")
    return made


def test_a_bulletin_counts_and_names_the_longest_streak_first(tmp_path: Path):
    said = text(render(PAPER), tmp_path)
    for part in (
        "周通报",
        "2026-47",
        "2026年11月16日至2026年11月22日",
        "在办整改12件",
        "逾期3件",
        "请抓紧整改。",
    ):
        assert part in said, part
    assert said.index("测试乙药店") < said.index("测试甲医院")
    assert "没有逾期" in text(render(replace(PAPER, lines=())), tmp_path)


def test_it_is_an_archive_paper_and_the_same_to_the_byte():
    first = render(PAPER)
    assert b"pdfaid:part>2<" in first
    assert render(PAPER) == first
    assert render(replace(PAPER, issued_on=None)) != first


def test_once_issued_it_stays_whatever_is_renamed(world: World, issued: str, tmp_path: Path):
    desk = Desk(world, "supervisor")
    before = desk.get(f"/bulletins/{issued}/bulletin.pdf")
    assert before.status_code == 200, before.text
    said = text(before.data, tmp_path)
    assert "电话提醒" in said
    world.act(Draft("edit", "institution", world.hospital, {"name": "测试改名医院"}))
    assert desk.get(f"/api/bulletins/{issued}/bulletin.pdf").data == before.data
    assert "测试改名医院" not in said


def test_the_act_that_issues_it_fixes_the_digest_of_its_paper(world: World):
    values = {
        "number": f"TB-{next(NUMBERS)}",
        "region": "341502",
        "from_on": "2026-11-09",
        "until_on": "2026-11-15",
    }
    line = {"institution": world.hospital, "cases_overdue": 1, "weeks_running": 1, "step": "named"}
    made = world.make("bulletin", values, by="supervisor", lines=[line])
    desk = Desk(world, "supervisor")
    answer = desk.send(f"/api/bulletins/{made}/issue", {"version": world.record(made).version})
    assert answer.status_code == 200, answer.text
    fixed = world.record(made).values["document"]
    raw = desk.get(f"/bulletins/{made}/bulletin.pdf").data
    assert digest_of(raw) == fixed
    institution = world.record(world.hospital)
    world.act(Draft("edit", "institution", institution.id, {"name": "测试市改名医院"}))
    try:
        assert digest_of(desk.get(f"/bulletins/{made}/bulletin.pdf").data) == fixed
    finally:
        world.act(Draft("edit", "institution", institution.id, {"name": institution.values["name"]}))
    assert fixed in desk.get("/bulletins").text


def test_a_version_that_moved_is_not_issued_and_fixes_nothing(world: World):
    values = {
        "number": f"TB-{next(NUMBERS)}",
        "region": "341502",
        "from_on": "2026-11-09",
        "until_on": "2026-11-15",
    }
    made = world.make("bulletin", values, by="supervisor")
    answer = Desk(world, "supervisor").send(f"/api/bulletins/{made}/issue", {"version": 1})
    assert (answer.status_code, answer.json["code"]) == (409, "version_changed")
    assert "document" not in world.record(made).values


def test_it_is_taken_from_its_record(world: World, issued: str):
    assert (
        f"/bulletins/{issued}/bulletin.pdf"
        in Desk(world, "supervisor").get(f"/records/bulletin/{issued}").text
    )


def test_whoever_may_not_gets_none(world: World, issued: str):
    for path in (f"/bulletins/{issued}/bulletin.pdf", f"/api/bulletins/{issued}/bulletin.pdf"):
        assert Desk(world, "neighbour").get(path).status_code == 404
        assert Desk(world, "auditor").get(path).status_code == 403
        assert Desk(world, "lead").get(path).status_code == 404
