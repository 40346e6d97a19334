"""Showing a file: the original as it was captured, or a small derivative without its EXIF."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from PIL import Image, UnidentifiedImageError
from PIL.Image import Transpose

from server.evidence import verify
from server.wiring import Services
from sync.errors import FileCorrupt, FileUnverified, TooLarge
from sync.merge import Record

WHOLE_BYTES_MAX = 32 * 1024 * 1024
"""Up to here a file is held and checked whole before its first byte is sent; beyond it is streamed."""
PIXELS_MAX = 64 * 1024 * 1024
"""What a phone's sensor takes; a file that unfolds to more is not drawn."""
ORIENTATION = 0x0112
UPRIGHT = {
    "2": Transpose.FLIP_LEFT_RIGHT,
    "3": Transpose.ROTATE_180,
    "4": Transpose.FLIP_TOP_BOTTOM,
    "5": Transpose.TRANSPOSE,
    "6": Transpose.ROTATE_270,
    "7": Transpose.TRANSVERSE,
    "8": Transpose.ROTATE_90,
}
"""How a picture taken sideways is turned. Pillow's own way writes the camera's notes anew, and fails on odd ones."""
WIDTHS = (160, 320)
QUALITY = 80
CACHED_MAX = 512
UNDRAWABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
)
"""What Pillow raises for bytes that are no picture, a chunk cut short and a text that unfolds to megabytes included."""
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG"}
"""The media types that every browser shows, with the only decoder that may read each."""


@dataclass(frozen=True)
class Shown:
    """Bytes to send, in parts; size: how many there are."""

    media_type: str
    size: int
    parts: Iterator[bytes]


class Cache:
    """The derivatives that were asked for last, by evidence item, digest of the original and width."""

    def __init__(self, most: int = CACHED_MAX) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str, int]) -> bytes | None:
        """Return a derivative, now the newest, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[str, str, int], image: bytes) -> None:
        """Keep a derivative; the one that was not asked for longest goes."""
        with self._lock:
            self._kept[key] = image
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


CACHE = Cache()


def original(services: Services, record: Record) -> Shown:
    """Return the original; raises FileUnverified before it has arrived, FileCorrupt if it does not open.

    A file beyond WHOLE_BYTES_MAX is checked frame by frame while it is sent: at a bad one sending stops.
    """
    _check_arrived(record)
    size = int(record.values["size"])
    if size <= WHOLE_BYTES_MAX:
        return Shown(record.values["media_type"], size, iter((_whole(services, record),)))
    parts = verify.plain(services, record)
    return Shown(record.values["media_type"], size, chain((next(parts),), parts))


def derivative(services: Services, record: Record, width: int) -> Shown:
    """Return a JPEG at most `width` wide and high, upright and without EXIF.

    width: one of WIDTHS
    Raises FileUnverified, FileCorrupt, or TooLarge for what is no picture of a phone.
    """
    assert width in WIDTHS, "the caller offers a few widths only"
    _check_arrived(record)
    # By the item too: that another item shows the same picture says nothing of the file that is kept for this one.
    key = (record.id, record.values["digest"], width)
    image = CACHE.get(key)
    if image is None:
        decoder = PICTURES.get(record.values["media_type"])
        if decoder is None or record.values["size"] > WHOLE_BYTES_MAX:
            raise TooLarge("there is no small version of this file", item=record.id)
        image = shrink(_whole(services, record), decoder, width, item=record.id)
        CACHE.put(key, image)
    return Shown("image/jpeg", len(image), iter((image,)))


def shrink(raw: bytes, decoder: str, width: int, *, item: str) -> bytes:
    """Return a small upright JPEG of a picture; raises TooLarge or FileCorrupt."""
    try:
        with Image.open(io.BytesIO(raw), formats=[decoder]) as image:
            if image.width * image.height > PIXELS_MAX:
                raise TooLarge("the picture has too many pixels to be drawn", item=item)
            # JPEG decodes to the next larger eighth by itself, which saves most of the work.
            image.draft("RGB", (width * 2, width * 2))
            turn = UPRIGHT.get(str(image.getexif().get(ORIENTATION)))
            upright = (image if turn is None else image.transpose(turn)).convert("RGB")
    except UNDRAWABLE as error:
        raise FileCorrupt("the file is not a picture of its media type", item=item) from error
    upright.thumbnail((width, width))
    upright.info.clear()
    made = io.BytesIO()
    upright.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _check_arrived(record: Record) -> None:
    state = record.values.get("file_state")
    if state == verify.CORRUPT:
        raise FileCorrupt(item=record.id)
    if state != verify.VERIFIED:
        raise FileUnverified("the file has not arrived", item=record.id)


def _whole(services: Services, record: Record) -> bytes:
    try:
        raw = b"".join(verify.plain(services, record))
    except FileCorrupt as error:
        raise FileCorrupt(error.detail, item=record.id) from error
    if (hashlib.sha256(raw).hexdigest(), len(raw)) != (record.values["digest"], record.values["size"]):
        raise FileCorrupt("the bytes are not those that were signed at capture", item=record.id)
    return raw
