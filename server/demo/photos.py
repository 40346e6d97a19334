"""Photographs besides those of beds: a bill on a desk as HEIC, a ward's door sign at the sensor's full size."""

from __future__ import annotations

import io
import random
from datetime import datetime

import pillow_heif
from PIL import Image, ImageDraw, ImageFilter

from mobile_stub import camera
from mobile_stub.camera import Device, Encode
from mobile_stub.scenery.lens import perspective
from server.demo import papers
from server.demo.marking import font, stamp
from server.demo.papers import Admission

FULL = (3264, 2448)
"""The stored size of the large photograph: eight megapixels."""
FULL_QUALITY = 97
HEIC_SIZE = (1600, 1200)
HEIC_QUALITY = 60
DESKS = ((142, 104, 72), (118, 96, 80), (168, 140, 108))
DOORS = ((186, 160, 122), (160, 176, 180), (202, 188, 160))
PLATES = ((24, 84, 140), (30, 110, 92), (90, 60, 120))
WORDS = ("病区", "探视时间  15:00 - 17:00", "医保查房请出示证件", "保持安静  禁止吸烟")
PHONE = Device(model="Demo Phone 2")


def heic(
    rng: random.Random,
    about: Admission,
    taken_at: datetime,
    place: tuple[int, int] | None,
    *,
    size: tuple[int, int] = HEIC_SIZE,
) -> bytes:
    """Return a bill that lies on a desk, photographed from above, as HEIC with EXIF."""
    return _developed(rng, _on_desk(rng, about, size), taken_at, place, _as_heic)


def door_sign(
    rng: random.Random,
    about: Admission,
    taken_at: datetime,
    place: tuple[int, int] | None,
    *,
    size: tuple[int, int] = FULL,
) -> bytes:
    """Return the sign beside a ward's door as a JPEG of the sensor's full size, some 5 MB."""
    return _developed(rng, _door(rng, about, size), taken_at, place, _as_full_jpeg)


def _developed(
    rng: random.Random, image: Image.Image, taken_at: datetime, place: tuple[int, int] | None, encode: Encode
) -> bytes:
    lat, lon = place or (None, None)
    return camera.develop(
        rng, image, lamp=(rng.uniform(0.2, 0.8), 0.1), taken_at=taken_at, lat_e7=lat, lon_e7=lon, device=PHONE,
        stamp=stamp, encode=encode,
    )  # fmt: skip


def _as_heic(image: Image.Image, exif: Image.Exif) -> bytes:
    file = io.BytesIO()
    made = pillow_heif.from_pillow(image)
    # The slower presets take ten times as long for a tenth of the size.
    options = {"preset": "ultrafast", "x265:pools": "none", "x265:frame-threads": "1"}
    made.save(file, quality=HEIC_QUALITY, exif=exif.tobytes(), enc_params=options)
    return file.getvalue()


def _as_full_jpeg(image: Image.Image, exif: Image.Exif) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=FULL_QUALITY, subsampling="4:2:0", exif=exif)
    return file.getvalue()


def _on_desk(rng: random.Random, about: Admission, size: tuple[int, int]) -> Image.Image:
    """Lay a sheet askew on a wooden desk; the lens looks from its foot."""
    width, height = size
    desk = _wood(rng, size, rng.choice(DESKS))
    sheet = papers.pages(rng, about, 1)[0].convert("RGBA")
    corners = [(0.24, 0.05), (0.76, 0.07), (0.88, 0.99), (0.14, 0.97)]
    shown = [
        (x * width + rng.uniform(-20, 20), y * height + rng.uniform(-10, 10) * (y < 0.5)) for x, y in corners
    ]
    laid = sheet.transform(
        size, Image.Transform.PERSPECTIVE, perspective(shown, sheet.size), Image.Resampling.BICUBIC
    )
    shadow = Image.new("L", size, 0)
    ImageDraw.Draw(shadow).polygon([(x + 10, y + 12) for x, y in shown], fill=130)
    desk.paste((20, 14, 10), (0, 0), shadow.filter(ImageFilter.GaussianBlur(9)))
    desk.paste(laid, (0, 0), laid)
    return desk


def _wood(rng: random.Random, size: tuple[int, int], colour: tuple[int, int, int]) -> Image.Image:
    """Return planks: noise drawn out along the grain."""
    grain = Image.frombytes("L", (24, 240), rng.randbytes(24 * 240)).resize(size, Image.Resampling.BICUBIC)
    light = [[round(part * (0.82 + 0.3 * level / 255)) for level in range(256)] for part in colour]
    return Image.merge("RGB", [grain.point(curve) for curve in light])


def _door(rng: random.Random, about: Admission, size: tuple[int, int]) -> Image.Image:
    """Draw a wall with a door's edge and the plate of the ward with its rules."""
    width, height = size
    image = Image.new("RGB", size, (226, 228, 222))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, round(height * 0.62), width, height), fill=(184, 208, 200))
    wood = _wood(rng, (height, round(width * 0.3)), rng.choice(DOORS))
    image.paste(wood.transpose(Image.Transpose.ROTATE_90), (0, 0))
    pen.rectangle((round(width * 0.3), 0, round(width * 0.325), height), fill=(150, 146, 138))
    pen.ellipse(
        (width * 0.255, height * 0.53, width * 0.285, height * 0.57),
        fill=(170, 174, 178),
        outline=(90, 94, 98),
    )
    _plate(pen, rng, about, size)
    return image.rotate(rng.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=(206, 208, 202))


def _plate(pen: ImageDraw.ImageDraw, rng: random.Random, about: Admission, size: tuple[int, int]) -> None:
    width, height = size
    left, top, right, bottom = width * 0.38, height * 0.16, width * 0.93, height * 0.6
    pen.rectangle((left + 12, top + 14, right + 12, bottom + 14), fill=(196, 198, 192))
    pen.rectangle((left, top, right, bottom), fill=(248, 248, 246), outline=(140, 144, 148), width=6)
    pen.rectangle((left, top, right, top + height * 0.15), fill=rng.choice(PLATES))
    middle, letter = (left + right) / 2, round(width * 0.045)
    pen.text(
        (middle, top + height * 0.075),
        f"{about.ward} {WORDS[0]}",
        font=font(letter),
        fill="white",
        anchor="mm",
    )
    for number, line in enumerate(WORDS[1:]):
        place = (middle, top + height * (0.21 + 0.085 * number))
        pen.text(place, line, font=font(round(letter * 0.68)), fill=(40, 44, 52), anchor="mm")
