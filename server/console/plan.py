"""The plan of where something was captured: pure geodesy on a sphere, and where each thing stands in the drawing.

No map lies beneath it: distances and bearings from the institution are true, nothing else is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from server.console.pages.plan import Dot, Plan, Ring

EARTH_RADIUS_METRES = 6_371_008.8
RIM = 100.0
"""Of the outermost ring, in units of the drawing."""
RINGS_MAX = 4
REACH_METRES_MIN = 20
WIDER_MAX = 4
"""Grounds that reach further than this many times what an item needs fill the drawing: it would shrink to a point."""
ROOM = 1.1
"""What is drawn keeps this distance from the rim."""
LABEL_BEARINGS = (45, 135, 225, 315)
INSIDE, ACROSS, OUTSIDE = "inside", "across", "outside"

Point = tuple[int, int]
"""Latitude and longitude in 1e-7 degrees."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Something seen from the institution: metres east and north of it, and the accuracy of its position."""

    id: str
    east: float
    north: float
    accuracy: int

    @property
    def metres(self) -> float:
        """How far away it is."""
        return math.hypot(self.east, self.north)


def offset(origin: Point, point: Point) -> tuple[float, float]:
    """Return (east, north) in metres: the distance along the great circle, laid off at the bearing at the origin.

    So distances from the institution are true at any length, as on an azimuthal equidistant map.
    """
    lat, lon, to_lat, to_lon = (math.radians(part / 1e7) for part in (*origin, *point))
    across = to_lon - lon
    half = math.sin((to_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(to_lat) * math.sin(across / 2) ** 2
    metres = 2 * EARTH_RADIUS_METRES * math.asin(min(1.0, math.sqrt(half)))
    y = math.sin(across) * math.cos(to_lat)
    x = math.cos(lat) * math.sin(to_lat) - math.sin(lat) * math.cos(to_lat) * math.cos(across)
    bearing = math.atan2(y, x)
    return metres * math.sin(bearing), metres * math.cos(bearing)


def sight(name: str, origin: Point, point: Point, accuracy: int) -> Sight:
    """Return something as it is seen from an origin."""
    return Sight(name, *offset(origin, point), accuracy)


def circle(seen: Sight, fence: int) -> str:
    """Return how a circle of accuracy lies to the grounds: inside, across their edge, or wholly outside."""
    if seen.metres + seen.accuracy <= fence:
        return INSIDE
    return ACROSS if seen.metres - seen.accuracy <= fence else OUTSIDE


def ring_metres(reach: float) -> int:
    """Return the distance between rings, of 1, 2 or 5 with noughts, so that at most RINGS_MAX reach so far."""
    for power in count():
        for step in (1, 2, 5):
            metres = step * int(10**power)
            if metres * RINGS_MAX >= reach:
                return metres
    raise AssertionError("powers of ten have no end")


def drawn(item: Sight, others: Iterable[Sight], fence: int) -> Plan:
    """Return the drawing of an item: as wide as it and its accuracy need, and the grounds where they are near.

    fence: how many metres the grounds reach; where their edge is not drawn, all of the drawing lies within
    Others beyond the rim are counted.
    """
    own = max((item.metres + item.accuracy) * ROOM, REACH_METRES_MIN)
    need = max(own, fence * ROOM) if fence <= WIDER_MAX * own else own
    step = ring_metres(need)
    rings = math.ceil(need / step)
    reach = step * rings
    scale = RIM / reach
    near = [one for one in others if one.metres <= reach]
    far = sum(1 for one in others if one.metres > reach)
    return Plan(
        item=_dot(item, scale),
        rings=tuple(_ring(step * n, scale, _label_bearing(item)) for n in range(1, rings + 1)),
        others=tuple(_dot(one, scale) for one in near),
        reach_metres=reach,
        fence_metres=fence,
        fence_r=_units(fence * scale) if fence <= reach else None,
        circle=circle(item, fence),
        further=far,
    )


def _dot(one: Sight, scale: float) -> Dot:
    return Dot(
        id=one.id, x=_units(one.east * scale), y=_units(-one.north * scale), r=_units(one.accuracy * scale)
    )


def _ring(metres: int, scale: float, bearing: int) -> Ring:
    r, angle = metres * scale, math.radians(bearing)
    return Ring(metres=metres, r=_units(r), x=_units(r * math.sin(angle)), y=_units(-r * math.cos(angle)))


def _label_bearing(item: Sight) -> int:
    """Return where words stand on the rings: in the quarter that lies furthest from the item."""
    toward = math.degrees(math.atan2(item.east, item.north)) % 360
    return max(LABEL_BEARINGS, key=lambda one: 180 - abs(abs(one - toward) % 360 - 180))


def _units(number: float) -> float:
    return round(number, 1) + 0.0
