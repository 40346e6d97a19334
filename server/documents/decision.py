"""A decision on a sanction (处理意见书) on paper, pure from what it says; in Chinese whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.parts import STATEMENTS
from schemas.records.sanction import LEVELS, MEASURES, TRACKS
from server.documents.notice import NUMERALS, day, foot
from server.documents.paper import pdf

TITLE = "处理意见书"
REMEDIES = (
    "不服本决定的，可以自收到之日起依法申请行政复议或者提起行政诉讼；"
    "协议处理的，可以按服务协议的约定申请复核。期限以法律和协议的规定为准。"
)
ANSWERED = "本局已告知你单位拟作出的处理及理由、依据，并告知依法享有的陈述、申辩等权利。"
STATED: Mapping[str, str] = {
    "agrees": "你单位无异议。",
    "disputes": "你单位提出异议，本局已予复核。",
    "silent": "你单位未作陈述、申辩。",
}
NOT_ANSWERED = "你单位在期限内未作陈述、申辩。"
HEARD = "已于{on}举行听证。"


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionPaper:
    """What a decision says on paper. track, level, measures, statement: codes; facts: one line for each finding

    period: first and last day, each as it was proposed; at: the paper's own time in Unix seconds
    """

    bureau: str
    number: str
    institution: str
    code: str
    facts: tuple[str, ...]
    articles: tuple[str, ...]
    track: str
    level: str
    measures: tuple[str, ...]
    amount: str
    person: str
    penalty_points: int | None
    period: tuple[date | None, date | None]
    statement: str
    heard_on: date | None
    reasons: str
    decided_on: date
    at: int
    origin: str


def render(paper: DecisionPaper) -> bytes:
    """Return a decision as PDF/A-2b."""
    return pdf("notice.typ", told(paper), at=paper.at)


def told(paper: DecisionPaper) -> dict[str, Any]:
    """Return what the template shows."""
    parts = [
        ("认定事实", list(paper.facts)),
        ("陈述申辩", [ANSWERED + _answered(paper)]),
        ("依据", list(paper.articles)),
        ("理由", paper.reasons.splitlines()),
        ("处理决定", _measures(paper)),
        ("救济途径", [REMEDIES]),
    ]
    shown = [(title, some) for title, some in parts if some]
    return {
        "bureau": paper.bureau,
        "title": TITLE,
        "number": paper.number,
        "to": f"{paper.institution}（{paper.code}）：",
        "sections": [
            {"title": f"{NUMERALS[n]}、{title}", "paragraphs": some} for n, (title, some) in enumerate(shown)
        ],
        "contact": "",
        "seal": f"{paper.bureau}（印章）",
        "signed_on": day(paper.decided_on),
        "draft": False,
        "foot": foot(paper.origin, None, paper.number),
    }


def _answered(paper: DecisionPaper) -> str:
    said = STATED[paper.statement] if paper.statement in STATEMENTS else NOT_ANSWERED
    return said + (HEARD.format(on=day(paper.heard_on)) if paper.heard_on else "")


def _measures(paper: DecisionPaper) -> list[str]:
    """Return what is decided, one line each: nothing that is not."""
    words = [TRACKS[paper.track][0]]
    if paper.level:
        words.append(LEVELS[paper.level][0])
    words += [MEASURES[one][0] for one in sorted(paper.measures)]
    lines = [f"给予你单位以下处理：{'、'.join(words)}。"]
    if paper.person:
        lines.append(f"被处理人：{paper.person}。")
    if paper.amount:
        lines.append(f"金额：人民币 {paper.amount} 元。")
    if paper.penalty_points is not None:
        lines.append(f"记分：{paper.penalty_points} 分。")
    first, last = paper.period
    if first or last:
        lines.append(f"期间：{day(first) or '本决定送达之日'}至{day(last) or '另行通知之日'}。")
    return lines
