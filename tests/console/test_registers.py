"""Registers at the desk: every type as a table, any record by its fields, only what its reader may see."""

from __future__ import annotations

import re
from typing import Any

import pytest

from schemas import describe
from schemas.drafting import Draft
from schemas.records import TYPES
from server.console import register_marks
from server.queries.records import has_register
from server.storage import ledger_store
from tests.api.people import OUTSIDERS, let_in
from tests.console.test_pages import DESK
from tests.server.desk_client import Desk, heading, words
from tests.server.world import World

KINDS = sorted(name for name, kind in TYPES.items() if has_register(kind))
AT_THE_DESK = ["neighbour", *sorted(OUTSIDERS.keys() - {"portal"})]
"""Logins of those who may open the desk and read nothing there."""


@pytest.fixture(scope="module", autouse=True)
def others(world: World) -> None:
    """Those who may read nothing have access too."""
    let_in(world)


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


@pytest.fixture(scope="module")
def interview(world: World) -> str:
    """An interview that was held, with what a group and a unit look like."""
    values = {
        "institution": world.hospital,
        "kind": "joint_interview",
        "trigger": "overdue",
        "scheduled_at": world.services.now_ms(),
        "place": "三楼会议室",
    }
    made = world.make("interview", values, by="supervisor", joint_with=["health"])
    world.move("interview", made, "planned", "invited", by="supervisor")
    people = [{"name": "测试甲101", "post": "head", "phone": "0564-0000001"}]
    world.act(Draft("edit", "interview", made, {}, add={"attendees": people}), by="supervisor")
    return made


def fields_of(page: str) -> dict[str, str]:
    """Return {label: what is written and by whom} of a record's page."""
    found = re.findall(r"<dt title=\"(\w+)\">.*?</dt><dd>(.*?)</dd>(.*?)</div>", page, re.DOTALL)
    return {
        name: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", value + who)).strip() for name, value, who in found
    }


def contested(world: World) -> str:
    """Return a finding over whose amount two values stand against each other."""
    values = {"inspection": world.inspection, "violation_code": "split_admission", "facts": "两次入院"}
    finding = world.make("finding", {**values, "amount_fen": 100, "origin": "on_site"}, by="member")
    with world.services.database.reading() as connection:
        epoch = ledger_store.head(connection, world.services.ledger.id).epoch
    base = (epoch, world.record(finding).version)
    for amount, who in ((480_000, "lead"), (610_000, "member")):
        world.act(Draft("edit", "finding", finding, {"amount_fen": amount}, base=base), by=who)
    return finding


# The list of registers


def test_the_registers_are_listed_with_how_many_records_the_reader_may_see(world: World, desk: Desk):
    page = words(desk.get("/records"))
    assert "在院病人 4" in page
    assert "定点医药机构 1" in page
    for name in KINDS:
        assert TYPES[name].zh in page, name
    for name in ("user", "device"):
        assert f'href="/records/{name}"' not in desk.get("/records").text


def test_every_page_links_to_the_registers(desk: Desk):
    assert '<a href="/records">' in desk.get("/").text
    assert 'href="/records" aria-current="page"' in desk.get("/records/finding").text


@pytest.mark.parametrize("login", AT_THE_DESK)
def test_whoever_may_read_nothing_is_told_so(world: World, login: str):
    page = Desk(world, login).get("/records")
    assert page.status_code == 200
    assert "这里还没有记录" in words(page)
    assert "测试市第001医院" not in page.text


def test_an_institutions_user_is_kept_out_of_the_desks_registers(world: World):
    reader = Desk(world, "portal")
    for path in ("/records", "/records/finding", f"/records/finding/{world.finding}"):
        assert reader.get(path).status_code == 403


# A register


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_has_a_register_with_the_columns_of_its_declaration(world: World, desk: Desk, kind: str):
    for language in ("zh_CN", "en"):
        desk.post("/language", language=language)
        page = desk.get(f"/records/{kind}")
        assert page.status_code == 200
        name = TYPES[kind].zh if language == "zh_CN" else TYPES[kind].en
        assert heading(page).startswith(name)
        if "<table" in page.text:
            heads = re.findall(r"<th[^>]*>(.*?)</th>", page.text)
            told = {
                column.zh if language == "zh_CN" else column.en for column in describe.columns(TYPES[kind])
            }
            assert len(told & {head.replace("&#39;", "'") for head in heads}) >= min(2, len(told) - 1)


def test_a_row_names_its_record_where_it_lies_and_what_it_says(desk: Desk, world: World):
    page = desk.get("/records/finding")
    row = next(each for each in page.text.split("<tr data-row>") if world.finding in each)
    assert f'<a href="/records/finding/{world.finding}">挂床住院</a>' in row
    for word in ("测试市第001医院", "已听取陈述", "12,345.67 元", "2021年5月1日"):
        assert word in row


@pytest.mark.parametrize("login", AT_THE_DESK)
def test_a_register_shows_nothing_to_whoever_may_read_nothing(world: World, login: str):
    reader = Desk(world, login)
    for kind in KINDS:
        page = reader.get(f"/records/{kind}")
        assert page.status_code == 200
        assert "<table" not in page.text
        assert "测试市第001医院" not in page.text
    assert reader.get(f"/records/finding/{world.finding}").status_code == 404


def test_patients_stand_in_a_register_by_masked_names(desk: Desk, world: World):
    page = desk.get("/records/encounter")
    assert "测*****3" in page.text
    assert "测试患者003" not in page.text
    assert "测试患者003" not in desk.get(f"/records/encounter/{world.encounters[2]}").text
    # A check names its patient by the title of the other record, which is masked there too.
    assert fields_of(desk.get(f"/records/bed_check/{world.checks[2]}").text)["encounter"].startswith(
        "测*****3"
    )


def test_a_stage_and_a_region_narrow_a_register_and_each_other(desk: Desk):
    every = desk.get("/records/finding")
    assert re.search(
        r'href="/records/finding\?stage=heard"[^>]*>已听取陈述 <span class="count">1', every.text
    )
    assert "测试市第001医院" in desk.get("/records/finding?stage=heard&region=341502").text
    for query in ("stage=withdrawn", "region=341503", "stage=heard&region=341503"):
        page = desk.get(f"/records/finding?{query}")
        assert "没有符合条件的记录" in words(page), query
    chosen = desk.get("/records/finding?region=341502").text
    assert '<option value="341502" selected>金安区</option>' in chosen
    assert 'href="/records/finding?region=341502&amp;stage=heard"' in chosen


def test_the_regions_to_choose_from_are_the_reader_s_own(world: World):
    assert "霍山县" in Desk(world, "city").get("/records/finding").text
    assert "霍山县" not in Desk(world, "supervisor").get("/records/finding").text
    assert '<select name="region">' not in Desk(world, "member").get("/records/finding").text


@pytest.mark.parametrize(
    "query", ["stage=nowhere", "region=12", "sort=colour", "after=x", "before=x", "parent=x", "life=dead"]
)
def test_what_cannot_be_asked_of_a_register_is_told_in_words(desk: Desk, query: str):
    page = desk.get(f"/records/finding?{query}")
    assert (page.status_code, page.mimetype) == (400, "text/html")


def test_a_register_that_there_is_not_is_a_page_that_there_is_not(desk: Desk, world: World):
    for path in (
        "/records/nothing",
        "/records/user",
        f"/records/user/{world.users['lead']}",
        "/records/finding/x",
    ):
        page = desk.get(path)
        assert (page.status_code, heading(page)) == (404, "没有这个页面，或者您无权查看")


def test_a_long_register_is_paged_forward_and_back(desk: Desk, world: World):
    for number in range(60):
        named = {"fixmedins_code": f"H341502{number:05d}", "name": f"测试第{number:03d}诊所"}
        world.make("institution", {**named, "kind": "clinic", "region": "341502"})
    first = desk.get("/records/institution")
    assert (first.text.count("<tr data-row>"), "上一页" in first.text) == (50, False)
    second = desk.get(re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&"))
    assert (second.text.count("<tr data-row>"), "下一页" in second.text) == (11, False)
    back = desk.get(re.search(r'rel="prev" href="([^"]+)"', second.text)[1].replace("&amp;", "&"))
    rows = re.compile(r'data-row>\s*<td class="lead"><a href="([^"]+)"')
    assert rows.findall(back.text) == rows.findall(first.text)
    assert not set(rows.findall(first.text)) & set(rows.findall(second.text))
    assert heading(first).startswith("定点医药机构")
    assert "61" in heading(first)


# A record


def test_a_record_shows_every_field_with_who_wrote_it_when(desk: Desk, world: World, interview: str):
    page = desk.get(f"/records/interview/{interview}")
    shown = fields_of(page.text)
    assert shown["kind"].startswith("双约谈 测试甲001 ·")
    assert shown["place"].startswith("三楼会议室")
    assert shown["attendees"].startswith("姓名 测****1 职务 负责人 电话 0564-0000001")
    assert "联合单位" in page.text
    for field in TYPES["interview"].by_name.values():
        assert field.zh in page.text, field.name
    assert "测试甲101" not in page.text


def test_a_record_s_page_names_its_place_in_the_ledger_and_links_its_data(desk: Desk, world: World):
    record = world.record(world.finding)
    page = desk.get(f"/records/finding/{world.finding}")
    text = words(page)
    assert f"版本 {record.version}" in text
    assert f"第 {record.acts[0].index} 条" in text
    assert f"第 {record.acts[-1].index} 条" in text
    assert f'href="/api/records/finding/{world.finding}"' in page.text
    assert f'href="/records/inspection/{world.inspection}"' in page.text
    assert "阶段 已听取陈述" in text


@pytest.mark.parametrize("kind", ["ward_round", "evidence", "finding"])
def test_a_type_with_a_page_of_its_own_is_linked_to_it(desk: Desk, world: World, kind: str):
    item = {"ward_round": world.ward_round, "evidence": world.evidence[0], "finding": world.finding}[kind]
    page = desk.get(f"/records/{kind}/{item}").text
    (address,) = re.findall(r'<a class="button filled" href="([^"]+)"', page)
    assert desk.get(address).status_code == 200
    assert item in address


def test_a_type_without_one_is_linked_to_none(desk: Desk, world: World):
    for path in (f"/records/encounter/{world.encounters[0]}", f"/records/institution/{world.hospital}"):
        assert "button filled" not in desk.get(path).text


def test_open_conflicts_stand_side_by_side_and_nothing_can_be_decided_here(desk: Desk, world: World):
    finding = contested(world)
    page = desk.get(f"/records/finding/{finding}")
    text = words(page)
    assert "数据冲突：涉及金额" in text
    assert ("4,800.00 元 测试甲005" in text, "6,100.00 元 测试甲006" in text) == (True, True)
    main = page.text[page.text.index("<main") : page.text.index("</main>")]
    assert "<form" not in main
    assert "冲突" in words(desk.get("/records/finding?conflicts=open"))


def test_a_voided_record_says_so_and_is_found_by_its_filter(desk: Desk, world: World):
    values = {"ward_round": world.ward_round, "bed_listed": "1180", "presence": "in_bed"}
    check = world.make("bed_check", values, by="member")
    world.act(Draft("void", "bed_check", check), by="member")
    assert check not in desk.get("/records/bed_check").text
    assert check in desk.get("/records/bed_check?life=voided").text
    assert "已作废" in words(desk.get(f"/records/bed_check/{check}"))


def test_what_lies_in_a_record_is_one_click_away(desk: Desk, world: World):
    page = desk.get(f"/records/ward_round/{world.ward_round}")
    assert f'href="/records/bed_check?parent={world.ward_round}"' in page.text
    inside = desk.get(f"/records/bed_check?parent={world.ward_round}")
    assert inside.text.count("<tr data-row>") >= len(world.checks)
    assert "仅显示所属" in words(inside)


def test_what_people_wrote_is_shown_as_text_not_as_markup(desk: Desk, world: World):
    values = {"ward_round": world.ward_round, "bed_listed": "1181", "presence": "in_bed"}
    check = world.make("bed_check", {**values, "note": "<script>alert(1)</script>"}, by="member")
    page = desk.get(f"/records/bed_check/{check}").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


# Looks


def looks() -> list[Any]:
    """Return every mark of the registers."""
    tables = (
        value for name, value in vars(register_marks).items() if name.isupper() and isinstance(value, dict)
    )
    found = [mark for table in tables for mark in table.values() if isinstance(mark, register_marks.Mark)]
    kinds = [kind for kind in TYPES.values() if has_register(kind)]
    return found + [
        register_marks.stage_mark(kind, stage) for kind in kinds for stage in register_marks.stages_of(kind)
    ]


def test_every_stage_of_every_type_has_a_word_a_tone_of_the_style_sheet_and_a_sign_of_the_sprite():
    signs = set(re.findall(r'<symbol id="(\w+)"', (DESK / "icons.svg").read_text("utf-8")))
    tones = set(re.findall(r"\.tone-(\w+)", (DESK / "desk.css").read_text("utf-8")))
    assert {mark.sign for mark in looks()} - {""} <= signs
    assert {mark.tone for mark in looks()} <= tones
    assert all(str(mark.word) for mark in looks())


def test_the_style_sheets_of_the_registers_stay_small_and_use_the_tokens_alone():
    for name in ("registers.css", "api.css"):
        text = (DESK / name).read_text("utf-8")
        assert len(text) < 5_000
        assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(", text)
