"""A course's list as a table to take along, as it is narrowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import TYPES
from server.casework.courses import Course
from server.console.pages.reports import Table
from server.queries import courses
from server.queries.reading import TABLE, Reading
from server.queries.record_values import fields
from server.queries.register_table import BATCH, columns_of, rows_of


def course_table(reading: Reading, course: Course, given: Mapping[str, str], rows_max: int) -> Table:
    """Return the records that an address asks for, at most rows_max; raises BadValue or BadCode for its words."""
    kind = TYPES[course.kind]
    shown = [field for name, field in fields(kind).items() if name != "stage"]
    every = courses.at_stage(course, courses.narrowed(reading, course, given), given.get("state", ""))
    ordered = every.order_by(TABLE.c.id.desc())
    rows: list[tuple[Any, ...]] = []
    while len(rows) <= rows_max:
        found = reading.records(ordered.limit(BATCH).offset(len(rows)))
        rows += rows_of(reading, kind, tuple(found), shown)
        if len(found) < BATCH:
            break
    name = kind.zh if reading.locale == "zh_CN" else kind.en
    return Table(
        name=course.noun,
        title=name,
        columns=columns_of(reading, shown),
        rows=tuple(rows[:rows_max]),
        more=len(rows) > rows_max,
    )
