"""A clip at the desk, in a real Chromium: it plays in place and is sought in without being fetched whole."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from playwright.sync_api import Browser, Page, Response, expect

from server.storage import access_store
from sync import frames, lines
from tests.browser.test_desk_journey import desk_of
from tests.server.builders import install
from tests.server.world import World, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS, FRAMES_A_SECOND = 30, 5


def clip() -> bytes:
    """Return a video of noise, which no codec makes small: some 30 MB that a browser does not fetch ahead."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=FRAMES_A_SECOND)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "4", "g": "5"}
        for _ in range(SECONDS * FRAMES_A_SECOND):
            frame = av.VideoFrame(640, 360, "yuv420p")
            for plane in frame.planes:
                plane.update(os.urandom(plane.buffer_size))
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return made.getvalue()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of one test's own."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), beds=1, photos=0)
    yield made
    made.services.engine.dispose()


def filmed(world: World, plain: bytes) -> str:
    """Let an inspector film, and the file arrive."""
    key = os.urandom(frames.KEY_BYTES)
    cipher = b"".join(frames.encrypt([plain], key, os.urandom(frames.PREFIX_BYTES)))
    digest = hashlib.sha256(cipher).hexdigest()
    about = {"digest": hashlib.sha256(plain).hexdigest(), "size": len(plain), "media_type": "video/mp4"}
    sealed = {"cipher_digest": digest, "cipher_size": len(cipher), "file_key": lines.b64u(key)}
    item = world.photograph(sent=False, **about, **sealed)
    world.deliver(digest, cipher)
    return item


def seek(page: Page, second: float) -> float:
    """Move the player to a second; return where it then shows a picture."""
    script = """([video, second]) => new Promise((done, failed) => {
        video.addEventListener('seeked', () => done(video.currentTime), { once: true });
        video.addEventListener('error', () => failed(new Error(video.error.message)), { once: true });
        video.currentTime = second;
    })"""
    video = page.locator("video")
    return float(page.evaluate(script, [video.element_handle(), second]))


def now(page: Page) -> float:
    """Return the second at which the clip stands."""
    return float(page.locator("video").evaluate("video => video.currentTime"))


def keys_play_and_seek(page: Page) -> None:
    """Play, pause and seek by keys, wherever the focus is but on a button; the help names them."""
    clip = page.locator("video")
    for focus in ("body", "video"):
        page.locator(focus).evaluate("node => { node.tabIndex = -1; node.focus(); }")
        page.keyboard.press("Space")
        expect(clip).to_have_js_property("paused", False)
        page.keyboard.press("Space")
        expect(clip).to_have_js_property("paused", True)
        at = now(page)
        page.keyboard.press("ArrowRight")
        assert now(page) == pytest.approx(at + 5, abs=0.3)
        page.keyboard.press("Shift+ArrowLeft")
        assert now(page) == pytest.approx(at + 4, abs=0.3)
        page.keyboard.press("ArrowLeft")
        assert now(page) == pytest.approx(max(0, at - 1), abs=0.3)
    page.locator("[data-expand]").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-expand]")).to_have_attribute("aria-pressed", "true")
    expect(clip).to_have_js_property("paused", True)
    page.keyboard.press("Space")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("播放或暂停")
    page.keyboard.press("Space")
    expect(clip).to_have_js_property("paused", True)
    page.keyboard.press("Escape")


def test_a_video_is_sought_in_and_comes_in_ranges(browser: Browser, world: World):
    plain = clip()
    item = filmed(world, plain)
    answers: list[Response] = []
    with desk_of(browser, world) as page:
        page.on("response", lambda got: answers.append(got) if got.url.endswith("/file") else None)
        page.goto(f"/evidence/{item}")
        expect(page.locator("video")).to_have_js_property("duration", SECONDS)
        assert seek(page, SECONDS - 2) == pytest.approx(SECONDS - 2, abs=0.3)
        assert seek(page, 3) == pytest.approx(3, abs=0.3)
        assert {got.status for got in answers} == {206}
        starts = [int(got.headers["content-range"].split()[1].split("-")[0]) for got in answers]
        assert any(start > len(plain) // 2 for start in starts), "the end was asked for by itself"
        keys_play_and_seek(page)
    with world.services.database.reading() as connection:
        noted = access_store.of_record(connection, world.services.ledger.id, item)
    assert [one.act for one in noted] == ["read_file"], "one line for a look, however many ranges it takes"
