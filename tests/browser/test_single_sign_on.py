"""A supervisor signs in through a real provider in a real Chromium, and lands on the page that he asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from server.accounts import single_sign_on, users
from tests.server.builders import install
from tests.server.world import PASSWORD, World
from tests.services.browser import fresh_page
from tests.services.in_process import serve
from tests.services.provider import CLIENT, SECRET, Provider

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREEN = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An installation of the present hour with an administrator and a supervisor."""
    made = World(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    made.installation.clock.now = int(time.time() * 1000)
    for number, (login, role) in enumerate((("boss", "admin"), ("supervisor", "supervisor"))):
        new = users.check(login=login, name=f"测试甲{number:03d}", roles=(role,), region="341502")
        made.users[login], _ = users.enlist(made.services, new, PASSWORD)
    yield made
    made.services.engine.dispose()


def test_the_way_through_the_provider_and_back(browser: Browser, world: World):
    server = serve(world.installation.app)
    address = f"http://127.0.0.1:{server.server_port}"
    here = world.services
    with (
        Provider(f"{address}/sign-in/oidc/back") as provider,
        fresh_page(browser, SCREEN, base_url=address) as page,
    ):
        here.config = replace(
            here.config, url=address, oidc_issuer=provider.issuer, oidc_client_id=CLIENT,
            oidc_client_secret=SECRET, oidc_label="六安政务统一认证",
        )  # fmt: skip
        single_sign_on.link(here, world.users["boss"], world.users["supervisor"], "zhang.san")
        page.goto("/evidence")
        page.get_by_role("link", name="通过六安政务统一认证登录").click()
        page.locator("input[name=login]").fill("zhang.san")
        page.locator("input[name=password]").fill("any")
        page.locator("button[type=submit]").click()
        page.locator("button[type=submit]").click()
        page.wait_for_url(f"{address}/evidence")
        expect(page.locator(".me")).to_contain_text("测试甲001")
        provider.stop()
        page.context.clear_cookies()
        page.goto("/sign-in")
        page.get_by_role("link", name="通过六安政务统一认证登录").click()
        expect(page.locator("[role=alert]")).to_contain_text("没有应答")
        page.locator("input[name=username]").fill("supervisor")
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.locator(".me")).to_contain_text("测试甲001")
    server.shutdown()
    server.server_close()
