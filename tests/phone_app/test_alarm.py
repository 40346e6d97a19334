"""A contradicting ledger, a copied phone, a restored server: nobody can miss the words."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from sync import signing
from tests.interop.line import Alter, Exchange, once
from tests.interop.town import Town
from tests.phone_app.handset import Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]
SETS = "/v1/change-sets"


@pytest.fixture
def here(own_town: Town) -> Town:
    return own_town


def arrive(page: Page) -> None:
    """Record the day's first act."""
    page.get_by_role("button", name="到达现场").click()
    page.get_by_role("button", name="确认到达").click()


def test_a_receipt_for_another_verdict_is_an_alarm_that_covers_the_app_and_comes_back_after_a_restart(
    phone: Handset, here: Town
):
    def another_verdict(exchange: Exchange) -> None:
        _, payload = signing.peek(exchange.answer.decode(), signing.RECEIPT)
        payload["entries"] = [payload["entries"][0].replace("applied", "merged")]
        exchange.answer = here.signed(signing.RECEIPT, payload).encode()

    phone.enrol(here.found.lead)
    here.line.after = once(SETS, another_verdict)
    arrive(phone.page)
    alarm = phone.page.get_by_role("alertdialog", name="警报：台账与这部手机所见相矛盾")
    expect(alarm).to_contain_text("请马上告诉您的主管")
    expect(alarm).to_contain_text("其中 1 项还没有回执")
    expect(alarm).to_contain_text("可以继续记录")
    expect(alarm.locator(".code").first).not_to_be_empty()
    expect(phone.page.locator(".bar")).to_have_count(0)
    phone.page.reload()
    phone.unlock()
    expect(alarm).to_be_visible()
    alarm.get_by_role("button", name="我已读完").click()
    expect(phone.page.locator(".band")).to_contain_text("台账与这部手机所见相矛盾")
    expect(phone.page.locator(".card")).to_contain_text("现场检查")


def test_the_same_receipt_as_it_was_raises_none(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    arrive(phone.page)
    phone.sync()
    expect(phone.page.locator(".band")).to_have_count(0)
    phone.go("/warning")
    expect(phone.page.locator("main")).to_contain_text("没有警告")


def refused(code: str) -> Alter:
    """Return what lets the server refuse with a code."""

    def other(exchange: Exchange) -> None:
        exchange.status = 409
        exchange.told = {"Content-Type": "application/problem+json"}
        exchange.answer = json.dumps({"code": code, "status": 409, "detail": "refused"}).encode()

    return other


def test_a_copy_of_the_phone_is_stopped_and_told_the_way_out(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    here.line.after = once(SETS, refused("device_fork"))
    arrive(phone.page)
    stop = phone.page.get_by_role("alertdialog", name="这部手机已停用：出现了它的另一份副本")
    expect(stop).to_contain_text("没有丢弃")
    stop.get_by_role("link", name="录入新的登记码").click()
    expect(phone.page.get_by_label("登记码文字")).to_be_visible()


def test_a_server_that_was_restored_is_no_alarm_but_told_until_it_is_whole_again(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    here.line.after = once(SETS, refused("ledger_behind"))
    arrive(phone.page)
    expect(phone.page.locator(".band")).to_contain_text("服务器从备份恢复过，还没有恢复完")
    phone.go("/warning")
    expect(phone.page.get_by_role("alertdialog")).to_contain_text("其中 1 项还没有回执")
    phone.sync()
    expect(phone.page.locator(".band")).to_have_count(0)
