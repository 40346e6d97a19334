"""Where something was captured, as a drawing: the institution in the middle, north above."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """A circle around the institution. r, x, y: in units of the drawing; x, y: where its words stand."""

    metres: int
    r: float
    x: float
    y: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """Where something was captured, in units of the drawing; r: its circle of accuracy. y grows southward."""

    id: str
    x: float
    y: float
    r: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """An item's place among its inspection's others; fence_r: how far the grounds reach, None beyond the rim.

    circle: by `marks.CIRCLES`, how the item's circle of accuracy lies to the grounds; reach_metres: of the rim
    further: how many others lie beyond the rim
    """

    item: Dot
    rings: tuple[Ring, ...]
    others: tuple[Dot, ...]
    reach_metres: int
    fence_metres: int
    fence_r: float | None
    circle: str
    further: int = 0
