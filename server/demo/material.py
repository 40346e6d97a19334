"""What an inspector brings home besides photographs of beds: files of every kind that the phones may take.

All of it is drawn, spoken or filmed from a seed when it is asked for; nothing is shipped, nothing is random bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from server.demo import clips, names, papers, photos
from server.demo.papers import Admission

SCAN_PAGES = 4
SHORT_SECONDS, LONG_SECONDS, CLIP_SECONDS = 60, 600, 8
BYTES_MIN, BYTES_MAX = 100_000, 20_000_000


@dataclass(frozen=True)
class Material:
    """One file, and what its evidence record says of it; about: further fields of the record."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    kind: str
    form: str
    note: str
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Where:
    """Where and when the files are made. at: aware; lat_e7, lon_e7: 1e-7 degrees."""

    about: Admission
    at: datetime
    lat_e7: int
    lon_e7: int

    @property
    def place(self) -> tuple[int, int]:
        """Latitude and longitude."""
        return self.lat_e7, self.lon_e7


@cache
def gathered(seed: str, where: Where) -> tuple[Material, ...]:
    """Return a visit's files, 0.1 to 20 MB each: two photographs, a scan, two recordings, a clip.

    seed: the same seed and place give the same bytes. Kept for the run, since the clip alone takes seconds.
    """
    return tuple(make(seed, where) for make in MAKERS)


def _sign(seed: str, where: Where) -> Material:
    content = photos.door_sign(names.chance(seed, "sign"), where.about, where.at, where.place)
    note = "病区门口标识, 原始分辨率"
    return Material("door-sign.jpg", "image/jpeg", content, "audio_visual", "photo", note)


def _bill(seed: str, where: Where) -> Material:
    content = photos.heic(names.chance(seed, "bill"), where.about, _later(where, 6), where.place)
    return Material("bill.heic", "image/heic", content, "documentary", "photo", "桌面上的住院费用清单")


def _scan(seed: str, where: Where) -> Material:
    made_at = round(_later(where, 20).timestamp())
    content = papers.scan(names.chance(seed, "scan"), where.about, SCAN_PAGES, made_at=made_at)
    day: date = where.at.date()
    about = {
        "original_place": f"{where.about.hospital}病案室",
        "verified_against_original": True,
        "verified_on": day.isoformat(),
    }
    note = "住院费用清单与医嘱单复印件, 与原件核对无误"
    return Material("scan.pdf", "application/pdf", content, "documentary", "copy", note, about)


def _inquiry(seed: str, where: Where) -> Material:
    content = clips.audio(names.chance(seed, "inquiry"), LONG_SECONDS)
    return Material("inquiry.m4a", "audio/mp4", content, "party_statement", "audio", "询问值班护士, 约十分钟")


def _remark(seed: str, where: Where) -> Material:
    content = clips.audio(names.chance(seed, "remark"), SHORT_SECONDS)
    return Material("remark.m4a", "audio/mp4", content, "witness", "audio", "同室病人口述, 约一分钟")


def _walk(seed: str, where: Where) -> Material:
    content = clips.video(names.chance(seed, "walk"), where.about.bed, CLIP_SECONDS)
    return Material("walk.mp4", "video/mp4", content, "audio_visual", "video", "查房过程录像")


def _later(where: Where, minutes: int) -> datetime:
    return where.at + timedelta(minutes=minutes)


MAKERS: tuple[Callable[[str, Where], Material], ...] = (_sign, _bill, _scan, _remark, _inquiry, _walk)
