"""A notice (责令改正、限期整改通知书) and its service slip (送达回证) on paper, pure from what they say.

They are papers of a Chinese authority: their language is Chinese whoever reads them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.documents.paper import pdf

RIGHTS: Mapping[str, tuple[str, str]] = {
    "rectification": (
        "答复方式与陈述申辩",
        (
            "请登录医保基金监管平台的机构端逐项提交整改报告和佐证材料，不便登录的可以书面送交本局。"
            "对上述事实有异议的，你单位有权在整改期限内进行陈述、申辩；确需延期的，应当在期限届满前书面申请并说明理由。"
        ),
    ),
    "interview": ("陈述申辩", "你单位有权在约谈时进行陈述、申辩。"),
    "sanction_told": (
        "陈述申辩与听证",
        "你单位有权进行陈述、申辩；依法可以要求听证的，应当在收到本文书之日起五日内提出。",
    ),
}
"""What a party is told of its rights, by type of notice."""
SAME_AS: Mapping[str, str] = {"correction_order": "rectification", "hearing": "sanction_told"}
TERM = "自收到本文书的次日起 {days} 个工作日内完成整改。工作日以国务院办公厅公布的放假调休安排为准。"
TERM_UNTIL = TERM + "到期日为 {until}。"
NUMERALS = "一二三四五六七八九"
BLANK = ""
NOT_SIGNED = "（尚未编号）"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticePaper:
    """What a notice says on paper.

    kind: of NOTICE_TYPES; title: in words; articles: the articles it rests on, in words
    signed_on: the day of its sign-off, None for a draft; due_on: only where the day was known at the sign-off
    at: the paper's own time in Unix seconds, that of the ledger entry by which it stands; entry: that entry, None
    where its digest stands in that very entry, whose index nobody knew yet: it is found by its number
    """

    kind: str
    title: str
    bureau: str
    number: str
    institution: str
    code: str
    facts: str
    articles: tuple[str, ...]
    demands: str
    working_days: int | None
    contact: str
    signed_on: date | None
    at: int
    entry: int | None
    origin: str
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceSlip:
    """What a service slip says. A value that is not known yet is a blank to be written into by hand."""

    bureau: str
    title: str
    number: str
    institution: str
    code: str
    at: int
    entry: int | None
    origin: str
    method: str = BLANK
    served_on: date | None = None
    due_on: date | None = None
    received_by: str = BLANK
    witness: str = BLANK
    acknowledged: str = BLANK


def render(paper: NoticePaper) -> bytes:
    """Return a notice as PDF/A-2b."""
    return pdf("notice.typ", told(paper), at=paper.at)


def render_slip(slip: ServiceSlip) -> bytes:
    """Return a service slip as PDF/A-2b."""
    lines = [
        ["受送达人", f"{slip.institution}（{slip.code}）"],
        ["送达文书", slip.title],
        ["文书号", slip.number],
        ["送达方式", slip.method],
        ["送达日期", day(slip.served_on)],
        ["整改到期日", day(slip.due_on)],
        ["受送达人签名或盖章", slip.received_by],
        ["见证人", slip.witness],
        ["确认收到", slip.acknowledged],
        ["送达人签名", BLANK],
        ["备注", BLANK],
    ]
    note = "受送达人拒绝签收的，由送达人写明情况，经见证人签名后留置送达，视为送达。"
    return pdf(
        "slip.typ",
        {"bureau": slip.bureau, "title": "送达回证", "lines": lines, "note": note, "foot": _foot(slip)},
        at=slip.at,
    )


def digest_of(body: bytes) -> str:
    """Return the digest by which an issued notice's paper is known."""
    return hashlib.sha256(body).hexdigest()


def told(paper: NoticePaper) -> dict[str, Any]:
    """Return what the template shows."""
    return {
        "bureau": paper.bureau,
        "title": paper.title,
        "number": paper.number or NOT_SIGNED,
        "to": f"{paper.institution}（{paper.code}）：",
        "sections": [
            {"title": f"{NUMERALS[n]}、{title}", "paragraphs": some}
            for n, (title, some) in enumerate(_sections(paper))
        ],
        "contact": f"联系人：{paper.contact}（{paper.bureau}）" if paper.contact else "",
        "seal": f"{paper.bureau}（印章）",
        "signed_on": day(paper.signed_on) if paper.signed_on else "年　　月　　日",
        "draft": paper.signed_on is None,
        "foot": _foot(paper),
    }


def _sections(paper: NoticePaper) -> list[tuple[str, list[str]]]:
    """Return the parts of a notice that have something to say."""
    title, words = RIGHTS.get(SAME_AS.get(paper.kind, paper.kind), ("", ""))
    found = [
        ("认定事实", paper.facts.splitlines()),
        ("依据", list(paper.articles)),
        ("要求", paper.demands.splitlines()),
        ("期限", [_term(paper)] if paper.working_days else []),
        (title, [words] if words else []),
    ]
    return [(name, some) for name, some in found if some]


def _term(paper: NoticePaper) -> str:
    if paper.due_on is None:
        return TERM.format(days=paper.working_days)
    return TERM_UNTIL.format(days=paper.working_days, until=day(paper.due_on))


def day(on: date | None) -> str:
    """Return a day as documents write it."""
    return f"{on.year}年{on.month}月{on.day}日" if on else BLANK


def _foot(paper: NoticePaper | ServiceSlip) -> str:
    return foot(paper.origin, paper.entry, paper.number)


def foot(origin: str, entry: int | None, number: str) -> str:
    """Return by what a paper is found in its ledger: its entry, or its number."""
    return f"存证 {origin}，第 {entry} 条" if entry is not None else f"存证 {origin}，文书号 {number}"
