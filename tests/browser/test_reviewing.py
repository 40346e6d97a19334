"""Reviewing in a real Chromium: twenty items by keyboard, taking back, several at once, the picture large."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_desk_journey import desk_of
from tests.server.builders import install
from tests.server.world import World, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextlib.contextmanager
def reviewing(browser: Browser, home: Path, photos: int) -> Iterator[tuple[World, Page]]:
    """Yield a world with photos to review, and a supervisor's browser before it."""
    made = build(install(home / "home", f"sqlite:///{home / 'desk.sqlite'}"), photos=photos)
    with desk_of(browser, made) as page:
        yield made, page
    made.services.engine.dispose()


def stages(world: World) -> list[str | None]:
    """Return the stages of all items, in their order."""
    return [world.record(item).stage for item in world.evidence]


def test_twenty_items_are_reviewed_by_keyboard_alone_two_strokes_each(browser: Browser, tmp_path: Path):
    with reviewing(browser, tmp_path, 20) as (world, page):
        expect(page.locator("html.js")).to_be_attached()
        page.keyboard.press("j")
        expect(page.locator(f"a[href^='/evidence/{world.evidence[0]}']:focus")).to_be_attached()
        page.keyboard.press("Enter")
        for number, item in enumerate(world.evidence):
            page.wait_for_url(f"**/evidence/{item}?state=pending_review")
            expect(page.locator("html.js")).to_be_attached()
            if number % 7 == 6:
                page.keyboard.press("r")
                expect(page.locator("[data-reason]")).to_be_focused()
                page.keyboard.press("ArrowDown")
                page.keyboard.press("Tab")
                page.keyboard.type("请重拍床头卡")
                page.keyboard.press("Tab")
                page.keyboard.press("Enter")
            else:
                page.keyboard.press("a")
                expect(page.locator("[data-approve]")).to_be_focused()
                page.keyboard.press("a")
        expect(page.locator("main")).to_contain_text("没有待审核的证据")
        assert stages(world) == ["returned" if n % 7 == 6 else "approved" for n in range(20)]


def test_one_stroke_decides_nothing_and_u_takes_the_last_review_back(browser: Browser, tmp_path: Path):
    with reviewing(browser, tmp_path, 2) as (world, page):
        first, second = world.evidence
        page.goto(f"/evidence/{first}?state=pending_review")
        page.keyboard.press("a")
        expect(page.locator("[data-approve]")).to_be_focused()
        assert stages(world) == ["pending_review"] * 2
        page.keyboard.press("a")
        page.wait_for_url(f"**/evidence/{second}?state=pending_review")
        toast = page.locator("[data-undo]")
        expect(toast).to_contain_text("通过 · 1 件")
        page.keyboard.press("u")
        page.wait_for_url(f"**/evidence/{first}?state=pending_review")
        expect(page.locator(".notice[role=status]")).to_contain_text("已撤回 1 件审核")
        expect(toast).to_have_count(0)
        assert stages(world) == ["pending_review"] * 2


def test_the_way_back_is_gone_when_the_minute_is_over(browser: Browser, tmp_path: Path):
    with reviewing(browser, tmp_path, 2) as (world, page):
        page.clock.install()
        page.goto(f"/evidence/{world.evidence[0]}?state=pending_review")
        page.keyboard.press("a")
        page.keyboard.press("a")
        expect(page.locator("[data-undo][data-counting]")).to_be_visible()
        page.clock.fast_forward(61_000)
        expect(page.locator("[data-undo]")).to_be_hidden()
        page.keyboard.press("u")
        assert world.record(world.evidence[0]).stage == "approved"


def test_several_are_chosen_by_keys_and_by_a_range_and_approved_in_one_act(browser: Browser, tmp_path: Path):
    with reviewing(browser, tmp_path, 5) as (world, page):
        boxes = page.locator("[data-pick]")
        expect(page.locator("#together [data-approve]")).to_be_disabled()
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(boxes.first).to_be_checked()
        boxes.nth(1).click()
        boxes.nth(3).click(modifiers=["Shift"])
        expect(page.locator("[data-picked]")).to_have_text("4")
        page.keyboard.press("a")
        page.keyboard.press("a")
        expect(page.locator("h1")).to_have_text("通过这 4 件证据？")
        page.wait_for_load_state("load")  # the keys are heard when the scripts are there
        assert stages(world) == ["pending_review"] * 5
        page.keyboard.press("a")
        page.keyboard.press("a")
        page.wait_for_url("**/evidence")
        assert stages(world) == ["approved"] * 4 + ["pending_review"]
        page.keyboard.press("u")
        expect(page.locator(".notice[role=status]")).to_contain_text("已撤回 4 件审核")
        assert stages(world) == ["pending_review"] * 5


def test_the_picture_is_made_larger_by_keys_wheel_and_button_and_moved_by_arrows(
    browser: Browser, tmp_path: Path
):
    with reviewing(browser, tmp_path, 1) as (world, page):
        page.goto(f"/evidence/{world.evidence[0]}")
        image, said = page.locator(".photo-frame img"), page.locator("[data-zoom-said]")
        expect(said).to_have_text("100%")
        page.keyboard.press("+")
        expect(said).to_have_text("140%")
        before = image.evaluate("image => image.style.transform")
        page.keyboard.press("ArrowLeft")
        assert image.evaluate("image => image.style.transform") != before
        page.locator("[data-zoom-in]").click()
        expect(said).to_have_text("196%")
        page.keyboard.press("0")
        expect(said).to_have_text("100%")
        image.hover()
        page.mouse.wheel(0, -100)
        expect(said).not_to_have_text("100%")
        image.dblclick()
        expect(said).to_have_text("100%")
        image.dblclick()
        expect(said).to_have_text("300%")
        box = image.bounding_box()
        page.mouse.down()
        page.mouse.move(700, 300)
        page.mouse.up()
        assert image.bounding_box() != box
        expect(page.locator(".review-facts")).to_contain_text("Demo Phone")
