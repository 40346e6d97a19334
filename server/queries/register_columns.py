"""The columns of the rectification register (整改台账), pure: what each says of one case and what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas import regions
from schemas.records import TYPES
from schemas.records.institution import KINDS as INSTITUTION_KINDS
from schemas.records.interview import KINDS as INTERVIEW_KINDS
from schemas.records.notice import SERVICE_METHODS
from schemas.records.recovery import KINDS as RECOVERY_KINDS
from schemas.records.rectification_case import CALLS_BACK, LEVELS, LOOKS_BACK, SUBJECTS
from schemas.records.sanction import LEVELS as SANCTION_LEVELS
from schemas.records.sanction import TRACKS
from server.catalogues.naming import Named
from server.console.pages.reports import DAY, MONEY, TEXT, WHOLE
from server.queries.cases import CLOSED, days_left
from server.queries.record_values import said
from server.reminders.calendar import Calendar
from sync.merge import Record

Words = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One case with what belongs to it, as the register reads it.

    named: each finding's violation and article in words; days: the day of each entry that closed the case
    on: the day by which what is overdue is counted
    """

    case: Record
    institution: Record | None
    inspection: Record | None
    findings: Sequence[Record]
    named: Mapping[str, Named]
    notice: Record | None
    reports: Sequence[Record]
    extension: Record | None
    interviews: Sequence[Record]
    sanctions: Sequence[Record]
    recoveries: Sequence[Record]
    people: Mapping[str, str]
    held_on: Mapping[str, date]
    acknowledged_on: date | None
    closed_on: date | None
    on: date
    calendar: Calendar
    locale: str

    @property
    def values(self) -> Mapping[str, Any]:
        """The fields of the case."""
        return self.case.values

    def word(self, table: Words, code: Any) -> str:
        """Return a code in the reader's language; itself where no table knows it."""
        pair = table.get(str(code))
        return (pair[0] if self.locale == "zh_CN" else pair[1]) if pair else str(code or "")

    def stage(self, record: Record) -> str:
        """Return a record's stage in the reader's language."""
        table = {stage.name: (stage.zh, stage.en) for stage in TYPES[record.type].stages}
        return self.word(table, record.stage)

    def listed(self, words: Iterable[str]) -> str:
        """Return words as a list reads, each once."""
        return ("、" if self.locale == "zh_CN" else ", ").join(dict.fromkeys(word for word in words if word))


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. usual: on the page unless others are chosen; printed: on paper unless others are chosen."""

    name: str
    zh: str
    en: str
    read: Callable[[Facts], Any]
    kind: str = TEXT
    usual: bool = field(default=False)
    printed: bool = field(default=False)

    def label(self, locale: str) -> str:
        """Return the head of the column in a language."""
        return self.zh if locale == "zh_CN" else self.en


def _day(record: Record | None, name: str) -> date | None:
    words = record.values.get(name) if record is not None else None
    return date.fromisoformat(words) if words else None


def _institution(facts: Facts, name: str) -> str:
    return str(facts.institution.values.get(name) or "") if facts.institution is not None else ""


def _sum(records: Iterable[Record], name: str) -> int:
    return sum(int(each.values.get(name) or 0) for each in records)


def _paid(kind: str) -> Callable[[Facts], int]:
    return lambda facts: _sum((each for each in facts.recoveries if each.values["kind"] == kind), "paid_fen")


def _violations(facts: Facts) -> str:
    return facts.listed(facts.named[each.id].said(facts.locale)[0] for each in facts.findings)


def _codes(facts: Facts) -> str:
    return facts.listed(str(each.values["violation_code"]) for each in facts.findings)


def _articles(facts: Facts) -> str:
    return facts.listed(facts.named[each.id].said(facts.locale)[1] for each in facts.findings)


def _extension(facts: Facts) -> str:
    if facts.extension is None:
        return ""
    granted = facts.extension.values.get("granted_working_days")
    return f"{facts.stage(facts.extension)}{f' +{granted}' if granted else ''}"


def _reports(facts: Facts) -> str:
    return facts.listed(f"{each.values['round']}: {facts.stage(each)}" for each in facts.reports)


def _reasons(facts: Facts) -> str:
    every = [*facts.reports, facts.case]
    return facts.listed(str(each.values.get("return_reason") or "") for each in every)


def _inspected(facts: Facts) -> str:
    if facts.inspection is None:
        return ""
    choices = TYPES["inspection"].by_name["kind"].choices or {}
    kind = facts.word(choices, facts.inspection.values.get("kind"))
    return f"{kind} {facts.inspection.values.get('planned_on') or ''}".strip()


def _call_back(facts: Facts) -> str:
    on, result = facts.values.get("call_back_on"), facts.values.get("call_back_result")
    return f"{on or ''} {facts.word(CALLS_BACK, result) if result else ''}".strip()


def _looked_back(facts: Facts) -> str:
    on, result = facts.values.get("looked_back_on"), facts.values.get("look_back_result")
    return f"{on or ''} {facts.word(LOOKS_BACK, result) if result else ''}".strip()


def _interviews(facts: Facts) -> str:
    return facts.listed(
        f"{facts.word(INTERVIEW_KINDS, each.values['kind'])} {facts.held_on[each.id]} {facts.stage(each)}"
        for each in facts.interviews
    )


def _sanctions(facts: Facts) -> str:
    def said_of(one: Record) -> str:
        level = one.values.get("decided_level") or one.values.get("level")
        words = facts.word(SANCTION_LEVELS, level) if level else facts.word(TRACKS, one.values["track"])
        return f"{words} {facts.stage(one)}"

    return facts.listed(said_of(each) for each in facts.sanctions)


def overdue_days(facts: Facts) -> int | None:
    """Return by how many working days an open case is overdue; None for one that is not."""
    due_on = _day(facts.case, "due_on")
    if due_on is None or facts.case.stage in CLOSED or facts.on <= due_on:
        return None
    return -days_left(due_on, facts.on, facts.calendar)


def _owner(facts: Facts) -> str:
    return facts.people.get(str(facts.values.get("owner")), "")


COLUMNS: tuple[Column, ...] = (
    Column(name="institution", zh="机构", en="Institution", usual=True, printed=True,
           read=lambda f: said(f.institution, "name", f.locale) if f.institution else ""),
    Column(name="code", zh="机构编码", en="Institution code", printed=True,
           read=lambda f: _institution(f, "fixmedins_code")),
    Column(name="kind", zh="机构类别", en="Kind",
           read=lambda f: f.word(INSTITUTION_KINDS, _institution(f, "kind"))),
    Column(name="subject", zh="主体", en="Subject", read=lambda f: f.word(SUBJECTS, f.values.get("subject"))),
    Column(name="region", zh="行政区划", en="Region", read=lambda f: regions.name(f.case.region, f.locale)),
    Column(name="inspection", zh="检查", en="Inspection", read=_inspected),
    Column(name="violations", zh="问题", en="Findings", usual=True, printed=True, read=_violations),
    Column(name="violation_codes", zh="违规编码", en="Violation codes", read=_codes),
    Column(name="articles", zh="依据条款", en="Articles", read=_articles),
    Column(name="amount_fen", zh="涉及金额", en="Amount found", kind=MONEY, usual=True, printed=True,
           read=lambda f: _sum(f.findings, "amount_fen")),
    Column(name="agreed_fen", zh="确认金额", en="Agreed", kind=MONEY, printed=True,
           read=lambda f: _sum(f.recoveries, "agreed_fen")),
    Column(name="paid_fen", zh="已追回金额", en="Paid", kind=MONEY, usual=True, printed=True,
           read=lambda f: _sum(f.recoveries, "paid_fen")),
    *(
        Column(name=f"{kind}_fen", zh=f"其中{zh}", en=f"Paid: {en}", kind=MONEY, read=_paid(kind))
        for kind, (zh, en) in RECOVERY_KINDS.items()
    ),
    Column(name="level", zh="情节", en="Level", printed=True,
           read=lambda f: f.word(LEVELS, f.values.get("level"))),
    Column(name="number", zh="文书号", en="Notice", usual=True, printed=True,
           read=lambda f: str(f.values.get("number") or (f.notice.values.get("number") if f.notice else "") or "")),
    Column(name="issued_on", zh="制发日期", en="Issued", kind=DAY, read=lambda f: _day(f.notice, "issued_on")),
    Column(name="served_on", zh="送达日期", en="Served", kind=DAY, printed=True,
           read=lambda f: _day(f.case, "served_on") or _day(f.notice, "served_on")),
    Column(name="method", zh="送达方式", en="Method of service",
           read=lambda f: f.word(SERVICE_METHODS, f.notice.values.get("method")) if f.notice else ""),
    Column(name="acknowledged_on", zh="签收日期", en="Acknowledged", kind=DAY,
           read=lambda f: f.acknowledged_on),
    Column(name="working_days", zh="期限（工作日）", en="Term, working days", kind=WHOLE, printed=True,
           read=lambda f: f.values.get("working_days")),
    Column(name="due_on", zh="到期日", en="Due", kind=DAY, usual=True, printed=True,
           read=lambda f: _day(f.case, "due_on")),
    Column(name="first_due_on", zh="原到期日", en="First due", kind=DAY, read=lambda f: _day(f.case, "first_due_on")),
    Column(name="extension", zh="延期", en="Extension", read=_extension),
    Column(name="stage", zh="办理阶段", en="Stage", usual=True, printed=True, read=lambda f: f.stage(f.case)),
    Column(name="overdue_days", zh="逾期（工作日）", en="Overdue, working days", kind=WHOLE, usual=True,
           printed=True, read=overdue_days),
    Column(name="reports", zh="整改报告", en="Reports", read=_reports),
    Column(name="returns", zh="退回次数", en="Returns", kind=WHOLE, read=lambda f: f.values.get("returns") or 0),
    Column(name="return_reasons", zh="退回原因", en="Reasons of returns", read=_reasons),
    Column(name="rechecked_by", zh="复核人", en="Verified by", printed=True,
           read=lambda f: f.people.get(str(f.values.get("rechecked_by")), "")),
    Column(name="closed_on", zh="销号日期", en="Closed", kind=DAY, printed=True, read=lambda f: f.closed_on),
    Column(name="call_back", zh="回访", en="Call-back", read=_call_back),
    Column(name="look_back_on", zh="回头看日期", en="Look-back set", kind=DAY,
           read=lambda f: _day(f.case, "look_back_on")),
    Column(name="looked_back", zh="回头看结果", en="Look-back found", read=_looked_back),
    Column(name="interviews", zh="约谈", en="Interviews", read=_interviews),
    Column(name="sanctions", zh="处理处罚", en="Sanctions", read=_sanctions),
    Column(name="owner", zh="责任人", en="Owner", usual=True, printed=True, read=_owner),
)  # fmt: skip
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
