"""A weekly bulletin (周通报) on paper, pure from what it says; in Chinese whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from server.documents.notice import foot
from server.documents.paper import pdf

HEADS = ("序号", "机构", "机构编码", "逾期整改（件）", "连续通报（周）", "措施")
COUNTED = "本期在办整改 {open} 件，其中逾期 {overdue} 件；本期销号 {closed} 件。"
NOBODY = "本期没有逾期未整改的机构。"


@dataclass(frozen=True, kw_only=True, slots=True)
class BulletinLine:
    """One institution: how many of its cases are overdue, for how many weeks running, and what follows."""

    institution: str
    code: str
    cases_overdue: int
    weeks_running: int
    step: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BulletinPaper:
    """What a bulletin says on paper. issued_on: None for a draft

    at, entry: of the ledger entry by which it stands; the morning of its issue and None where its digest stands in that
    entry
    """

    bureau: str
    number: str
    from_on: date
    until_on: date
    cases_open: int
    cases_overdue: int
    cases_closed: int
    lines: tuple[BulletinLine, ...]
    words: str
    issued_on: date | None
    at: int
    entry: int | None
    origin: str


def render(paper: BulletinPaper) -> bytes:
    """Return a bulletin as PDF/A-2b; those with the longest streak stand first."""
    ordered = sorted(paper.lines, key=lambda line: (-line.weeks_running, -line.cases_overdue, line.code))
    told = {
        "bureau": paper.bureau,
        "title": "医保基金整改情况周通报",
        "number": paper.number,
        "period": f"{_day(paper.from_on)}至{_day(paper.until_on)}",
        "counted": COUNTED.format(
            open=paper.cases_open, overdue=paper.cases_overdue, closed=paper.cases_closed
        ),
        "words": paper.words.splitlines(),
        "heads": HEADS,
        "rows": [
            [
                str(number),
                line.institution,
                line.code,
                str(line.cases_overdue),
                str(line.weeks_running),
                line.step,
            ]
            for number, line in enumerate(ordered, start=1)
        ],
        "nobody": NOBODY,
        "seal": f"{paper.bureau}（印章）",
        "issued_on": _day(paper.issued_on) if paper.issued_on else "年　　月　　日",
        "draft": paper.issued_on is None,
        "foot": foot(paper.origin, paper.entry, paper.number),
    }
    return pdf("bulletin.typ", told, at=paper.at)


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"
