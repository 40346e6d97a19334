"""Conflicts are worked off by keyboard in a real Chromium: a number takes a value, `w` writes another."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_desk_journey import desk_of
from tests.console.test_conflicts import rival
from tests.server.builders import install
from tests.server.world import build

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.timeout(120)
def test_two_conflicts_are_decided_without_a_mouse(browser: Browser, tmp_path: Path):
    world = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    first, second = rival(world), rival(world, "facts", "演示：三号床无人", "演示：四号床无人")
    with desk_of(browser, world) as page:
        page.goto("/conflicts")
        expect(page.locator("[data-item]")).to_have_count(2)
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/conflicts/{first.id}")
        page.keyboard.press("2")
        expect(page.locator("[data-choose='2']")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/conflicts/{second.id}")
        expect(page.locator("[role=status]")).to_contain_text("已裁决")
        page.keyboard.press("w")
        page.keyboard.type("演示：三、四号床均无人")
        page.locator("[data-third]").click()
        page.wait_for_url("**/conflicts")
        expect(page.locator("main")).to_contain_text("没有待裁决的冲突")
    assert first.value() == 125_000
    assert second.value() == "演示：三、四号床均无人"
    world.services.engine.dispose()


@pytest.mark.timeout(120)
def test_enter_in_the_field_takes_what_was_written_and_no_other_value(browser: Browser, tmp_path: Path):
    world = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    found = rival(world)
    with desk_of(browser, world) as page:
        page.goto(f"/conflicts/{found.id}")
        page.keyboard.press("3")
        page.keyboard.type("1300")
        page.keyboard.press("Enter")
        page.wait_for_url("**/conflicts")
    assert found.value() == 130_000
    world.services.engine.dispose()
