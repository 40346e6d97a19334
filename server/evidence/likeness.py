"""Whether two pictures show the same picture: a hash that finds, and a comparison that confirms. Pure, from pixels.

The difference hash (dHash) says of 8 x 8 places whether it grows darker to the right: 64 bits that hardly move when
a picture is compressed again, made smaller, brighter or cut a little. Bits alone also join rooms that merely look
alike, so whoever is found by them is laid over the other, shifted and cut by up to a twelfth, and what is left
after the large shapes of light are taken away must fall together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

from PIL import Image, ImageChops, ImageFilter
from PIL.Image import Resampling, Transpose

BITS = 64
BANDS, BAND_BITS = 4, 16
DISTANCE_MAX = 11
"""Of 64 bits. What has at most so many others differs by at most two in one of the four bands."""
TURNED_DISTANCE_MAX = 7
"""Of a picture that was turned or mirrored: by at most one in one of the bands."""
TURNS: tuple[Transpose | None, ...] = (None, *Transpose)
FLAT_MAX = 6
"""Grey steps between the darkest and the lightest place of a picture that shows nothing, such as a covered lens."""
SIDE, BLUR = 32, 4
SCORE_MIN = 0.87
"""Measured on drawn wards: copies reach 0.87 and more, other rooms 0.84, of 1,770 pairs one 0.90."""
CUTS = (0.0, 0.03, 0.06)
STEPS = (-0.015, 0.015)
WHOLE = (0.0, 0.0, 0.0, 0.0)

Cut = tuple[float, float, float, float]
"""Shares of width and height that are cut off: left, top, right, bottom."""


def hashes(image: Image.Image) -> tuple[int, ...]:
    """Return the hashes of a picture upright, turned and mirrored, by TURNS; none of one that shows nothing."""
    grey = image.convert("L")
    places = grey.resize((9, 9), Resampling.BOX)
    low, high = places.getextrema()
    if float(high) - float(low) <= FLAT_MAX:  # type: ignore[arg-type]
        return ()
    return tuple(_hash(grey if turn is None else grey.transpose(turn)) for turn in TURNS)


def turned(image: Image.Image, turn: int) -> Image.Image:
    """Return a picture turned as TURNS[turn] says."""
    way = TURNS[turn]
    return image if way is None else image.transpose(way)


def _hash(grey: Image.Image) -> int:
    row = grey.resize((9, 8), Resampling.BOX).tobytes()
    found = 0
    for y in range(8):
        for x in range(y * 9, y * 9 + 8):
            found = found << 1 | (row[x] > row[x + 1])
    return found


def distance(one: int, other: int) -> int:
    """Return in how many bits two hashes differ."""
    return (one ^ other).bit_count()


def bands(one: int) -> tuple[int, ...]:
    """Return the hash in four parts, of which an index finds what resembles it."""
    return tuple(one >> BAND_BITS * n & 0xFFFF for n in range(BANDS))


def probes(band: int, flips: int) -> Iterator[int]:
    """Yield a band and all that differ from it in at most `flips` bits."""
    for count in range(flips + 1):
        for places in combinations(range(BAND_BITS), count):
            yield band ^ sum(1 << place for place in places)


def nearest(every: Sequence[int], other: int) -> tuple[int, int] | None:
    """Return (bits, turn) of the turn that comes nearest to another picture's hash; None where none is near."""
    near = [
        (bits, turn)
        for turn, one in enumerate(every)
        if (bits := distance(one, other)) <= (TURNED_DISTANCE_MAX if turn else DISTANCE_MAX)
    ]
    return min(near, default=None)


def same_picture(one: Image.Image, other: Image.Image) -> bool:
    """Return whether two upright pictures are one picture, cut, lit or compressed in another way."""
    first, second = one.convert("L"), other.convert("L")
    return _falls_together(first, second) or _falls_together(second, first)


def _falls_together(whole: Image.Image, part: Image.Image) -> bool:
    """Return whether `part` is found in `whole` when that is cut: from coarse steps to fine ones."""
    target = _edges(part, WHOLE)
    best, score = WHOLE, agreement(_edges(whole, WHOLE), target)
    for steps, rounds in ((CUTS, 2), (STEPS, 1)):
        for _ in range(rounds):
            for side in range(4):
                if score >= SCORE_MIN:
                    return True
                for step in steps:
                    tried = _with(best, side, step if steps is CUTS else best[side] + step)
                    found = agreement(_edges(whole, tried), target)
                    if found > score:
                        best, score = tried, found
    return score >= SCORE_MIN


def _with(cut: Cut, side: int, share: float) -> Cut:
    sides = list(cut)
    sides[side] = max(0.0, share)
    return sides[0], sides[1], sides[2], sides[3]


def _edges(grey: Image.Image, cut: Cut) -> bytes:
    """Return a picture as 32 x 32 places, each by how it stands out from what lies around it."""
    width, height = grey.size
    box = (cut[0] * width, cut[1] * height, width - cut[2] * width, height - cut[3] * height)
    small = grey.resize((SIDE, SIDE), Resampling.BOX, box=box)
    return ImageChops.subtract(small, small.filter(ImageFilter.BoxBlur(BLUR)), 1, 128).tobytes()


def agreement(one: bytes, other: bytes) -> float:
    """Return how well two rows of places agree, from -1 to 1: their correlation."""
    mean, second = sum(one) / len(one), sum(other) / len(other)
    mine = [place - mean for place in one]
    others = [place - second for place in other]
    spread = math.sqrt(sum(place * place for place in mine) * sum(place * place for place in others))
    return sum(map(float.__mul__, mine, others)) / spread if spread else 0.0
