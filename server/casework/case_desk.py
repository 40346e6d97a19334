"""What the desk does on a case: load it, let a pure function decide, hand the drafts to the one door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from schemas.drafting import Draft
from server.casework import (
    acknowledging,
    casefile,
    closing,
    extending,
    notices,
    numbering,
    paper_reports,
    serving,
    slips,
    verifying,
)
from server.casework.casefile import CaseFile
from server.casework.desk import violation_names
from server.casework.extending import Answer
from server.casework.notices import Wording
from server.casework.paper_reports import PaperReport
from server.casework.serving import Service
from server.casework.verifying import Checked, Return
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.reminders import working_calendars
from server.reminders.calendar import Calendar
from server.storage import grant_store, ledger_store
from server.wiring import Services
from sync import entries
from sync.merge import Record
from sync.rules import RECUSED, region_prefix

SIGNING = ("supervisor", "leader")
"""Roles that sign a notice off."""


def _do(services: Services, user: str, file: CaseFile, drafts: Sequence[Draft]) -> Result:
    """Commit an act on a case if nothing that it was decided on has moved meanwhile."""
    seen = (file.case, *file.findings, *file.notices, *file.reports, *file.extensions, *file.recoveries)
    return act(services, drafts, user=user, expect={one.id: one.version for one in seen})


def calendar_of(services: Services, file: CaseFile) -> Calendar:
    """Return the working days of the region in which a case lies."""
    return working_calendars.of(services, file.case.region)


# -- the notice ---------------------------------------------------------------------------------------


def prefilled(file: CaseFile) -> Wording:
    """Return a notice as the findings of a case word it."""
    days = int(file.case.values["working_days"])
    return notices.prefilled(file.findings, days, violation_names(file.findings))


def draft_notice(
    services: Services,
    user: str,
    case: str,
    *,
    version: int,
    said: Wording | None = None,
    replaces: str | None = None,
) -> str:
    """Draft the notice of a case, worded by its findings unless it is said otherwise; return its id."""
    file = casefile.load(services, user, case)
    record = new_id(services)
    drafts = notices.decide_draft(file, said or prefilled(file), record, version=version, replaces=replaces)
    _do(services, user, file, drafts)
    return record


def change_notice(services: Services, user: str, notice: str, said: Wording, *, version: int) -> Result:
    """Change what a draft says."""
    file = casefile.holding(services, user, notice)
    drafts = notices.decide_change(file, file.paper(notice), said, version=version)
    return _do(services, user, file, drafts)


def drop_notice(services: Services, user: str, notice: str, *, version: int) -> Result:
    """Throw a draft away."""
    file = casefile.holding(services, user, notice)
    return _do(services, user, file, notices.decide_drop(file.paper(notice), version=version))


def sign_off_notice(services: Services, user: str, notice: str, *, version: int) -> str:
    """Sign a draft off with the next number of its bureau and year; return the number."""
    file = casefile.holding(services, user, notice)
    paper = file.paper(notice)
    others = others_may_sign(services, user, file)

    def signed(number: str) -> str:
        drafts = notices.decide_sign_off(user, file, paper, number, version=version, others=others)
        _do(services, user, file, drafts)
        return number

    return numbering.numbered(services, paper.region, str(paper.values["type"]), signed)


def others_may_sign(services: Services, user: str, file: CaseFile) -> bool:
    """Return whether anybody else has an office over the case's region that signs notices off."""
    grants = grant_store.TABLE
    where = (
        grants.c.ledger == services.ledger.id,
        grants.c.user != user,
        grants.c.role.in_(SIGNING),
        grants.c.end.is_(None),
    )
    with services.database.reading() as connection:
        rows = connection.execute(select(grants.c.user, grants.c.root).where(*where)).all()
        region = file.case.region
        for other in sorted({row.user for row in rows if region.startswith(region_prefix(row.root))}):
            standing = grant_store.standing(connection, services.ledger.id, other)
            away = {one.root for one in standing if one.role == RECUSED}
            if standing and not away & {file.inspection.id, file.case.values["institution"]}:
                return True
    return False


def issue_notice(
    services: Services, user: str, notice: str, *, version: int, document: str | None = None
) -> Result:
    """Issue a notice that was signed off. document: the digest of its paper"""
    file = casefile.holding(services, user, notice)
    drafts = notices.decide_issue(
        file.paper(notice), version=version, today=services.today(), document=document
    )
    return _do(services, user, file, drafts)


def serve_notice(services: Services, user: str, notice: str, service: Service, *, version: int) -> Result:
    """Enter how and when a notice was served: the clock of its case begins."""
    file = casefile.holding(services, user, notice)
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = slips.of_notice(connection, vault, user, file.case, notice)
    drafts = serving.decide_service(
        file,
        file.paper(notice),
        serving.by_slip(service, found),
        version=version,
        calendar=calendar_of(services, file),
        today=services.today(),
    )
    return _do(services, user, file, drafts)


def acknowledge_notice(services: Services, user: str, notice: str, *, version: int) -> Result:
    """Enter that an institution acknowledged a notice on paper."""
    file = casefile.holding(services, user, notice)
    drafts = acknowledging.decide(file.paper(notice), version=version, at=services.now_ms(), case=file.case)
    return _do(services, user, file, drafts)


# -- report, closing, and after -----------------------------------------------------------------------


def enter_report(services: Services, user: str, case: str, said: PaperReport, *, version: int) -> Result:
    """Enter a report that came on paper; whoever enters it does not verify it."""
    file = casefile.load(services, user, case)
    drafts = paper_reports.decide(file, said, new_id(services), version=version, today=services.today())
    return _do(services, user, file, drafts)


def verify_report(services: Services, user: str, case: str, said: Checked, *, version: int) -> Result:
    """Enter a verdict for each finding; the case goes to where its closing is checked."""
    file = casefile.load(services, user, case)
    return _do(services, user, file, verifying.decide_check(user, file, said, version=version))


def return_report(services: Services, user: str, case: str, why: Return, *, version: int) -> Result:
    """Give a verified report back with a reason and a new last day."""
    file = casefile.load(services, user, case)
    drafts = verifying.decide_return(
        file, why, version=version, calendar=calendar_of(services, file), today=services.today()
    )
    return _do(services, user, file, drafts)


def close_case(services: Services, user: str, case: str, *, version: int, look_back_on: date) -> Result:
    """Close a case that lacks nothing."""
    file = casefile.load(services, user, case)
    drafts = closing.decide_closing(
        user,
        file,
        version=version,
        look_back_on=look_back_on,
        today=services.today(),
        decision=new_id(services),
    )
    return _do(services, user, file, drafts)


def call_back(services: Services, user: str, case: str, *, version: int, on: date, result: str) -> Result:
    """Enter the answer to a call-back."""
    file = casefile.load(services, user, case)
    drafts = closing.decide_call_back(file, version=version, on=on, result=result, today=services.today())
    return _do(services, user, file, drafts)


def look_back(services: Services, user: str, case: str, *, version: int, on: date, result: str) -> Result:
    """Enter what a look-back found."""
    file = casefile.load(services, user, case)
    drafts = closing.decide_look_back(file, version=version, on=on, result=result, today=services.today())
    return _do(services, user, file, drafts)


def satisfy(services: Services, user: str, case: str, *, version: int) -> Result:
    """End a closed case to satisfaction."""
    file = casefile.load(services, user, case)
    return _do(services, user, file, closing.decide_satisfied(file, version=version))


def reopen(
    services: Services, user: str, case: str, *, version: int, words: str, working_days: int
) -> Result:
    """Open a closed case again, with a reason and a new last day."""
    file = casefile.load(services, user, case)
    drafts = closing.decide_reopening(
        file,
        version=version,
        words=words,
        working_days=working_days,
        calendar=calendar_of(services, file),
        today=services.today(),
    )
    return _do(services, user, file, drafts)


# -- more time ----------------------------------------------------------------------------------------


def decide_extension(
    services: Services, user: str, extension: str, answer: Answer, *, version: int
) -> Result:
    """Grant or refuse more time."""
    file = casefile.holding(services, user, extension)
    asked = file.paper(extension)
    drafts = extending.decide(
        user,
        file,
        asked,
        answer,
        version=version,
        asked_on=entered_on(services, asked),
        calendar=calendar_of(services, file),
    )
    return _do(services, user, file, drafts)


def entered_on(services: Services, record: Record) -> date:
    """Return the day on which a record entered the ledger, in the ledger's zone."""
    index = record.acts[0].index
    with services.database.reading() as connection:
        line = ledger_store.lines_at(connection, services.ledger.id, [index])[index]
    return datetime.fromtimestamp(entries.from_line(line).at / 1000, services.config.zone).date()
