"""Small pictures are drawn within bounds, and only from what they claim to be."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from server.evidence import picture
from server.evidence.picture import shrink
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


def heic(size: tuple[int, int] = (400, 300)) -> bytes:
    """Return a picture in two halves as iPhones store it, with EXIF."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (size[0] // 2, 0, *size))
    exif = Image.Exif()
    exif[0x010F] = "Demo Phone"
    made = io.BytesIO()
    image.save(made, "HEIF", quality=90, exif=exif.tobytes())
    return made.getvalue()


def test_a_heic_picture_becomes_a_jpeg_without_its_exif():
    with Image.open(io.BytesIO(shrink(heic(), "HEIF", 160, item="x"))) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (160, 120), {})
        left, right = image.getpixel((20, 60)), image.getpixel((140, 60))
        assert left[0] > 150 > left[2]
        assert right[2] > 150 > right[0]


@pytest.mark.parametrize("raw", [b"", heic()[:200], photo(1)])
def test_what_is_no_heic_picture_is_refused_as_one(raw: bytes):
    with pytest.raises(FileCorrupt):
        shrink(raw, "HEIF", 160, item="x")


def test_marks_are_drawn_along_the_lower_edge_and_nowhere_else():
    raw = drawn("RGB", (1200, 900), "PNG")
    plain, marked = (
        Image.open(io.BytesIO(shrink(raw, "PNG", 1600, item="x", marks=marks)))
        for marks in ((), ("采集时间 2026-11-17 10:00:00", "检查员 测试甲001"))
    )
    assert plain.size == marked.size == (1200, 900)
    differing = ImageChops.difference(plain, marked).convert("L").point(lambda value: 255 * (value > 40))
    _, top, _, bottom = differing.getbbox()
    assert top > 800, "the picture itself is not written on"
    assert bottom <= 900


def test_other_words_make_another_picture():
    """Chinese letters are drawn, each its own, and not the box that stands for what a font lacks."""
    raw = drawn("RGB", (800, 200), "PNG")
    shown = [shrink(raw, "PNG", 1600, item="x", marks=[word]) for word in ("测试甲", "测试乙", "测试堃")]
    assert len(set(shown)) == 3


def test_a_long_line_is_folded_and_a_small_picture_is_marked_too():
    raw = drawn("RGB", (200, 200), "PNG")
    assert shrink(raw, "PNG", 1600, item="x", marks=["检查员 " + "测" * 60]) != shrink(
        raw, "PNG", 1600, item="x"
    )
