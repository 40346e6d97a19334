"""Every course by its noun, as it stands in addresses."""

from __future__ import annotations

from collections.abc import Mapping

from server.casework import (
    appeals,
    interviewing,
    petitions,
    recovering_money,
    sanctioning,
    tasking,
)
from server.casework.courses import Course

COURSES: Mapping[str, Course] = {
    course.noun: course
    for course in (
        sanctioning.COURSE,
        appeals.COURSE,
        recovering_money.COURSE,
        interviewing.COURSE,
        tasking.COURSE,
        petitions.COURSE,
    )
}
OF_A_CASE = ("sanctions", "recoveries", "interviews", "tasks")
"""Courses that stand on the page of a case."""
