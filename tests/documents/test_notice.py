"""A notice on paper: what it says, the same bytes for ever, fixed when it is issued, only for whom it is meant."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.accounts import access_log
from server.documents.notice import NoticePaper, ServiceSlip, digest_of, render, render_slip
from server.queries import notice_paper
from server.queries.reading import reading
from server.storage import access_store
from tests.api.conftest import world as shared_world
from tests.console.cases_made import opened
from tests.server.desk_client import Desk, words
from tests.server.world import World

world = shared_world
NUMBERS = count(1)
PAPER = NoticePaper(
    kind="rectification", title="限期整改通知书", bureau="裕安区医疗保障局", number="六裕安医保改〔2026〕12号",
    institution="测试市第001医院", code="H34150200001", facts="1. 挂床住院。\n2. 重复收费。",
    articles=("《医疗保障基金使用监督管理条例》第三十八条第（七）项",), demands="逐项整改。", working_days=15,
    contact="测试丙003", signed_on=date(2026, 11, 23), at=1_795_400_000, entry=18_402, origin="ledger.test/a",
)  # fmt: skip
SLIP = ServiceSlip(
    bureau=PAPER.bureau, title=PAPER.title, number=PAPER.number, institution=PAPER.institution, code=PAPER.code,
    at=PAPER.at, entry=PAPER.entry, origin=PAPER.origin,
)  # fmt: skip


def text(raw: bytes, tmp_path: Path) -> str:
    """Return what stands in a PDF, without the blanks between Chinese and figures."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(raw)
    said = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return "".join(said.stdout.split())


@pytest.fixture
def noticed(world: World) -> Callable[..., str]:
    """A function that drafts a notice of a case and takes it through stages by the supervisor."""

    def make(*stages: str, number: str = "") -> str:
        values = {
            "institution": world.hospital,
            "number": number or f"LYB-2026-{next(NUMBERS)}",
            "type": "rectification",
            "case": opened(world, "notified"),
            "facts": "重复收取床位费。",
            "demands": "退回费用，提交整改报告。",
            "working_days": 15,
        }
        made = world.make("notice", values, by="supervisor", legal_basis=["SCFB-735-38"])
        if stages:
            world.move("notice", made, "draft", *stages, by="supervisor")
        return made

    return make


def document(world: World, notice: str, login: str = "supervisor") -> bytes:
    """Return a notice's paper as somebody's reading gives it."""
    with reading(world.services, world.users[login]) as look:
        return render(notice_paper.paper_of(look, notice_paper.one(look, notice)))


# The paper alone


def test_a_notice_says_who_to_whom_what_until_when_and_which_right_there_is(tmp_path: Path):
    said = text(render(PAPER), tmp_path)
    for part in (
        "裕安区医疗保障局", "限期整改通知书", "六裕安医保改〔2026〕12号", "测试市第001医院（H34150200001）：",
        "一、认定事实", "挂床住院", "第三十八条第（七）项", "三、要求", "15个工作日内", "陈述、申辩",
        "联系人：测试丙003",
        "（印章）", "2026年11月23日", "第18402条",
    ):  # fmt: skip
        assert part in said, part
    assert "草稿" not in said


def test_a_draft_says_that_it_is_one_and_has_no_day(tmp_path: Path):
    said = text(render(replace(PAPER, signed_on=None, number="")), tmp_path)
    assert "（尚未编号）" in said
    assert "2026年11月23日" not in said
    assert render(replace(PAPER, signed_on=None)) != render(PAPER)


def test_papers_are_archive_papers_and_the_same_to_the_byte():
    for made in (lambda: render(PAPER), lambda: render_slip(SLIP)):
        first = made()
        assert b"pdfaid:part>2<" in first
        assert b"pdfaid:conformance>B<" in first
        assert made() == first


def test_another_word_makes_another_paper():
    assert render(replace(PAPER, demands="逐项整改！")) != render(PAPER)
    assert render(replace(PAPER, at=PAPER.at + 1)) != render(PAPER)


def test_a_slip_leaves_blank_what_is_not_known_and_says_what_is(tmp_path: Path):
    blank = text(render_slip(SLIP), tmp_path)
    assert "送达回证" in blank
    assert "签名" in blank
    assert "2026年11月24日" not in blank
    known = replace(SLIP, method="直接送达", served_on=date(2026, 11, 24), due_on=date(2026, 12, 15))
    said = text(render_slip(known), tmp_path)
    assert "直接送达" in said
    assert "2026年12月15日" in said


# Of a record


def test_the_paper_of_a_notice_says_what_the_record_says(
    world: World, noticed: Callable[..., str], tmp_path: Path
):
    notice = noticed("signed_off", number="LYB-2026-901")
    said = text(document(world, notice), tmp_path)
    for part in (
        "医疗保障局",
        "LYB-2026-901",
        "重复收取床位费。",
        "退回费用，提交整改报告。",
    ):
        assert part in said


def test_from_the_sign_off_on_the_paper_stays_the_same(world: World, noticed: Callable[..., str]):
    notice = noticed("signed_off")
    before = document(world, notice)
    world.installation.clock.advance(days=3)
    desk = Desk(world, "supervisor")
    issued = desk.send(f"/api/notices/{notice}/issue", {"version": world.record(notice).version})
    assert issued.status_code == 200, issued.text
    world.act(Draft("edit", "institution", world.hospital, {"name": "测试改名医院"}))
    assert document(world, notice) == before
    assert document(world, notice, "city") == before, "whoever takes it takes the same bytes"
    page = Desk(world, "supervisor").get(f"/api/notices/{notice}").json
    assert (page["paper"], page["document"]) == ("matches", digest_of(before))
    assert page["institution"]["name"] == "测试改名医院"
    assert "逐字节相同" in words(Desk(world, "supervisor").get(f"/notices/{notice}"))


def test_a_paper_that_is_not_the_one_issued_is_said_so(world: World, noticed: Callable[..., str]):
    notice = noticed("signed_off")
    values = {"stage": {"from": "signed_off", "to": "issued"}, "document": "0" * 64}
    world.act(Draft("edit", "notice", notice, values), by="supervisor")
    assert Desk(world, "supervisor").get(f"/api/notices/{notice}").json["paper"] == "differs"
    assert "摘要不同" in words(Desk(world, "supervisor").get(f"/notices/{notice}"))


def test_a_draft_is_not_fixed(world: World, noticed: Callable[..., str]):
    page = Desk(world, "supervisor").get(f"/api/notices/{noticed()}").json
    assert (page["stage"], page["paper"], page["document"]) == ("draft", "unfixed", "")


def test_papers_are_taken_at_the_desk_and_by_program_and_that_is_logged(
    world: World, noticed: Callable[..., str]
):
    notice = noticed("signed_off")
    desk = Desk(world, "supervisor")
    for paper in ("notice.pdf", "slip.pdf"):
        at_desk, by_program = (
            desk.get(f"/notices/{notice}/{paper}"),
            desk.get(f"/api/notices/{notice}/{paper}"),
        )
        assert at_desk.status_code == by_program.status_code == 200
        assert at_desk.data == by_program.data
        assert at_desk.headers["Content-Type"] == "application/pdf"
    with world.services.engine.connect() as connection:
        table = access_store.TABLE
        wanted = table.select().where(table.c.act == access_log.READ_NOTICE, table.c.record == notice)
        assert len(connection.execute(wanted).all()) == 4


def test_an_auditor_sees_the_notice_and_not_its_words(world: World, noticed: Callable[..., str]):
    notice = noticed("signed_off")
    auditor = Desk(world, "auditor")
    page = auditor.get(f"/api/notices/{notice}").json
    assert (page["facts"], page["demands"], page["may_take"]) == ("", "", False)
    assert auditor.get(f"/notices/{notice}/notice.pdf").status_code == 403
    assert auditor.get(f"/api/notices/{notice}/slip.pdf").status_code == 403


def test_another_countys_supervisor_finds_none(world: World, noticed: Callable[..., str]):
    notice = noticed("signed_off")
    for path in ("", "/notice.pdf", "/slip.pdf"):
        assert Desk(world, "neighbour").get(f"/notices/{notice}{path}").status_code == 404
        assert Desk(world, "neighbour").get(f"/api/notices/{notice}{path}").status_code == 404
