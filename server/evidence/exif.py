"""What a camera wrote into its file: read for whoever looks at the item, shown and never stored.

It is the camera's own word, easily altered before capture, and proves nothing; it is there to be compared
with what the phone signed.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from server.evidence import verify
from server.evidence.picture import PICTURES, PIXELS_MAX, UNDRAWABLE, WHOLE_BYTES_MAX
from server.wiring import Services
from sync.errors import Refusal
from sync.merge import Record

MAKE, MODEL, SOFTWARE, CHANGED = 0x010F, 0x0110, 0x0131, 0x0132
DETAILS, PLACE = 0x8769, 0x8825
TAKEN, OFFSET = 0x9003, 0x9011
CHARS_MAX = 80
"""Of one of the camera's own words; a longer one is cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exif:
    """The camera's words; '' and None where it wrote none.

    taken: as it stands there, with a zone only where the camera wrote one; lat, lon: degrees
    """

    camera: str = ""
    software: str = ""
    taken: str = ""
    changed: str = ""
    lat: float | None = None
    lon: float | None = None
    width: int = 0
    height: int = 0


def of(services: Services, item: Record) -> Exif | None:
    """Return what the camera wrote; None for what is no picture, cannot be read, or is too large to be held."""
    decoder = PICTURES.get(str(item.values["media_type"]))
    if decoder is None or item.values.get("file_state") != verify.VERIFIED:
        return None
    if int(item.values["size"]) > WHOLE_BYTES_MAX:
        return None
    try:
        return read(b"".join(verify.plain(services, item)), decoder)
    except Refusal:
        return None


def read(raw: bytes, decoder: str) -> Exif | None:
    """Return what stands in a picture's bytes; None where that is none. Nothing of the picture is unfolded."""
    try:
        with Image.open(io.BytesIO(raw), formats=[decoder]) as image:
            if image.width * image.height > PIXELS_MAX:
                return None
            found = image.getexif()
            details, place = found.get_ifd(DETAILS), found.get_ifd(PLACE)
            return Exif(
                camera=" ".join(part for part in (_text(found, MAKE), _text(found, MODEL)) if part),
                software=_text(found, SOFTWARE),
                taken=" ".join(part for part in (_text(details, TAKEN), _text(details, OFFSET)) if part),
                changed=_text(found, CHANGED),
                lat=_degrees(place, 2, "S"),
                lon=_degrees(place, 4, "W"),
                width=image.width,
                height=image.height,
            )
    except (*UNDRAWABLE, TypeError, KeyError, AttributeError):
        # A camera may write anything there; what cannot be read says nothing.
        return None


def _text(tags: Mapping[int, Any], tag: int) -> str:
    value = tags.get(tag)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    plain = "".join(letter for letter in str(value or "") if letter.isprintable())
    return plain.strip()[:CHARS_MAX]


def _degrees(tags: Mapping[int, Any], tag: int, negative: str) -> float | None:
    """Return a latitude or longitude from degrees, minutes and seconds; None where it is none."""
    parts = tags.get(tag)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    try:
        value = sum(float(part) / 60**n for n, part in enumerate(parts))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    if not 0 <= value <= 180:
        return None
    return float(round(-value if tags.get(tag - 1) == negative else value, 5))
