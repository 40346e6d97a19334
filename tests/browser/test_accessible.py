"""WCAG 2.2 AA at the desk: every page, in both languages, by day and by night, at the desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import BaseWSGIServer

from tests.browser.axe import violations
from tests.console.sample_desk import PAGES, sample_desk
from tests.services.browser import fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK_SIZE, PHONE_SIZE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
TARGET_MIN = 24
"""CSS pixels on a side of what is pressed (WCAG 2.5.8)."""
STOPS_MAX = 400
PARTS = [list(PAGES)[at::8] for at in range(8)]
"""All pages, in shares that are looked at well within the time that a test has."""


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


def faults_of(page: Page, paths: list[str]) -> list[str]:
    """Return what is found on pages, each with its address."""
    found = []
    for path in paths:
        page.goto(path)
        found += [f"{path} {each}" for each in violations(page)]
    return found


@pytest.mark.parametrize("part", range(len(PARTS)))
@pytest.mark.parametrize(("locale", "scheme"), [("zh_CN", "light"), ("en", "dark")])
def test_no_page_keeps_anybody_out(
    browser: Browser, desks: Callable[[str], str], locale: str, scheme: str, part: int
):
    with fresh_page(
        browser, {"viewport": DESK_SIZE}, base_url=desks(locale), color_scheme=scheme, reduced_motion="reduce"
    ) as page:
        assert faults_of(page, PARTS[part]) == []


@pytest.mark.parametrize("part", range(len(PARTS)))
def test_no_page_keeps_anybody_out_on_a_narrow_screen(
    browser: Browser, desks: Callable[[str], str], part: int
):
    with fresh_page(
        browser, {"viewport": PHONE_SIZE}, base_url=desks("zh_CN"), reduced_motion="reduce"
    ) as page:
        assert faults_of(page, PARTS[part]) == []


def test_a_barrier_that_is_put_on_a_page_is_found(browser: Browser, desks: Callable[[str], str]):
    with fresh_page(browser, {"viewport": DESK_SIZE}, base_url=desks("zh_CN")) as page:
        page.goto("/")
        page.evaluate("document.querySelector('main').append(document.createElement('input'))")
        assert any(each.startswith("label:") for each in violations(page))


SMALL = """(least) => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter((each) => each.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter((each) => getComputedStyle(each).display !== 'inline' && !each.closest('p, li > span, dd, td'))
  .map((each) => [each, (each.closest('label') || each).getBoundingClientRect()])
  .filter(([each, box]) => box.width && box.right > 0 && (box.width < least || box.height < least))
  .map(([each, box]) => `${each.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


@pytest.mark.parametrize("size", [DESK_SIZE, PHONE_SIZE], ids=["desk", "phone"])
def test_what_is_pressed_is_large_enough(browser: Browser, desks: Callable[[str], str], size: dict[str, int]):
    with fresh_page(browser, {"viewport": size}, base_url=desks("zh_CN")) as page:
        small = []
        for path in PAGES:
            page.goto(path)
            small += [f"{path} {each}" for each in page.evaluate(SMALL, TARGET_MIN)]
        assert small == []


LOOK = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect(), seen = getComputedStyle(at);
  const ring = seen.outlineStyle !== 'none' && parseFloat(seen.outlineWidth) > 0;
  return {name: at.outerHTML.slice(0, 90), body: at === document.body,
    visible: ring || seen.boxShadow !== 'none',
    inside: at.checkVisibility() && box.width > 0 && box.bottom > 0 && box.top < innerHeight};
}"""


@pytest.mark.parametrize(
    "path", ["/", "/evidence/e3", "/findings/f1", "/rounds/r1", "/rounds/call", "/records/sanction"]
)
def test_who_walks_by_tab_sees_where_he_is(browser: Browser, desks: Callable[[str], str], path: str):
    with fresh_page(
        browser, {"viewport": DESK_SIZE}, base_url=desks("zh_CN"), reduced_motion="reduce"
    ) as page:
        page.goto(path)
        lost, stops = [], 0
        for _ in range(STOPS_MAX):
            page.keyboard.press("Tab")
            at = page.evaluate(LOOK)
            if at["body"]:
                break
            stops += 1
            if not (at["visible"] and at["inside"]):
                lost.append(at)
        assert stops > 5
        assert lost == []


def test_paper_has_the_matter_and_not_the_buttons(browser: Browser, desks: Callable[[str], str]):
    with fresh_page(browser, {"viewport": DESK_SIZE}, base_url=desks("zh_CN"), color_scheme="dark") as page:
        for path in ("/cases/c1", "/records/sanction", "/rounds/r1", "/findings/f1"):
            page.goto(path)
            page.emulate_media(media="print")
            assert page.locator("main h1").is_visible()
            assert not page.locator("nav.rail").is_visible(), path
            ink = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert ink in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"), (
                f"{path}: {ink} would be printed all over"
            )
            page.emulate_media(media="screen")


MOVING = """() => [...document.querySelectorAll('*')].filter((each) => {
  const seen = getComputedStyle(each);
  const lasts = (words) => words.split(',').some((word) => parseFloat(word) > 0.01);
  return (seen.animationName !== 'none' && lasts(seen.animationDuration)) || lasts(seen.transitionDuration);
}).map((each) => each.outerHTML.slice(0, 90))"""


def test_who_wants_no_motion_gets_none(browser: Browser, desks: Callable[[str], str]):
    with fresh_page(
        browser, {"viewport": DESK_SIZE}, base_url=desks("zh_CN"), reduced_motion="reduce"
    ) as page:
        moving = []
        for path in PAGES:
            page.goto(path)
            moving += [f"{path} {each}" for each in page.evaluate(MOVING)]
        assert moving == []
