"""What a camera wrote is read for the reader, whatever it wrote, and never stored."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from server.evidence import exif
from server.evidence.exif import CHANGED, DETAILS, MAKE, MODEL, OFFSET, PLACE, SOFTWARE, TAKEN, Exif, read


def picture(
    tags: dict[int, Any], details: dict[int, Any] | None = None, place: dict[int, Any] | None = None
) -> bytes:
    """Return a small JPEG with these tags."""
    found = Image.Exif()
    for tag, value in tags.items():
        found[tag] = value
    found.get_ifd(DETAILS).update(details or {})
    found.get_ifd(PLACE).update(place or {})
    made = io.BytesIO()
    Image.new("RGB", (40, 30)).save(made, "JPEG", exif=found)
    return made.getvalue()


def test_camera_time_and_place_are_read():
    raw = picture(
        {MAKE: "Demo", MODEL: "Phone 7", SOFTWARE: "App 1.0", CHANGED: "2026:11:17 10:00:02"},
        {TAKEN: "2026:11:17 10:00:01", OFFSET: "+08:00"},
        {1: "N", 2: (31.0, 45.0, 18.0), 3: "E", 4: (116.0, 30.0, 28.8)},
    )
    assert read(raw, "JPEG") == Exif(
        camera="Demo Phone 7",
        software="App 1.0",
        taken="2026:11:17 10:00:01 +08:00",
        changed="2026:11:17 10:00:02",
        lat=31.755,
        lon=116.508,
        width=40,
        height=30,
    )


def test_south_and_west_are_negative():
    found = read(picture({}, place={1: "S", 2: (1.0, 30.0, 0.0), 3: "W", 4: (2.0, 0.0, 0.0)}), "JPEG")
    assert found is not None
    assert (found.lat, found.lon) == (-1.5, -2.0)


def test_a_picture_without_any_says_its_size_alone():
    assert read(picture({}), "JPEG") == Exif(width=40, height=30)


@pytest.mark.parametrize("place", [{1: "N", 2: (31.0, 45.0)}, {1: "N", 2: (400.0, 0.0, 0.0)}, {1: "N"}])
def test_a_place_that_is_none_is_left_out(place: dict[int, Any]):
    found = read(picture({}, place=place), "JPEG")
    assert found is not None
    assert found.lat is None


@pytest.mark.parametrize("raw", [b"", b"no picture", picture({})[:20]])
def test_what_is_no_picture_says_nothing(raw: bytes):
    assert read(raw, "JPEG") is None


def test_another_decoder_than_the_declared_one_is_not_tried():
    assert read(picture({}), "PNG") is None


def test_a_word_is_cut_and_loses_what_cannot_be_printed():
    found = read(picture({MAKE: "x\x00\x07" + "y" * 200}), "JPEG")
    assert found is not None
    assert len(found.camera) <= exif.CHARS_MAX
    assert found.camera.isprintable()
