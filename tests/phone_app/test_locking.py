"""A phone that nobody holds locks itself, and says so before; what it held is gone from the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.interop.town import Town
from tests.phone_app.handset import Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
MINUTE_MS = 60_000


def test_it_tells_the_last_half_minute_and_locks(phone: Handset, here: Town):
    phone.page.clock.install()
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    phone.page.clock.fast_forward(9 * MINUTE_MS + 40_000)
    expect(phone.page.locator(".locking")).to_contain_text("秒后锁定")
    phone.page.get_by_role("button", name="继续使用").click()
    expect(phone.page.locator(".locking")).to_have_count(0)
    phone.page.clock.fast_forward(10 * MINUTE_MS + 1_000)
    expect(phone.page.get_by_role("heading", name="查房取证已锁定")).to_be_visible()
    expect(phone.page.locator("body")).not_to_contain_text("六安市测试")
    phone.unlock()
    expect(phone.page.locator(".card")).to_be_visible()


def test_the_user_locks_it_and_changes_the_pin(phone: Handset, here: Town):
    phone.enrol(here.found.member)
    phone.go("/phone")
    phone.page.get_by_role("button", name="更换口令").click()
    phone.page.get_by_label("现在的口令").fill("135791")
    phone.page.get_by_label("新口令（6 位以上数字）").fill("975310")
    phone.page.get_by_label("再输入一次").fill("975310")
    phone.page.get_by_role("button", name="更换口令").click()
    expect(phone.page.get_by_role("alert")).to_contain_text("口令不对")
    phone.page.get_by_label("现在的口令").fill("246813")
    phone.page.get_by_role("button", name="更换口令").click()
    expect(phone.page.get_by_text("口令已更换")).to_be_visible()
    phone.page.get_by_role("button", name="立即锁定").click()
    phone.unlock("246813")
    expect(phone.page.get_by_role("alert")).to_contain_text("口令不对")
    phone.unlock("975310")
    expect(phone.page.locator(".bar")).to_be_visible()
    expect(phone.page.locator(".facts")).to_contain_text("不可导出")


def test_it_speaks_english(phone: Handset, here: Town):
    phone.enrol(here.found.member)
    phone.go("/phone")
    phone.page.get_by_role("button", name="English").click()
    expect(phone.page.locator(".bar")).to_contain_text("Evidence")
    expect(phone.page.locator("html")).to_have_attribute("lang", "en")
