"""The camera in the app: a picture is the camera's own bytes with its moment and place; without one there is a way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.phone_app.stage import staged
from tests.services.browser import PHONE, fresh_page, running_browser

pytestmark = pytest.mark.slow
SCRIPT = """
import { render } from 'preact';
import { Camera } from './capture/camera.jsx';
import { speak } from './words.js';
speak('zh');
window.taken = [];
window.shut = 0;
const keep = ({ bytes, ...about }) => {
  window.taken.push({ ...about, bytes: [...bytes.slice(0, 8)], size: bytes.length });
};
const shut = () => { window.shut += 1; };
render(<Camera title="病房照片" onPhoto={keep} onClose={shut} />, document.getElementById('app'));
"""
SIGNS = {"image/jpeg": [0xFF, 0xD8], "image/png": [0x89, 0x50]}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with staged(tmp_path_factory.mktemp("camera"), SCRIPT) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as opened:
        yield opened


def taken(page: Page) -> list[dict]:
    """Return what was handed over so far."""
    return page.evaluate("window.taken")


def test_the_shutter_gives_the_cameras_bytes_with_moment_and_place(browser: Browser, address: str):
    with fresh_page(browser, PHONE) as page:
        before = page.goto(address) and page.evaluate("Date.now()")
        expect(page.get_by_text("已定位，误差 12 米")).to_be_visible()
        page.get_by_role("button", name="拍照").click()
        page.wait_for_function("window.taken.length === 1")
        (photo,) = taken(page)
        assert photo["bytes"][:2] == SIGNS[photo["type"]], "what it says it is"
        assert photo["size"] > 1000
        assert photo["position"] == {
            "lat_e7": 317550000, "lon_e7": 1165080000, "accuracy_m": 12, "provider": "fused", "mock": False,
        }  # fmt: skip
        assert photo["source"] == "camera"
        assert before <= photo["from"] <= photo["until"]


def test_it_is_used_by_keyboard_alone(browser: Browser, address: str):
    with fresh_page(browser, PHONE) as page:
        page.goto(address)
        expect(page.get_by_role("button", name="拍照")).to_be_focused()
        page.keyboard.press("Space")
        page.wait_for_function("window.taken.length === 1")
        page.keyboard.press("Escape")
        page.wait_for_function("window.shut === 1")


def test_a_denied_camera_is_told_and_the_phones_own_takes_its_place(
    browser: Browser, address: str, tmp_path: Path
):
    picture = tmp_path / "bed.jpg"
    picture.write_bytes(bytes.fromhex("ffd8ffe0") + bytes(2000))
    with fresh_page(browser, PHONE) as page:
        page.add_init_script(
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
        )
        page.goto(address)
        expect(page.get_by_role("heading", name="相机没有打开")).to_be_visible()
        page.get_by_label("用系统相机拍").set_input_files(picture)
        page.wait_for_function("window.taken.length === 1")
        (photo,) = taken(page)
        assert (photo["type"], photo["size"], photo["source"]) == ("image/jpeg", 2004, "file")


def test_a_file_that_is_no_picture_is_refused_with_words(browser: Browser, address: str, tmp_path: Path):
    letter = tmp_path / "letter.txt"
    letter.write_text("nothing to see")
    with fresh_page(browser, PHONE) as page:
        page.add_init_script(
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'))"
        )
        page.goto(address)
        page.get_by_label("用系统相机拍").set_input_files(letter)
        expect(page.get_by_role("alert").filter(has_text="这种图片收不了")).to_be_visible()
        assert taken(page) == []


def test_a_denied_place_is_told_and_keeps_nobody_from_a_picture(browser: Browser, address: str):
    with fresh_page(browser, {**PHONE, "permissions": ["camera"]}) as page:
        page.goto(address)
        expect(page.get_by_text("没有定位权限：记录里不会有位置")).to_be_visible()
        page.get_by_role("button", name="拍照").click()
        page.wait_for_function("window.taken.length === 1")
        (photo,) = taken(page)
        assert (photo["position"], photo["place"]["why"]) == (None, "denied")
