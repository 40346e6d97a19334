"""Showing a file: the original as it was captured, or a JPEG made from it, small or marked, without its EXIF.

What was made is kept apart from the originals, encrypted under the file's own key, and never in the ledger: it
can be made again at any time, and with the file's key it goes too.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import pillow_heif
import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from PIL import Image, UnidentifiedImageError
from PIL.Image import Transpose

from server.evidence import verify, watermark
from server.wiring import Services
from sync import frames
from sync.errors import FileCorrupt, FileUnverified, StorageDown, StorageFull, TooLarge
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
MARKED_WIDTH = 1600
"""A copy of this width bears what is known of its capture."""
WIDTHS = (160, 320, MARKED_WIDTH)
QUALITY = 80
FORM = "2"
"""Of what is kept: a program that draws otherwise does not take up what another has drawn."""
UNDRAWABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    RuntimeError,
)
"""What Pillow and libheif raise for bytes that are no picture, cut short or that unfold to megabytes of text."""
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF"}
"""The media types that are drawn, with the only decoder that may read each."""
pillow_heif.register_heif_opener(thumbnails=False)
log = structlog.get_logger()


@dataclass(frozen=True)
class Shown:
    """Bytes to send, in parts; size: how many there are."""

    media_type: str
    size: int
    parts: Iterator[bytes]


def original(services: Services, record: Record) -> Shown:
    """Return the original; raises FileUnverified before it has arrived, FileCorrupt if it does not open.

    A file beyond WHOLE_BYTES_MAX is checked frame by frame while it is sent: at a bad one sending stops.
    """
    _check_arrived(record)
    size = int(record.values["size"])
    if size <= WHOLE_BYTES_MAX:
        return Shown(record.values["media_type"], size, iter((whole(services, record),)))
    parts = verify.plain(services, record)
    return Shown(record.values["media_type"], size, chain((next(parts),), parts))


def part(services: Services, record: Record, start: int, end: int) -> Shown:
    """Return the original's bytes from start to end; only the frames in which they lie are read and opened."""
    _check_arrived(record)
    parts = verify.plain_part(services, record, start, end)
    return Shown(record.values["media_type"], end - start, chain((next(parts),), parts))


def derivative(services: Services, record: Record, width: int, marks: Sequence[str] = ()) -> Shown:
    """Return a JPEG at most `width` wide and high, upright and without EXIF; marks: lines drawn on it.

    width: one of WIDTHS
    Raises FileUnverified, FileCorrupt, or TooLarge for what is no picture of a phone.
    """
    assert width in WIDTHS, "the caller offers a few widths only"
    _check_arrived(record)

    def draw() -> bytes:
        decoder = PICTURES.get(record.values["media_type"])
        if decoder is None or record.values["size"] > WHOLE_BYTES_MAX:
            raise TooLarge("there is no small version of this file", item=record.id)
        return shrink(whole(services, record), decoder, width, item=record.id, marks=marks)

    image = kept_or_made(services, record, (str(width), *marks), draw)
    return Shown("image/jpeg", len(image), iter((image,)))


def kept_or_made(
    services: Services, record: Record, about: Sequence[str], make: Callable[[], bytes]
) -> bytes:
    """Return what was made of a file before, else make and keep it; about: what tells it from the file's others.

    Raises FileUnverified before the file has arrived, FileCorrupt, and what `make` raises.
    """
    _check_arrived(record)
    # By the item too: that another item shows the same picture says nothing of the file that is kept for this one.
    words = "\n".join((FORM, record.id, record.values["digest"], *about))
    name = hashlib.sha256(words.encode()).hexdigest()
    key = HKDF(SHA256(), frames.KEY_BYTES, salt=None, info=f"derivative {name}".encode()).derive(
        verify.key_of(record)
    )
    made = _kept(services, name, key)
    if made is None:
        made = make()
        _keep(services, name, key, made)
    return made


def _kept(services: Services, name: str, key: bytes) -> bytes | None:
    """Return what was made before; what cannot be read is made again."""
    try:
        sealed = services.files.kept(name)
        return None if sealed is None else b"".join(frames.decrypt([sealed], key))
    except (FileCorrupt, StorageDown):
        return None


def _keep(services: Services, name: str, key: bytes, image: bytes) -> None:
    sealed = b"".join(frames.encrypt([image], key, services.random(frames.PREFIX_BYTES)))
    try:
        services.files.keep(name, sealed)
    except (StorageFull, StorageDown) as refused:
        # It is shown all the same, and made again the next time.
        log.warning("a derivative was not kept", code=refused.code)


def shrink(raw: bytes, decoder: str, width: int, *, item: str, marks: Sequence[str] = ()) -> bytes:
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
    if marks:
        upright = watermark.draw(upright, marks)
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


def whole(services: Services, record: Record) -> bytes:
    """Return a file's bytes, which are those that were signed at capture; raises FileCorrupt."""
    try:
        raw = b"".join(verify.plain(services, record))
    except FileCorrupt as error:
        raise FileCorrupt(error.detail, item=record.id) from error
    if (hashlib.sha256(raw).hexdigest(), len(raw)) != (record.values["digest"], record.values["size"]):
        raise FileCorrupt("the bytes are not those that were signed at capture", item=record.id)
    return raw
