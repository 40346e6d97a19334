"""Practice: an invented hospital, marked as such on every page, of which nothing is sent and nothing stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.interop.town import Town
from tests.phone_app.handset import Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_a_round_is_practised_and_nothing_of_it_leaves_or_stays(phone: Handset, here: Town):
    phone.open()
    phone.page.get_by_role("button", name="先练习一下").click()
    expect(phone.page.locator(".strip")).to_contain_text("练习：内容是虚构的，什么也不上传")
    expect(phone.page.locator(".card")).to_contain_text("练习医院（虚构）")
    here.line.seen.clear()
    phone.page.get_by_role("button", name="到达现场").click()
    phone.page.get_by_role("button", name="确认到达").click()
    expect(phone.page.locator(".card")).to_contain_text("现场检查")
    phone.go("/rounds")
    expect(phone.page.locator("main")).to_contain_text("练习医院")
    phone.go("/sync")
    expect(phone.page.locator(".strip")).to_contain_text("练习")
    assert not [one.place for one in here.line.seen if not one.place.startswith("/app/")]
    phone.page.get_by_role("button", name="结束练习").click()
    expect(phone.page.get_by_label("登记码文字")).to_be_visible()
    names = phone.page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name))")
    assert "wardledger practice" not in names


def test_the_real_phone_is_as_it_was_when_practice_ends(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_contain_text("六安市测试")
    phone.go("/phone")
    phone.page.get_by_role("button", name="开始练习").click()
    phone.go("/")
    expect(phone.page.locator(".card")).to_contain_text("练习医院（虚构）")
    expect(phone.page.locator("main")).not_to_contain_text("六安市测试")
    phone.page.get_by_role("button", name="结束练习").click()
    phone.unlock()
    expect(phone.page.locator(".card")).to_contain_text("六安市测试")
    expect(phone.page.locator(".card")).not_to_contain_text("练习")
