"""A written record (笔录) on paper, drawn from the bytes that were signed on the phone; in Chinese whoever reads it.

The same bytes and the same entry give the same paper, to the byte; its QR code leads to the ledger's word on them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.records.evidence import FORMS
from server.console import qr
from server.documents.notice import foot
from server.documents.paper import pdf
from server.evidence.written import PAD

SIGNERS = {
    "officer": "检查人员",
    "party": "被检查人",
    "interviewee": "被询问人",
    "recorder": "记录人",
    "witness": "见证人",
}
OUTCOMES = {"signed": "", "refused": "拒绝签名", "unable": "无法签名"}
NOTE = "扫描二维码，可以核对本件原件的摘要是否存在于台账。摘要一致，即内容自签名起未被改动。"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordPaper:
    """What a written record says on paper.

    content: as evidence.written reads it; digest: of its bytes; address: where that digest is verified
    at: the paper's own time in Unix seconds, that of its entry
    """

    content: Mapping[str, Any]
    digest: str
    address: str
    entry: int
    at: int
    origin: str
    zone: str


def render(paper: RecordPaper) -> bytes:
    """Return a written record as PDF/A-2b."""
    return pdf("record.typ", told(paper), at=paper.at)


def told(paper: RecordPaper) -> dict[str, Any]:
    """Return what the template shows."""
    content = paper.content
    person = "，".join(one for one in (content["person"]["name"], content["person"]["post"]) if one)
    code = f"（{content['code']}）" if content["code"] else ""
    return {
        "title": FORMS[content["form"]][0],
        "origin": paper.origin,
        "lines": [
            ["被检查单位", content["institution"] + code],
            ["地点", content["place"]],
            ["时间", f"{_moment(content['began'], paper)} 至 {_moment(content['ended'], paper)}"],
            [
                "检查人员",
                "、".join(f"{one['name']}（执法证号 {one['card']}）" for one in content["officers"]),
            ],
            ["被询问人" if "rights" in content else "在场人", person],
        ],
        "sections": _sections(content),
        "signed": "签名",
        "signatures": [_signature(one, paper) for one in content["signatures"]],
        "check": "核对",
        "code": _code(paper.address),
        "digest": f"原件摘要（SHA-256）：{paper.digest}",
        "address": paper.address,
        "note": NOTE,
        "foot": foot(paper.origin, paper.entry, ""),
    }


def _sections(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    words = [_words(one) for one in content["paragraphs"]]
    if "rights" not in content:
        return [{"title": "检查情况", "paragraphs": words}]
    told_first: Sequence[str] = (content["rights"],)
    return [
        {"title": "权利义务告知", "paragraphs": list(told_first)},
        {"title": "询问内容", "paragraphs": [line for pair in words for line in pair.split("\n")]},
    ]


def _words(one: Mapping[str, str]) -> str:
    return f"问：{one['asked']}\n答：{one['text']}" if one.get("asked") else one["text"]


def _signature(one: Mapping[str, Any], paper: RecordPaper) -> dict[str, str]:
    said = "；".join(
        part
        for part in (
            OUTCOMES[one["outcome"]],
            f"理由：{one['reason']}" if one.get("reason") else "",
            f"见证人：{one['witness']}" if one.get("witness") else "",
        )
        if part
    )
    who = f"{SIGNERS[one['signer']]}：{one['name']}"
    return {"who": who, "ink": _ink(one.get("ink", "")), "words": said, "at": _moment(one["at"], paper)}


def _ink(path: str) -> str:
    """Return ink as an SVG; the path was read by the one form that ink has."""
    if not path:
        return ""
    line = 'fill="none" stroke="#000" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"'
    return f'{_svg(*PAD)}<path d="{path}" {line}/></svg>'


def _code(address: str) -> str:
    path, wide = qr.path_of(address)
    return f'{_svg(wide, wide)}<rect width="{wide}" height="{wide}" fill="#fff"/><path d="{path}"/></svg>'


def _svg(width: int, height: int) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'


def _moment(ms: int, paper: RecordPaper) -> str:
    at = datetime.fromtimestamp(ms // 1000, UTC).astimezone(ZoneInfo(paper.zone))
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
