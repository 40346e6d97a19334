"""Small pictures are drawn within bounds, and only from what they claim to be."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from server.evidence import picture
from server.evidence.picture import Cache, shrink
from sync.errors import FileCorrupt, TooLarge
from tests.server.world import photo


def drawn(mode: str, size: tuple[int, int], kind: str) -> bytes:
    """Return an empty picture."""
    made = io.BytesIO()
    Image.new(mode, size).save(made, kind)
    return made.getvalue()


def test_a_png_with_transparency_becomes_a_small_jpeg():
    with Image.open(io.BytesIO(shrink(drawn("RGBA", (800, 400), "PNG"), "PNG", 160, item="x"))) as image:
        assert (image.format, image.size) == ("JPEG", (160, 80))


def test_a_picture_that_is_small_already_is_not_blown_up():
    with Image.open(io.BytesIO(shrink(drawn("RGB", (40, 30), "PNG"), "PNG", 320, item="x"))) as image:
        assert image.size == (40, 30)


def test_a_picture_that_unfolds_to_too_many_pixels_is_refused_before_it_does(monkeypatch: pytest.MonkeyPatch):
    bomb = drawn("1", (9_000, 9_000), "PNG")
    assert len(bomb) < 20_000
    with pytest.raises(TooLarge):
        shrink(bomb, "PNG", 160, item="x")
    monkeypatch.setattr(picture, "PIXELS_MAX", 9_000 * 9_000)
    assert shrink(bomb, "PNG", 160, item="x")


@pytest.mark.parametrize(
    "raw", [b"", b"no picture", photo(1)[:300], b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_bytes_that_are_no_picture_are_refused(raw: bytes):
    with pytest.raises(FileCorrupt):
        shrink(raw, "JPEG", 160, item="x")


def test_a_picture_of_another_type_than_declared_is_refused():
    with pytest.raises(FileCorrupt):
        shrink(photo(1), "PNG", 160, item="x")


def test_the_derivatives_that_were_not_asked_for_longest_go_first():
    cache = Cache(2)
    cache.put(("a", 160), b"a")
    cache.put(("b", 160), b"b")
    assert cache.get(("a", 160)) == b"a"
    cache.put(("c", 160), b"c")
    assert cache.get(("b", 160)) is None
    assert (cache.get(("a", 160)), cache.get(("c", 160))) == (b"a", b"c")
