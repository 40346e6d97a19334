"""Demo data that every page of the desk shares: the time, places, people and the frame.

All people and institutions are generated (测试甲001); no page asks a database. `NOW` is a
Saturday afternoon, so that weekends lie in every calendar.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from server.console.pages import (
    CaptureInterval,
    Institution,
    Officer,
    Reader,
    Shell,
    Undo,
)
from server.console.pages.narrowing import Narrowing
from server.console.pages.registers import Choice

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
HOSPITALS = (
    Institution(name="测试市第一人民医院", code="H34159900001"),
    Institution(name="测试市中医院", code="H34159900002"),
    Institution(name="测试区安和康复医院", code="H34159900017"),
    Institution(name="测试县皋城镇中心卫生院", code="H34159900108"),
)
FIRST = Officer(name="测试甲001", unit="测试市医保基金监管中心", certificate="皖N-000001")
SECOND = Officer(name="测试乙002", unit="测试市医保基金监管中心", certificate="皖N-000002")
SUPERVISOR = Officer(name="测试丙003", unit="测试市医疗保障局")

NARROWING = Narrowing(
    regions=tuple(
        Choice(value=code, words=words, active=code == "341502")
        for code, words in (("341502", "示例甲区"), ("341503", "示例乙区"))
    ),
    sorts=(Choice(value="-version", words="最近变更在前", active=True),),
    query={"region": "341502"},
)


def ago(**span: float) -> datetime:
    """Return the time that lies this long before NOW."""
    return NOW - timedelta(**span)


def digest(word: str) -> str:
    """Return a digest that looks like one."""
    return hashlib.sha256(word.encode()).hexdigest()


def seconds_from(at: datetime, width: float = 42) -> CaptureInterval:
    """Return a capture interval of this width in seconds."""
    return CaptureInterval(earliest=at, latest=at + timedelta(seconds=width))


def shell(locale: str = "zh_CN", *, signed_in: bool = True, undo: Undo | None = None) -> Shell:
    """Return the frame as a supervisor sees it."""
    roles = ("supervisor", "second_reviewer")
    reader = (
        Reader(name=SUPERVISOR.name, role=roles[0], unit=SUPERVISOR.unit, roles=roles) if signed_in else None
    )
    counts = {"home": 24, "rounds": 2, "evidence": 12, "second": 2, "findings": 3, "cases": 4}
    return Shell(locale=locale, zone="Asia/Shanghai", now=NOW, reader=reader, counts=counts, demo=True,
                 undo=undo)  # fmt: skip
