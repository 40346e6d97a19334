"""Demo data of the board of cases, the calendar of due dates and the register."""

from __future__ import annotations

from datetime import date

from server.console.pages.deadlines import BoardCard, BoardColumn, CaseBoardPage
from server.queries.case_board import COLUMNS
from tests.console.sample_frame import HOSPITALS, NARROWING, SUPERVISOR

CODES = (("bed_hanging", "over_standard_charge"), ("duplicate_charge",), ("stock_mismatch",))


def _card(stage: str, n: int) -> BoardCard:
    open_, served = stage not in ("closed", "satisfied"), stage != "assigned"
    left = n * 4 - 3 if open_ and served else None
    return BoardCard(
        id=f"c{n + 1}", institution=HOSPITALS[n % 4], number=f"六医保改〔2026〕{n + 9}号" if served else "",
        violation_codes=CODES[n % 3], amount_fen=(n + 1) * 1_234_567, owner=SUPERVISOR.name, stage=stage,
        due_on=date(2026, 11, 18 + n * 4) if served else None, days_left=left,
        returns=n if stage in ("returned", "rectifying") else 0,
    )  # fmt: skip


def board(*, empty: bool = False) -> CaseBoardPage:
    """Return the board with cases in most stages, or none at all."""
    sizes = {"assigned": 1, "notified": 2, "rectifying": 3, "verifying": 1, "returned": 2, "closed": 3}
    many = {} if empty else sizes
    columns = tuple(
        BoardColumn(
            stage=stage, count=many.get(stage, 0) + (stage == "rectifying" and not empty) * 17,
            overdue=int(stage in ("notified", "rectifying", "returned") and not empty),
            amount_fen=None if stage == "closed" else many.get(stage, 0) * 4_321_00,
            cards=tuple(_card(stage, n) for n in range(many.get(stage, 0))),
            more=17 if stage == "rectifying" and not empty else 0,
        )
        for stage in COLUMNS
    )  # fmt: skip
    return CaseBoardPage(columns=columns, regions=NARROWING.regions, query=NARROWING.query)


PAGES = {
    "/cases/board": board,
    "/cases/board-none": lambda: board(empty=True),
}
