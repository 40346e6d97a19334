"""What an institution's user does with its report: begin, answer, add a file, hand in; each act through the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemas.drafting import Draft
from server.casework import keeping_up, reports
from server.casework.proofs import ProofFile
from server.casework.reports import Answer
from server.commit.acts import act, new_id
from server.portal import proof_files
from server.portal.looking import looking_as
from server.wiring import Services
from sync.merge import Record

REPORT = "rectification_report"


def begin(services: Services, user: str, case: str) -> str:
    """Return the report that is written now, begun here if there is none; raises NotFound or BadTransition."""
    with looking_as(services, user) as look:
        found = look.one("rectification_case", case)
        notices = [one for one in look.of_case("notice", case) if one.stage in ("served", "acknowledged")]
        decided = reports.decide_begin(
            found,
            look.of_case(REPORT, case),
            notice=notices[-1] if notices else None,
            report=new_id(services),
        )
    if isinstance(decided, Record):
        return decided.id
    act(services, [decided], user=user)
    return decided.record


def answer(services: Services, user: str, report: str, answers: Sequence[Answer], version: int) -> int:
    """Write answers to findings and return the report's version; raises what `decide_answers` does."""
    today = services.today()

    def decide(found: Record, case: Record) -> list[Draft]:
        findings = list(case.values.get("findings") or ())
        return reports.decide_answers(found, findings, answers, version=version, today=today)

    return _written(services, user, report, decide)


def add_file(services: Services, user: str, report: str, file: ProofFile, version: int) -> int:
    """Add a file whose upload is complete, and return the report's version; raises what `checked` does."""
    with looking_as(services, user) as look:
        reports.decide_file(look.one(REPORT, report), file, version=version)
    whole = proof_files.checked(services, file)
    return _written(
        services,
        user,
        report,
        lambda found, _: reports.decide_file(found, whole, version=version),
        files=[whole],
    )


def submit(services: Services, user: str, report: str, version: int) -> str:
    """Hand a report in and return its case, which the server takes after it; raises what `decide_submit` does."""

    def decide(found: Record, case: Record) -> list[Draft]:
        return reports.decide_submit(found, case, version=version)

    _written(services, user, report, decide)
    with looking_as(services, user) as look:
        case = str(look.one(REPORT, report).values["case"])
    keeping_up.settle(services, case)
    return case


def _written(
    services: Services,
    user: str,
    report: str,
    decide: Callable[[Record, Record], list[Draft]],
    *,
    files: Sequence[ProofFile] = (),
) -> int:
    with looking_as(services, user) as look:
        found = look.one(REPORT, report)
        drafts = decide(found, look.one("rectification_case", str(found.values["case"])))
    if not drafts:
        return found.version
    after = proof_files.named(services, files)
    done = act(services, drafts, user=user, expect={found.id: found.version}, after=after)
    return done.records[found.id].version
