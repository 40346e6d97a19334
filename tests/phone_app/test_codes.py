"""Codes are read from what a camera sees, also where the browser reads none itself."""

from __future__ import annotations

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
