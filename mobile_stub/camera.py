"""The phone's camera: a JPEG with the light, the noise and the EXIF of a real one."""

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from PIL import ExifTags, Image, ImageChops, ImageFilter
from PIL.TiffImagePlugin import IFDRational

from mobile_stub.scenery import pharmacy, ward
from mobile_stub.scenery.scene import Scene

SIZE = (1600, 1200)
QUALITY = 90
SIDEWAYS = 6
"""The EXIF orientation of a phone held upright: the viewer turns the picture clockwise."""


@dataclass(frozen=True)
class Device:
    """What the phone says of itself in each photo."""

    make: str = "Wardledger"
    model: str = "Demo Phone 1"
    software: str = "wardledger mobile_stub, drawn picture"


def as_jpeg(image: Image.Image, exif: Image.Exif) -> bytes:
    """Return the picture as phones write it."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY, subsampling="4:2:0", exif=exif)
    return file.getvalue()


Stamp = Callable[[Image.Image], None]
"""Draws on the upright picture before it is encoded."""
Encode = Callable[[Image.Image, Image.Exif], bytes]


def take_photo(
    rng: random.Random,
    *,
    scene: Scene,
    taken_at: datetime,
    lat_e7: int | None,
    lon_e7: int | None,
    device: Device,
    size: tuple[int, int] = SIZE,
    orientation: int = 1,
    stamp: Stamp | None = None,
) -> bytes:
    """Return a JPEG of the scene with full EXIF, 0.3 to 0.9 MB at the usual size.

    rng: all chance comes from it; the same generator gives the same bytes
    size: of the stored picture; orientation: 1, or SIDEWAYS to store an upright picture turned
    The rest is develop's.
    """
    seen = size if orientation == 1 else (size[1], size[0])
    draw = ward.draw if scene.kind == "ward" else pharmacy.draw
    image, lamp = draw(scene, rng, seen)
    return develop(
        rng,
        image,
        lamp=lamp,
        taken_at=taken_at,
        lat_e7=lat_e7,
        lon_e7=lon_e7,
        device=device,
        orientation=orientation,
        stamp=stamp,
    )


def develop(
    rng: random.Random,
    image: Image.Image,
    *,
    lamp: tuple[float, float],
    taken_at: datetime,
    lat_e7: int | None,
    lon_e7: int | None,
    device: Device,
    orientation: int = 1,
    stamp: Stamp | None = None,
    encode: Encode = as_jpeg,
) -> bytes:
    """Return a file of what lies before the lens in even light, upright, as the phone's sensor takes it.

    lamp: where the light comes from, as shares of width and height
    taken_at: aware; written as local time with its offset
    lat_e7, lon_e7: position in 1e-7 degrees, or both None in a basement without one
    """
    if taken_at.tzinfo is None:
        raise ValueError("taken_at must be aware")
    if orientation not in (1, SIDEWAYS):
        raise ValueError("orientation must be 1 or 6")
    image = exposed(image, rng, lamp)
    if stamp is not None:
        stamp(image)
    if orientation == SIDEWAYS:
        image = image.transpose(Image.Transpose.ROTATE_90)
    return encode(image, _exif(taken_at, lat_e7, lon_e7, device, image.size, orientation))


def position(exif: Image.Exif) -> tuple[int, int] | None:
    """Return latitude and longitude in 1e-7 degrees from a photo's EXIF, None where it has none."""
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    tags = ExifTags.GPS
    if tags.GPSLatitude not in gps or tags.GPSLongitude not in gps:
        return None
    lat, lon = _e7(gps[tags.GPSLatitude]), _e7(gps[tags.GPSLongitude])
    return (
        -lat if gps.get(tags.GPSLatitudeRef) == "S" else lat,
        -lon if gps.get(tags.GPSLongitudeRef) == "W" else lon,
    )


def exposed(image: Image.Image, rng: random.Random, lamp: tuple[float, float]) -> Image.Image:
    """Return the picture as a small sensor sees it: uneven light, bloom, tint, softness, noise."""
    image = ImageChops.multiply(image, _light(image.size, rng, lamp))
    small = image.resize((image.width // 8, image.height // 8), Image.Resampling.NEAREST)
    bright = small.point([max(0, level - 178) * 2 // 3 for level in range(256)] * 3)
    bloom = bright.filter(ImageFilter.GaussianBlur(small.width / 40))
    image = ImageChops.screen(image, bloom.resize(image.size, Image.Resampling.BILINEAR))
    image = image.filter(ImageFilter.BoxBlur(rng.uniform(0.6, 1.0)))
    exposure, warmth = rng.uniform(0.98, 1.16), rng.uniform(-0.05, 0.06)
    curve = [
        _tone(level / 255 * exposure * (1 + warmth * side)) for side in (1, 0, -1) for level in range(256)
    ]
    return _noisy(image.point(curve), rng, rng.uniform(0.09, 0.13))


def _light(size: tuple[int, int], rng: random.Random, lamp: tuple[float, float]) -> Image.Image:
    """Return how much light falls where: from the lamp outwards, less in the corners of the lens."""
    small = (200, 200 * size[1] // size[0])
    fall = Image.radial_gradient("L").point([round(255 - 95 * (level / 255) ** 0.8) for level in range(256)])
    wide = (small[0] * 3, small[1] * 3)
    left, top = round(wide[0] / 2 - lamp[0] * small[0]), round(wide[1] / 2 - lamp[1] * small[1])
    left, top = min(max(left, 0), wide[0] - small[0]), min(max(top, 0), wide[1] - small[1])
    room = fall.resize(wide).crop((left, top, left + small[0], top + small[1]))
    depth = rng.uniform(50, 95)
    lens = Image.radial_gradient("L").point(
        [round(255 - depth * (level / 255) ** 2.2) for level in range(256)]
    )
    both = ImageChops.multiply(room, lens.resize(small)).resize(size, Image.Resampling.BILINEAR)
    return Image.merge(
        "RGB", (both, both, both.point([min(255, round(level * 1.01)) for level in range(256)]))
    )


def _tone(share: float) -> int:
    """Return a level after exposure: lifted shadows, rolled-off highlights."""
    lifted = math.pow(share, 0.86)
    return min(255, round(255 * (1.12 * lifted - 0.12 * lifted**3)))


def _noisy(image: Image.Image, rng: random.Random, strength: float) -> Image.Image:
    # Pillow's own noise draws from the C library's generator, which no seed of ours reaches.
    flat = image.width * image.height
    one, two = (Image.frombytes("L", image.size, rng.randbytes(flat)) for _ in range(2))
    grain = ImageChops.add(one, two, scale=2.0)
    blotch = Image.frombytes(
        "L", (image.width // 3, image.height // 3), rng.randbytes((image.width // 3) * (image.height // 3))
    )
    blotch = blotch.resize(image.size, Image.Resampling.BILINEAR)
    weak = [round(128 + (level - 128) * strength) for level in range(256)]
    weaker = [round(128 + (level - 128) * strength * 0.35) for level in range(256)]
    luminance = grain.point(weak)
    tinted = ImageChops.add(luminance, blotch.point(weaker), offset=-128)
    noise = Image.merge(
        "RGB", (tinted, luminance, ImageChops.add(luminance, blotch.point(weaker[::-1]), offset=-128))
    )
    return ImageChops.add(image, noise, offset=-128)


def _exif(
    taken_at: datetime,
    lat_e7: int | None,
    lon_e7: int | None,
    device: Device,
    size: tuple[int, int],
    orientation: int,
) -> Image.Exif:
    local = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    offset = taken_at.strftime("%z")
    offset = f"{offset[:3]}:{offset[3:5]}"
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = device.make
    exif[ExifTags.Base.Model] = device.model
    exif[ExifTags.Base.Software] = device.software
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.DateTime] = local
    exif[ExifTags.Base.XResolution] = exif[ExifTags.Base.YResolution] = IFDRational(72)
    exif[ExifTags.Base.ResolutionUnit] = 2
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.ExifVersion: b"0232",
            ExifTags.Base.DateTimeOriginal: local,
            ExifTags.Base.DateTimeDigitized: local,
            ExifTags.Base.OffsetTime: offset,
            ExifTags.Base.OffsetTimeOriginal: offset,
            ExifTags.Base.SubsecTimeOriginal: f"{taken_at.microsecond // 1000:03d}",
            ExifTags.Base.ExposureTime: IFDRational(1, 50),
            ExifTags.Base.FNumber: IFDRational(18, 10),
            ExifTags.Base.ISOSpeedRatings: 320,
            ExifTags.Base.FocalLengthIn35mmFilm: 25,
            ExifTags.Base.ColorSpace: 1,
            ExifTags.Base.ExifImageWidth: size[0],
            ExifTags.Base.ExifImageHeight: size[1],
        }
    )
    if lat_e7 is not None and lon_e7 is not None:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(_gps(taken_at.astimezone(UTC), lat_e7, lon_e7))
    return exif


def _gps(taken_at: datetime, lat_e7: int, lon_e7: int) -> dict[int, object]:
    tags = ExifTags.GPS
    return {
        tags.GPSVersionID: b"\x02\x03\x00\x00",
        tags.GPSLatitudeRef: "S" if lat_e7 < 0 else "N",
        tags.GPSLatitude: _degrees(lat_e7),
        tags.GPSLongitudeRef: "W" if lon_e7 < 0 else "E",
        tags.GPSLongitude: _degrees(lon_e7),
        tags.GPSTimeStamp: tuple(
            IFDRational(part) for part in (taken_at.hour, taken_at.minute, taken_at.second)
        ),
        tags.GPSDateStamp: taken_at.strftime("%Y:%m:%d"),
        tags.GPSMapDatum: "WGS-84",
    }


def _degrees(e7: int) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Return degrees, minutes and seconds; exact, since a second's share of 1e-7 fits a rational."""
    degrees, rest = divmod(abs(e7), 10**7)
    minutes, rest = divmod(rest * 60, 10**7)
    return IFDRational(degrees), IFDRational(minutes), IFDRational(rest * 60, 10**7)


def _e7(parts: tuple[IFDRational, IFDRational, IFDRational]) -> int:
    degrees, minutes, seconds = (float(part) for part in parts)
    return round((degrees + minutes / 60 + seconds / 3600) * 10**7)
