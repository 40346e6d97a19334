"""The desk in a real Chromium: it fits, calls nobody, obeys its policy, and follows keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import BaseWSGIServer

from tests.console.sample_desk import PAGES, sample_desk
from tests.services.browser import fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK_WIDTH, PHONE_WIDTH = 1280, 360
HEIGHTS = {DESK_WIDTH: 800, PHONE_WIDTH: 740}
# A mark that a reload would wipe.
STAY = "document.body.dataset.stayed = 'yes'"


@pytest.fixture(scope="module")
def desks() -> Iterator[Callable[[str], str]]:
    """A function that returns the address of a demo desk in a language."""
    servers: dict[str, BaseWSGIServer] = {}

    def address(locale: str) -> str:
        if locale not in servers:
            servers[locale] = serve(sample_desk(locale))
        return f"http://127.0.0.1:{servers[locale].server_port}"

    yield address
    for server in servers.values():
        server.shutdown()
        server.server_close()


@pytest.fixture
def desk(browser: Browser, desks: Callable[[str], str]) -> Iterator[Page]:
    """A page of the Chinese desk on a large screen; paths are relative to it."""
    size = {"width": DESK_WIDTH, "height": HEIGHTS[DESK_WIDTH]}
    with fresh_page(browser, {"viewport": size}, base_url=desks("zh_CN")) as page:
        yield page


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("width", [DESK_WIDTH, PHONE_WIDTH])
def test_every_page_fits_calls_nobody_and_obeys_the_policy(
    browser: Browser, desks: Callable[[str], str], width: int, locale: str
):
    own = urlsplit(desks(locale)).netloc
    faults: list[str] = []
    size = {"width": width, "height": HEIGHTS[width]}
    with fresh_page(browser, {"viewport": size}, base_url=desks(locale)) as page:
        page.on(
            "console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("request", lambda sent: faults.append(sent.url) if urlsplit(sent.url).netloc != own else None)
        page.on(
            "response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 400 else None
        )
        for path in (*PAGES, "/rounds/r1?bed=b17"):
            page.goto(path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} px wide on a screen of {width}"
    assert not faults


def test_an_inline_script_would_be_refused_by_the_policy(desk: Page):
    said: list[str] = []
    desk.on("console", lambda message: said.append(message.text))
    desk.goto("/")
    desk.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))"
    )
    assert desk.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in said)


def test_j_and_k_walk_the_queue_and_enter_opens_the_item(desk: Page):
    desk.goto("/evidence")
    items = desk.locator("[data-item]")
    desk.keyboard.press("j")
    expect(items.nth(0)).to_be_focused()
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("k")
    expect(items.nth(1)).to_be_focused()
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/evidence/e3?state=pending_review")


def test_a_waits_for_enter_and_r_asks_for_a_reason(desk: Page):
    desk.goto("/evidence/e3")
    desk.keyboard.press("a")
    expect(desk.locator("[data-approve]")).to_be_focused()
    assert desk.url.endswith("/evidence/e3"), "one key must not decide"
    desk.keyboard.press("r")
    expect(desk.locator("[data-reason]")).to_be_focused()
    desk.locator(".return textarea[name=sentence]").press_sequentially("jar?")
    expect(desk.locator(".return textarea[name=sentence]")).to_have_value("jar?")
    expect(desk.locator("#help")).to_be_hidden()


def test_a_does_nothing_where_separation_of_duties_forbids_it(desk: Page):
    desk.goto("/evidence/e4")
    desk.keyboard.press("a")
    expect(desk.locator("[data-approve]")).to_be_disabled()
    expect(desk.locator("[data-approve]")).not_to_be_focused()
    desk.keyboard.press("r")
    expect(desk.locator("[data-reason]")).to_have_count(0)


def test_the_help_opens_by_a_question_mark_and_can_switch_the_keys_off(desk: Page):
    desk.goto("/evidence/e3")
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_visible()
    desk.locator("[data-keys]").uncheck()
    desk.keyboard.press("Escape")
    desk.keyboard.press("a")
    expect(desk.locator("[data-approve]")).not_to_be_focused()


def test_e_makes_the_picture_larger_and_small_again(desk: Page):
    desk.goto("/evidence/e3")
    small = desk.locator(".photo").bounding_box()
    desk.keyboard.press("e")
    large = desk.locator(".photo").bounding_box()
    assert small
    assert large
    assert large["width"] > small["width"] + 400
    desk.keyboard.press("e")
    assert desk.locator(".photo").bounding_box() == small


def test_a_bed_opens_beside_the_grid_without_a_reload_and_back_closes_it(desk: Page):
    desk.goto("/rounds/r1")
    desk.evaluate(STAY)
    desk.locator(".bed[data-bed=b17]").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#bed h2")).to_contain_text("17 床")
    expect(desk.locator(".bed[data-bed=b17]")).to_have_attribute("aria-current", "true")
    assert desk.url.endswith("/rounds/r1?bed=b17#bed")
    desk.go_back()
    expect(desk.locator("#bed")).to_contain_text("未选择床位")
    expect(desk.locator("body")).to_have_attribute("data-stayed", "yes")


def test_another_number_of_days_shows_the_date_that_the_server_computes(desk: Page):
    desk.goto("/findings/f1")
    desk.evaluate(STAY)
    desk.locator("input[value='30']").check()
    expect(desk.locator(".due-day")).to_have_text("2027年1月4日")
    expect(desk.locator("input[name=due_on]")).to_have_value("2027-01-04")
    expect(desk.locator("body")).to_have_attribute("data-stayed", "yes")


def test_everything_can_be_reached_without_script(browser: Browser, desks: Callable[[str], str]):
    with fresh_page(browser, {"java_script_enabled": False}, base_url=desks("zh_CN")) as page:
        page.goto("/rounds/r1")
        page.locator(".bed[data-bed=b17]").click()
        expect(page.locator("#bed h2")).to_contain_text("17 床")
        page.goto("/findings/f1")
        expect(page.locator("button[value=preview]")).to_be_visible()
        page.goto("/evidence/e3")
        page.locator("[data-return]").click()
        expect(page.locator("button[value=return]")).to_be_visible()
        expect(page.locator("[data-expand]")).to_be_hidden()


def test_focus_is_visible_on_every_link_and_button(desk: Page):
    desk.goto("/evidence/e3")
    focused = 0
    for _ in range(40):
        desk.keyboard.press("Tab")
        # After the last control the keyboard leaves the page, and the next key enters it anew.
        if desk.evaluate("document.activeElement === document.body"):
            continue
        focused += 1
        style = desk.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", desk.evaluate("document.activeElement.cloneNode().outerHTML")
    assert focused >= 38


def test_a_printed_review_keeps_facts_and_leaves_out_buttons(desk: Page):
    desk.goto("/evidence/e3")
    desk.emulate_media(media="print")
    expect(desk.locator(".digest:not([data-key])")).to_be_visible()
    expect(desk.locator(".decide")).to_be_hidden()
    expect(desk.locator(".rail")).to_be_hidden()


def test_one_box_chooses_every_institution_that_can_be_called_and_none_other(desk: Page):
    desk.goto("/rounds/call")
    every = desk.locator("[data-choose-all]")
    boxes = desk.locator("[name=institution]")
    every.check()
    assert [boxes.nth(n).is_checked() for n in range(3)] == [True, True, False]
    every.uncheck()
    assert not any(boxes.nth(n).is_checked() for n in range(3))
