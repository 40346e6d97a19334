"""Deciding by passkey in a real Chromium, whose own authenticator signs: two strokes, a prompt, and the proof shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from server.ledger.audit import audit
from tests.browser.test_signing_in import SCREEN, Later, authenticator, sign_in
from tests.server.builders import install
from tests.server.world import World, build
from tests.services.browser import fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Room = tuple[World, Page, Any, str]


@pytest.fixture
def room(browser: Browser, tmp_path: Path) -> Iterator[Room]:
    """A world, a supervisor who has a passkey at his desk, and the way to his authenticator."""
    later = Later()
    server = serve(later)
    address = f"http://localhost:{server.server_port}"
    url = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    world = build(install(tmp_path / "home", url, WARDLEDGER_URL=address), photos=3)
    later.app = world.installation.app
    with fresh_page(browser, SCREEN, base_url=address) as page:
        way, device = authenticator(page)
        sign_in(page)
        expect(page.locator(".rail")).to_be_visible()
        page.goto("/account")
        page.locator("[data-passkey-add] input[name=name]").fill("办公电脑")
        page.locator("[data-passkey-add] button").click()
        expect(page.locator(".account-lines b", has_text="办公电脑")).to_be_visible()
        yield world, page, way, device
    server.shutdown()
    server.server_close()
    world.services.engine.dispose()


def ready(page: Page, item: str) -> None:
    page.wait_for_url(f"**/evidence/{item}**")
    page.wait_for_load_state("load")
    expect(page.locator("html.js")).to_be_attached()


def test_an_item_is_approved_another_returned_and_each_shows_that_it_was_signed(room: Room):
    world, page, _, _ = room
    first, second, third = world.evidence
    page.goto(f"/evidence/{first}?state=pending_review")
    ready(page, first)
    page.keyboard.press("a")
    expect(page.locator("[data-approve]")).to_be_focused()
    page.keyboard.press("a")
    ready(page, second)
    assert world.record(first).stage == "approved"
    page.keyboard.press("r")
    expect(page.locator("[data-reason]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("请重拍床头卡")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    ready(page, third)
    assert world.record(second).stage == "returned"
    for item in (first, second):
        page.goto(f"/evidence/{item}")
        expect(page.locator("[data-signed-by=ok]")).to_contain_text("已用通行密钥签署")
    report = audit(world.services)
    assert report.ok, report.text()
    assert report.notes == ("4 changes signed by passkey, each verified",)


def test_without_the_passkey_nothing_is_decided_and_what_was_typed_stays(room: Room):
    world, page, way, device = room
    item = world.evidence[0]
    way.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto(f"/evidence/{item}?state=pending_review")
    ready(page, item)
    page.keyboard.press("r")
    page.locator("[data-reason]").select_option("blurred")
    page.locator(".return textarea").fill("请重拍床头卡")
    page.locator(".return button[value=return]").click()
    expect(page.locator("#signing")).to_contain_text("没有作出任何决定")
    expect(page.locator(".return textarea")).to_have_value("请重拍床头卡")
    assert world.record(item).stage == "pending_review"
    way.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.locator(".return button[value=return]").click()
    ready(page, world.evidence[1])
    assert world.record(item).stage == "returned"


def test_several_items_are_approved_by_one_signature(room: Room):
    world, page, _, _ = room
    page.goto("/evidence?state=pending_review")
    page.wait_for_load_state("load")
    page.locator("[data-pick-all]").check()
    with page.expect_navigation():
        page.locator("#together button[value=approve]").click()
    page.locator("[data-approve]").click()
    page.wait_for_url("**/evidence")
    assert {world.record(item).stage for item in world.evidence} == {"approved"}
    assert audit(world.services).notes == ("6 changes signed by passkey, each verified",)
