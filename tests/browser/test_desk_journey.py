"""A supervisor's morning in a real Chromium on a real ledger: look, approve by keyboard, return, confirm."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.drafting import Draft
from tests.server.builders import install
from tests.server.world import PASSWORD, World, build
from tests.services.browser import fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREEN = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of one test's own, with three photos to review."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=3)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(browser: Browser, world: World) -> Iterator[Page]:
    """A supervisor's browser, signed in."""
    with desk_of(browser, world) as page:
        yield page


@contextlib.contextmanager
def desk_of(browser: Browser, world: World) -> Iterator[Page]:
    """Yield a supervisor's browser, signed in; any request that leaves the site fails the block."""
    server = serve(world.installation.app)
    address = f"http://127.0.0.1:{server.server_port}"
    faults: list[str] = []
    with fresh_page(browser, SCREEN, base_url=address) as page:
        page.on("request", lambda sent: faults.append(sent.url) if not sent.url.startswith(address) else None)
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        sign_in(page, "supervisor")
        yield page
    server.shutdown()
    server.server_close()
    assert not faults


def sign_in(page: Page, login: str) -> None:
    """Sign in as a person does."""
    page.goto("/evidence")
    page.wait_for_url("**/sign-in?next=/evidence")
    page.locator("input[name=username]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".rail")).to_be_visible()
    assert urlsplit(page.url).path == "/evidence"


def flip(world: World, record: str) -> None:
    """Alter one byte of an item's stored file."""
    digest = world.record(record).values["cipher_digest"]
    path = Path(world.services.config.files_url) / "cipher" / digest[:2] / digest
    raw = bytearray(path.read_bytes())
    raw[2000] ^= 1
    path.write_bytes(raw)


def test_a_queue_is_worked_off_by_keyboard_from_sign_in_to_the_last_item(world: World, desk: Page):
    expect(desk.locator("[data-item]")).to_have_count(3)
    desk.wait_for_load_state("load")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/evidence/{world.evidence[0]}?state=pending_review")
    photo = desk.locator(".photo-frame img")
    expect(photo).to_be_visible()
    expect(photo).to_have_js_property("naturalWidth", 480)  # upright by its EXIF
    expect(desk.locator(".proof")).to_contain_text("存证核验通过")
    desk.keyboard.press("a")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/evidence/{world.evidence[1]}?state=pending_review")
    expect(desk.locator(".notice[role=status]")).to_contain_text("通过 1 件证据")
    assert world.record(world.evidence[0]).stage == "approved"
    desk.keyboard.press("r")
    desk.locator("[data-reason]").select_option("blurred")
    desk.locator(".return textarea[name=sentence]").fill("床头卡看不清，请重拍")
    desk.locator("button[value=return]").click()
    desk.wait_for_url(f"**/evidence/{world.evidence[2]}?state=pending_review")
    expect(desk.locator(".notice[role=status]")).to_contain_text("退回 1 件证据")
    assert world.record(world.evidence[1]).stage == "returned"
    desk.keyboard.press("a")
    desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_contain_text("没有待审核的证据")


def test_one_tampered_byte_turns_the_badge_red_and_nothing_can_be_decided(world: World, desk: Page):
    item = world.evidence[0]
    desk.goto(f"/evidence/{item}")
    expect(desk.locator(".proof")).to_contain_text("存证核验通过")
    flip(world, item)
    desk.keyboard.press("a")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_have_text("所存文件与采集时签名的内容不符")
    assert world.record(item).stage == "pending_review"
    desk.get_by_role("link", name="返回上一页").click()
    expect(desk.locator(".proof")).to_contain_text("存证核验不通过")
    expect(desk.locator("[data-approve]")).to_be_disabled()


def test_an_item_that_changed_meanwhile_is_not_decided_on(world: World, desk: Page):
    item = world.evidence[0]
    desk.goto(f"/evidence/{item}")
    world.act(Draft("edit", "evidence", item, {"note": "测试补充说明"}), by="member")
    desk.keyboard.press("a")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_have_text("您查看期间，本件已有新版本")
    desk.get_by_role("link", name="返回上一页").click()
    expect(desk.locator("main")).to_contain_text("测试补充说明")


def test_a_finding_becomes_a_case_with_the_day_that_the_page_showed(world: World, desk: Page):
    desk.goto(f"/findings/{world.finding}")
    desk.locator("input[name=working_days][value='7']").check()
    expect(desk.locator("input[name=due_on]")).to_have_value("2026-11-26")
    desk.locator("button[value=confirm]").click()
    desk.wait_for_url("**/cases/*")
    expect(desk.locator(".notice[role=status]")).to_contain_text("到期日 2026年11月26日")
    expect(desk.locator(".deadline")).to_contain_text("7")
    assert world.record(world.finding).stage == "in_case"


def test_a_bed_opens_beside_the_grid_with_its_photos(world: World, desk: Page):
    desk.goto(f"/rounds/{world.ward_round}")
    expect(desk.locator(".bed")).to_have_count(4)
    desk.locator(".bed").nth(2).click()
    expect(desk.locator("#bed")).to_contain_text("测*****3")
    expect(desk.locator("#bed .strip img")).to_have_count(1)
    expect(desk.locator("#bed")).to_contain_text("疑似挂床")


def test_signing_out_leaves_nothing_behind_the_back_button(world: World, desk: Page):
    desk.goto(f"/evidence/{world.evidence[0]}")
    desk.get_by_role("button", name="退出登录").click()
    desk.wait_for_url("**/sign-in")
    desk.go_back()
    expect(desk.locator("input[name=password]")).to_be_visible()
    expect(desk.locator(".photo")).to_have_count(0)
