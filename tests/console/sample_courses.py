"""Demo content of records that take their course by steps: a sanction with its gate, lists, a first form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from server.casework.sanctioning import COURSE as SANCTIONS
from server.casework.sanctioning import NO_ANSWER_YET
from server.console import marks, register_marks
from server.console.pages import Chip, Paging
from server.console.pages.courses import (
    BeginPage,
    CourseFilter,
    CoursePage,
    CoursePanel,
    CourseRow,
    CoursesPage,
    DecisionPart,
    FormField,
    PanelRow,
    StepForm,
)
from server.console.pages.registers import Cell, Choice, Column, Deed, Entry, Line, Named
from tests.console.sample_frame import HOSPITALS, SUPERVISOR, ago

TYPE = SANCTIONS.type
STAGES = {name: register_marks.stage_mark(TYPE, name) for name in register_marks.stages_of(TYPE)}
CELLS = (
    Cell(kind="choice", values=("协议处理",)),
    Cell(kind="choice", values=("四级：拒付并处违约金",)),
    Cell(kind="fen", values=(2_469_134,)),
)
HOUSE = Named(words=HOSPITALS[0].name, id="i1", kind="institution")
ROWS = (
    CourseRow(id="s1", title=HOSPITALS[0].name, stage=STAGES["told_party"], cells=CELLS),
    CourseRow(id="s2", title=HOSPITALS[0].name, stage=STAGES["decided"], cells=CELLS),
)


def listed(empty: bool = False) -> CoursesPage:
    """Return the list of sanctions."""
    rows = () if empty else ROWS
    stages = () if empty else ("told_party", "decided")
    field = TYPE.by_name["track"]
    return CoursesPage(
        noun="sanctions",
        kind="sanction",
        name=TYPE.zh,
        chips=(
            Chip(value="", count=len(rows), active=True),
            *(Chip(value=name, count=1, active=False) for name in stages),
        ),
        stage_marks=STAGES,
        columns=tuple(
            Column(label=TYPE.by_name[name].zh, number=name == "amount_fen")
            for name in ("track", "level", "amount_fen")
        ),
        rows=rows,
        paging=Paging(total=len(rows)),
        filters=(
            CourseFilter(
                name="track",
                label=field.zh,
                choices=tuple(Choice(value=word, words=zh) for word, (zh, _) in field.choices.items()),
            ),
        ),
        empty="在整改案件页面点击“提出处理处罚”。",
    )


def panel() -> CoursePanel:
    """Return what a case has of sanctions."""
    return CoursePanel(
        noun="sanctions",
        name=TYPE.zh,
        kind="sanction",
        rows=(PanelRow(id="s1", stage="told_party", cells=CELLS),),
        begins=SANCTIONS.begin.words[0],
        query={"case": "c1"},
    )


def form_fields() -> tuple[FormField, ...]:
    """Return a field of each sort, one of them with a fault."""
    levels = TYPE.by_name["level"].choices
    return (
        FormField(
            name="level",
            label="层级",
            kind="choice",
            value="4",
            choices=tuple(
                Choice(value=word, words=zh, active=word == "4") for word, (zh, _) in levels.items()
            ),
        ),
        FormField(
            name="measures",
            label="措施",
            kind="choice",
            many=True,
            choices=(
                Choice(value="refund", words="退回基金", active=True),
                Choice(value="fine", words="罚款"),
            ),
        ),
        FormField(
            name="reasons", label="理由", kind="text", chars_max=10_000, wanted=True, value="逾期未整改"
        ),
        FormField(
            name="amount_fen", label="拟处理金额", kind="fen", value="1.00", fault="金额与“基数×倍数”不符"
        ),
        FormField(name="period_from", label="起始日期", kind="day", value=date(2026, 11, 24).isoformat()),
        FormField(name="hearing_wanted", label="要求听证", kind="flag"),
        FormField(name="factor_permille", label="倍数", kind="integer", unit="permille", value="2000"),
    )


def begin() -> BeginPage:
    """Return the form that proposes a sanction, refused once."""
    return BeginPage(
        noun="sanctions",
        kind="sanction",
        name=TYPE.zh,
        step=StepForm(
            name="propose",
            words=SANCTIONS.begin.words[0],
            state="open",
            roles=("稽核主管",),
            may=True,
            fields=form_fields(),
            failed="金额与“基数×倍数”不符",
        ),
        about=(
            Line(
                name="case",
                label="整改",
                cell=Cell(
                    kind="id",
                    values=(Named(words="六医保改〔2026〕12号", id="c1", kind="rectification_case"),),
                ),
            ),
        ),
        given={"case": "c1"},
    )


def decided() -> CoursePage:
    """Return a sanction that a leader decided, with its document, before its service."""
    page = one()
    done = {"tell": "done", "review": "done", "decide": "done", "serve": "open"}
    steps = tuple(
        replace(step, state=done.get(step.name, "ahead"), lacks=(), may=False, fields=())
        for step in page.steps
    )
    return replace(
        page,
        id="s2",
        stage=STAGES["decided"],
        path=tuple(
            (words, "passed" if at < 3 else "now" if at == 3 else "ahead")
            for at, (words, _) in enumerate(page.path)
        ),
        steps=steps,
        decision=DecisionPart(number="六医保处〔2026〕3号", document="ab" * 32, paper="matches"),
    )


def one() -> CoursePage:
    """Return a sanction that the party was told of, before the legal review."""
    states = {"tell": "done", "answer": "open", "review": "blocked", "withdraw": "open"}
    steps = tuple(
        StepForm(
            name=step.name,
            words=step.words[0],
            state=states.get(step.name, "ahead"),
            lacks=(NO_ANSWER_YET[0],) if step.name == "review" else (),
            roles=tuple(str(marks.mark(role, marks.ROLES).word) for role in sorted(SANCTIONS.roles(step))),
            may=step.name in ("answer", "withdraw"),
            fields=form_fields()[4:6] if step.name == "answer" else (),
            side=step.name != "answer",
        )
        for step in SANCTIONS.steps
    )
    words = {stage.name: stage.zh for stage in TYPE.stages}
    return CoursePage(
        noun="sanctions",
        kind="sanction",
        name=TYPE.zh,
        id="s1",
        version=18_401,
        title=HOSPITALS[0].name,
        stage=STAGES["told_party"],
        path=tuple(
            (words[name], "passed" if at < 1 else "now" if at == 1 else "ahead")
            for at, name in enumerate(SANCTIONS.path)
        ),
        steps=steps,
        lines=tuple(
            Line(name=name, label=TYPE.by_name[name].zh, cell=cell)
            for name, cell in zip(("track", "level", "amount_fen"), CELLS, strict=True)
        ),
        entries=(
            Entry(
                deed=Deed(index=18_401, at=ago(hours=3), by=SUPERVISOR.name),
                kind="decision",
                op="edit",
                verdict="applied",
            ),
        ),
        place=HOUSE,
    )
