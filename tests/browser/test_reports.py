"""Charts in a real browser: drawn from the tables behind them, by the policy, on a phone and in the dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.sample_desk import sample_desk
from tests.services.browser import DESK, PHONE, fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a demo desk."""
    server = serve(sample_desk())
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def drawn(page: Page) -> None:
    """Wait until every chart is drawn, and see that each shows more than its ground."""
    expect(page.locator("[data-chart][data-drawn]:has(canvas)")).to_have_count(4)
    # A chart may lay several sheets over each other.
    colours = page.evaluate(
        """() => [...document.querySelectorAll("[data-chart]")].map((frame) => {
            const seen = new Set();
            for (const canvas of frame.querySelectorAll("canvas")) {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                for (let n = 0; n < data.length; n += 4) seen.add(`${data[n]},${data[n + 1]},${data[n + 2]}`);
            }
            return seen.size;
        })"""
    )
    assert all(number > 8 for number in colours), colours


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_is_drawn_and_the_policy_is_obeyed(
    browser: Browser, address: str, size: dict[str, object], scheme: str
):
    faults: list[str] = []
    with fresh_page(browser, {**size, "color_scheme": scheme}, base_url=address) as page:
        page.on(
            "console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("/reports")
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not faults


def test_without_script_the_tables_are_there(browser: Browser, address: str):
    with fresh_page(browser, {**DESK, "java_script_enabled": False}, base_url=address) as page:
        page.goto("/reports")
        expect(page.locator("[data-chart]").first).to_be_hidden()
        page.locator("#presence summary").click()
        expect(page.locator("#presence-table tbody tr").first).to_contain_text("示例医院甲")


def test_a_month_without_anything_says_so(browser: Browser, address: str):
    with fresh_page(browser, DESK, base_url=address) as page:
        page.goto("/reports-none")
        expect(page.locator("#presence .empty")).to_be_visible()
        expect(page.locator("#presence [data-chart]")).to_have_count(0)
