"""The board of cases, the calendar of due dates and the register in a real Chromium, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.queries import case_board
from tests.browser.test_desk_journey import desk_of
from tests.console.cases_made import opened
from tests.server.builders import install
from tests.server.world import World, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NARROW = {"width": 390, "height": 844}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world with three cases that run and one that is overdue."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0, checked=1)
    for due_on in ("2026-12-08", "2026-12-09"):
        opened(made, "notified", due_on=due_on)
    opened(made, "notified", due_on="2026-11-02")
    opened(made, "verifying", due_on="2026-12-22")
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(browser: Browser, world: World) -> Iterator[Page]:
    """A supervisor's browser, signed in."""
    with desk_of(browser, world) as page:
        yield page


def fits(page: Page) -> bool:
    """Return whether nothing lies beyond the screen's right edge."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def loaded(page: Page, heading: str, words: str) -> None:
    """Wait for a page that was gone to, and for its scripts: keys that are pressed before reach nobody."""
    expect(page.locator(heading)).to_have_text(words)
    page.wait_for_load_state("load")


def test_the_board_is_walked_by_arrows_and_a_case_opens(desk: Page):
    desk.goto("/cases")
    desk.get_by_role("link", name="看板").click()
    loaded(desk, "h1", "整改看板")
    first, second = desk.locator("#stage-notified .lead a"), desk.locator("#stage-verifying .lead a")
    desk.keyboard.press("ArrowRight")
    expect(first.first).to_be_focused()
    desk.keyboard.press("j")
    expect(first.nth(1)).to_be_focused()
    desk.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    desk.keyboard.press("ArrowLeft")
    expect(first.first).to_be_focused()
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/cases/*-*")
    expect(desk.locator(".deadline")).to_contain_text("逾期")


def test_more_of_a_column_leads_to_the_list_of_that_stage(desk: Page, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(case_board, "CARDS_MAX", 1)
    desk.goto("/cases/board")
    expect(desk.locator("#stage-notified .case-card")).to_have_count(1)
    desk.locator("#stage-notified .more a").click()
    desk.wait_for_url("**/cases?state=notified")
    expect(desk.locator("tr[data-row]")).to_have_count(3)


def test_months_are_turned_by_arrows_and_what_falls_due_is_opened(desk: Page):
    desk.goto("/cases/calendar")
    loaded(desk, ".turn h2", "2026年11月")
    expect(desk.locator(".overdue-box")).to_contain_text("已逾期 1 件")
    desk.keyboard.press("ArrowRight")
    loaded(desk, ".turn h2", "2026年12月")
    expect(desk.locator(".due-item")).to_have_count(3)
    desk.keyboard.press("ArrowLeft")
    loaded(desk, ".turn h2", "2026年11月")
    desk.keyboard.press("ArrowLeft")
    loaded(desk, ".turn h2", "2026年10月")
    expect(desk.locator(".is-holiday abbr").first).to_have_text("休")
    desk.goto("/cases/calendar?month=2026-12")
    desk.locator(".due-item a").first.click()
    desk.wait_for_url("**/cases/*-*")


def test_arrows_in_a_field_turn_nothing(desk: Page):
    desk.goto("/cases/calendar?month=2026-12")
    desk.locator("[data-find]").fill("ab")
    desk.keyboard.press("ArrowLeft")
    desk.keyboard.press("ArrowRight")
    expect(desk.locator(".turn h2")).to_have_text("2026年12月")


def test_on_a_phone_they_are_lists_that_fit(desk: Page):
    desk.set_viewport_size(NARROW)
    desk.goto("/cases/board")
    assert fits(desk)
    desk.locator(".board-jump a", has_text="核查中").click()
    expect(desk.locator("#stage-verifying .case-card")).to_be_in_viewport()
    expect(desk.locator("#stage-returned")).to_be_hidden()
    desk.goto("/cases/calendar?month=2026-12")
    assert fits(desk)
    expect(desk.locator(".month-day:visible")).to_have_count(3)
    desk.goto("/cases/register")
    assert fits(desk)


def test_columns_are_chosen_and_the_register_is_saved_as_paper(desk: Page):
    desk.goto("/cases/register")
    expect(desk.locator(".register-table thead")).not_to_contain_text("情节")
    desk.locator(".register-form summary").click()
    desk.get_by_label("情节").check()
    desk.get_by_role("button", name="查看", exact=True).click()
    expect(desk.locator(".register-table thead")).to_contain_text("情节")
    with desk.expect_download() as saved:
        desk.locator(".take a", has_text="PDF").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF-1.7")
