"""A copy of a real file opens as before, is no other's bytes, and what is no such file is refused."""

from __future__ import annotations

import io
import re

import av
import pytest
from PIL import Image

from tests.fleet_days.pool import Pool, with_comment

SCALE = 0.01


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool(1, SCALE)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["photo", "large_photo", "scan", "audio", "clip"])
def test_two_captures_differ_and_the_same_capture_does_not(pool: Pool, kind: str) -> None:
    assert pool.content(kind, 7) == pool.content(kind, 7)
    assert pool.content(kind, 7) != pool.content(kind, 8)


@pytest.mark.slow
def test_a_photo_opens_with_its_exif_and_its_comment(pool: Pool) -> None:
    image = Image.open(io.BytesIO(pool.content("photo", 12)), formats=["JPEG"])
    image.load()
    assert image.info["comment"] == b"photo 12"
    assert image.getexif()[271] == "Wardledger"


@pytest.mark.slow
def test_a_scan_keeps_its_pages(pool: Pool) -> None:
    assert len(re.findall(rb"/Type /Page\b", pool.content("scan", 3))) == 4


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "codec"), [("audio", "aac"), ("clip", "h264")])
def test_sound_and_film_are_decoded_to_their_end(pool: Pool, kind: str, codec: str) -> None:
    with av.open(io.BytesIO(pool.content(kind, 3))) as container:
        (stream,) = container.streams
        assert stream.codec_context.name == codec
        assert sum(1 for _ in container.decode(stream)) > 20


def test_what_has_no_room_for_a_comment_is_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        with_comment(b"GIF89a", "words")


@pytest.mark.parametrize("scale", [0.0, 1.5])
def test_a_scale_outside_its_range_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        Pool(1, scale)
