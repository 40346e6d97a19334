"""Demo data for the board of many remote rounds."""

from __future__ import annotations

from datetime import date, timedelta

from server.console.pages import Chip
from server.console.pages.board import BoardPage, BoardRow, BoardTotal
from tests.console.sample_frame import HOSPITALS, NOW, ago

WAYS = ("stuck", "missed", "doubted", "soon", "running", "running", "answered", "to_come", "over")


def board(*, empty: bool = False) -> BoardPage:
    """Return nine rounds, one in each way that a round can stand."""
    rows = tuple(_row(n, way) for n, way in enumerate(WAYS))
    chips = (Chip(value="", count=9, active=True), Chip(value="attention", count=4),
             Chip(value="running", count=8), Chip(value="over", count=1))  # fmt: skip
    return BoardPage(
        rows=() if empty else rows,
        total=BoardTotal() if empty else BoardTotal(rounds=9, called=7, beds=140, answered=101, in_time=98,
                                                    rate=70, flagged=5, suspected=2),
        chips=chips,
        day=date(2026, 11, 21),
        regions=(("341502", "测试区"), ("341522", "测试县")),
        left_out=0 if empty else 3,
        may_call=True,
    )  # fmt: skip


def _row(n: int, way: str) -> BoardRow:
    place = HOSPITALS[n % len(HOSPITALS)]
    if way in ("stuck", "to_come"):
        fault = "no_census" if way == "stuck" else ""
        return BoardRow(id=f"b{n}", institution=place, wards=(), state="planned", attention=way,
                        waiting_for=fault, call_at=None if fault else NOW + timedelta(hours=1))  # fmt: skip
    answered = {"missed": 17, "answered": 20, "over": 20}.get(way, 4 * n - 4)
    left = timedelta(minutes={"missed": -3, "soon": 2}.get(way, 18))
    return BoardRow(
        id=f"b{n}", institution=place, wards=("W11", "W12") if n % 2 else (), attention=way, beds=20,
        state="concluded" if way == "over" else "explanation_open" if way == "missed" else "in_progress",
        answered=answered, in_time=answered - (way == "missed"), rate=5 * (answered - (way == "missed")),
        flagged=3 if way in ("missed", "doubted") else 0, suspected=1 if way == "doubted" else 0,
        presence={"in_bed": answered - 1, "absent": 1, "unchecked": 20 - answered},
        called_at=ago(minutes=12), respond_by=NOW + left,
    )  # fmt: skip
