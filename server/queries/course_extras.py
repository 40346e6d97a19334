"""What single courses show beyond what all of them do: narrowing of their own, totals, what presses, ways on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select

from server.api.operations import Parameter
from server.casework.courses import Course, Words
from server.console.marks import Mark
from server.console.pages.courses import CourseLink, CourseTotal
from server.console.pages.registers import Cell, Line
from server.queries import record_cells
from server.queries.reading import TABLE, Reading
from sync.merge import Record

WORDS: tuple[str, ...] = ()
"""Words of addresses, besides stage, region, case and a course's own choices, by which lists are narrowed."""
CARRIED = ("case", "institution", "sanction", "bulletin", "task")
"""What a first form is about: ids in its address, kept in the form and never typed."""
EMPTY: Mapping[str, Words] = {
    "sanctions": (
        "在整改案件页面点击“提出处理处罚”；系统对逾期案件的建议也列在这里。",
        "Propose one on the page of a case; what the machine proposes for overdue cases stands here too.",
    ),
}
"""What would fill a list that is empty."""


def narrowed(
    reading: Reading, course: Course, statement: Select[Any], given: Mapping[str, str]
) -> Select[Any]:
    """Return the select narrowed by a course's own words."""
    return statement


def parameters(course: Course) -> tuple[Parameter, ...]:
    """Return a course's own words of addresses, as they are described."""
    return ()


def order(course: Course) -> tuple[Any, ...]:
    """Return the order of a list: what moved last first."""
    return (TABLE.c.version.desc(), TABLE.c.id)


def totals(
    reading: Reading, course: Course, statement: Select[Any]
) -> tuple[tuple[str, ...], tuple[CourseTotal, ...]]:
    """Return the sums of a list of money with their heads, nothing for other lists."""
    return (), ()


def marks_of(reading: Reading, course: Course, record: Record) -> tuple[Mark, ...]:
    """Return what presses about a record."""
    return ()


def links(reading: Reading, course: Course, record: Record) -> tuple[CourseLink, ...]:
    """Return the ways on from a record."""
    return ()


def about(reading: Reading, course: Course, given: Mapping[str, str]) -> tuple[Line, ...]:
    """Return what a first form is about, by what its address carries; raises NotFound for what is out of scope."""
    found: list[Line] = []
    for name in CARRIED:
        field = course.type.by_name.get(name)
        if field is None or not given.get(name):
            continue
        record = reading.one(field.ref or "", given[name])
        named = record_cells.names(reading, [record.id])[record.id]
        label = field.zh if reading.locale == "zh_CN" else field.en
        found.append(Line(name=name, label=label, cell=Cell(kind="id", values=(named,))))
    return tuple(found)
