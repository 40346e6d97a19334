"""Copies of a picture are found whatever was done to them; other pictures are not."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest
from PIL import Image, ImageEnhance, ImageOps

from mobile_stub.camera import Device, take_photo
from mobile_stub.scenery.scene import Scene
from server.evidence.likeness import (
    BANDS,
    DISTANCE_MAX,
    TURNS,
    bands,
    distance,
    hashes,
    nearest,
    probes,
    same_picture,
    turned,
)

AT = datetime(2026, 11, 17, 6, tzinfo=UTC)


@cache
def scene(number: int) -> bytes:
    """Return one of the demo's photographs: wards and pharmacies, each its own."""
    kind = "pharmacy" if number % 4 == 0 else "ward"
    return take_photo(
        random.Random(number), scene=Scene(kind, f"{1100 + number}", occupied=bool(number % 3)), taken_at=AT,
        lat_e7=None, lon_e7=None, device=Device(), size=(640, 480),
    )  # fmt: skip


def opened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw)).convert("RGB")


def encoded(image: Image.Image, quality: int = 85) -> bytes:
    made = io.BytesIO()
    image.save(made, "JPEG", quality=quality)
    return made.getvalue()


def cut(image: Image.Image, share: float) -> Image.Image:
    width, height = image.size
    return image.crop(
        (int(width * share), int(height * share), int(width * (1 - share)), int(height * (1 - share)))
    )


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "compressed again": lambda image: opened(encoded(image, 40)),
    "smaller": lambda image: image.resize((320, 240)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "cut a little": lambda image: cut(image, 0.02),
    "all of it": lambda image: opened(
        encoded(ImageEnhance.Brightness(cut(image, 0.015).resize((400, 300))).enhance(1.1), 50)
    ),
}


def resemble(one: Image.Image, other: Image.Image) -> bool:
    """Return whether one is found by the other's hash and confirmed."""
    near = nearest(hashes(one), hashes(other)[0])
    return near is not None and same_picture(turned(one, near[1]), other)


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_found_whatever_was_done_to_it(how: str):
    image = opened(scene(1))
    assert resemble(image, COPIES[how](image))
    assert resemble(COPIES[how](image), image)


@pytest.mark.parametrize(
    "turn",
    [lambda image: image.rotate(90, expand=True), ImageOps.mirror, ImageOps.flip],
    ids=["turned", "mirrored", "upside down"],
)
def test_a_turned_or_mirrored_copy_is_found(turn: Callable[[Image.Image], Image.Image]):
    image = opened(scene(2))
    assert resemble(image, turn(image))
    assert resemble(turn(image), image)


def test_other_scenes_of_the_demo_are_not_taken_for_copies():
    images = [opened(scene(number)) for number in range(10)]
    taken = [
        (n, m) for n, one in enumerate(images) for m, other in enumerate(images[:n]) if resemble(one, other)
    ]
    assert not taken


def test_a_picture_that_shows_nothing_has_no_hash():
    assert hashes(Image.new("RGB", (640, 480), (12, 12, 14))) == ()
    assert hashes(Image.new("RGB", (1, 1))) == ()


def test_all_turns_have_a_hash_of_their_own():
    assert len(set(hashes(opened(scene(1))))) == len(TURNS) == 8


def test_whatever_differs_in_few_bits_shares_a_probe_of_a_band():
    rng = random.Random(7)
    for _ in range(200):
        one = rng.getrandbits(64)
        other = one
        for place in rng.sample(range(64), DISTANCE_MAX):
            other ^= 1 << place
        assert distance(one, other) == DISTANCE_MAX
        mine, others = bands(one), bands(other)
        assert any(others[n] in set(probes(mine[n], 2)) for n in range(BANDS))


def test_what_differs_in_more_bits_is_not_near():
    one = hashes(opened(scene(1)))
    assert nearest(one, one[0] ^ ((1 << 32) - 1)) is None
