"""Issuing a notice: the digest of its paper stands in the act itself, so every copy can be proven by it."""

from __future__ import annotations

from server.casework import case_desk
from server.commit.submission import Result
from server.documents.notice import digest_of, render
from server.queries import notice_paper
from server.queries.reading import reading
from server.wiring import Services


def issue(services: Services, user: str, notice: str, *, version: int, document: str | None = None) -> Result:
    """Issue a notice that was signed off. document: of a paper that was made elsewhere; else that of its own

    Raises NotFound, VersionChanged, BadTransition, NotAllowed or OwnWork.
    """
    if document is None:
        with reading(services, user) as look:
            document = digest_of(render(notice_paper.paper_of(look, look.one("notice", notice))))
    return case_desk.issue_notice(services, user, notice, version=version, document=document)
