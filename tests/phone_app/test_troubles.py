"""Another window, storage that was cleared or is full, a new version, a clock wrong by a day, an order to erase."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from server.operations.lost_phone import declare_lost
from tests.interop.line import Exchange, cut
from tests.interop.town import Town
from tests.phone_app.handset import Handset
from tests.phone_app.walking import of_type

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
DAY = 86_400


def test_a_second_window_says_so_and_may_take_over(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    second = Handset(here, phone.context.new_page())
    second.open()
    expect(second.page.get_by_role("heading", name="已在另一个窗口打开")).to_be_visible()
    second.page.get_by_role("button", name="在这里继续").click()
    second.unlock()
    expect(second.page.locator(".card")).to_be_visible()
    expect(phone.page.get_by_role("heading", name="已在另一个窗口打开")).to_be_visible()
    expect(phone.page.locator("body")).not_to_contain_text("六安市测试")


def test_a_cleared_storage_is_told_and_the_phone_enrols_anew(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    phone.page.goto(f"{here.line.url}/app/licences.txt")
    phone.page.evaluate("""async () => {
      for (const { name } of await indexedDB.databases())
        await new Promise((done) => { indexedDB.deleteDatabase(name).onsuccess = done; });
    }""")
    phone.open()
    expect(phone.page.get_by_role("heading", name="这部手机上的数据不见了")).to_be_visible()
    expect(phone.page.locator("main")).to_contain_text("请告诉主管")
    phone.page.get_by_role("button", name="重新登记这部手机").click()
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()


def test_little_room_is_told_before_it_is_too_late(phone: Handset, here: Town):
    phone.page.add_init_script(
        "navigator.storage.estimate = async () => ({ usage: 1e9, quota: 1e9 + 20 * 1024 * 1024 })"
    )
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".notice")).to_contain_text("存储空间只剩约 20.0 MB")


def test_a_clock_wrong_by_a_day_is_told_and_the_sync_goes_on(phone: Handset, here: Town):
    phone.page.clock.install(time=time.time() + DAY)
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    expect(phone.page.locator(".notice")).to_contain_text("手机时钟快了约 1 天")
    phone.sync()
    expect(phone.page.get_by_role("alert")).to_have_count(0)


def test_a_right_clock_and_enough_room_say_nothing(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    expect(phone.page.locator(".notice")).to_have_count(0)


def test_a_new_version_waits_and_names_unsent_work(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.page.reload()
    phone.unlock()

    def newer(exchange: Exchange) -> None:
        if exchange.place == "/app/sw.js":
            exchange.answer = exchange.answer.replace(b"shell-", b"shell-2-")
        if exchange.place.startswith("/v1/change-sets"):
            exchange.status = 503

    here.line.before = lambda exchange: exchange.headers.pop("If-None-Match", None)  # type: ignore[attr-defined]
    here.line.after = newer
    phone.page.get_by_role("button", name="到达现场").click()
    phone.page.get_by_role("button", name="确认到达").click()
    phone.page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    expect(phone.page.locator(".notice")).to_contain_text("应用有新版本")
    phone.page.get_by_role("button", name="现在更新").click()
    expect(phone.page.locator(".notice")).to_contain_text("有 1 项未上传")
    phone.page.get_by_role("button", name="仍然更新").click()
    expect(phone.page.get_by_role("heading", name="查房取证已锁定")).to_be_visible()
    here.line.reset()
    phone.unlock()
    expect(phone.page.locator(".strip")).to_contain_text("全部已有回执")


def device_of(phone: Handset) -> str:
    """Return the device's id, as its page tells it."""
    phone.go("/phone")
    return phone.page.locator("dt:has-text('手机编号') + dd").inner_text()


def test_a_lost_phone_hands_over_and_erases_itself(phone: Handset, here: Town):
    phone.enrol(here.found.member)
    expect(phone.page.locator(".card")).to_be_visible()
    declare_lost(here.installation.services, device_of(phone), now=False)
    phone.go("/sync")
    phone.page.get_by_role("button", name="现在同步").click()
    expect(phone.page.get_by_role("heading", name="这部手机上的数据已清除")).to_be_visible()
    phone.page.reload()
    expect(phone.page.get_by_label("登记码文字")).to_be_visible()
    names = phone.page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name))")
    assert "wardledger" not in names
    assert phone.page.evaluate("localStorage.getItem('wardledger.phone')") is None


def test_out_of_touch_it_shows_nothing_earlier_and_records_on(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    phone.sync()
    here.line.before = cut
    phone.page.clock.install(time=time.time() + 8 * DAY)
    phone.open()
    phone.page.reload()
    phone.unlock()
    expect(phone.page.get_by_role("heading", name="以前的记录已锁定")).to_be_visible()
    expect(phone.page.locator("body")).not_to_contain_text("六安市测试")
    ways = phone.page.get_by_role("region", name="2026年11月17日星期二的日常检查")
    ways.get_by_role("button", name="拍照").click()
    phone.page.locator(".shutter").click()
    expect(phone.page.get_by_text("已在这部手机上保存 1 项")).to_be_attached()
    phone.page.get_by_role("button", name="关闭").click()
    for bed in ("1199", "1103"):
        ways.get_by_role("button", name="记一张床").click()
        phone.page.get_by_label("在册床号").fill(bed)
        phone.page.get_by_label("在床情况").select_option("in_bed")
        phone.page.get_by_role("button", name="保存到本机").click()
        expect(ways).to_be_visible()
    ways.get_by_role("button", name="写一个问题").click()
    phone.page.get_by_label("违规类型").first.fill("挂床")
    phone.page.get_by_role("button", name="挂床住院").click()
    phone.page.get_by_label("事实").fill("测试床位无人")
    phone.page.get_by_label("涉及金额").fill("12.00")
    phone.page.get_by_role("button", name="保存到本机").click()
    expect(phone.page.get_by_text("已在这部手机上保存 4 项")).to_be_attached()
    expect(phone.page.locator("body")).not_to_contain_text("六安市测试")
    here.line.reset()
    phone.page.get_by_role("button", name="现在同步").click()
    expect(phone.page.locator(".card")).to_contain_text("六安市测试")
    phone.sync()
    found = sorted(one.values["bed_listed"] for one in of_type(here, "bed_check"))
    assert found == ["1103", "1199"]
    (round_,) = (one for one in of_type(here, "ward_round") if one.stage == "in_progress")
    assert {one.values["ward_round"] for one in of_type(here, "bed_check")} == {round_.id}
    assert [one.values["amount_fen"] for one in of_type(here, "finding")] == [1200]
