"""Lists and items of the desk's own pages."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from schemas.records.evidence import KINDS
from server.accounts import access_log, cookie
from server.api.answers import PAGE_WORDS, listing, plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Content, Listing, Operation, Parameter, described, text
from server.console.file_answer import file_answer, page_answer
from server.console.pages import (
    CasePage,
    CaseRow,
    EvidencePage,
    EvidenceRow,
    ExecutionPage,
    FindingPage,
    FindingRow,
    RoundPage,
    RoundRow,
)
from server.console.record_answer import record_answer
from server.console.review_marks import AGES
from server.current import services
from server.evidence.picture import WIDTHS
from server.queries import cases, evidence, evidence_queue, execution, findings, rounds
from server.queries.evidence_rows import evidence_rows
from server.queries.reading import TABLE
from sync.errors import BadCode, BadValue, FileCorrupt, FileUnverified, TooLarge

WORDS = (text("stage", "只列出处于该阶段的", "Only those at one stage"), *PAGE_WORDS)
EVIDENCE_WORDS = (
    text(
        "stage",
        "只列出处于该阶段的；amendment_pending：已通过而另有更改待处理的",
        "Only those at one stage; `amendment_pending`: approved, and an amendment waits",
    ),
    *PAGE_WORDS,
)
BED = text("bed", "展开一张床位", "Open one of its beds")
DAYS = (
    text("since", "起始日期，默认一周前", "The first day; a week ago unless told", format="date"),
    text("until", "截止日期，默认今天", "The last day, today unless told; at most 92 days", format="date"),
)
NARROWING = (
    text("region", "只列出该地区及其下级的", "Only those in this region and below it"),
    text("institution", "只列出该机构的", "Only those of one institution", format="uuid"),
    text("inspection", "只列出该次检查的", "Only those of one inspection", format="uuid"),
    text("kind", "只列出该种类的", "Only those of one kind", enum=list(KINDS)),
    text(
        "age", "只列出等待不少于若干天的", "Only those that wait for so many days or longer", enum=list(AGES)
    ),
)
WIDTH = Parameter(
    "width",
    "缩略图宽度（像素）",
    "A small version this wide, in pixels",
    {"type": "integer", "enum": list(WIDTHS)},
)


def _list(kind: str, rows: Any) -> Response:
    with looking() as look:
        statement = look.visible(kind)
        if stage := request.args.get("stage"):
            statement = statement.where(TABLE.c.stage == stage)
        return jsonify(listing(look, statement, rows))


def _listed(zh: str, en: str, row: type) -> Operation:
    return Operation(ITEMS, zh, en, Listing(row), query=WORDS, refusals=(BadValue,))


@blueprint.get("/ward-rounds")
@described(_listed("查房列表", "List ward rounds", RoundRow))
def list_rounds() -> Response:
    """List ward rounds, `?stage=` in one stage."""
    return _list("ward_round", rounds.round_rows)


@blueprint.get("/ward-rounds/<record>")
@described(Operation(ITEMS, "一次查房及其床位", "Show a ward round with its beds", RoundPage, query=(BED,)))
def one_round(record: str) -> Response:
    """Show a ward round with its beds, `?bed=` with one of them opened."""
    with looking() as look:
        return jsonify(plain(rounds.round_page(look, record, selected=request.args.get("bed"))))


@blueprint.get("/ward-rounds/execution")
@described(
    Operation(
        ITEMS,
        "一段时间内远程查房的执行情况，按机构",
        "How the remote rounds of some days were carried out, by institution",
        ExecutionPage,
        query=DAYS,
        refusals=(BadValue,),
    )
)
def carried_out() -> Response:
    """Tell how remote rounds were carried out, `?since=&until=`, the last week unless said."""
    with looking() as look:
        days = execution.period(request.args.get("since"), request.args.get("until"), look.today)
        return jsonify(plain(execution.execution_page(look, *days)))


@blueprint.get("/evidence")
@described(
    Operation(
        ITEMS,
        "证据列表，可按地区、机构、检查、种类和等待时间筛选；每件附风险及其依据",
        "List evidence, narrowed by region, institution, inspection, kind and age; each with its risk and why",
        Listing(EvidenceRow),
        query=(*NARROWING, *EVIDENCE_WORDS),
        refusals=(BadValue, BadCode),
    )
)
def list_evidence() -> Response:
    """List evidence, narrowed as the queue of the desk is; `?stage=` in one stage."""
    given = {name: word for name, word in request.args.items() if name not in ("risk", "sort")}
    with looking() as look:
        wanted = evidence_queue.asked({**given, "state": given.get("stage", "")})
        statement = evidence_queue.in_state(look, evidence_queue.narrowed(look, wanted), wanted.state)
        return jsonify(listing(look, statement, evidence_rows))


@blueprint.get("/evidence/<record>")
@described(
    Operation(
        ITEMS,
        "一件证据，当场重新计算其证明，附待处理的更改；读取迟到的改动会留痕",
        "Show an evidence item with its proof recomputed now, and what would amend it; reading late changes is logged",
        EvidencePage,
    )
)
def one_evidence(record: str) -> Response:
    """Show an evidence item with its proof recomputed now."""
    with looking() as look:
        page = evidence.evidence_page(look, record)
    if page.amendment and page.amendment.late:
        access_log.note_once(services(), cookie.signed_in().id, access_log.READ_LATE, record)
    return jsonify(plain(page))


@blueprint.get("/evidence/<record>/file")
@described(
    Operation(
        ITEMS,
        "证据原件，或其缩略图；读取原件会留痕",
        "Send the original, whose reading is logged, or a small version",
        Content("*/*"),
        query=(WIDTH,),
        refusals=(BadValue, FileUnverified, FileCorrupt, TooLarge),
    )
)
def evidence_file(record: str) -> Response:
    """Send the original, or `?width=` a small version."""
    return file_answer(services(), cookie.signed_in().id, record, request.args.get("width"))


@blueprint.get("/evidence/<record>/record.pdf")
@described(
    Operation(
        ITEMS,
        "手机上写成的笔录，PDF/A，两次生成逐字节相同；读取会留痕",
        "A record that was written on the phone, as PDF/A, the same to the byte; reading is logged",
        Content("application/pdf"),
        refusals=(FileUnverified, FileCorrupt),
    )
)
def record_as_paper(record: str) -> Response:
    """Send a written record as PDF/A."""
    with looking() as look:
        return record_answer(look, record)


@blueprint.get("/evidence/<record>/pages/<page>")
@described(
    Operation(
        ITEMS,
        "PDF 证据的一页，以图片显示；读取会留痕",
        "A page of evidence that is a PDF, as a picture; reading is logged",
        Content("image/jpeg"),
        refusals=(FileUnverified, FileCorrupt, TooLarge),
    )
)
def evidence_page_picture(record: str, page: str) -> Response:
    """Send a page of a PDF as a picture."""
    return page_answer(services(), cookie.signed_in().id, record, page)


@blueprint.get("/findings")
@described(_listed("问题列表", "List findings", FindingRow))
def list_findings() -> Response:
    """List findings, `?stage=` in one stage."""
    return _list("finding", findings.finding_rows)


@blueprint.get("/findings/<record>")
@described(Operation(ITEMS, "一个问题", "Show a finding", FindingPage))
def one_finding(record: str) -> Response:
    """Show a finding."""
    with looking() as look:
        return jsonify(plain(findings.finding_page(look, record, findings.Term(look.today))))


@blueprint.get("/cases")
@described(_listed("整改列表", "List rectification cases", CaseRow))
def list_cases() -> Response:
    """List rectification cases, `?stage=` in one stage."""
    return _list("rectification_case", cases.case_rows)


@blueprint.get("/cases/<record>")
@described(Operation(ITEMS, "一件整改及其经过", "Show a rectification case with its timeline", CasePage))
def one_case(record: str) -> Response:
    """Show a rectification case with its timeline."""
    with looking() as look:
        return jsonify(plain(cases.case_page(look, record)))
