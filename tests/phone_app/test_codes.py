"""Codes are read from what a camera sees, also where the browser reads none itself."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.phone_app.stage import staged
from tests.services.browser import PHONE, fresh_page, running_browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CODE = "81234567890123456789"
SCRIPT = """
import { encodeQR } from 'qr';
import { codeReader } from './capture/codes.js';
import { read } from './capture/readers.js';
const canvas = document.createElement('canvas');
[canvas.width, canvas.height] = [640, 480];
const pen = canvas.getContext('2d');
window.draw = (text) => {
  pen.fillStyle = '#dddddd';
  pen.fillRect(0, 0, 640, 480);
  if (!text) return;
  const data = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  pen.fillStyle = '#222222';
  data.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(150 + 8 * x, 80 + 8 * y, 8, 8)));
};
window.look = async (text) => {
  window.draw(text);
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = canvas.captureStream(10);
  await video.play();
  const read = await codeReader();
  return read(video);
};
window.missed = (texts) => texts.filter((text) => {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 6 });
  const sharp = new OffscreenCanvas(rows.length, rows.length);
  const dots = sharp.getContext('2d');
  dots.fillStyle = '#ffffff';
  dots.fillRect(0, 0, rows.length, rows.length);
  dots.fillStyle = '#000000';
  rows.forEach((row, y) => row.forEach((dark, x) => dark && dots.fillRect(x, y, 1, 1)));
  // No whole number of pixels a module, as a camera sees it.
  pen.fillStyle = '#c8c8c8';
  pen.fillRect(0, 0, 640, 480);
  pen.drawImage(sharp, 70, 8, 467, 467);
  return !read(pen.getImageData(0, 0, 640, 480)).includes(text);
});
window.ready = true;
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with (
        staged(tmp_path_factory.mktemp("codes"), SCRIPT) as url,
        running_browser() as browser,
        fresh_page(browser, PHONE) as opened,
    ):
        opened.goto(url)
        opened.wait_for_function("window.ready")
        yield opened


def test_a_code_in_the_picture_is_read(page: Page):
    assert page.evaluate("text => window.look(text)", CODE) == [CODE]


def test_a_picture_without_a_code_gives_none(page: Page):
    assert page.evaluate("() => window.look('')") == []


def test_every_invite_is_read_by_a_camera_that_stands_still(page: Page):
    rng = random.Random(7)
    letters = string.ascii_letters + string.digits
    texts = ["https://ledger.test/app/#" + "".join(rng.choices(letters, k=130)) for _ in range(60)]
    assert page.evaluate("texts => window.missed(texts)", texts) == []
