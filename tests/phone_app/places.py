"""Every page of the phone app, with somewhere to go to see it full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from tests.interop.node import PWA
from tests.phone_app.busy import Busy
from tests.phone_app.handset import PIN, Handset, handset

INDEX = PWA / "app" / "pages" / "index.js"
KEPT = "wardledger.language"
UNLOCK = {"zh": ("口令", "解锁"), "en": ("PIN", "Unlock")}


def declared() -> list[str]:
    """Return the path of every page of the app."""
    return list(dict.fromkeys(re.findall(r"path: '([^']+)'", INDEX.read_text("utf-8"))))


def places(busy: Busy, conflict: str) -> dict[str, str]:
    """Return {path as it is declared: somewhere that has it}."""
    found = busy.town.found
    named = {
        "/round/:id": found.ward_round,
        "/conflict/:id": conflict,
        "/finding/:id": busy.findings[1],
        "/institution/:id": found.institution,
        "/evidence/:id/copy": busy.record,
        "/evidence/:id": busy.photos[0],
        "/answer/:id": found.ward_round,
    }

    def place(path: str) -> str:
        begins = [one for one in named if path == one or path.startswith(f"{one}/")]
        this = named[begins[0]] if begins else busy.inspection
        return (
            re.sub(r":(id|inspection)\b", this, path)
            .replace(":bed", found.encounters[0])
            .replace(":form", "scene_record")
            .replace(":form", "inquiry_record")
        )

    return {path: place(path) for path in declared()}


@contextmanager
def open_phone(browser: Browser, busy: Busy, **options: object) -> Iterator[tuple[Handset, str]]:
    """Yield the lead's phone, which has everything, and the id of the conflict that is open on it."""
    with handset(browser, busy.town, **options) as phone:
        phone.enrol(busy.town.found.lead)
        phone.go("/needs")
        link = phone.page.locator('.need a[href^="#/conflict/"]')
        address = link.get_attribute("href") or ""
        yield phone, address.rsplit("/", 1)[1]


def speak(phone: Handset, language: str) -> None:
    """Start the app anew in a language and unlock it."""
    phone.page.evaluate("([key, to]) => localStorage.setItem(key, to)", [KEPT, language])
    phone.open()
    phone.page.reload(wait_until="load")
    label, button = UNLOCK[language]
    phone.page.get_by_label(label, exact=True).fill(PIN)
    phone.page.get_by_role("button", name=button).click()
    expect(phone.page.locator(".bar")).to_be_visible()


def settle(page: Page) -> None:
    """Wait until a page has been drawn with what the phone holds."""
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator("main[aria-busy=true], main [aria-busy=true]")).to_have_count(0)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
