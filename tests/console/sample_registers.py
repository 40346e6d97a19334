"""Registers as the demo pages show them: a long table, an empty one, a record with all that can stand on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from server.console import register_marks
from server.console.marks import Mark, mark
from server.console.pages.registers import (
    Cell,
    Choice,
    Column,
    Deed,
    Entry,
    Line,
    Named,
    RecordPage,
    Register,
    RegisterPage,
    RegisterRow,
    RegistersPage,
    Rival,
    Rivalry,
    StageChip,
)

AT = datetime(2026, 11, 21, 2, 5, tzinfo=UTC)
HOSPITAL = Named(words="测试市第001医院（测试市老年病专科医院医共体总院）", id="i1", kind="institution")
WAITING, DONE = Mark("已告知", "info", "arrow"), Mark("已执行")


def deed(hours: int, index: int = 18_402) -> Deed:
    """Return an entry some hours old."""
    return Deed(index=index, at=AT - timedelta(hours=hours), by="测试甲001")


def registers() -> RegistersPage:
    """Return the list of registers."""
    names = ("定点医药机构", "检查", "证据", "问题", "处理处罚")
    filled = tuple(
        Register(kind=f"kind{n}", name=name, count=10 ** (n + 1), more=n == 3) for n, name in enumerate(names)
    )
    return RegistersPage(
        filled=filled, empty=(Register(kind="appeal", name="申辩复议", count=0),), api="/api/"
    )


def nothing() -> RegistersPage:
    """Return the list of registers of somebody who may read nothing."""
    return RegistersPage(filled=(), empty=(Register(kind="appeal", name="申辩复议", count=0),), api="/api/")


def row(number: int) -> RegisterRow:
    """Return a row whose every cell is as wide as they come."""
    return RegisterRow(
        id=f"s{number}",
        title="行政处罚",
        place=HOSPITAL.words,
        stage=WAITING if number % 2 else DONE,
        cells=(
            Cell(kind="choice", values=("四级：拒付并处违约金",)),
            Cell(kind="fen", values=(123_456_789,)),
            Cell(kind="integer", values=(15,), unit="working days"),
            Cell(kind="day", values=(date(2026, 12, 11),)),
            Cell(kind="instant", values=(AT,)) if number % 3 else Cell(kind="instant"),
        ),
        changed=deed(number),
        conflict=number == 2,
        voided=number == 3,
    )


def register(*, empty: bool = False) -> RegisterPage:
    """Return a register: a page in its midst, or one whose filters fit nothing."""
    stages = (("", "全部", 312), ("told_party", "已告知", 0 if empty else 120), ("done", "已执行", 192))
    chips = tuple(
        StageChip(
            shown=mark("", register_marks.FILTERS) if not name else Mark(word),
            count=count,
            more=False,
            active=(name == "told_party") if empty else not name,
            query={"stage": name} if name else {},
        )
        for name, word, count in stages
    )
    return RegisterPage(
        kind="sanction",
        name="处理处罚",
        lead="处理途径",
        columns=(
            Column(label="层级"),
            Column(label="拟处理金额", number=True),
            Column(label="整改期限", number=True),
            Column(label="决定日期"),
            Column(label="约谈时间"),
        ),
        staged=True,
        rows=() if empty else tuple(row(n) for n in range(12)),
        chips=chips,
        regions=(Choice(value="341500", words="六安市"), Choice(value="341502", words="金安区", active=True)),
        sorts=(
            Choice(value="-id", words="最近登记", active=True),
            Choice(value="-version", words="最近变动"),
        ),
        query={"region": "341502", **({"stage": "told_party"} if empty else {})},
        total=0 if empty else 312,
        more=False,
        next={} if empty else {"after": "x"},
        previous={} if empty else {"before": "x"},
        within=None if empty else HOSPITAL,
    )


def record(*, voided: bool = False) -> RecordPage:
    """Return a record with every kind of value, a conflict and a history."""
    group = (
        Line(name="name", label="姓名", cell=Cell(kind="text", values=("测**1",))),
        Line(name="post", label="职务", cell=Cell(kind="choice", values=("负责人",))),
    )
    place = {
        "lat_e7": 317_550_000,
        "lon_e7": 1_165_080_000,
        "accuracy_m": 12,
        "provider": "gps",
        "mock": True,
    }
    lines = (
        Line(name="institution", label="机构", cell=Cell(kind="id", values=(HOSPITAL,)), written=deed(5)),
        Line(
            name="officer", label="经办人", cell=Cell(kind="id", values=(Named(words="测试甲001", id="u"),))
        ),
        Line(name="amount_fen", label="金额", cell=Cell(kind="fen", values=(4_800,)), contested=True),
        Line(
            name="facts",
            label="事实",
            cell=Cell(kind="text", values=("第一行\n第二行" * 20,)),
            written=deed(3),
        ),
        Line(name="person", label="人员", cell=Cell(kind="text", values=("张*三", "李*")), masked=True),
        Line(
            name="attendees",
            label="到场人员",
            cell=Cell(kind="group", values=(group, group)),
            written=deed(2),
        ),
        Line(name="size", label="大小", cell=Cell(kind="integer", values=(345_678,), unit="bytes")),
        Line(name="factor", label="倍数", cell=Cell(kind="integer", values=(1_500,), unit="permille")),
        Line(name="on", label="日期", cell=Cell(kind="day", values=(date(2026, 11, 20),))),
        Line(name="at", label="时间", cell=Cell(kind="instant", values=(AT,))),
        Line(name="flag", label="听证", cell=Cell(kind="flag", values=(False,))),
        Line(name="digest", label="摘要", cell=Cell(kind="digest", values=("ab" * 32,))),
        Line(name="position", label="位置", cell=Cell(kind="position", values=(place,))),
    )
    rivals = tuple(Rival(cell=Cell(kind="fen", values=(amount,)), deed=deed(4)) for amount in (4_800, 6_100))
    twins = (Rival(cell=None, deed=None), Rival(cell=None, deed=None))
    return RecordPage(
        kind="sanction",
        name="处理处罚",
        id="01a1e73d-9840-7a99-99c9-97e5f989fa03",
        title="行政处罚",
        stage=WAITING,
        life="voided" if voided else "live",
        version=18_402,
        region="金安区",
        lines=lines,
        unwritten=(Line(name="told_on", label="告知日期", cell=Cell(kind="day")),),
        created=deed(9, 18_300),
        changed=deed(1),
        place=HOSPITAL,
        parent=Named(words="整改 2026年11月17日", id="c1", kind="rectification_case"),
        rivalries=(
            Rivalry(label="金额", rivals=rivals),
            Rivalry(label="同一对象", rivals=twins),
        ),
        inside=(Register(kind="appeal", name="申辩复议", count=1),),
        entries=(
            Entry(deed=deed(1), kind="decision", op="edit", verdict="conflict", lines=lines[2:4]),
            Entry(deed=deed(2), kind="change", op="", verdict="refused", code="bad_value"),
        ),
        earlier=3,
        special="" if voided else "console.case",
        api="/api/records/sanction/x",
    )
