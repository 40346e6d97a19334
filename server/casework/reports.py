"""Writing and submitting a rectification report, pure: each finding is answered, with its proof, before it goes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.drafting import Draft
from schemas.records.rectification_report import MEASURES
from server.casework import proofs
from server.casework.proofs import ProofFile
from sync.errors import BadTransition, BadValue, NotFound, VersionChanged
from sync.merge import Record

DRAFT, SUBMITTED = "draft", "submitted"
ANSWERABLE = ("notified", "rectifying", "returned")
"""Stages of a case in which its institution may hand a report in."""
WORDS_CHARS_MAX = 4_000
FILES_MAX = 60
"""Of one report: a page of proof for each of many findings, and no archive."""
CORRECTED, PLANNED = "corrected", "planned"
ROUNDS_MAX = 20


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the institution says to one finding. measure: one of MEASURES; proof: digests of the report's files."""

    finding: str
    measure: str
    words: str
    done_on: date | None = None
    proof: tuple[str, ...] = ()


def decide_begin(
    case: Record, reports: Iterable[Record], *, notice: Record | None, report: str
) -> Draft | Record:
    """Return the draft that begins a report, or the one that is being written already.

    report: a fresh id; raises BadTransition where the case takes no report.
    """
    mine = sorted((one for one in reports if one.values["case"] == case.id), key=lambda one: one.id)
    if (begun := next((one for one in reversed(mine) if one.stage == DRAFT), None)) is not None:
        return begun
    if case.stage not in ANSWERABLE or any(one.stage == SUBMITTED for one in mine):
        raise BadTransition("this case waits for no report now", item=case.id, field="stage")
    number = next_round(case, mine)
    values: dict[str, Any] = {
        "institution": case.values["institution"],
        "case": case.id,
        "round": number,
    }
    if notice is not None:
        values["notice"] = notice.id
    return Draft("create", "rectification_report", report, values)


def next_round(case: Record, reports: Iterable[Record]) -> int:
    """Return the number of a case's next report; raises BadTransition after ROUNDS_MAX."""
    number = 1 + max((int(one.values["round"]) for one in reports), default=0)
    if number > ROUNDS_MAX:
        raise BadTransition(f"a case takes at most {ROUNDS_MAX} reports", item=case.id, field="round")
    return number


def decide_answers(
    report: Record, findings: Sequence[str], answers: Sequence[Answer], *, version: int, today: date
) -> list[Draft]:
    """Return the draft that writes some answers in the place of what stood there; nothing where all stand already.

    Raises VersionChanged, BadTransition (submitted already), NotFound (no finding of the case) or BadValue, which
    names the finding as its item.
    """
    _check_draft(report, version)
    known = {one["finding"]: one for one in report.values.get("answers") or ()}
    files = {one["digest"] for one in report.values.get("files") or ()}
    add, remove = [], []
    for answer in answers:
        if answer.finding not in findings:
            raise NotFound(item=answer.finding)
        check_answer(answer, files, today)
        written, before = written_answer(answer), known.get(answer.finding)
        if before is not None and _same(before) == _same(written):
            continue
        add.append(written)
        if before is not None:
            remove.append(before)
    if not add:
        return []
    return [Draft("edit", report.type, report.id, add={"answers": add}, remove={"answers": remove})]


def decide_file(report: Record, file: ProofFile, *, version: int) -> list[Draft]:
    """Return the draft that adds a file to a report; nothing where it is there.

    Raises VersionChanged, BadTransition or BadValue.
    """
    _check_draft(report, version)
    known = report.values.get("files") or ()
    if any(one["digest"] == file.digest for one in known):
        return []
    if len(known) >= FILES_MAX:
        raise BadValue(f"a report has at most {FILES_MAX} files", field="files")
    proofs.check(file)
    added: dict[str, list[Any]] = {"files": [proofs.entry(file)], "proof": [file.digest]}
    return [Draft("edit", report.type, report.id, add=added)]


def decide_submit(report: Record, case: Record, *, version: int) -> list[Draft]:
    """Return the draft that hands a report in; raises VersionChanged, BadTransition, or BadValue for a gap."""
    _check_draft(report, version)
    if case.stage not in ANSWERABLE:
        raise BadTransition("this case waits for no report now", item=case.id, field="stage")
    if missing := unanswered(report, case):
        raise BadValue("each finding is answered before a report goes in", item=missing[0], field="answers")
    return [Draft("edit", report.type, report.id, {"stage": {"from": DRAFT, "to": SUBMITTED}})]


def unanswered(report: Record, case: Record) -> list[str]:
    """Return the findings of a case that a report says nothing to yet."""
    answered = {one["finding"] for one in report.values.get("answers") or ()}
    return [finding for finding in sorted(case.values.get("findings") or ()) if finding not in answered]


def _check_draft(report: Record, version: int) -> None:
    if report.version != version:
        raise VersionChanged(item=report.id, version=report.version)
    if report.stage != DRAFT:
        raise BadTransition("the report was submitted already", item=report.id, field="stage")


def check_answer(answer: Answer, files: Set[str], today: date) -> None:
    """Raise BadValue, which names the finding as its item, for an answer that does not fit. files: that it may name"""

    def fault(words: str, name: str) -> BadValue:
        return BadValue(words, item=answer.finding, field=name)

    if answer.measure not in MEASURES:
        raise fault("say whether it is corrected, planned or disputed", "measure")
    if not 1 <= len(answer.words.strip()) <= WORDS_CHARS_MAX:
        raise fault(f"say in 1 to {WORDS_CHARS_MAX} characters what was done", "words")
    if answer.measure in (CORRECTED, PLANNED) and answer.done_on is None:
        raise fault("name the day", "done_on")
    if answer.measure == CORRECTED and answer.done_on is not None and answer.done_on > today:
        raise fault("what is corrected was done today or before", "done_on")
    if answer.measure == PLANNED and answer.done_on is not None and answer.done_on < today:
        raise fault("what is planned lies ahead", "done_on")
    if answer.measure == CORRECTED and not answer.proof:
        raise fault("what is corrected is proven by a file", "proof")
    if set(answer.proof) - files:
        raise fault("no file of this report has that digest", "proof")


def written_answer(answer: Answer) -> dict[str, Any]:
    """Return an answer as the record holds it."""
    written: dict[str, Any] = {
        "finding": answer.finding,
        "measure": answer.measure,
        "words": answer.words.strip(),
    }
    if answer.done_on is not None and answer.measure in (CORRECTED, PLANNED):
        written["done_on"] = answer.done_on.isoformat()
    if answer.proof:
        written["proof"] = sorted(set(answer.proof))
    return written


def _same(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in answer.items()}
