"""Courses of steps: sanctions and what belongs to them, at the desk and for programs."""

from __future__ import annotations

from server.casework.all_courses import COURSES
from server.casework.courses import CREATE, Course
from tests.security.access.vocabulary import LISTS, Rule, lists, reads, shown_by

SHOWN = {
    "sanctions": "tests/console/test_sanctions.py::test_who_is_not_in_the_region_sees_no_sanction",
    "appeals": "tests/console/test_appeals.py::test_paper_is_entered_from_the_page_of_the_sanction",
    "recoveries": "tests/console/test_recoveries.py::test_who_is_not_in_the_region_neither_sees_nor_pays",
    "interviews": "tests/console/test_interviews.py::test_it_is_planned_at_the_desk_in_the_regions_time",
    "tasks": "tests/console/test_tasks.py::test_what_is_overdue_says_so_and_stands_first",
    "petitions": (
        "tests/console/test_petitions.py::test_it_is_registered_at_the_desk_by_the_institutions_code_"
        "and_owned_by_a_login"
    ),
}
"""By noun, the test that shows who may begin and take steps."""
DESK = SHOWN["sanctions"]


def _of(course: Course) -> dict[str, Rule]:
    """Return the rules of a course's addresses for programs."""
    told: dict[str, Rule] = {f"api.list_{course.noun}": LISTS, f"api.one_{course.kind}": reads(course.kind)}
    for step in (course.begin, *course.steps):
        about = () if step.op == CREATE else (course.kind,)
        told[f"api.{step.name}_{course.kind}"] = shown_by(SHOWN[course.noun], *about)
    return told


RULES: dict[str, Rule] = {
    "api.recovery_totals": LISTS,
    "console.courses": lists(noun="sanctions"),
    "console.courses_file": lists(noun="sanctions", form="csv"),
    "console.one_course": reads("sanction", noun="sanctions"),
    "console.begin_course GET": lists(may="supervisor city neighbour both", noun="sanctions"),
    "console.begin_course POST": shown_by(DESK, noun="sanctions"),
    "console.take_step": shown_by(DESK, "sanction", noun="sanctions", step="tell"),
    **{name: rule for course in COURSES.values() for name, rule in _of(course).items()},
}
