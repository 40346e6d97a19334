"""A phone in an inspector's hand: the app in a real Chromium, at a server of its own process behind a line."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.interop.town import Town
from tests.services.browser import PHONE, fresh_page

PIN = "246813"
UNHURRIED = """(() => {
  const wait = window.setTimeout;
  window.setTimeout = (act, ms, ...more) => wait(act, ms === 5000 ? 60000 : ms, ...more);
})()"""
"""What is offered for five seconds is offered for a minute: a busy machine's seconds are no inspector's."""
PHONE_VIEW: dict[str, Any] = PHONE | {"viewport": {"width": 360, "height": 740}}


@dataclass
class Handset:
    """One phone with the app open; town: where it works."""

    town: Town
    page: Page

    @property
    def context(self) -> BrowserContext:
        """Return the browser's context, to cut its network."""
        return self.page.context

    def open(self, place: str = "/") -> None:
        """Load the app anew, as a start does."""
        self.page.goto(f"{self.town.line.url}/app/#{place}", wait_until="load")

    def go(self, place: str) -> None:
        """Go to a place within the app."""
        self.page.evaluate("place => { location.hash = place }", place)

    def enrol(self, user: str, pin: str = PIN) -> None:
        """Enrol as a user's phone by the typed code, and wait for the app to be open."""
        self.enrol_with(self.town.ticket(user).text(), pin)

    def enrol_with(self, code: str, pin: str = PIN, *, opens: bool = True) -> None:
        """Type a code and a PIN, and wait for the app to be open if it `opens`."""
        self.open()
        self.page.get_by_label("登记码文字").fill(code)
        self.page.get_by_role("button", name="继续").click()
        expect(self.page.locator(".fingerprint")).to_be_visible()
        self.page.get_by_role("button", name="一致，继续").click()
        self.page.get_by_label("口令（6 位以上数字）").fill(pin)
        self.page.get_by_label("再输入一次").fill(pin)
        self.page.get_by_role("button", name="登记").click()
        if opens:
            expect(self.page.locator(".bar")).to_be_visible()

    def unlock(self, pin: str = PIN) -> None:
        """Enter the PIN."""
        expect(self.page.get_by_label("口令", exact=True)).to_be_visible()
        self.page.get_by_label("口令").fill(pin)
        self.page.get_by_role("button", name="解锁").click()

    def sync(self) -> None:
        """Press the button on the sync page and wait until nothing is unsent."""
        self.go("/sync")
        self.page.get_by_role("button", name="现在同步").click()
        expect(self.page.locator(".strip")).not_to_contain_text(re.compile(r"\d+ 项未上传"))
        expect(self.page.get_by_role("button", name="现在同步")).to_be_enabled()

    def sync_with_a_look(self) -> None:
        """Press the button and wait for the end, where something may be left that waits for a person."""
        self.go("/sync")
        self.page.get_by_role("button", name="现在同步").click()
        expect(self.page.get_by_role("button", name="现在同步")).to_be_enabled()


@contextlib.contextmanager
def handset(browser: Browser, town: Town, **options: Any) -> Iterator[Handset]:
    """Yield a phone with nothing on it."""
    with fresh_page(browser, PHONE_VIEW, **options) as page:
        page.add_init_script(UNHURRIED)
        yield Handset(town, page)


@contextlib.contextmanager
def kept_handset(playwright: Any, town: Town, folder: Path, *arguments: str) -> Iterator[Handset]:
    """Yield a phone whose storage lies in a folder and outlives its browser."""
    from tests.services.browser import ARGUMENTS, WAIT_MILLISECONDS_MAX, chromium

    context = playwright.chromium.launch_persistent_context(
        folder,
        executable_path=chromium(),
        args=[*ARGUMENTS, *arguments],
        headless=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        **PHONE_VIEW,
    )
    context.set_default_timeout(WAIT_MILLISECONDS_MAX)
    context.add_init_script(UNHURRIED)
    try:
        yield Handset(town, context.pages[0])
    finally:
        # Whoever killed the browser has closed it already.
        with contextlib.suppress(Error):
            context.close()
