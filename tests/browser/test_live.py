"""An open page follows the ledger in a real Chromium: a bed turns green without reload, and nothing in hand is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.test_desk_journey import desk_of
from tests.server.builders import install
from tests.server.world import World, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world whose round has one bed checked of four."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0, checked=1)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(browser: Browser, world: World) -> Iterator[Page]:
    """A supervisor's browser with the round open, and a word that a reload would take away."""
    with desk_of(browser, world) as page:
        page.goto(f"/rounds/{world.ward_round}")
        page.evaluate("window.opened = 'once'")
        yield page


def check_bed(world: World, number: int, presence: str = "in_bed") -> None:
    """Let a check of a bed arrive."""
    values = {
        "ward_round": world.ward_round,
        "encounter": world.encounters[number - 1],
        "bed_listed": f"11{number:02d}",
        "presence": presence,
        "identity_method": "id_card",
    }
    world.make("bed_check", values, by="member")


def test_a_bed_turns_green_without_a_reload_and_the_keyboard_stays_where_it_was(world: World, desk: Page):
    second, third = desk.locator(".bed").nth(1), desk.locator(".bed").nth(2)
    expect(second).to_have_class("bed is-unchecked")
    third.focus()
    check_bed(world, 2)
    expect(second).to_have_class("bed is-in_bed just-changed")
    expect(desk.locator(".sample .big")).to_have_text("2 / 4")
    expect(third).to_be_focused()
    expect(desk.locator("[data-live-state]")).to_have_text("实时更新")
    expect(desk.locator("body > p[role=status]")).to_have_text("已核查 2 / 4 床")
    assert desk.evaluate("window.opened") == "once"


def test_a_bed_that_is_open_stays_open_and_shows_what_comes(world: World, desk: Page):
    desk.locator(".bed").nth(1).click()
    expect(desk.locator("#bed")).to_contain_text("测*****2")
    check_bed(world, 2, "absent")
    expect(desk.locator("#bed")).to_contain_text("不在院")
    expect(desk.locator(".bed").nth(1)).to_have_attribute("aria-current", "true")


def test_a_page_that_cannot_look_says_so_and_recovers(world: World, desk: Page):
    failing = True

    def answer(route: Route) -> None:
        if failing and route.request.headers.get("wardledger-live"):
            route.abort()
        else:
            route.continue_()

    desk.route("**/rounds/*", answer)
    expect(desk.locator("[data-live-state]")).to_have_text("连接中断，正在重试")
    check_bed(world, 2)
    failing = False
    expect(desk.locator(".bed").nth(1)).to_have_class("bed is-in_bed just-changed", timeout=30_000)
    expect(desk.locator("[data-live-state]")).to_have_text("实时更新")


def test_a_page_whose_session_ended_leads_to_signing_in(world: World, desk: Page):
    desk.context.clear_cookies()
    expect(desk.locator("input[name=password]")).to_be_visible()
