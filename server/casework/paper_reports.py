"""A report that came on paper, pure: entered whole, in one act, by somebody of the desk who then does not verify it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.declare import DIGEST
from schemas.drafting import Draft
from server.casework import keeping_up, notices
from server.casework.casefile import REPORT, CaseFile, check_stage, check_version, stepped
from server.casework.reports import (
    ANSWERABLE,
    DRAFT,
    SUBMITTED,
    Answer,
    check_answer,
    next_round,
    written_answer,
)
from sync.errors import BadTransition, BadValue, NotFound

PAPER = "paper"
NAME_CHARS_MAX = 60
PLACE_CHARS_MAX = 200
SCANS_MAX = 20


@dataclass(frozen=True, kw_only=True)
class PaperReport:
    """What somebody of the desk enters of a report on paper.

    handed_in_by: who brought it; place: where the paper lies; scans: digests of its scanned pages
    instead: the draft that the institution began in its portal is voided, as the paper takes its place
    """

    handed_in_by: str
    handed_in_on: date
    place: str
    scans: tuple[str, ...]
    answers: tuple[Answer, ...]
    instead: bool = False


def waits(file: CaseFile) -> bool:
    """Return whether a case waits for a report."""
    return file.case.stage in ANSWERABLE and not any(one.stage == SUBMITTED for one in file.reports)


def decide(file: CaseFile, said: PaperReport, record: str, *, version: int, today: date) -> list[Draft]:
    """Return the drafts by which a report on paper is entered and handed in, and its case comes to its verification.

    record: a fresh id; the day of handing in is the paper's, the day of entering is the ledger's.
    Raises VersionChanged, BadTransition (no report is waited for, or one was begun in the portal), NotFound (no
    finding of the case) or BadValue, which names the finding as its item where it is about one.
    """
    check_version(file.case, version)
    check_stage(file.case, *ANSWERABLE)
    if not waits(file):
        raise BadTransition("a report waits to be verified already", item=file.case.id, field="report")
    begun = [one for one in file.reports if one.stage == DRAFT]
    if begun and not said.instead:
        raise BadTransition("a report was begun in the portal", item=begun[-1].id, field="instead")
    _check(file, said, today)
    values: dict[str, Any] = {
        "institution": file.case.values["institution"],
        "case": file.case.id,
        "round": next_round(file.case, file.reports),
        "form": PAPER,
        "handed_in_by": said.handed_in_by.strip(),
        "handed_in_on": said.handed_in_on.isoformat(),
        "paper_place": said.place.strip(),
    }
    if (notice := notices.standing(file)) is not None:
        values["notice"] = notice.id
    sets: dict[str, list[Any]] = {
        "answers": [written_answer(one) for one in said.answers],
        "proof": sorted(set(said.scans)),
    }
    return [
        *(Draft("void", REPORT, one.id) for one in begun),
        Draft("create", REPORT, record, values, add=sets),
        stepped(REPORT, record, DRAFT, SUBMITTED),
        *keeping_up.steps(file.case, acknowledged=False, submitted=True),
    ]


def _check(file: CaseFile, said: PaperReport, today: date) -> None:
    if not 1 <= len(said.handed_in_by.strip()) <= NAME_CHARS_MAX:
        raise BadValue(f"name who brought it, in 1 to {NAME_CHARS_MAX} characters", field="handed_in_by")
    served = date.fromisoformat(str(file.case.values["served_on"]))
    if not served <= said.handed_in_on <= today:
        raise BadValue("it was handed in between the day of service and today", field="handed_in_on")
    if not 1 <= len(said.place.strip()) <= PLACE_CHARS_MAX:
        raise BadValue(f"say where the paper lies, in 1 to {PLACE_CHARS_MAX} characters", field="place")
    if not 1 <= len(said.scans) <= SCANS_MAX or not all(DIGEST.fullmatch(one) for one in said.scans):
        raise BadValue(f"give the SHA-256 of each scan, 1 to {SCANS_MAX}", field="scans")
    _check_answers([one.id for one in file.findings], said, today)


def _check_answers(findings: Sequence[str], said: PaperReport, today: date) -> None:
    named = [one.finding for one in said.answers]
    for one in said.answers:
        if one.finding not in findings or named.count(one.finding) > 1:
            raise NotFound(item=one.finding)
        check_answer(one, set(said.scans), today)
    for finding in findings:
        if finding not in named:
            raise BadValue("each finding is answered", item=finding, field="measure")
