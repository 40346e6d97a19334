"""The reference phone's camera: real JPEGs with real EXIF, each bed another picture."""

import io
import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageChops, ImageOps

from mobile_stub import camera
from mobile_stub.camera import Device, take_photo
from mobile_stub.scenery.scene import Scene
from tests.tiers import examples

CHINA = timezone(timedelta(hours=8))
TAKEN_AT = datetime(2026, 11, 18, 9, 12, 3, 250_000, tzinfo=CHINA)
BED = Scene("ward", "1102", challenge="K7QX")
SMALL = (320, 240)


def photo(seed: int = 1, **changed: Any) -> bytes:
    usual: dict[str, Any] = {
        "scene": BED,
        "taken_at": TAKEN_AT,
        "lat_e7": 317_481_208,
        "lon_e7": 1_165_169_487,
        "device": Device(),
        "size": SMALL,
    }
    return take_photo(random.Random(seed), **(usual | changed))


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def difference_hash(data: bytes) -> int:
    """Return the 64 signs of whether a picture darkens from left to right."""
    small = opened(data).convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    signs = (small.getpixel((x, y)) > small.getpixel((x + 1, y)) for y in range(8) for x in range(8))  # type: ignore[operator]
    return sum(sign << place for place, sign in enumerate(signs))


@pytest.mark.parametrize("scene", [BED, Scene("ward", "1117", occupied=False), Scene("pharmacy", "A12")])
def test_a_photo_is_a_jpeg_of_a_photos_size_and_weight(scene: Scene) -> None:
    data = photo(scene=scene, size=camera.SIZE)
    image = opened(data)
    assert image.format == "JPEG"
    assert image.size == (1600, 1200)
    assert 300_000 <= len(data) <= 900_000


def test_the_same_generator_gives_the_same_bytes() -> None:
    assert photo(7) == photo(7)


def test_another_generator_gives_another_picture_of_the_same_bed() -> None:
    assert photo(7) != photo(8)


def test_another_bed_code_changes_the_picture_itself() -> None:
    one, other = (opened(photo(scene=Scene("ward", label))) for label in ("1102", "1103"))
    assert ImageChops.difference(one, other).getbbox() is not None


def test_a_challenge_shows_in_the_picture() -> None:
    without, with_card = (
        opened(photo(scene=Scene("ward", "1102", challenge=card))) for card in (None, "K7QX")
    )
    changed = ImageChops.difference(without, with_card).convert("L").point(lambda level: 255 * (level > 60))
    assert changed.getbbox() is not None


def test_the_photos_of_a_ward_are_no_near_duplicates_of_each_other() -> None:
    hashes = [difference_hash(photo(seed, scene=Scene("ward", str(1101 + seed)))) for seed in range(12)]
    apart = [(one ^ other).bit_count() for place, one in enumerate(hashes) for other in hashes[:place]]
    assert min(apart) > 2


def test_the_exif_tells_device_and_local_time_with_its_offset() -> None:
    exif = opened(photo(device=Device(make="Wardledger", model="Demo Phone 7"))).getexif()
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    assert exif[ExifTags.Base.Make] == "Wardledger"
    assert exif[ExifTags.Base.Model] == "Demo Phone 7"
    assert "drawn" in exif[ExifTags.Base.Software]
    assert exif[ExifTags.Base.Orientation] == 1
    assert inner[ExifTags.Base.DateTimeOriginal] == "2026:11:18 09:12:03"
    assert inner[ExifTags.Base.OffsetTimeOriginal] == "+08:00"
    assert inner[ExifTags.Base.SubsecTimeOriginal] == "250"


def test_the_exif_tells_the_time_of_the_position_in_utc() -> None:
    gps = opened(photo()).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert gps[ExifTags.GPS.GPSDateStamp] == "2026:11:18"
    assert [int(part) for part in gps[ExifTags.GPS.GPSTimeStamp]] == [1, 12, 3]


@examples(25)
@given(lat=st.integers(-90 * 10**7, 90 * 10**7), lon=st.integers(-180 * 10**7, 180 * 10**7))
def test_a_position_comes_back_to_the_last_digit(lat: int, lon: int) -> None:
    exif = opened(photo(lat_e7=lat, lon_e7=lon, size=(64, 48))).getexif()
    assert camera.position(exif) == (lat, lon)


def test_a_photo_from_a_basement_has_no_position() -> None:
    assert camera.position(opened(photo(lat_e7=None, lon_e7=None)).getexif()) is None


def test_an_upright_phone_stores_the_picture_turned_and_says_so() -> None:
    image = opened(photo(orientation=camera.SIDEWAYS))
    assert image.size == SMALL
    assert image.getexif()[ExifTags.Base.Orientation] == camera.SIDEWAYS
    upright = ImageOps.exif_transpose(image)
    assert upright.size == (SMALL[1], SMALL[0])


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        photo(taken_at=datetime(2026, 11, 18, 9, 0))  # noqa: DTZ001 - the fault under test


def test_an_orientation_that_no_phone_is_held_in_here_is_refused() -> None:
    with pytest.raises(ValueError, match="orientation"):
        photo(orientation=3)


def test_a_time_in_utc_says_so() -> None:
    exif = opened(photo(taken_at=TAKEN_AT.astimezone(UTC))).getexif().get_ifd(ExifTags.IFD.Exif)
    assert exif[ExifTags.Base.DateTimeOriginal] == "2026:11:18 01:12:03"
    assert exif[ExifTags.Base.OffsetTimeOriginal] == "+00:00"
