"""Demo data of the board of cases, the calendar of due dates and the register."""

from __future__ import annotations

from datetime import date, timedelta

from server.console.pages import Chip, Paging
from server.console.pages.deadlines import (
    BoardCard,
    BoardColumn,
    CaseBoardPage,
    ColumnChoice,
    DueCalendarPage,
    DueDay,
    DueItem,
    RectificationRegisterPage,
)
from server.console.pages.notices import DIFFERS, MATCHES, UNFIXED, NoticePage, SlipPart
from server.console.pages.reports import Table, TableColumn
from server.queries import register_columns
from server.queries.case_board import COLUMNS
from tests.console.sample_frame import FIRST, HOSPITALS, NARROWING, NOW, SUPERVISOR

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


def calendar(*, empty: bool = False) -> DueCalendarPage:
    """Return a month with a make-up day and a holiday, or one in which nothing falls due."""
    first = date(2027, 2, 1) if empty else date(2026, 10, 1)
    off = {date(2026, 10, day) for day in range(1, 8)}
    items = (("due", 9), ("due", 10), *(("due", 14),) * 6, ("look_back", 20), ("interview", 22))
    shown = [
        DueItem(kind=kind, id=f"c{n}", institution=HOSPITALS[n % 4], stage="rectifying", on=first.replace(day=day),
                at=NOW if kind == "interview" else None, overdue=day < 10)
        for n, (kind, day) in enumerate(() if empty else items)
    ]  # fmt: skip
    start = first - timedelta(days=first.weekday())
    days = [
        DueDay(on=on, inside=on.month == first.month, items=tuple(one for one in shown if one.on == on),
               sort="makeup" if on == date(2026, 10, 10) else "holiday" if on in off
               else "weekend" if on.weekday() > 4 else "working")
        for on in (start + timedelta(days=n) for n in range(28 if empty else 35))
    ]  # fmt: skip
    return DueCalendarPage(
        month=first.isoformat()[:7], first=first, before="2026-09", after="2026-11", total=len(shown),
        weeks=tuple(tuple(days[n : n + 7]) for n in range(0, len(days), 7)),
        overdue=tuple(shown[:1]), overdue_count=0 if empty else 15, not_served=0 if empty else 3,
        left_out=0 if empty else 2, provisional=(2027,) if empty else (),
        regions=NARROWING.regions, query=NARROWING.query,
    )  # fmt: skip


SLIPS = (
    SlipPart(id="e1", by=FIRST.name, taken_at=NOW, picture=True, ready=True, fixed=True),
    SlipPart(id="e2", by=FIRST.name, taken_at=NOW, picture=True, ready=False, fixed=False),
)


def notice(*, stage: str = "acknowledged", paper: str = MATCHES) -> NoticePage:
    """Return a notice that was acknowledged, or a draft."""
    draft = stage == "draft"
    return NoticePage(
        id="n1", number="" if draft else "六医保改〔2026〕12号", type="rectification", stage=stage,
        institution=HOSPITALS[2], case="c1", articles=("《医疗保障基金使用监督管理条例》第三十八条第（七）项",),
        facts="1. 挂床住院：12、15、17 床患者连续三日不在院。\n2. 超标准收费：护理费高于规定标准。",
        demands="请逐项整改，提交书面整改报告及每项问题的佐证材料。", working_days=15, drafted_by=FIRST.name,
        signed_by="" if draft else SUPERVISOR.name, signed_on=None if draft else date(2026, 11, 2),
        issued_on=None if draft else date(2026, 11, 2), served_on=None if draft else date(2026, 11, 3),
        method="" if draft else "direct", received_by="" if draft else "测*戊",
        acknowledged_at=None if draft else NOW, replaces="" if draft else "n0",
        document="" if draft else "5f" * 32, paper=UNFIXED if draft else paper, may_take=True,
        receipt="" if draft else "ab" * 32, slips=() if draft else SLIPS,
    )  # fmt: skip


def register(*, empty: bool = False) -> RectificationRegisterPage:
    """Return the register with its usual columns, or with nothing in it."""
    shown = [column for column in register_columns.COLUMNS if column.usual]
    values = {
        "violations": "挂床住院、超标准收费", "amount_fen": 12_345_67, "paid_fen": 2_000_00,
        "number": "六医保改〔2026〕12号",
        "due_on": date(2026, 11, 18), "stage": "跟办", "overdue_days": 3, "owner": SUPERVISOR.name,
    }  # fmt: skip
    rows = [
        tuple(place.name if column.name == "institution" else values[column.name] for column in shown)
        for place in HOSPITALS
    ]
    return RectificationRegisterPage(
        table=Table(
            name="rectification_register", title="整改台账", rows=() if empty else tuple(rows),
            columns=tuple(TableColumn(name=c.name, label=c.zh, kind=c.kind) for c in shown),
        ),
        ids=() if empty else ("c1", "c2", "c3", "c4"),
        chips=tuple(Chip(value=value, count=n, active=not value) for value, n in
                    (("", 154), ("open", 120), ("overdue", 4), ("closed_cases", 34))),
        paging=Paging(total=0 if empty else 154), narrowing=NARROWING, since=None if empty else date(2026, 11, 1),
        columns=tuple(ColumnChoice(name=c.name, label=c.zh, chosen=c.usual) for c in register_columns.COLUMNS),
    )  # fmt: skip


PAGES = {
    "/cases/register": register,
    "/cases/register-none": lambda: register(empty=True),
    "/notices/n1": notice,
    "/notices/n2": lambda: notice(stage="draft"),
    "/notices/n3": lambda: notice(paper=DIFFERS),
    "/cases/calendar": calendar,
    "/cases/calendar-none": lambda: calendar(empty=True),
    "/cases/board": board,
    "/cases/board-none": lambda: board(empty=True),
}
