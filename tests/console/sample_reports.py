"""Reports for looking at pages: a demo month."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext

from server.console.county_spots import SPOTS
from server.console.pages.home import CountyTile, Coverage, Overview, PhoneHealth, StageCount
from server.console.pages.reports import DAY, DAYS, SHARE, WHOLE, Report, ReportsPage, Table, TableColumn
from server.queries.reports.figures import standing_by_day, wilson

UNTIL = date(2026, 11, 22)
SINCE = UNTIL - timedelta(days=29)
TITLES = {
    "presence": "Which institutions have the fewest patients in bed?",
    "ageing": "Where do cases wait?",
    "zeroing": "How far is zeroing?",
    "coverage": "Which regions were not inspected yet?",
}
LABELS = {
    "institution": "Institution",
    "code": "Code",
    "rounds": "Rounds",
    "checked": "Beds checked",
    "known": "Of these known",
    "in_bed": "In bed",
    "share": "Share in bed",
    "low": "At least (95 %)",
    "high": "At most (95 %)",
    "stage": "Stage",
    "open": "Open cases",
    "overdue": "Overdue",
    "median": "Days in this stage, median",
    "longest": "Longest",
    "day": "Day",
    "opened": "Opened so far",
    "closed": "Closed so far",
    "standing": "Still open",
    "region": "Region",
    "institutions": "Institutions",
    "visited": "Visited",
    "missing": "Not visited",
}
"""What the reports call their columns; a test of the words does not read here."""


def reports(*, empty: bool = False) -> ReportsPage:
    """Return the four reports of a demo month, or of one in which nothing happened."""
    made = (_presence(empty), _ageing(), _zeroing(empty), _coverage(empty))
    query = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}
    return ReportsPage(since=SINCE, until=UNTIL, reports=made, query=query, failed=empty)


def _columns(**kinds: str) -> tuple[TableColumn, ...]:
    return tuple(
        TableColumn(name=name, label=gettext(LABELS.get(name, name)), kind=kind)
        for name, kind in kinds.items()
    )


def _presence(empty: bool) -> Report:
    found = [("示例医院甲", 40, 28), ("示例医院乙", 120, 109), ("示例中心卫生院", 9, 9)]
    rows = tuple(
        (name, f"H3415020000{n}", 3, known, known, in_bed, in_bed / known, *(wilson(in_bed, known) or (0, 1)))
        for n, (name, known, in_bed) in enumerate(found)
    )
    columns = _columns(
        institution="text", code="text", rounds=WHOLE, checked=WHOLE, known=WHOLE, in_bed=WHOLE,
        share=SHARE, low=SHARE, high=SHARE,
    )  # fmt: skip
    table = Table(
        name="presence",
        title=gettext(TITLES["presence"]),
        columns=columns,
        rows=() if empty else rows,
    )
    return Report(table=table, chart="intervals", note="")


def _ageing() -> Report:
    rows = (("交办", 4, 0, 2, 5), ("整改中", 11, 3, 9, 31), ("核验中", 0, 0, None, None))
    columns = _columns(stage="text", open=WHOLE, overdue=WHOLE, median=DAYS, longest=DAYS)
    return Report(
        table=Table(name="ageing", title=gettext(TITLES["ageing"]), columns=columns, rows=rows),
        chart="stages",
        note="",
    )


def _zeroing(empty: bool) -> Report:
    spans = [(SINCE + timedelta(days=n), SINCE + timedelta(days=2 * n) if n % 3 else None) for n in range(25)]
    rows = () if empty else tuple(standing_by_day(spans, SINCE, UNTIL))
    columns = _columns(day=DAY, opened=WHOLE, closed=WHOLE, standing=WHOLE)
    return Report(
        table=Table(name="zeroing", title=gettext(TITLES["zeroing"]), columns=columns, rows=rows),
        chart="lines",
        note="",
    )


def _coverage(empty: bool) -> Report:
    months = {f"2026-{month:02d}": SHARE for month in range(6, 12)}
    columns = _columns(region="text", institutions=WHOLE, visited=WHOLE, missing=WHOLE, share=SHARE, **months)
    rows = tuple(
        (name, 40, 20 + n, 20 - n, (20 + n) / 40, *((m * (n + 1) % 7) / 10 for m in range(6)))
        for n, name in enumerate(("金安区", "裕安区", "叶集区", "霍邱县"))
    )
    table = Table(
        name="coverage",
        title=gettext(TITLES["coverage"]),
        columns=columns,
        rows=() if empty else rows,
    )
    return Report(table=table, chart="heat", note="")


def overview(*, empty: bool = False) -> Overview:
    """Return how things stand in a demo city, or in one where nothing was done yet."""
    if empty:
        return Overview(
            tiles=(),
            coverage=Coverage(visited=0, institutions=0, months=6),
            stages=(),
            phones=PhoneHealth(enrolled=0, fresh=0, silent=0, never=0),
        )
    tiles = tuple(
        CountyTile(
            region=code, name=f"示例{n}区", open=n * 3, overdue=n % 3, shade=min(n, 4), spot=SPOTS[code]
        )
        for n, code in enumerate(SPOTS)
    )
    stages = (("notified", 4, 0), ("rectifying", 11, 3), ("verifying", 2, 1))
    return Overview(
        tiles=tiles,
        coverage=Coverage(visited=131, institutions=176, months=6),
        stages=tuple(StageCount(stage=stage, open=n, overdue=late) for stage, n, late in stages),
        phones=PhoneHealth(enrolled=76, fresh=61, silent=3, never=2),
    )
