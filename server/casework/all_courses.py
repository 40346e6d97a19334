"""Every course by its noun, as it stands in addresses."""

from __future__ import annotations

from collections.abc import Mapping

from server.casework import sanctioning
from server.casework.courses import Course

COURSES: Mapping[str, Course] = {course.noun: course for course in (sanctioning.COURSE,)}
OF_A_CASE = ("sanctions",)
"""Courses that stand on the page of a case."""
