"""A real Chromium, as a desk and as a phone, that speaks Chinese and calls nobody."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.services.processes import ServiceFailed

INSTALL = "Chromium is not on this machine; on Debian: apt-get install chromium fonts-noto-cjk"
NAMES = ("chromium", "chromium-browser", "google-chrome")
WAIT_MILLISECONDS_MAX = 45_000
"""Two browsers, their servers and PostgreSQL may share two processors."""
expect.set_options(timeout=WAIT_MILLISECONDS_MAX)

ARGUMENTS = [
    # Root may not use Chromium's sandbox, and tests load the project's own pages alone.
    "--no-sandbox",
    "--disable-gpu",
    # Without these it looks up its maker's hosts at every start.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera and a microphone that every machine has.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

DESK: dict[str, Any] = {"viewport": {"width": 1366, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "permissions": ["geolocation", "camera", "microphone"],
    # The gate of a hospital that the demo city could have.
    "geolocation": {"latitude": 31.7550, "longitude": 116.5080, "accuracy": 12},
}


def chromium() -> str:
    """Return the path of Chromium; raises ServiceFailed when there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise ServiceFailed(INSTALL)


@contextlib.contextmanager
def running_browser(*extra_arguments: str) -> Iterator[Browser]:
    """Yield a headless browser that ends with the block."""
    executable = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=[*ARGUMENTS, *extra_arguments], headless=True
        )
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def fresh_page(browser: Browser, device: dict[str, Any], **options: Any) -> Iterator[Page]:
    """Yield a page with no cookies or storage; an uncaught error of a page's script fails the block.

    device: DESK or PHONE; options: more of playwright's context options
    """
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", **(device | options))
    context.set_default_timeout(WAIT_MILLISECONDS_MAX)
    faults: list[Error] = []
    context.on("weberror", lambda fault: faults.append(fault.error))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not faults, f"uncaught in the page: {'; '.join(fault.message for fault in faults)}"
