"""Records written on the phone (笔录): signed offline, or refused before a witness; the party's copy with digest."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from server.evidence import verify
from server.storage import record_store
from sync.merge import Record
from tests.interop.town import Town
from tests.phone_app.handset import Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
SEEN = "一、三楼病区 12 床无人，床头卡为测试甲。\n二、药房台账与库存不符。"


def evidence(town: Town, record: str) -> Record:
    """Return a record as the ledger has it."""
    services = town.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, [record])[record]


def sign(page: Page, who: str) -> None:
    """Sign on the glass in one stroke."""
    page.get_by_role("button", name=f"请{who}签名").click()
    pad = page.locator("canvas.pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 30 + 18 * step, box["y"] + 40 + (25 if step % 2 else -15))
    page.mouse.up()
    page.get_by_role("button", name="签好了").click()


def write(page: Page) -> None:
    """Write what a scene record says, all but the signatures."""
    page.get_by_label("地点").fill("三楼内科病区")
    for n, name in ((1, "测试检查员一"), (2, "测试检查员二")):
        page.get_by_label(f"检查人员 {n}").fill(name)
        page.get_by_label("执法证号").nth(n - 1).fill(f"皖N{n:04d}")
    page.get_by_label("被检查单位在场人").fill("测试负责人")
    page.get_by_label("检查情况").fill(SEEN)


@pytest.fixture
def page(phone: Handset, here: Town) -> Page:
    """A blank scene record on a lead's phone that has no network."""
    phone.enrol(here.found.lead)
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.sync()
    phone.context.set_offline(True)
    phone.go(f"/evidence/of/{here.found.inspection}/record/scene_record")
    expect(phone.page.get_by_label("地点")).to_be_visible()
    return phone.page


def test_a_scene_record_is_signed_offline_and_the_party_takes_its_copy(
    page: Page, phone: Handset, here: Town
):
    write(page)
    sign(page, "检查人员 测试检查员一")
    sign(page, "检查人员 测试检查员二")
    page.get_by_role("button", name="请被检查人 测试负责人签名").click()
    page.get_by_role("button", name="不能或不愿签名").click()
    page.get_by_label("理由").fill("对事实有异议")
    page.get_by_label("见证人姓名").fill("测试见证人")
    page.get_by_role("button", name="记录未签名").click()
    page.get_by_role("button", name="保存笔录").click()
    paper = page.locator(".paper")
    expect(paper).to_contain_text("现场检查笔录")
    expect(paper).to_contain_text("药房台账与库存不符")
    expect(paper).to_contain_text("拒绝签名，理由：对事实有异议；见证人：测试见证人")
    expect(paper.locator("svg.ink")).to_have_count(2)
    key = page.url.split("/")[-2]
    phone.context.set_offline(False)
    phone.sync()
    record = evidence(here, key)
    assert record.stage == "pending_review"
    assert (record.values["kind"], record.values["form"]) == ("inspection_record", "scene_record")
    assert record.values["second_officer"] == here.found.member
    assert [(one["signer"], one["outcome"]) for one in record.values["signatures"]] == [
        ("officer", "signed"), ("officer", "signed"), ("party", "refused"),
    ]  # fmt: skip
    content = json.loads(b"".join(verify.plain(here.installation.services, record)))
    assert [one["text"] for one in content["paragraphs"]] == SEEN.split("\n")
    assert content["signatures"][2]["witness"] == "测试见证人"
    phone.go(f"/evidence/{key}/copy")
    expect(paper).to_contain_text(str(record.values["digest"]))


def test_nobody_signs_what_is_not_complete(page: Page):
    page.get_by_role("button", name="请检查人员签名").first.click()
    expect(page.locator("canvas.pad")).to_have_count(0)
    expect(page.locator("#place-fault")).to_have_text("请填写这一项。")
    expect(page.get_by_label("地点")).to_be_focused()
    expect(page.get_by_role("button", name="保存笔录")).to_be_disabled()


def test_the_words_stand_once_somebody_signed_unless_all_signatures_are_dropped(page: Page):
    write(page)
    sign(page, "检查人员 测试检查员一")
    expect(page.get_by_label("检查情况")).to_be_disabled()
    page.get_by_role("button", name="作废签名，修改正文").click()
    expect(page.get_by_label("检查情况")).to_be_enabled()
    expect(page.get_by_role("button", name="请检查人员 测试检查员一签名")).to_be_visible()


def test_a_draft_with_its_signatures_outlives_the_app(page: Page, phone: Handset):
    write(page)
    sign(page, "检查人员 测试检查员一")
    expect(page.get_by_text("检查人员 测试检查员一 · 已签名")).to_be_visible()
    page.reload()
    phone.unlock()
    expect(page.get_by_text("这是上次没有写完的草稿。")).to_be_visible()
    expect(page.get_by_text("检查人员 测试检查员一 · 已签名")).to_be_visible()
    expect(page.get_by_label("检查情况")).to_have_value(SEEN)


def test_nobody_is_asked_before_he_was_told_his_rights(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    phone.go(f"/evidence/of/{here.found.inspection}/record/inquiry_record")
    phone.page.get_by_role("button", name="请检查人员签名").first.click()
    expect(phone.page.locator("#rights_told-fault")).to_have_text("询问前要先告知权利义务。")
