"""Where an item was captured, seen from its institution and among its inspection's other items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.console import plan as drawing
from server.console.pages import Plan
from server.console.plan import Point, Sight
from server.queries.reading import TABLE, Reading, oldest_first
from sync.merge import Record

OTHERS_MAX = 200
"""Of an inspection's other items, those that are drawn, the latest first."""


def plan(reading: Reading, item: Record, institution: Record | None) -> Plan | None:
    """Return the drawing of an item's place; None where it or its institution has no position."""
    if institution is None or unplaced(item, institution):
        return None
    origin = _point(institution.values["position"])
    others = reading.visible("evidence").where(TABLE.c.root == item.root, TABLE.c.id != item.id)
    latest = reading.records(others.order_by(*(part.desc() for part in oldest_first())).limit(OTHERS_MAX))
    return drawing.drawn(
        _sight(item, origin),
        [_sight(each, origin) for each in latest if each.values.get("position")],
        reading.fence(item.region),
    )


def unplaced(item: Record, institution: Record | None) -> str:
    """Return why nothing can be drawn, by `marks.UNPLACED`; '' where it can."""
    if not item.values.get("position"):
        return "no_position"
    return "" if institution is not None and institution.values.get("position") else "institution"


def _sight(item: Record, origin: Point) -> Sight:
    position = item.values["position"]
    return drawing.sight(item.id, origin, _point(position), int(position["accuracy_m"]))


def _point(position: Mapping[str, Any]) -> Point:
    return int(position["lat_e7"]), int(position["lon_e7"])
