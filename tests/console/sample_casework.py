"""Demo data of findings and rectification cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from server.console.pages import (
    CalendarDay,
    Candidate,
    CasePage,
    CaseRow,
    CasesPage,
    Chip,
    ConfirmForm,
    DuePreset,
    FieldConflict,
    FindingPage,
    FindingRow,
    FindingsPage,
    Paging,
    Reminder,
    Statement,
    TimelineEntry,
)
from server.console.pages.bundles import BundleOffer
from server.console.pages.casework import (
    Aftermath,
    AnswerPart,
    CaseWork,
    ExtensionPart,
    FailedForm,
    LackPart,
    NoticePart,
    PaperForm,
    PaperPart,
    ReportPart,
)
from server.console.pages.notices import SlipPart
from tests.console import sample_courses
from tests.console.sample_evidence import evidence_rows
from tests.console.sample_frame import FIRST, HOSPITALS, NARROWING, NOW, SECOND, SUPERVISOR, ago, seconds_from

CASE_ROWS = (
    CaseRow(id="c1", number="六医保改〔2026〕12号", institution=HOSPITALS[2],
            violation_codes=("bed_hanging", "over_standard_charge"), stage="rectifying",
            due_on=date(2026, 11, 25), days_left=3, amount_fen=12_345_67),
    CaseRow(id="c2", number="六医保改〔2026〕9号", institution=HOSPITALS[0], violation_codes=("duplicate_charge",),
            stage="notified", due_on=date(2026, 11, 18), days_left=-2, amount_fen=382_160_00),
    CaseRow(id="c3", number="六医保改〔2026〕15号", institution=HOSPITALS[1], violation_codes=("unbundled_charge",),
            stage="verifying", due_on=date(2026, 12, 11), days_left=15, amount_fen=8_904_50),
    CaseRow(id="c4", number="六医保改〔2026〕3号", institution=HOSPITALS[3], violation_codes=("stock_mismatch",),
            stage="closed", due_on=date(2026, 10, 30), days_left=None, amount_fen=2_100_00),
)  # fmt: skip

FINDING_ROWS = (
    FindingRow(id="f1", institution=HOSPITALS[2], violation_code="bed_hanging", amount_fen=12_345_67,
               state="heard", proposed_at=ago(days=2), evidence_count=4),
    FindingRow(id="f2", institution=HOSPITALS[0], violation_code="over_standard_charge", amount_fen=382_160_00,
               state="proposed", proposed_at=ago(days=1), evidence_count=7, conflict=True),
    FindingRow(id="f3", institution=HOSPITALS[1], violation_code="unbundled_charge", amount_fen=None,
               state="draft", evidence_count=1),
    FindingRow(id="f4", institution=HOSPITALS[3], violation_code="stock_mismatch", amount_fen=2_100_00,
               state="in_case", proposed_at=ago(days=40), evidence_count=3),
)  # fmt: skip


def findings() -> FindingsPage:
    """Return the list of findings."""
    chips = (Chip(value="", count=4, active=True), Chip(value="heard", count=1), Chip(value="conflict", count=1),
             Chip(value="in_case", count=1))  # fmt: skip
    return FindingsPage(chips=chips, rows=FINDING_ROWS, paging=Paging(total=124, page=2), narrowing=NARROWING)


def finding(*, conflict: bool = False, working_days: int = 15) -> FindingPage:
    """Return a finding that waits to be confirmed, or one that a conflict holds up."""
    due = {3: date(2026, 11, 25), 7: date(2026, 12, 1), 15: date(2026, 12, 11), 30: date(2027, 1, 4)}
    form = ConfirmForm(
        served_on=date(2026, 11, 20), working_days=working_days, due_on=due[working_days],
        presets=tuple(DuePreset(working_days=days, due_on=on) for days, on in due.items()),
        earliest=date(2026, 11, 1), latest=date(2026, 11, 21), provisional=working_days == 30,
        blocked="conflict_open" if conflict else None,
    )  # fmt: skip
    values = ((12_345_67, FIRST), (15_210_00, SECOND))
    candidates = tuple(
        Candidate(value=fen, officer=who, captured=seconds_from(ago(hours=30))) for fen, who in values
    )
    return FindingPage(
        id="f2" if conflict else "f1", version=18_441, institution=HOSPITALS[2],
        violation_code="bed_hanging", amount_fen=12_345_67,
        state="heard", legal_basis="《医疗保障基金使用监督管理条例》第三十八条第（七）项",
        legal_basis_on=date(2021, 5, 1), persons=("测*9", "测*41", "测*7"), officers=(FIRST, SECOND),
        facts="2026年11月19日夜间查房，康复一病区应在院 24 人，实查在床 20 人。12、15、17、21 床患者连续三日不在院，"
        "期间仍逐日收取床位费、护理费和康复治疗费，涉及医保基金 12,345.67 元。",
        proposed_at=ago(days=2), evidence=evidence_rows(4),
        statement=Statement(kind="agrees", text="四名患者因家中有事临时离院，科室未按规定办理请假手续，同意退费。",
                            recorded_by=FIRST, heard_on=date(2026, 11, 20)),
        conflicts=(FieldConflict(field="amount_fen", candidates=candidates),) if conflict else (), form=form,
    )  # fmt: skip


def cases() -> CasesPage:
    """Return the list of cases."""
    chips = (Chip(value="open", count=3, active=True), Chip(value="due_this_week", count=1),
             Chip(value="overdue", count=1), Chip(value="closed", count=1), Chip(value="", count=4))  # fmt: skip
    return CasesPage(chips=chips, rows=CASE_ROWS, paging=Paging(total=4), narrowing=NARROWING)


def calendar(served_on: date, due_on: date) -> tuple[CalendarDay, ...]:
    """Return the days from service to the deadline; weekends off, no holiday in these weeks."""
    days, number = [], 0
    for offset in range((due_on - served_on).days + 1):
        on = served_on + timedelta(days=offset)
        working = on.weekday() < 5
        number += working and on > served_on
        days.append(CalendarDay(on=on, working=working, number=number if working and number else None))
    return tuple(days)


def reminder(at: datetime, rung: str, delivery: str, *, to: str = "institution_contact") -> TimelineEntry:
    """Return a reminder by mail."""
    failure = "收件服务器拒收：550 邮箱不存在" if delivery == "failed" else ""
    told = Reminder(rung=rung, recipient=to, channel="email", delivery=delivery, address="yb***@example.org",
                    failure=failure)  # fmt: skip
    index = None if delivery == "planned" else 18_000 + int(at.timestamp()) % 400
    return TimelineEntry(at=at, kind="reminder", reminder=told, ledger_index=index)


def case(*, overdue: bool = False) -> CasePage:
    """Return one case in its last days, or one past its deadline."""
    row = CASE_ROWS[1 if overdue else 0]
    served = date(2026, 11, 3)
    timeline = (
        reminder(ago(hours=5), "T+1" if overdue else "T-3", "failed" if overdue else "delivered"),
        TimelineEntry(at=ago(days=2), kind="note", by=SUPERVISOR.name, note="电话联系医院医保办，答复正在组织退费。"),
        reminder(ago(days=6), "T-7", "acknowledged"),
        TimelineEntry(at=ago(days=18), kind="served", by=FIRST.name, ledger_index=17_002, note="直接送达"),
        TimelineEntry(at=ago(days=18, hours=2), kind="opened", by=SUPERVISOR.name, ledger_index=16_998),
    )  # fmt: skip
    planned = (reminder(NOW + timedelta(days=3), "T-1", "planned"),
               reminder(NOW + timedelta(days=4), "T", "planned", to="institution_head"))  # fmt: skip
    return CasePage(row=row, served_on=served, working_days=15, findings=FINDING_ROWS[:2], timeline=timeline,
                    planned=planned, calendar=calendar(served, max(row.due_on, date(2026, 11, 21))),
                    contact="测试丁004（医保办主任）",
                    owner=SUPERVISOR, level="serious",
                    bundle=BundleOffer(kind="case", id="c1", private=True),
                    panels=(sample_courses.panel(),))  # fmt: skip


NOTICE = NoticePart(
    id="n1", version=18_300, type="rectification", stage="draft", number="", working_days=15,
    drafted_by=SUPERVISOR.name, facts="1. 挂床住院：12 床患者连续三日不在院，期间仍逐日收费。",
    demands="请自送达之日起 15 个工作日内逐项整改。",
    legal_basis=("SCFB-735-38",),
)  # fmt: skip
ISSUED = replace(
    NOTICE, stage="acknowledged", number="六医保改〔2026〕12号", issued_on=date(2026, 11, 2),
    served_on=date(2026, 11, 3),
    method="direct", received_by="测*4", acknowledged_at=ago(days=17),
)  # fmt: skip
ANSWERS = (
    AnswerPart(finding="f1", violation_code="bed_hanging", measure="corrected", words="已逐床核对，退费完成。",
               done_on=date(2026, 11, 18), proof=("ab" * 32, "cd" * 32), verdict="met"),
    AnswerPart(finding="f2", violation_code="upcoding", verdict="not_met", verdict_words="未作说明。"),
)  # fmt: skip
SLIPS = (
    SlipPart(id="e1", by="测试甲001", taken_at=ago(days=1), picture=True, ready=True, fixed=False),
    SlipPart(id="e2", by="测试甲001", taken_at=None, picture=True, ready=False, fixed=False),
)
PAPER_FORM = PaperForm(
    findings=(("f1", "bed_hanging"), ("f2", "upcoding")), served_on=date(2026, 11, 3), begun=True
)
PAPER = PaperPart(
    handed_in_by="测*4", handed_in_on=date(2026, 11, 19), place="档案室三柜二层，第 12 号", scans=("ab" * 32,)
)
REPORT = ReportPart(
    id="p1", version=18_420, stage="submitted", round=1, by="测试丁004", answers=ANSWERS, own=False
)
EXTENSION = ExtensionPart(
    id="x1", version=18_410, stage="asked", reason="procurement", words="系统改造需要时间。", working_days=9, most=7,
    own=False,
)  # fmt: skip
AFTER = Aftermath(look_back_on=date(2027, 2, 20), call_back_on=date(2026, 11, 20), call_back_result="satisfied",
                  return_code="measures", return_reason="措施停留在纸面。", reopen_reason="问题反弹。")  # fmt: skip
TODAY = date(2026, 11, 21)
WORKS = {
    "draft": CaseWork(version=1, next="draft", may=True, today=TODAY),
    "sign_off": CaseWork(version=1, next="sign_off", may=True, today=TODAY, notice=NOTICE),
    "drafted": CaseWork(version=1, next="sign_off", may=True, today=TODAY, blocked="drafted",
                        notice=replace(NOTICE, blocked="drafted")),
    "issue": CaseWork(version=1, next="issue", may=True, today=TODAY,
                      notice=replace(ISSUED, stage="signed_off", served_on=None, acknowledged_at=None)),
    "serve": CaseWork(version=1, next="serve", may=True, today=TODAY,
                      notice=replace(ISSUED, stage="issued", slips=SLIPS),
                      failed=FailedForm(form="serve", code="bad_value", field="witness", happened="有一处不符合要求",
                                        next="",
                                        typed={"method": "left"})),
    "acknowledge": CaseWork(version=1, next="acknowledge", may=True, today=TODAY,
                            notice=replace(ISSUED, stage="served")),
    "extension": CaseWork(version=1, next="report", may=True, today=TODAY, notice=ISSUED, extensions=(EXTENSION,)),
    "paper": CaseWork(version=1, next="report", may=True, today=TODAY, notice=ISSUED, paper_form=PAPER_FORM,
                      failed=FailedForm(form="report", code="bad_value", field="done_on", item="f2",
                                        happened="有一处不符合要求", next="", typed={"measure-f2": "planned"})),
    "on_paper": CaseWork(version=1, next="verify", may=True, today=TODAY, notice=ISSUED,
                         report=replace(REPORT, paper=PAPER, own=True), blocked="reported"),
    "verify": CaseWork(version=1, next="verify", may=True, today=TODAY, notice=ISSUED,
                       report=replace(REPORT, answers=tuple(replace(one, verdict="", verdict_words="")
                                                            for one in ANSWERS))),
    "lacking": CaseWork(version=1, next="close", may=True, today=TODAY, notice=ISSUED, report=REPORT,
                        lacks=(LackPart(code="not_met", about="upcoding"), LackPart(code="failing", about="measures")),
                        look_back_day=date(2027, 2, 19)),
    "close": CaseWork(version=1, next="close", may=True, today=TODAY, notice=ISSUED, report=REPORT,
                      look_back_day=date(2027, 2, 19)),
    "closed": CaseWork(version=1, next="satisfy", may=True, today=TODAY, notice=ISSUED, report=REPORT, after=AFTER),
    "reader": CaseWork(version=1, next="verify", may=False, today=TODAY, notice=ISSUED, report=REPORT),
}  # fmt: skip
STANDING = {"draft": "assigned", "sign_off": "assigned", "drafted": "assigned", "issue": "assigned",
            "serve": "assigned", "acknowledge": "notified", "extension": "rectifying",
            "paper": "rectifying", "on_paper": "report_submitted",
    "verify": "report_submitted", "lacking": "verifying",
            "close": "verifying", "closed": "closed", "reader": "report_submitted"}  # fmt: skip


def worked(name: str) -> CasePage:
    """Return a case with what is next on it; before its notice is served it has no last day."""
    page, stage = case(), STANDING[name]
    if stage != "assigned":
        return replace(page, row=replace(page.row, stage=stage), work=WORKS[name])
    row = replace(page.row, stage=stage, due_on=None, days_left=None, number="")
    return replace(page, row=row, served_on=None, calendar=(), planned=(), work=WORKS[name])


PAGES = {f"/cases/work-{name}": partial(worked, name) for name in WORKS}
