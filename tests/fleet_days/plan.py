"""The days of a fleet as the field has them, from a seed: a pure plan of visits, files, faults and clocks.

The shares and sizes are assumptions about a city's daily work; each is a named constant, and the tests hold the
plan to it. A team is two phones that visit one institution a day. The same seed gives the same plan, and a larger
fleet begins with the smaller one's teams.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mobile_stub.working import presence

PHOTOS = 25
PHOTO_BYTES = (300_000, 900_000)
LARGE_PHOTO_SHARE, LARGE_PHOTO_BYTES = 0.03, 5_000_000
SCANS, SCAN_BYTES = (1, 3), (900_000, 1_800_000)
AUDIO_SECONDS, AUDIO_BYTES = 600, 5_000_000
CLIPS, CLIP_BYTES = (0, 3), 7_000_000
CHANGE_BYTES = (20_000, 200_000)
BEDS = (20, 50)
DUPLICATE_SHARE = 0.04
INTERRUPTED_SHARE = 0.15
CONFLICT_SHARE = 0.015
CLOCK_USUAL_MS = 10_000
CLOCK_OFF_SHARE, CLOCK_OFF_MS = 0.01, (301_000, 7_200_000)
WRONG_DAY_SHARE, DAY_MS = 0.001, 86_400_000
BURST_SHARE, BURST_MINUTES = 0.6, (16 * 60 + 30, 18 * 60 + 30)
OTHER_MINUTES = (11 * 60, 22 * 60)
BEGIN_MINUTES = (8 * 60 + 30, 9 * 60 + 30)
MOUNTAIN_SHARE, BACKLOG_DAYS = 0.08, (1, 5)
LEAD, MEMBER = 0, 1


@dataclass(frozen=True)
class File:
    """One capture. kind: photo, large_photo, scan, audio or clip; by: LEAD or MEMBER; minute: of the visit's day.

    repeats: the place of an earlier photo of this visit that is shown again, byte for byte
    cut_at: the share of its bytes after which its upload breaks off once
    """

    kind: str
    size_bytes: int
    by: int
    repeats: int | None = None
    cut_at: float | None = None


@dataclass(frozen=True)
class Bed:
    """One bed of a round. presence: one of the four shares; seen: the fields of its check."""

    presence: str
    seen: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Visit:
    """A team's day. upload_day, upload_minute: when it has a network again; conflicts: amounts that both edit."""

    team: int
    day: int
    begin_minute: int
    beds: tuple[Bed, ...]
    files: tuple[File, ...]
    change_bytes: int
    conflicts: int
    upload_day: int
    upload_minute: int
    clock_errors_ms: tuple[int, int]

    @property
    def file_bytes(self) -> int:
        """Bytes of all files."""
        return sum(one.size_bytes for one in self.files)

    @property
    def changes(self) -> int:
        """Records that the visit writes: beds, evidence, and a finding with an edit each way for a conflict."""
        return len(self.beds) + len(self.files) + 3 * self.conflicts


@dataclass(frozen=True)
class FleetPlan:
    """What a fleet does: visits in the order in which they begin."""

    seed: int
    teams: int
    days: int
    visits: tuple[Visit, ...]

    def uploads(self) -> list[Visit]:
        """Return the visits in the order in which they are uploaded."""
        return sorted(self.visits, key=lambda one: (one.upload_day, one.upload_minute, one.team, one.day))


def fleet_plan(seed: int, *, teams: int, days: int = 1, beds_max: int = BEDS[1]) -> FleetPlan:
    """Return the plan of so many teams and days; beds_max: no round is larger, for a small machine."""
    visits = [
        visit
        for team in range(teams)
        for visit in _team_days(_chance(seed, team), team, days, min(beds_max, BEDS[1]))
    ]
    visits.sort(key=lambda one: (one.day, one.begin_minute, one.team))
    return FleetPlan(seed, teams, days, tuple(visits))


def _chance(*parts: object) -> random.Random:
    text = "/".join(str(part) for part in parts)
    return random.Random(hashlib.sha256(text.encode()).digest())


def _team_days(rng: random.Random, team: int, days: int, beds_max: int) -> Iterator[Visit]:
    """Yield a team's visits; what happens in the mountains waits for the day on which the team comes down."""
    back_on = -1
    for day in range(days):
        if day > back_on and rng.random() < MOUNTAIN_SHARE:
            back_on = day + rng.randint(*BACKLOG_DAYS)
        yield _visit(rng, team, day, max(day, back_on), beds_max)


def _visit(rng: random.Random, team: int, day: int, upload_day: int, beds_max: int) -> Visit:
    beds = tuple(_bed(rng) for _ in range(rng.randint(min(BEDS[0], beds_max), beds_max)))
    files = tuple(_files(rng))
    expected = (len(beds) + len(files)) * CONFLICT_SHARE
    return Visit(
        team=team,
        day=day,
        begin_minute=rng.randint(*BEGIN_MINUTES),
        beds=beds,
        files=files,
        change_bytes=rng.randint(*CHANGE_BYTES),
        conflicts=int(expected) + (rng.random() < expected % 1),
        upload_day=upload_day,
        upload_minute=_upload_minute(rng),
        clock_errors_ms=(_clock_error(rng), _clock_error(rng)),
    )


def _bed(rng: random.Random) -> Bed:
    kind, seen = presence(rng)
    return Bed(kind, tuple(seen.items()))


def _files(rng: random.Random) -> Iterator[File]:
    sizes: list[tuple[str, int]] = []
    for _ in range(PHOTOS):
        large = rng.random() < LARGE_PHOTO_SHARE
        size = round(LARGE_PHOTO_BYTES * rng.uniform(0.8, 1.2)) if large else rng.randint(*PHOTO_BYTES)
        sizes.append(("large_photo" if large else "photo", size))
    sizes += [("scan", rng.randint(*SCAN_BYTES)) for _ in range(rng.randint(*SCANS))]
    sizes.append(("audio", round(AUDIO_BYTES * rng.uniform(0.9, 1.1))))
    sizes += [("clip", round(CLIP_BYTES * rng.uniform(0.8, 1.2))) for _ in range(rng.randint(*CLIPS))]
    earlier: list[int] = []
    for place, (kind, size) in enumerate(sizes):
        # Photographs alone are shown twice, hence more of them than of all files.
        again = kind == "photo" and earlier and rng.random() < DUPLICATE_SHARE * len(sizes) / PHOTOS
        repeats = rng.choice(earlier) if again else None
        cut_at = rng.uniform(0.1, 0.9) if rng.random() < INTERRUPTED_SHARE else None
        if kind == "photo" and repeats is None:
            earlier.append(place)
        size = size if repeats is None else sizes[repeats][1]
        yield File(kind, size, by=rng.choice((LEAD, MEMBER)), repeats=repeats, cut_at=cut_at)


def _upload_minute(rng: random.Random) -> int:
    if rng.random() < BURST_SHARE:
        return rng.randrange(*BURST_MINUTES)
    while True:
        minute = rng.randrange(*OTHER_MINUTES)
        if not BURST_MINUTES[0] <= minute < BURST_MINUTES[1]:
            return minute


def _clock_error(rng: random.Random) -> int:
    """Return by how many ms a phone's wall clock is wrong on a day."""
    chance = rng.random()
    if chance < WRONG_DAY_SHARE:
        return rng.choice((-2, -1, 1, 2)) * DAY_MS + rng.randint(-CLOCK_USUAL_MS, CLOCK_USUAL_MS)
    if chance < WRONG_DAY_SHARE + CLOCK_OFF_SHARE:
        return rng.choice((-1, 1)) * rng.randint(*CLOCK_OFF_MS)
    return max(-CLOCK_USUAL_MS, min(CLOCK_USUAL_MS, round(rng.gauss(0, CLOCK_USUAL_MS / 3))))


def longest_minutes(visit: Visit) -> int:
    """Return after how many minutes a visit has certainly ended: a minute a bed, one a file."""
    return len(visit.beds) + len(visit.files)
