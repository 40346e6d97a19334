"""The measure of pictures at capture: sharp ones pass; blurred, dark, burnt out, illegible ones are told at once."""

from __future__ import annotations

import io
import json
import random
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mobile_stub.camera import SIZE, Device, develop
from mobile_stub.scenery import pharmacy, ward
from mobile_stub.scenery.scene import Scene
from tests.interop.node import run

pytestmark = pytest.mark.slow
SEEDS = (1, 2, 3)
KINDS = ("ward", "pharmacy", "paper")
SIDE = 640
MEASURE = Path(__file__).with_name("javascript") / "measure.mjs"

Change = Callable[[Image.Image], Image.Image]


def out_of_focus(pixels: int) -> Change:
    return lambda image: image.filter(ImageFilter.GaussianBlur(pixels))


def levels(share: float) -> Change:
    return lambda image: image.point([min(255, round(level * share)) for level in range(256)] * 3)


def as_it_is(image: Image.Image) -> Image.Image:
    return image


def paper(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Return a sheet with lines of writing on a table."""
    image = Image.new("RGB", size, (150, 132, 110))
    pen = ImageDraw.Draw(image)
    pen.rectangle((size[0] // 8, size[1] // 16, size[0] * 7 // 8, size[1]), fill=(246, 246, 242))
    font = ImageFont.load_default(size[1] // 36)
    for line in range(20):
        words = " ".join("".join(rng.choices("abcdefghmnost0123", k=rng.randint(3, 8))) for _ in range(8))
        place = (size[0] // 6, size[1] // 10 + line * size[1] // 24)
        pen.text(place, words[: 7 * SIZE[0] // size[1] * 4], fill=(20, 20, 30), font=font)
    return image


def photograph(kind: str, seed: int, before: Change = as_it_is, after: Change = as_it_is) -> Image.Image:
    """Return a photo; before: what happens in front of the sensor; after: to the finished picture."""
    rng = random.Random(seed)
    if kind == "paper":
        image, lamp = paper(rng, SIZE), (0.5, 0.2)
    else:
        draw = ward.draw if kind == "ward" else pharmacy.draw
        image, lamp = draw(Scene(kind, "W11-07", occupied=seed % 2 == 1), rng, SIZE)
    taken = datetime(2026, 11, 23, 2, tzinfo=UTC)
    file = develop(rng, before(image), lamp=lamp, taken_at=taken, lat_e7=None, lon_e7=None, device=Device())
    return after(Image.open(io.BytesIO(file)).convert("RGB"))


def measured(folder: Path, photos: dict[str, Image.Image], *, as_paper: bool = False) -> dict[str, Any]:
    """Return what the app's own code measures of pictures and doubts about them, by name."""
    for name, photo in photos.items():
        small = photo.convert("RGBA").resize(
            (SIDE, SIDE * photo.height // photo.width), Image.Resampling.BILINEAR
        )
        (folder / name).write_bytes(struct.pack("<II", *small.size) + small.tobytes())
    done = run([MEASURE, "paper" if as_paper else "photo", *(folder / name for name in photos)])
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(*(f"{name:24} {found[name]}" for name in photos), sep="\n")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_sharp_picture_in_good_light_passes(kind: str, tmp_path: Path) -> None:
    photos = {f"{kind}-{seed}": photograph(kind, seed) for seed in SEEDS}
    found = measured(tmp_path, photos, as_paper=kind == "paper")
    assert {name: one["doubts"] for name, one in found.items()} == {name: [] for name in photos}


@pytest.mark.parametrize("kind", ["ward", "pharmacy"])
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ({"before": out_of_focus(4)}, "blurred"),
        ({"before": out_of_focus(12)}, "blurred"),
        ({"before": levels(0.15)}, "dark"),
        ({"after": levels(2.4)}, "overexposed"),
    ],
    ids=["a little out of focus", "far out of focus", "lamp off", "against the light"],
)
def test_a_spoilt_picture_is_told(kind: str, harm: dict[str, Change], told: str, tmp_path: Path) -> None:
    photos = {f"{kind}-{seed}": photograph(kind, seed, **harm) for seed in SEEDS}
    found = measured(tmp_path, photos)
    assert {name: one["doubts"] for name, one in found.items()} == {name: [told] for name in photos}


def test_a_paper_must_be_read_and_not_only_be_seen(tmp_path: Path) -> None:
    harmed = {f"paper-{seed}": photograph("paper", seed, before=out_of_focus(3)) for seed in SEEDS}
    empty = {"empty": Image.new("RGB", SIZE, (236, 236, 230))}
    found = measured(tmp_path, harmed | empty, as_paper=True)
    assert all(one["doubts"] in (["illegible"], ["blurred"]) for one in found.values())
    assert found["empty"]["legibility"] == 0
