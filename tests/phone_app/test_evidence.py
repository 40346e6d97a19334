"""Evidence on the phone: captured offline in every way, with its digest, place and officers; sent, verified, shown."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from server.storage import record_store
from sync.merge import Record
from tests.interop.town import Town
from tests.phone_app.handset import Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
CODE = "81234567890123456789"
FOOT = """one => {
  const canvas = new OffscreenCanvas(one.naturalWidth, one.naturalHeight);
  const pen = canvas.getContext('2d');
  pen.drawImage(one, 0, 0);
  const { data } = pen.getImageData(0, one.naturalHeight - 6, one.naturalWidth, 6);
  return data.filter((_, n) => n % 4 === 0).reduce((sum, red) => sum + red, 0) / (data.length / 4);
}"""
"""How bright the lowest lines of a picture are, of 255."""


def evidence(town: Town, ids: list[str]) -> list[Record]:
    """Return records as the ledger has them."""
    services = town.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, ids)
        return [found[one] for one in ids]


def captured(page: Page) -> list[str]:
    """Return the ids of the gallery's items, oldest first."""
    page.wait_for_selector(".gallery a")
    links = page.locator(".gallery a").evaluate_all("all => all.map(one => one.hash.split('/').pop())")
    return list(reversed(links))


def press(page: Page, way: str) -> None:
    page.get_by_role("button", name=way, exact=True).click()


def shoot(page: Page) -> None:
    """Press the shutter once it can be pressed."""
    expect(page.locator(".shutter")).to_be_enabled()
    page.locator(".shutter").click()


@pytest.fixture
def offline(phone: Handset, here: Town) -> Page:
    """The evidence page of a lead's phone that has no network."""
    phone.enrol(here.found.lead)
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.sync()
    phone.go("/evidence")
    expect(phone.page.locator(".gallery, .gallery-none")).to_be_visible()
    phone.context.set_offline(True)
    return phone.page


def test_what_is_captured_offline_in_every_way_arrives_verified(offline: Page, phone: Handset, here: Town):
    page = offline
    press(page, "拍照")
    shoot(page)
    expect(page.locator(".kept")).to_contain_text("还没有上传")
    press(page, "关闭")
    for way in ("录音", "录像"):
        press(page, way)
        press(page, "开始")
        expect(page.locator(".passed.on")).to_have_text("00:01")
        press(page, "停止")
        expect(page.locator("dialog")).to_have_count(0)
    press(page, "扫追溯码")
    page.get_by_label("手工输入追溯码").fill(CODE)
    press(page, "加入")
    shoot(page)
    expect(page.locator("dialog")).to_have_count(0)
    press(page, "扫描文书")
    shoot(page)
    page.get_by_role("button", name="左上角").press("ArrowRight")
    page.get_by_label("原件存放处").fill("财务科")
    page.get_by_label("与原件核对无误").check()
    press(page, "保存原照和裁切件")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".evidence-tag.waiting")).to_have_count(6)
    ids = captured(page)
    phone.context.set_offline(False)
    phone.sync()
    photo, sound, video, packs, paper, sheet = records = evidence(here, ids)
    assert {one.stage for one in records} == {"pending_review"}, "the server has re-hashed every file"
    assert [one.values.get("form") for one in records] == [
        "photo", "audio", "video", "trace_code_scan", "photo", "copy",
    ]  # fmt: skip
    assert [one.values["media_type"] for one in (sound, video)] == ["audio/mp4", "video/mp4"]
    assert {one.values["second_officer"] for one in records} == {here.found.member}
    assert all(one.values["position"]["accuracy_m"] == 12 for one in records)
    assert list(packs.values["trace_codes"]) == [CODE]
    assert (paper.values["kind"], sheet.values["copy_of"]) == ("documentary", paper.id)
    assert (sheet.values["original_place"], sheet.values["verified_against_original"]) == ("财务科", True)
    assert photo.values["captured_from"] <= photo.values["captured_until"]
    phone.go("/evidence")
    expect(page.locator(".evidence-tag.ok")).to_have_count(6)


def test_a_file_is_kept_byte_by_byte_and_its_watermark_is_on_a_copy(
    offline: Page, phone: Handset, here: Town, tmp_path: Path
):
    page, original = offline, tmp_path / "stock.png"
    original.write_bytes(picture())
    press(page, "选取文件")
    page.get_by_label("文件（").set_input_files(original)
    page.get_by_label("说明").fill("药房台账首页")
    press(page, "保存到本机")
    expect(page.locator("dialog")).to_have_count(0)
    kept = captured(page)[-1]
    page.locator(".gallery a").first.click()
    expect(page.get_by_text("药房台账首页")).to_be_visible()
    expect(page.get_by_alt_text("带水印的副本")).to_be_visible()
    foot = page.get_by_alt_text("带水印的副本").evaluate(FOOT)
    assert foot < 90, "dark behind the words, where the original is grey"
    phone.context.set_offline(False)
    phone.sync()
    (record,) = evidence(here, [kept])
    assert record.values["digest"] == hashlib.sha256(original.read_bytes()).hexdigest()
    assert record.values["form"] == "export"


def test_a_kind_of_file_that_is_not_taken_is_told_and_nothing_is_kept(offline: Page, tmp_path: Path):
    page, sheet = offline, tmp_path / "sheet.xlsx"
    sheet.write_bytes(b"PK")
    press(page, "选取文件")
    page.get_by_label("文件（").set_input_files(sheet)
    expect(page.get_by_role("alert")).to_contain_text("这种文件收不了")
    expect(page.get_by_role("button", name="保存到本机")).to_be_disabled()


def test_what_was_captured_by_mistake_is_taken_back_with_its_reason(
    offline: Page, phone: Handset, here: Town
):
    page = offline
    before = len(page.locator(".gallery a").all())
    press(page, "拍照")
    shoot(page)
    expect(page.locator(".kept p")).to_have_count(1)
    press(page, "关闭")
    press(page, "撤销")
    expect(page.locator(".evidence-tag.unknown")).to_have_count(1)
    kept = captured(page)[before:]
    phone.context.set_offline(False)
    phone.sync()
    (record,) = evidence(here, kept)
    assert record.life == "voided"
    assert "当场撤销" in str(record.values["note"])


def test_a_recording_that_is_not_wanted_leaves_nothing(offline: Page):
    page = offline
    before = page.locator(".gallery a").count()
    press(page, "录音")
    press(page, "开始")
    expect(page.locator(".passed.on")).to_have_text("00:01")
    press(page, "不要了")
    expect(page.locator("dialog")).to_have_count(0)
    assert page.locator(".gallery a").count() == before


def test_a_wrong_code_is_told_at_once_and_no_photo_is_kept_without_a_code(offline: Page):
    page = offline
    press(page, "扫追溯码")
    page.get_by_label("手工输入追溯码").fill("6901234567892")
    press(page, "加入")
    expect(page.get_by_role("alert").first).to_contain_text("这是商品条码")
    shoot(page)
    expect(page.get_by_role("alert").last).to_contain_text("还没有追溯码")


def picture() -> bytes:
    """Return a small picture in a loss-free format."""
    import io

    from PIL import Image

    into: Any = io.BytesIO()
    Image.effect_noise((320, 200), 60).convert("RGB").save(into, "PNG")
    return bytes(into.getvalue())
