"""Every page of the phone app: no barriers, by day and by night, contrast for the sun, large targets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.interop.town import town
from tests.phone_app.busy import Busy, make_busy
from tests.phone_app.places import declared, open_phone, places, settle, speak

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

TARGET_PX = 48
IN_THE_SUN = """async () => {
  const told = await axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast-enhanced']}});
  const words = (node) => `7:1 ${node.target.join(' ')}: ${node.failureSummary}`;
  return told.violations.flatMap(({nodes}) => nodes.map(words));
}"""
SMALL = """(least) => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter((one) => one.checkVisibility())
  .map((one) => (one.closest('label') ?? one))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.height && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
WIDE = """() => [...document.querySelectorAll('main *')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => `too wide: ${one.outerHTML.slice(0, 90)}`).slice(0, 5)"""


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    """A town in which something waits for everybody."""
    folder = tmp_path_factory.mktemp("busy")
    with town(folder, f"sqlite:///{folder / 'ledger.db'}") as made:
        yield make_busy(made)


def faults(page: Page) -> list[str]:
    """Return what stands in the way on a page: barriers, too little contrast, too small targets, too wide parts."""
    return [
        *violations(page),
        *page.evaluate(IN_THE_SUN),
        *page.evaluate(SMALL, TARGET_PX),
        *page.evaluate(WIDE),
    ]


@pytest.mark.parametrize(
    ("language", "scheme"), [("zh", "light"), ("zh", "dark"), ("en", "light"), ("en", "dark")]
)
def test_no_page_of_the_app_keeps_anybody_out(browser: Browser, busy: Busy, language: str, scheme: str):
    with open_phone(browser, busy, color_scheme=scheme, reduced_motion="reduce") as (phone, conflict):
        speak(phone, language)
        found = []
        for path, place in places(busy, conflict).items():
            phone.go(place)
            settle(phone.page)
            found += [f"{path} {each}" for each in faults(phone.page)]
        assert not found, "\n".join(found)


def test_no_door_of_the_app_keeps_anybody_out(browser: Browser, busy: Busy):
    with open_phone(browser, busy, color_scheme="light") as (phone, _):
        phone.page.reload(wait_until="load")
        expect(phone.page.get_by_label("口令", exact=True)).to_be_visible()
        assert faults(phone.page) == []
    from tests.phone_app.handset import handset

    with handset(browser, busy.town, color_scheme="dark") as fresh:
        fresh.open()
        expect(fresh.page.get_by_label("登记码文字")).to_be_visible()
        assert faults(fresh.page) == []


def test_barriers_that_are_put_on_a_page_are_found(browser: Browser, busy: Busy):
    with open_phone(browser, busy) as (phone, _):
        assert faults(phone.page) == []
        phone.page.evaluate(
            "() => document.querySelector('main').insertAdjacentHTML('beforeend', "
            "'<input><button>x</button><p id=pale>pale words</p>')"
        )
        phone.page.evaluate("() => { document.querySelector('#pale').style.color = '#666' }")
        phone.page.locator("#pale").scroll_into_view_if_needed()
        phone.page.evaluate(
            "() => { const b = document.querySelector('main > button:last-of-type'); "
            "b.style.minHeight = b.style.height = '20px' }"
        )
        told = "\n".join(faults(phone.page))
        assert "label" in told
        assert "7:1" in told
        assert "<button" in told


def test_every_page_is_looked_at():
    assert {"/", "/needs", "/sync"} <= set(declared())
    assert len(declared()) == len(set(declared()))
