"""The browser of the tests is a real Chromium that speaks Chinese, and a page's fault fails the test."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.services import browser as chromium
from tests.services.browser import DESK, fresh_page
from tests.services.processes import ServiceFailed

pytestmark = [pytest.mark.browser]

PAGE = (
    "data:text/html,<meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<h1>稽核</h1><script>document.title=navigator.language</script>"
)


def test_a_page_is_drawn_in_chinese_on_a_desk(page):
    page.goto(PAGE)
    expect(page.get_by_role("heading")).to_have_text("稽核")
    assert page.title() == "zh-CN"
    assert page.evaluate("innerWidth") == DESK["viewport"]["width"]


def test_a_phone_has_a_narrow_screen_and_touch(phone_page):
    phone_page.goto(PAGE)
    assert phone_page.evaluate("[innerWidth < 500, navigator.maxTouchPoints > 0]") == [True, True]


def test_an_uncaught_error_of_a_script_fails_the_test(browser):
    with pytest.raises(AssertionError, match="no such bed"), fresh_page(browser, DESK) as page:
        page.goto("data:text/html,<script>throw new Error('no such bed')</script>")


def test_a_machine_without_chromium_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceFailed, match="apt-get install chromium"):
        chromium.chromium()
