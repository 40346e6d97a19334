"""Issuing a notice: the digest of its paper stands in the act itself, so every copy can be proven by it."""

from __future__ import annotations

from datetime import date

from server.casework import bulletins, case_desk, desk
from server.casework.confirm import Confirmation, OnTheSpot
from server.commit.submission import Result
from server.documents import bulletin as bulletin_document
from server.documents.notice import digest_of, render
from server.queries import bulletin_paper, notice_paper
from server.queries.reading import reading
from server.wiring import Services
from sync.merge import Record


def issue(services: Services, user: str, notice: str, *, version: int, document: str | None = None) -> Result:
    """Issue a notice that was signed off. document: of a paper that was made elsewhere; else that of its own

    Raises NotFound, VersionChanged, BadTransition, NotAllowed or OwnWork.
    """
    if document is None:
        with reading(services, user) as look:
            document = digest_of(render(notice_paper.paper_of(look, look.one("notice", notice))))
    return case_desk.issue_notice(services, user, notice, version=version, document=document)


def confirm_finding(services: Services, user: str, finding: str, wanted: Confirmation) -> Result:
    """Confirm a finding as `desk.confirm_finding` does; a notice handed over has its paper's digest at once."""

    def paper(item: Record, handed: OnTheSpot, on: date) -> str:
        with reading(services, user) as look:
            return digest_of(render(notice_paper.handed_paper(look, item, handed, on)))

    return desk.confirm_finding(services, user, finding, wanted, paper=paper)


def issue_bulletin(services: Services, user: str, bulletin: str, version: int) -> int:
    """Issue a weekly bulletin with its paper's digest; return how many tasks it made. Raises as `bulletins.issue`."""
    with reading(services, user) as look:
        paper = bulletin_paper.paper_at_issue(look, look.one("bulletin", bulletin), services.today())
    document = digest_of(bulletin_document.render(paper))
    return bulletins.issue(services, user, bulletin, version, document=document)
