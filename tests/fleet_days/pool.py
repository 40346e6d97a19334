"""The fleet's files: a few real ones of each kind, drawn once, of which every capture is a copy of its own.

A copy differs by a comment that its format allows (a JPEG segment, a line behind a PDF, a free box of an MP4), so
that all of them open and no two are the same bytes unless the plan says so.
"""

from __future__ import annotations

import random
import struct
from datetime import UTC, datetime

from mobile_stub.camera import SIZE, Device, take_photo
from mobile_stub.scenery.scene import Scene
from server.demo import clips, papers, photos
from server.demo.marking import stamp
from server.demo.papers import Admission

PHOTOS, SCANS = 6, 2
SCAN_PAGES = 4
AUDIO_SECONDS, CLIP_SECONDS = 600, 15
SECONDS_MIN = 2
MEDIA = {
    "photo": ("image/jpeg", "audio_visual", "photo"),
    "large_photo": ("image/jpeg", "audio_visual", "photo"),
    "scan": ("application/pdf", "documentary", "export"),
    "audio": ("audio/mp4", "party_statement", "audio"),
    "clip": ("video/mp4", "audio_visual", "video"),
}
"""Media type, legal kind and form of each kind of file."""
ABOUT = Admission("六安市测试第001医院", "W11", "1101", "测试甲001")
TAKEN_AT = datetime(2026, 11, 16, 1, tzinfo=UTC)


class Pool:
    """Files at a scale of their bytes: 1 is what phones take, 0.05 a twentieth of it."""

    def __init__(self, seed: int, scale: float):
        if not 0 < scale <= 1:
            raise ValueError("a scale lies over 0 and up to 1")
        rng, side = random.Random(seed), scale**0.5
        self._made = {
            "photo": [_photo(rng, _sized(SIZE, side), bed) for bed in range(PHOTOS)],
            "large_photo": [photos.door_sign(rng, ABOUT, TAKEN_AT, None, size=_sized(photos.FULL, side))],
            "scan": [_scan(rng, side) for _ in range(SCANS)],
            "audio": [clips.audio(rng, max(SECONDS_MIN, round(AUDIO_SECONDS * scale)))],
            "clip": [_clip(rng, scale)],
        }

    def content(self, kind: str, number: int) -> bytes:
        """Return the number-th capture of a kind; the same number gives the same bytes."""
        made = self._made[kind]
        return with_comment(made[number % len(made)], f"{kind} {number}")


def with_comment(content: bytes, words: str) -> bytes:
    """Return a JPEG, PDF or MP4 that opens as before and says some words to nobody."""
    said = words.encode()
    if content.startswith(b"\xff\xd8"):
        return content[:2] + b"\xff\xfe" + struct.pack(">H", len(said) + 2) + said + content[2:]
    if content.startswith(b"%PDF-"):
        return content + b"\n% " + said + b"\n"
    if content[4:8] == b"ftyp":
        return content + struct.pack(">I", len(said) + 8) + b"free" + said
    raise ValueError("neither a JPEG nor a PDF nor an MP4")


def _sized(size: tuple[int, int], side: float) -> tuple[int, int]:
    return max(64, round(size[0] * side / 16) * 16), max(48, round(size[1] * side / 16) * 16)


def _photo(rng: random.Random, size: tuple[int, int], bed: int) -> bytes:
    scene = Scene("ward", str(1101 + bed), occupied=bed % 5 > 0)
    return take_photo(
        rng, scene=scene, taken_at=TAKEN_AT, lat_e7=317_500_000, lon_e7=1_165_000_000, device=Device(), size=size,
        stamp=stamp,
    )  # fmt: skip


def _scan(rng: random.Random, side: float) -> bytes:
    size = _sized(papers.PAGE, side)
    return papers.scan(rng, ABOUT, SCAN_PAGES, size=size, made_at=round(TAKEN_AT.timestamp()))


def _clip(rng: random.Random, scale: float) -> bytes:
    """Return a clip that is smaller first, and shorter where that does not suffice."""
    side = max(0.25, scale**0.5)
    seconds = max(SECONDS_MIN, round(CLIP_SECONDS * scale / side**2))
    return clips.video(rng, "1101", seconds, size=_sized(clips.FRAME, side))
