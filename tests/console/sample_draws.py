"""Demo data for draws of institutions and officers."""

from __future__ import annotations

from server.console.pages.draws import DrawForm, Drawn, DrawPage, DrawRow, DrawsPage
from tests.console.sample_frame import FIRST, HOSPITALS, SECOND, SUPERVISOR, ago, digest

ROWS = (
    DrawRow(id="d1", region="测试市", by=SUPERVISOR, at=ago(hours=2), stage="drawn", size=3, kinds=("hospital",),
            grades=("C", "D"), drawn=3, population=46),
    DrawRow(id="d2", region="测试区", by=SUPERVISOR, at=ago(days=9), stage="ordered", size=20),
)  # fmt: skip


def draws(*, empty: bool = False) -> DrawsPage:
    """Return the list, with a form that does not fit."""
    form = DrawForm(region="341502", size="300", kinds=("hospital",), failed="" if empty else "size")
    known = (("341500", "测试市"), ("341502", "测试区"))
    return DrawsPage(rows=() if empty else ROWS, form=form, regions=known, may_draw=True, left_out=0)


def draw(*, ok: bool = True, officers: bool = False) -> DrawPage:
    """Return a draw that is the same when it is drawn again, or not."""
    people = tuple(Drawn(id=one.certificate, officer=one) for one in (FIRST, SECOND))
    places = tuple(Drawn(id=one.code, institution=one, region="测试区") for one in HOSPITALS[:3])
    return DrawPage(
        id="d1", what="officers" if officers else "institutions", ordered=False, ok=ok,
        faults=() if ok else (("seed", "-"), ("sample", "-")), seed=digest("seed"), order_entry=18_400,
        draw_entry=18_401, population=46, drawn=people if officers else places,
        row=None if officers else ROWS[0], may_draw=True,
    )  # fmt: skip


def waiting() -> DrawPage:
    """Return a draw that was ordered and is not drawn yet."""
    return DrawPage(id="d2", what="institutions", ordered=True, ok=True, row=ROWS[1], may_draw=True)
