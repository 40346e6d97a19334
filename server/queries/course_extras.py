"""What single courses show beyond what all of them do: narrowing of their own, totals, what presses, ways on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import BigInteger, ColumnElement, Integer, Select, and_, cast, func, or_

from server.api.operations import Parameter, text
from server.casework.courses import Course, Words
from server.console import register_marks
from server.console.marks import Mark, either
from server.console.pages.courses import CourseLink, CourseTotal
from server.console.pages.registers import Cell, Line
from server.queries import record_cells
from server.queries.reading import TABLE, Reading
from server.storage import public_values
from sync.merge import Record
from sync.rules import TEAM_ROLES

MINE = "mine"
WORDS: tuple[str, ...] = (MINE,)
"""Words of addresses, besides stage, region, case and a course's own choices, by which lists are narrowed."""
CARRIED = ("case", "institution", "sanction", "bulletin", "about")
"""What a first form is about: ids in its address, kept in the form and never typed."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "petitions": ("number", "kind", "channel", "due_on", "satisfaction")
}
"""Columns of a list where those of the type's register are not the ones that the desk works by."""
FROM_ELSEWHERE = frozenset({"sanctions", "appeals", "tasks"})
"""Courses whose records come to be from the page of something else alone, which their first form is about."""
SUMS = ("found_fen", "agreed_fen", "paid_fen")
PRESSING: Mapping[str, tuple[str, ...]] = {
    "tasks": ("open", "taken"),
    "petitions": ("received", "assigned", "handling"),
}
"""Courses with a last day, and the stages in which it presses."""
IN_OWN_QUEUES = ("second_review", "late_change", "forked_device")
"""Kinds of tasks that the to-do list counts and shows where they are done."""
FROM_A_CASE: Words = ("请在整改案件页面登记。", "Enter one on the page of its case.")
EMPTY: Mapping[str, Words] = {
    "sanctions": (
        "在整改案件页面点击“提出处理处罚”；系统对逾期案件的建议也列在这里。",
        "Propose one on the page of a case; what the machine proposes for overdue cases stands here too.",
    ),
    "appeals": (
        "在处理处罚页面登记当事人的申辩复议；机构在线提出的也列在这里。",
        "Enter what a party files on the page of the sanction; what institutions file online stands here too.",
    ),
    "recoveries": FROM_A_CASE,
    "interviews": (
        "在整改案件或待办页面点击“安排约谈”，或在上方新建。",
        "Plan one on the page of a case or of a task, or above.",
    ),
    "tasks": (
        "没有待办。逾期案件的电话提醒、约谈和处理建议会自动列在这里。",
        "Nothing to do. Phone calls, interviews and proposals of overdue cases come here by themselves.",
    ),
    "petitions": ("点击上方“登记信访举报”。", "Register one above."),
}
"""What would fill a list that is empty."""
OVERDUE = Mark(either("已逾期", "Overdue"), "problem", "alert")
DUE_TODAY = Mark(either("今天到期", "Due today"), "waiting", "clock")


def narrowed(
    reading: Reading, course: Course, statement: Select[Any], given: Mapping[str, str]
) -> Select[Any]:
    """Return the select narrowed by a course's own words: of tasks, those that are the reader's to do."""
    if course.noun != "tasks" or not given.get(MINE):
        return statement
    return statement.where(_own(reading), TABLE.c.stage.in_(PRESSING["tasks"]))


WAITING_FOR: Mapping[str, str] = {
    "proposed": "supervisor",
    "told_party": "legal_reviewer",
    "legal_reviewed": "leader",
    "decided": "supervisor",
}
"""By the stage of a sanction, the role for which it waits."""


def waiting(reading: Reading) -> dict[str, int]:
    """Return how many sanctions wait for a step of the reader's, and how many tasks are his to do; in one query."""
    held = {grant.role for grant in reading.grants.rows}
    stages = [stage for stage, role in WAITING_FOR.items() if role in held]
    sanctions = and_(TABLE.c.type == "sanction", TABLE.c.stage.in_(stages))
    tasks = and_(TABLE.c.type == "task", TABLE.c.stage.in_(PRESSING["tasks"]), _own(reading))
    # Said twice, so that the index over stages is used: few of a region's tasks and sanctions wait.
    pressing = sorted({*stages, *PRESSING["tasks"]})
    both = reading.visible("sanction", "task").where(TABLE.c.stage.in_(pressing), or_(sanctions, tasks))
    grouped = both.with_only_columns(TABLE.c.type, func.count(), maintain_column_froms=True)
    found: dict[str, int] = dict(reading.connection.execute(grouped.group_by(TABLE.c.type)).all())
    return {"sanctions": found.get("sanction", 0), "tasks": found.get("task", 0)}


def _own(reading: Reading) -> ColumnElement[bool]:
    """Return whether a task is the reader's: named as his or anybody's of his role, and in no queue of its own."""
    held = {grant.role for grant in reading.grants.rows}
    inspects = bool(held & (TEAM_ROLES | {"inspector", "lead_inspector"}))
    mine = held | ({"inspector"} if inspects else set())
    assignee = public_values.text_in(reading.connection, "assignee")
    role = public_values.text_in(reading.connection, "for_role")
    his = or_(assignee == reading.user, and_(assignee.is_(None), role.in_(sorted(mine))))
    return and_(his, public_values.text_in(reading.connection, "kind").not_in(IN_OWN_QUEUES))


def parameters(course: Course) -> tuple[Parameter, ...]:
    """Return a course's own words of addresses, as they are described."""
    if course.noun != "tasks":
        return ()
    words = "只列出我要办的：指定给我的，以及本人角色应办而未指定的"
    return (text(MINE, words, "Only what is the caller's to do and not done", enum=["yes"]),)


def order(reading: Reading, course: Course) -> tuple[Any, ...]:
    """Return the order of a list: what falls due first, else what moved last first."""
    if course.noun in PRESSING:
        closed = TABLE.c.stage.not_in(PRESSING[course.noun])
        return (closed, public_values.text_in(reading.connection, "due_on"), TABLE.c.id)
    return (TABLE.c.version.desc(), TABLE.c.id)


def totals(
    reading: Reading, course: Course, statement: Select[Any]
) -> tuple[tuple[str, ...], tuple[CourseTotal, ...]]:
    """Return the sums of recoveries by kind and stage with their heads, nothing for other lists."""
    if course.noun != "recoveries":
        return (), ()
    kind = public_values.text_in(reading.connection, "kind")
    sums = [
        func.coalesce(func.sum(cast(public_values.text_in(reading.connection, name), BigInteger)), 0)
        for name in SUMS
    ]
    grouped = statement.with_only_columns(
        kind, TABLE.c.stage, cast(func.count(), Integer), *sums, maintain_column_froms=True
    )
    rows = reading.connection.execute(grouped.group_by(kind, TABLE.c.stage)).all()
    place = 0 if reading.locale == "zh_CN" else 1
    kinds = course.type.by_name["kind"].choices
    stages = register_marks.stages_of(course.type)
    lines = [
        CourseTotal(
            words=f"{kinds[row[0]][place]} · {stages[row[1]][place]}",
            count=int(row[2]),
            sums=tuple(int(value) for value in row[3:]),
        )
        for row in sorted(rows, key=lambda row: (list(kinds).index(row[0]), list(stages).index(row[1])))
    ]
    if lines:
        every = tuple(sum(line.sums[at] for line in lines) for at in range(len(SUMS)))
        lines.append(
            CourseTotal(words=gettext("Together"), count=sum(line.count for line in lines), sums=every)
        )
    heads = tuple(
        course.type.by_name[name].zh if place == 0 else course.type.by_name[name].en for name in SUMS
    )
    return heads, tuple(lines)


def marks_of(reading: Reading, course: Course, record: Record) -> tuple[Mark, ...]:
    """Return what presses about a record: that its last day is today, or over."""
    due = record.values.get("due_on")
    if record.stage not in PRESSING.get(course.noun, ()) or not due:
        return ()
    today = reading.today.isoformat()
    return (OVERDUE,) if due < today else (DUE_TODAY,) if due == today else ()


def begun_with(reading: Reading, course: Course) -> dict[str, str]:
    """Return what stands in a first form that nobody filled in: the reader's own region."""
    if "region" not in course.type.by_name:
        return {}
    own = sorted(grant.root for grant in reading.grants.rows if grant.role in course.roles(course.begin))
    return {"region": own[0]} if own and own[0].isdigit() else {}


def links(reading: Reading, course: Course, record: Record) -> tuple[CourseLink, ...]:
    """Return the ways on from a record: of a task to what it asks to consider, of a sanction to its appeals."""
    place = 0 if reading.locale == "zh_CN" else 1
    if course.noun == "sanctions" and record.stage in ("told_party", "served", "executing"):
        return (
            CourseLink(
                words=("登记申辩复议", "Enter an appeal")[place],
                noun="appeals",
                query={"sanction": record.id},
            ),
        )
    about = record.values.get("about")
    if course.noun != "tasks" or record.stage not in PRESSING["tasks"] or not about:
        return ()
    case = reading.named([about]).get(about)
    if case is None or case.type != "rectification_case":
        return ()
    found = TASK_LINKS.get(str(record.values["kind"]))
    if found is None:
        return ()
    noun, words, query = found
    return (CourseLink(words=words[place], noun=noun, query={"case": case.id, **query}),)


TASK_LINKS: Mapping[str, tuple[str, Words, Mapping[str, str]]] = {
    "suspension_proposal": (
        "sanctions",
        ("提出暂停结算", "Propose a suspension"),
        {"track": "agreement", "level": "2", "measures": "settlement_suspension"},
    ),
    "sanction_proposal": ("sanctions", ("提出处理处罚", "Propose a sanction"), {"track": "agreement"}),
    "interview": (
        "interviews",
        ("安排约谈", "Plan the interview"),
        {"kind": "interview", "trigger": "overdue"},
    ),
}
"""By the kind of a task: to which form it leads, and what is filled in there."""


def about(reading: Reading, course: Course, given: Mapping[str, str]) -> tuple[Line, ...]:
    """Return what a first form is about, by what its address carries; raises NotFound for what is out of scope."""
    found: list[Line] = []
    for name in CARRIED:
        field = course.type.by_name.get(name)
        if field is None or len(given.get(name, "")) < ID_CHARS:
            continue
        kinds = ("rectification_case", "institution", "inspection") if field.ref == "any" else (field.ref,)
        rows = reading.records(reading.visible(*[k for k in kinds if k]).where(TABLE.c.id == given[name]))
        if not rows:
            raise reading.missing(given[name])
        named = record_cells.names(reading, [rows[0].id])[rows[0].id]
        label = field.zh if reading.locale == "zh_CN" else field.en
        found.append(Line(name=name, label=label, cell=Cell(kind="id", values=(named,))))
    return tuple(found)


ID_CHARS = 36
