"""Notices for programs: what one says, and its papers."""

from __future__ import annotations

from flask import Response, jsonify

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Content, Operation, described
from server.console.bulletin_answer import bulletin_answer
from server.console.decision_answer import DECISION, decision_answer
from server.console.decision_answer import SLIP as DECISION_SLIP
from server.console.notice_answer import PAPER, SLIP, notice_answer
from server.console.pages.notices import NoticePage
from server.queries import notice_paper
from sync.errors import NotAllowed

PDF = Content("application/pdf")


@blueprint.get("/notices/<record>")
@described(
    Operation(
        ITEMS,
        "一份文书：内容、送达情况，以及现在生成的 PDF 是否与制发时一致",
        "A notice: what it says, its service, and whether its paper is still the one that was issued",
        NoticePage,
    )
)
def one_notice(record: str) -> Response:
    """Show a notice."""
    with looking() as look:
        return jsonify(plain(notice_paper.notice_page(look, record)))


@blueprint.get("/notices/<record>/notice.pdf")
@described(
    Operation(
        ITEMS,
        "文书 PDF/A，自签发审定起内容不变，两次生成逐字节相同",
        "A notice as PDF/A, the same to the byte from the day it was signed off",
        PDF,
        refusals=(NotAllowed,),
    )
)
def notice_as_paper(record: str) -> Response:
    """Send a notice as PDF/A."""
    with looking() as look:
        return notice_answer(look, record, PAPER)


@blueprint.get("/notices/<record>/slip.pdf")
@described(
    Operation(ITEMS, "送达回证 PDF/A", "A notice's service slip as PDF/A", PDF, refusals=(NotAllowed,))
)
def slip_as_paper(record: str) -> Response:
    """Send a notice's service slip as PDF/A."""
    with looking() as look:
        return notice_answer(look, record, SLIP)


@blueprint.get("/sanctions/<record>/decision.pdf")
@described(
    Operation(
        ITEMS,
        "处理意见书 PDF/A，自作出决定起内容不变，两次生成逐字节相同",
        "A decision on a sanction as PDF/A, the same to the byte from the day it was made",
        PDF,
        refusals=(NotAllowed,),
    )
)
def decision_as_paper(record: str) -> Response:
    """Send a decision as PDF/A."""
    with looking() as look:
        return decision_answer(look, record, DECISION)


@blueprint.get("/sanctions/<record>/slip.pdf")
@described(
    Operation(
        ITEMS, "处理意见书的送达回证 PDF/A", "A decision's service slip as PDF/A", PDF, refusals=(NotAllowed,)
    )
)
def decision_slip_as_paper(record: str) -> Response:
    """Send a decision's service slip as PDF/A."""
    with looking() as look:
        return decision_answer(look, record, DECISION_SLIP)


@blueprint.get("/bulletins/<record>/bulletin.pdf")
@described(
    Operation(
        ITEMS,
        "周通报 PDF/A，自印发起内容不变，两次生成逐字节相同",
        "A weekly bulletin as PDF/A, the same to the byte from the day it was issued",
        PDF,
        refusals=(NotAllowed,),
    )
)
def bulletin_as_paper(record: str) -> Response:
    """Send a weekly bulletin as PDF/A."""
    with looking() as look:
        return bulletin_answer(look, record)
