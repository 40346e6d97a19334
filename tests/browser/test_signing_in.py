"""Signing in in a real Chromium: with a code, by a passkey of its own authenticator, and with a one-time link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from server.accounts import invitations, users
from tests.server.builders import install
from tests.server.world import PASSWORD, World, build
from tests.services.browser import fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREEN = {"viewport": {"width": 1280, "height": 900}}
OTHER = "eight brown umbrellas"


class Later:
    """An application whose address must be known before it is made."""

    app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A world and its address: browsers make passkeys for a name, not for an address of numbers."""
    later = Later()
    server = serve(later)
    address = f"http://localhost:{server.server_port}"
    url = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    world = build(install(tmp_path / "home", url, WARDLEDGER_URL=address), photos=1)
    later.app = world.installation.app
    yield world, address
    server.shutdown()
    server.server_close()
    world.services.engine.dispose()


@pytest.fixture
def desk(browser: Browser, served: tuple[World, str]) -> Iterator[Page]:
    with fresh_page(browser, SCREEN, base_url=served[1]) as page:
        yield page


def sign_in(page: Page, login: str = "supervisor", password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.locator("input[name=username]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")


def sign_out(page: Page) -> None:
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url("**/sign-in")


def code(world: World, secret: str) -> str:
    world.installation.clock.advance(seconds=30)
    return pyotp.TOTP(secret.replace(" ", "")).at(world.services.now_ms() // 1000)


def authenticator(page: Page) -> tuple[Any, str]:
    """Give the browser an authenticator that verifies its user, and return (the way to it, its id)."""
    way = page.context.new_cdp_session(page)
    way.send("WebAuthn.enable", {"enableUI": False})
    made = way.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return way, made["authenticatorId"]


def test_a_second_factor_is_set_up_and_asked_for(desk: Page, served: tuple[World, str]):
    world, _ = served
    sign_in(desk)
    desk.locator("a[href='/account']").click()
    desk.locator("form[action='/account/second-factor'] button").click()
    expect(desk.locator("svg.qr path")).to_be_visible()
    desk.locator("summary").click()
    secret = desk.locator(".secret").inner_text()
    desk.locator("input[name=code]").fill(code(world, secret))
    desk.keyboard.press("Enter")
    expect(desk.locator(".recovery li")).to_have_count(10)
    sign_out(desk)
    sign_in(desk)
    desk.wait_for_url("**/sign-in/code")
    desk.locator("input[name=code]").fill("000000")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("验证码不正确")
    desk.locator("input[name=code]").fill(code(world, secret))
    desk.keyboard.press("Enter")
    expect(desk.locator(".rail")).to_be_visible()


def test_a_passkey_is_made_and_signs_in_alone(desk: Page):
    way, device = authenticator(desk)
    sign_in(desk)
    expect(desk.locator(".rail")).to_be_visible()
    desk.goto("/account")
    desk.locator("[data-passkey-add] input[name=name]").fill("办公电脑")
    desk.locator("[data-passkey-add] button").click()
    expect(desk.locator(".account-lines b", has_text="办公电脑")).to_be_visible()
    sign_out(desk)
    desk.goto("/sign-in?next=/evidence")
    desk.locator("[data-passkey-sign-in] button").click()
    desk.wait_for_url("**/evidence")
    expect(desk.locator(".rail")).to_be_visible()
    (kept,) = way.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert kept["isResidentCredential"] is True


def test_without_its_passkey_the_page_says_so_and_nobody_is_signed_in(desk: Page):
    authenticator(desk)
    desk.goto("/sign-in")
    desk.locator("[data-passkey-sign-in] button").click()
    expect(desk.locator("[data-told]")).to_contain_text("通行密钥未完成签名")
    desk.goto("/")
    desk.wait_for_url("**/sign-in?next=/")


def test_a_link_brings_its_code_and_leaves_no_trace_of_it(desk: Page, served: tuple[World, str]):
    world, _ = served
    made = invitations.reset(world.services, users.find(world.services, "auditor"))
    desk.goto(made.url)
    expect(desk.locator("[data-code]")).to_have_value(made.code)
    assert desk.url.endswith("/join")
    desk.locator("input[name=password]").fill(OTHER)
    desk.locator("input[name=again]").fill(OTHER)
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/sign-in")
    sign_in(desk, "auditor", OTHER)
    expect(desk.locator(".rail")).to_be_visible()
