"""Taking a step that makes a document: a decision's number and digest stand in the act that decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.casework import numbering, stepping
from server.casework.courses import Course
from server.commit.submission import Result
from server.documents.decision import render
from server.documents.notice import digest_of
from server.queries import decision_paper
from server.queries.reading import reading
from server.wiring import Services
from sync.merge import Record

KIND, DECIDED = "sanction", "decided"
DOCUMENT = "sanction_decided"


def take(
    services: Services,
    user: str,
    course: Course,
    record: str,
    name: str,
    given: Mapping[str, Any],
    *,
    version: int,
) -> Result:
    """Take a step as `stepping.take` does; a decision gets its number and the digest of its paper with it."""
    if course.kind != KIND or course.by_name[name].target != DECIDED:
        return stepping.take(services, user, course, record, name, given, version=version)
    with reading(services, user) as look:
        region = look.one(KIND, record).region

    def decided(number: str) -> Result:
        def paper(sanction: Record, values: Mapping[str, Any]) -> Mapping[str, Any]:
            with reading(services, user) as look:
                made = decision_paper.paper_from(look, sanction, {**values, "number": number})
            return {"number": number, "document": digest_of(render(made))}

        return stepping.take(services, user, course, record, name, given, version=version, paper=paper)

    return numbering.numbered(services, region, DOCUMENT, decided)
