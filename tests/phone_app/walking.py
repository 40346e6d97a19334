"""Somebody who walks a ward with the app in a real Chromium: what he taps, how often, and what the camera sees."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mobile_stub.camera import Device, take_photo
from mobile_stub.scenery.scene import Scene
from server.storage import record_store
from sync.merge import Record
from tests.interop.town import Town
from tests.phone_app.handset import Handset, kept_handset

AWAY = {"1103": ("不在院", "请假"), "1107": ("在院不在床", "外出检查"), "1111": ("不在院", "原因不明")}
"""What is tapped at beds whose patient is away."""
PICTURED = ("1101", "1111", "1120")


def film(path: Path, *, seed: int = 0, light: float = 1.0) -> Path:
    """Write what the camera sees into a file and return it: a ward, another one for each seed; light: 1.0 is good."""
    nothing: dict[str, Any] = {"lat_e7": None, "lon_e7": None, "device": Device(), "size": (1280, 960)}
    scene = Scene("ward", f"W11-{1101 + seed}", occupied=seed % 2 == 0)
    frame = take_photo(random.Random(seed), scene=scene, taken_at=datetime.now(UTC), **nothing)
    path.write_bytes(2 * (frame if light == 1.0 else dimmed(frame, light)))
    return path


def dimmed(photo: bytes, light: float) -> bytes:
    """Return a photo with so much of its light."""
    file = io.BytesIO()
    Image.open(io.BytesIO(photo)).point([round(level * light) for level in range(256)] * 3).save(file, "JPEG")
    return file.getvalue()


def numbers(first: int, last: int) -> list[str]:
    """Return the numbers of some beds of a visit."""
    return [str(1101 + n) for n in range(first, last)]


@dataclass
class Walk:
    """One walk; taps: how many each bed took."""

    phone: Handset
    taps: dict[str, int] = field(default_factory=dict)
    _bed: str = ""

    @property
    def page(self) -> Page:
        """Return the app's page."""
        return self.phone.page

    def tap(self, name: str) -> None:
        """Tap a button of a name, for the bed that is open."""
        self.taps[self._bed] = self.taps.get(self._bed, 0) + 1
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def bed(self, number: str) -> None:
        """Record one bed, which is open, and wait until another page is."""
        heading = self.page.get_by_role("heading", name=f"W11 · {number} 床")
        expect(heading).to_be_visible()
        self._bed = number
        if number in PICTURED:
            self.photograph()
        if number in AWAY:
            self._away(*AWAY[number])
        else:
            self.tap("在床")
        expect(heading).to_have_count(0)

    def _away(self, presence: str, reason: str) -> None:
        self.tap(presence)
        self.tap(reason)
        if reason != "原因不明":
            self.tap("无凭据")
            pressed = self.page.get_by_role("button", name="无凭据", exact=True, pressed=True)
            expect(pressed).to_be_visible()
        self.tap("下一床")

    def photograph(self) -> None:
        """Take a picture of the bed, which passes the look at its quality."""
        before = self.page.locator(".pictures img").count()
        self.tap("拍照")
        expect(self.page.locator(".shutter")).to_be_enabled()
        self.taps[self._bed] += 1
        self.page.locator(".shutter").click()
        expect(self.page.locator(".pictures img")).to_have_count(before + 1)

    def sign(self, who: str) -> None:
        """Write a name and sign on the glass."""
        self.page.get_by_label(f"{who}姓名").fill("王测试")
        pad = self.page.locator(".pad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + 40, box["y"] + 30)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + 180, box["y"] + 90, steps=6)
        self.page.mouse.up()
        self.page.get_by_role("button", name="签好了").click()


@contextlib.contextmanager
def walking(browser: Browser, town: Town, folder: Path, seen: Path) -> Iterator[Walk]:
    """Yield a walk whose phone lies in a folder; opened again with the same folder it is the same phone."""
    playwright = SimpleNamespace(chromium=browser.browser_type)
    with kept_handset(playwright, town, folder, f"--use-file-for-fake-video-capture={seen}") as phone:
        yield Walk(phone)


def kill_browser(folder: Path) -> None:
    """Kill -9 the browser that keeps its storage in a folder, as an emptied battery does."""
    wanted = f"--user-data-dir={folder}".encode()
    for place in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if place.name.isdigit() and wanted in (place / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(place.name), signal.SIGKILL)


def of_type(town: Town, kind: str, **wanted: str) -> list[Record]:
    """Return the live records of a type whose values are as wanted."""
    services = town.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.query(connection, vault, record_store.selected(services.ledger.id, kind))
    return [one for one in found if all(one.values.get(name) == value for name, value in wanted.items())]
