"""Registers in a real browser: walked by keys, filtered without script, read on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.sample_desk import sample_desk
from tests.services.browser import DESK, PHONE, fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TARGET_PX_MIN = 40


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a demo desk."""
    server = serve(sample_desk())
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a desk's screen."""
    with fresh_page(browser, DESK, base_url=address) as page:
        yield page


def test_j_and_k_walk_a_register_and_enter_opens_the_record(desk: Page):
    desk.goto("/records/sanction")
    rows = desk.locator("[data-row] .lead a")
    for key, focused in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        desk.keyboard.press(key)
        expect(rows.nth(focused)).to_be_focused()
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/records/sanction/s1")


def test_j_walks_the_list_of_registers_too(desk: Page):
    desk.goto("/records")
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/records/kind1")


def test_a_key_pressed_in_a_filter_is_no_command(desk: Page):
    desk.goto("/records/sanction")
    desk.locator("select[name=region]").focus()
    desk.keyboard.press("j")
    expect(desk.locator("[data-row] .lead a").first).not_to_be_focused()


def test_a_register_is_filtered_without_script_and_keeps_its_other_filters(browser: Browser, address: str):
    with fresh_page(browser, {**DESK, "java_script_enabled": False}, base_url=address) as page:
        page.goto("/records/appeal")
        page.locator("select[name=region]").select_option("341500")
        page.locator(".filters button").click()
        assert page.url.endswith("/records/sanction?stage=told_party&region=341500&sort=-id")


def test_on_a_phone_every_link_of_a_row_and_every_filter_can_be_tapped(browser: Browser, address: str):
    with fresh_page(browser, PHONE, base_url=address) as page:
        page.goto("/records/sanction")
        for selector in (".filters select", ".filters button", ".chip", ".pager .button"):
            for each in page.locator(selector).all():
                box = each.bounding_box()
                assert box, selector
                assert box["height"] >= TARGET_PX_MIN, selector
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
