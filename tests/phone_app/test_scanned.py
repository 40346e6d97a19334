"""A phone enrols by the code on the administrator's screen, read by its camera."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import qrcode
from PIL import Image
from playwright.sync_api import Playwright, expect, sync_playwright
from qrcode.image.pil import PilImage

from tests.interop.town import Town
from tests.phone_app.handset import PIN, kept_handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]
SIDE = 720


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """What starts browsers."""
    with sync_playwright() as made:
        yield made


def filmed(text: str, path: Path) -> Path:
    """Write what a camera in front of a screen with a code sees, as YUV 4:2:0 frames."""
    code = qrcode.make(text, image_factory=PilImage, border=6).get_image().convert("L").resize((SIDE, SIDE))
    luma = Image.new("L", (1280, SIDE), 200)
    luma.paste(code, (280, 0))
    grey = bytes([128]) * (1280 * SIDE // 2)
    frame = b"FRAME\n" + luma.tobytes() + grey
    path.write_bytes(b"YUV4MPEG2 W1280 H720 F10:1 Ip A1:1 C420jpeg\n" + frame * 2)
    return path


def test_the_camera_reads_the_code_and_the_phone_enrols(playwright: Playwright, here: Town, tmp_path: Path):
    film = filmed(here.ticket(here.found.lead).text(), tmp_path / "screen.y4m")
    arguments = ("--use-fake-device-for-media-stream=fps=10", f"--use-file-for-fake-video-capture={film}")
    with kept_handset(playwright, here, tmp_path / "profile", *arguments) as phone:
        phone.open()
        phone.page.get_by_role("button", name="扫描登记码").click()
        expect(phone.page.locator(".fingerprint")).to_be_visible()
        expect(phone.page.locator(".facts")).to_contain_text("ledger.test/luan")
        phone.page.get_by_role("button", name="一致，继续").click()
        phone.page.get_by_label("口令（6 位以上数字）").fill(PIN)
        phone.page.get_by_label("再输入一次").fill(PIN)
        phone.page.get_by_role("button", name="登记").click()
        expect(phone.page.locator(".card")).to_contain_text("六安市测试第001医院")


def test_a_code_of_something_else_is_told_and_goes_nowhere(
    playwright: Playwright, here: Town, tmp_path: Path
):
    film = filmed("https://example.test/poster", tmp_path / "poster.y4m")
    arguments = ("--use-fake-device-for-media-stream=fps=10", f"--use-file-for-fake-video-capture={film}")
    with kept_handset(playwright, here, tmp_path / "profile", *arguments) as phone:
        phone.open()
        phone.page.get_by_role("button", name="扫描登记码").click()
        expect(phone.page.get_by_role("dialog")).to_contain_text("这不是登记码")
        expect(phone.page.locator(".fingerprint")).to_have_count(0)
