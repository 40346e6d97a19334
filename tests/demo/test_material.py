"""The demo's files are what they say, the same for a seed, of a real one's size, and marked as a demo's."""

from __future__ import annotations

import io
import random
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import av
import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageFont

from mobile_stub import camera
from mobile_stub.camera import Device, take_photo
from mobile_stub.scenery.scene import Scene
from server.demo import clips, marking, material, papers, photos
from server.demo.material import BYTES_MAX, BYTES_MIN, Material, Where
from server.demo.papers import Admission
from server.evidence import picture
from sync.errors import FileCorrupt

ABOUT = Admission("六安市金安区测试第001医院", "W11", "1102", "测试甲001")
AT = datetime(2026, 11, 20, 8, 0, 30, tzinfo=timezone(timedelta(hours=8)))
WHERE = Where(ABOUT, AT, 317_481_208, 1_165_169_487)
SMALL_PAGE = (310, 438)


@pytest.fixture(scope="module")
def files() -> dict[str, Material]:
    return {one.name: one for one in material.gathered("7", WHERE)}


def opened(content: bytes, form: str) -> Image.Image:
    image = Image.open(io.BytesIO(content), formats=[form])
    image.load()
    return image


def scanned_pages(pdf: bytes) -> list[Image.Image]:
    found = re.findall(rb"/Filter /DCTDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return [opened(one, "JPEG") for one in found]


def red_share(image: Image.Image) -> float:
    """Return how much of the upper left corner has the colour of the plate with the demo's mark."""
    corner = image.convert("RGB").crop((4, 4, image.width // 6, max(8, image.height // 50)))
    dots = list(zip(*(band.tobytes() for band in corner.split()), strict=True))
    return sum(r > 130 and g < 110 and b < 110 for r, g, b in dots) / len(dots)


@pytest.mark.slow
def test_a_visit_has_files_of_every_kind_and_of_a_phones_weight(files: dict[str, Material]) -> None:
    assert {one.media_type for one in files.values()} == {
        "image/jpeg", "image/heic", "application/pdf", "audio/mp4", "video/mp4",
    }  # fmt: skip
    assert all(BYTES_MIN <= len(one.content) <= BYTES_MAX for one in files.values())
    sizes = {name: len(one.content) / 1e6 for name, one in files.items()}
    assert 3.5 < sizes["door-sign.jpg"] < 6.5
    assert 0.3 < sizes["bill.heic"] < 0.9
    assert 2 < sizes["walk.mp4"] < 7
    assert 4.5 < sizes["inquiry.m4a"] < 5.5


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), [("door-sign.jpg", "JPEG"), ("bill.heic", "HEIF")])
def test_a_photograph_tells_its_phone_its_time_and_its_place(
    files: dict[str, Material], name: str, form: str
) -> None:
    pillow_heif.register_heif_opener(thumbnails=False)
    image = opened(files[name].content, form)
    exif = image.getexif()
    assert (exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation]) == ("Wardledger", 1)
    taken = exif.get_ifd(ExifTags.IFD.Exif)
    assert taken[ExifTags.Base.DateTimeOriginal].startswith("2026:11:20 08:0")
    assert taken[ExifTags.Base.OffsetTimeOriginal] == "+08:00"
    assert camera.position(exif) == WHERE.place
    assert (taken[ExifTags.Base.ExifImageWidth], taken[ExifTags.Base.ExifImageHeight]) == image.size
    assert red_share(image) > 0.5


@pytest.mark.slow
def test_the_scan_is_a_pdf_of_four_marked_pages_with_writing(files: dict[str, Material]) -> None:
    pdf = files["scan.pdf"].content
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == material.SCAN_PAGES
    pages = scanned_pages(pdf)
    assert [page.size for page in pages] == [papers.PAGE] * material.SCAN_PAGES
    for page in pages:
        head = page.convert("L").crop((300, 60, 940, 190)).histogram()
        assert sum(head[:110]) > 2_000, "the head of the page is written"
        foot = page.convert("RGB").crop((90, 1640, 900, 1720))
        red = sum(r - g > 60 for r, g, _ in zip(*(b.tobytes() for b in foot.split()), strict=True))
        assert red > 1_500, "the foot says that it is demo data"


@pytest.mark.slow
def test_the_recordings_are_sound_that_speaks_and_pauses(files: dict[str, Material]) -> None:
    for name, seconds in (("remark.m4a", 60), ("inquiry.m4a", 600)):
        with av.open(io.BytesIO(files[name].content)) as container:
            (stream,) = container.streams
            assert (stream.codec_context.name, container.duration // 1_000_000) == ("aac", seconds)
            assert marking.MARK in container.metadata["title"]
    with av.open(io.BytesIO(files["remark.m4a"].content)) as container:
        loud = [_loudness(frame) for frame in container.decode(audio=0)]
    assert max(loud) > 20 * min(loud[2:-2]), "somebody speaks, and somebody pauses"


def _loudness(frame: av.AudioFrame) -> float:
    values = memoryview(bytes(frame.planes[0]))[: 4 * frame.samples].cast("f")
    return max(abs(value) for value in values) + 1e-6


@pytest.mark.slow
def test_the_clip_moves_and_every_frame_is_marked(files: dict[str, Material]) -> None:
    with av.open(io.BytesIO(files["walk.mp4"].content)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        frames = [frame.to_image() for frame in container.decode(video=0)]
    assert len(frames) == material.CLIP_SECONDS * clips.FRAMES_A_SECOND
    for frame in frames[::30]:
        assert red_share(frame) > 0.4
    middle = [frame.convert("L").resize((48, 27)).tobytes() for frame in (frames[0], frames[60])]
    assert sum(abs(a - b) for a, b in zip(*middle, strict=True)) / len(middle[0]) > 4


@pytest.mark.parametrize(
    "make",
    [
        lambda seed: papers.scan(random.Random(seed), ABOUT, 2, size=SMALL_PAGE, made_at=1_795_000_000),
        lambda seed: photos.door_sign(random.Random(seed), ABOUT, AT, None, size=(320, 240)),
        lambda seed: photos.heic(random.Random(seed), ABOUT, AT, None, size=(320, 240)),
        lambda seed: clips.audio(random.Random(seed), 2),
        lambda seed: clips.video(random.Random(seed), "1102", 1, size=(192, 108)),
    ],
    ids=["scan", "jpeg", "heic", "audio", "video"],
)  # fmt: skip
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(make: Any) -> None:
    once = make(1)
    assert make(1) == once
    assert make(2) != once


def test_the_font_has_every_character_that_is_written() -> None:
    words = [marking.NOTICE, marking.MARK, ABOUT.hospital, ABOUT.patient, *papers.ORDERS]
    words += [part for item in papers.ITEMS for part in item]
    words += [*papers.WORDS, *photos.WORDS]
    missing = {letter for letter in "".join(words) if not _has_glyph(letter)}
    assert not missing


def test_a_character_beyond_the_font_is_noticed() -> None:
    assert not _has_glyph("\U0002a6d6")


def _has_glyph(letter: str) -> bool:
    font: ImageFont.FreeTypeFont = marking.font(40)
    drawn, none = font.getmask(letter), font.getmask("\U000f0000")
    return letter.isspace() or (drawn.size, bytes(drawn)) != (none.size, bytes(none))


def test_a_picture_of_a_bed_is_marked_and_one_without_a_stamp_is_not() -> None:
    def photo(stamp: Any) -> Image.Image:
        content = take_photo(
            random.Random(3), scene=Scene("ward", "12"), taken_at=AT.astimezone(UTC), lat_e7=None, lon_e7=None,
            device=Device(), size=(640, 480), stamp=stamp,
        )  # fmt: skip
        return opened(content, "JPEG")

    assert red_share(photo(marking.stamp)) > 0.5
    assert red_share(photo(None)) < 0.05


def test_a_picture_that_was_stored_sideways_bears_its_mark_upright() -> None:
    content = take_photo(
        random.Random(3), scene=Scene("ward", "12"), taken_at=AT, lat_e7=None, lon_e7=None,
        device=Device(), size=(640, 480), orientation=camera.SIDEWAYS, stamp=marking.stamp,
    )  # fmt: skip
    stored = opened(content, "JPEG")
    assert red_share(stored) < 0.3
    assert red_share(stored.transpose(Image.Transpose.ROTATE_270)) > 0.5


def test_the_desk_draws_the_heic_and_refuses_it_under_another_name() -> None:
    content = photos.heic(random.Random(1), ABOUT, AT, None, size=(320, 240))
    small = opened(picture.shrink(content, "HEIF", 160, item="one"), "JPEG")
    assert small.size == (160, 120)
    with pytest.raises(FileCorrupt):
        picture.shrink(content, "JPEG", 160, item="one")


def test_a_photograph_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        photos.door_sign(random.Random(1), ABOUT, AT.replace(tzinfo=None), None, size=(320, 240))
