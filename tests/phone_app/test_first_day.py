"""An inspector's first day: the code is typed, the plan is there, what is recorded arrives and has its receipt."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from server.storage import record_store
from tests.interop.line import cut
from tests.interop.town import Town
from tests.phone_app.handset import Handset, handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
ASKINGS_MAX = 100


@pytest.fixture
def here(own_town: Town) -> Town:
    return own_town


def stage_of(town: Town, record: str) -> str:
    """Return the stage that the ledger has."""
    services = town.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [record])[record]
    return str(found.values["stage"])


def test_the_plan_is_there_and_what_is_recorded_gets_its_receipt(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    card = phone.page.locator(".card")
    expect(card).to_contain_text("六安市测试第001医院")
    expect(card).to_contain_text("日常检查 · 已批准")
    phone.page.get_by_role("button", name="到达现场").click()
    phone.page.get_by_role("button", name="确认到达").click()
    expect(card).to_contain_text("现场检查")
    phone.sync()
    expect(phone.page.locator(".state-ok")).to_contain_text("已入台账，回执")
    expect(phone.page.locator(".strip")).to_contain_text("全部已有回执")
    assert stage_of(here, here.found.inspection) == "on_site"


def test_a_used_code_is_refused_with_what_to_do(phone: Handset, here: Town, browser: Browser):
    ticket = here.ticket(here.found.member)
    phone.enrol_with(ticket.text())
    with handset(browser, here) as second:
        second.enrol_with(ticket.text(), opens=False)
        expect(second.page.get_by_role("alert")).to_contain_text("请管理员出示新的登记码")
        expect(second.page.locator(".bar")).to_have_count(0)


def test_a_wrong_pin_is_told_and_the_wait_outlives_a_restart(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    phone.open()
    phone.page.reload()
    for _ in range(3):
        phone.unlock("135791")
        expect(phone.page.get_by_role("alert")).to_contain_text("口令不对")
    expect(phone.page.get_by_role("timer")).to_contain_text("秒后可以再试")
    phone.page.reload()
    expect(phone.page.get_by_role("timer")).to_contain_text("秒后可以再试")
    expect(phone.page.get_by_role("button", name="解锁")).to_be_disabled()


def test_the_right_pin_opens_the_phone_again_without_a_network(phone: Handset, here: Town):
    phone.enrol(here.found.member)
    expect(phone.page.locator(".card")).to_contain_text("六安市测试第001医院")
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.context.set_offline(True)
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator(".card")).to_contain_text("六安市测试第001医院")
    expect(phone.page.locator(".strip")).to_contain_text("离线")


def test_the_browser_wakes_the_app_to_send_once_there_is_a_network(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.sync()
    phone.go("/")
    expect(phone.page.get_by_role("button", name="到达现场")).to_be_visible()
    phone.page.clock.install()
    here.line.before = cut
    phone.page.get_by_role("button", name="到达现场").click()
    phone.page.get_by_role("button", name="确认到达").click()
    expect(phone.page.locator(".strip")).to_contain_text("1 项未上传")
    # The app tries by itself once; after that only its next turn in minutes would send, or the browser's word.
    phone.page.clock.fast_forward(10_000)
    expect(phone.page.locator(".strip")).to_contain_text("离线 · 1 项未上传")
    here.line.reset()
    wake(phone, "outbox")
    expect(phone.page.locator(".strip")).to_contain_text("全部已有回执")
    assert stage_of(here, here.found.inspection) == "on_site"


def test_another_word_of_the_browser_does_not_wake_the_app(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.sync()
    phone.page.evaluate(
        """() => {
          window.woken = 0;
          navigator.serviceWorker.addEventListener('message', () => { window.woken += 1; });
        }"""
    )
    wake(phone, "another")
    wake(phone, "outbox")
    phone.page.wait_for_function("window.woken > 0")
    assert phone.page.evaluate("window.woken") == 1


def wake(phone: Handset, tag: str) -> None:
    """Let the browser do what it does when a network is back: dispatch a sync event to the worker."""
    session = phone.context.new_cdp_session(phone.page)
    known: list[str] = []

    def keep(told: dict[str, Any]) -> None:
        known.extend(one["registrationId"] for one in told["registrations"] if not one["isDeleted"])

    session.on("ServiceWorker.workerRegistrationUpdated", keep)
    session.send("ServiceWorker.enable")
    for _ in range(ASKINGS_MAX):
        if known:
            break
        phone.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    wanted = {"origin": phone.town.line.url, "registrationId": known[-1], "tag": tag, "lastChance": True}
    session.send("ServiceWorker.dispatchSyncEvent", wanted)
    session.detach()
