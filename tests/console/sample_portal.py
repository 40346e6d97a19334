"""The institution portal as the demo pages show it: a hospital with a case, a finding put to it and a sanction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from server.console.pages import Reader
from server.console.pages.frame import HandedFile
from server.portal.pages import (
    AckPage,
    PartyAnswer,
    PartyAppeal,
    PartyCase,
    PartyExtension,
    PartyFile,
    PartyFinding,
    PartyNotice,
    PartyReport,
    PartySanction,
    PortalCase,
    PortalError,
    PortalFinding,
    PortalHome,
    PortalNotice,
    PortalReport,
    PortalSanction,
    TypedFile,
)
from tests.console.sample_frame import HOSPITALS, digest

READER = Reader(
    name="测试甲091", role="institution_user", unit=HOSPITALS[0].name, roles=("institution_user",)
)
NUMBER = "六医保改〔2026〕12号"
BYTES_MAX = 20 * 1024 * 1024
ENDPOINTS = {
    "portal.home": "/portal",
    "portal.notice": "/portal/notices/<id>",
    "portal.paper": "/portal/notices/<id>/paper.pdf",
    "portal.acknowledge": "/portal/notices/<id>/acknowledge",
    "portal.case": "/portal/cases/<id>",
    "portal.begin_report": "/portal/cases/<id>/report",
    "portal.ask_time": "/portal/cases/<id>/extension",
    "portal.report": "/portal/reports/<id>",
    "portal.write_report": "/portal/reports/<id>/write",
    "portal.report_file": "/portal/reports/<id>/files/<digest>",
    "portal.finding": "/portal/findings/<id>",
    "portal.state": "/portal/findings/<id>/state",
    "portal.sanction": "/portal/sanctions/<id>",
    "portal.appeal": "/portal/sanctions/<id>/appeal",
    "portal.take_back": "/portal/<kind>/<id>/withdraw",
    "portal.handed_file": "/portal/files/<kind>/<id>/<digest>",
    "portal.error": "/portal/error",
    "ack.page": "/ack",
    "ack.look": "/ack/look",
    "ack.confirm": "/ack/confirm",
    "api.create_upload": "/api/files",
    "api.add_report_file": "/api/portal/reports/<record>/files",
}
FINDINGS = (
    PartyFinding(
        id="f1",
        violation="挂床住院",
        basis="《医疗保障基金使用监督管理条例》第三十八条",
        facts="2026 年 11 月 10 日夜间核查 1104、1106 床，患者均不在院，床位费、护理费照常收取。",
        amount_fen=1_286_040,
        stage="in_case",
        statement="agrees",
    ),
    PartyFinding(
        id="f2",
        violation="重复收费",
        basis="《医疗保障基金使用监督管理条例》第三十八条",
        facts="抽查 32 份病历，7 份将“静脉采血”与“血常规检查”重复收费。",
        amount_fen=213_500,
        stage="in_case",
        statement="disputes",
    ),
)
PUT = PartyFinding(
    id="f3",
    violation="超标准收费",
    basis="《医疗保障基金使用监督管理条例》第三十八条",
    facts="三人间床位按双人间标准收费，涉及 2026 年 9 月至 10 月 118 人次。",
    amount_fen=472_000,
    stage="proposed",
    answer_by=date(2026, 11, 26),
)


def case(**more: Any) -> PartyCase:
    """Return a case of the hospital."""
    known: dict[str, Any] = {
        "id": "c1", "number": NUMBER, "stage": "rectifying", "due_on": date(2026, 12, 8), "days_left": 12,
        "working_days": 15, "findings": 2, "amount_fen": 1_499_540, "returns": 0, "next": "report",
    }  # fmt: skip
    return PartyCase(**{**known, **more})


def notice_noun(**more: Any) -> PartyNotice:
    """Return a notice."""
    known: dict[str, Any] = {
        "id": "n1", "number": NUMBER, "type": "rectification", "stage": "served",
        "issued_on": date(2026, 11, 17), "served_on": date(2026, 11, 17), "acknowledged_at": None,
        "method": "electronic",
        "facts": "\n".join(f"{n}. {one.violation}：{one.facts}" for n, one in enumerate(FINDINGS, 1)),
        "demands": "请自送达之日起 15 个工作日内对上述问题逐项整改，提交书面整改报告及每项问题的佐证材料；"
                   "责任落实到人，整改措施须真实可查。涉及医保基金 14,995.40 元，应按规定退回。",
        "legal_basis": ("《医疗保障基金使用监督管理条例》第三十八条",),
        "working_days": 15, "case": "c1", "document": "",
    }  # fmt: skip
    return PartyNotice(**{**known, **more})


def files(kind: str, record: str, count: int = 2) -> tuple[HandedFile, ...]:
    """Return files that were handed in."""
    return tuple(
        HandedFile(record=record, kind=kind, digest=digest(f"{record}{number}"), number=number,
                   media_type="application/pdf" if number > 1 else "image/jpeg", size=386_201 * number)
        for number in range(1, count + 1)
    )  # fmt: skip


def sanction_noun(**more: Any) -> PartySanction:
    """Return a sanction that the party was told of."""
    appeal = PartyAppeal(
        id="p1", version=18_501, sanction="s1", kind="statement_of_defence", stage="filed",
        filed_on=date(2026, 11, 20), reasons="系统升级期间无法上传材料，费用已于 11 月 6 日全部退回，凭证见附件。",
        answer="", outcome="", files=files("appeal", "p1"),
    )  # fmt: skip
    known: dict[str, Any] = {
        "id": "s1", "stage": "told_party", "track": "agreement", "level": "2",
        "measures": ("settlement_suspension",), "reasons": "逾期未完成整改。", "amount_fen": 500_000,
        "told_on": date(2026, 11, 18), "decided_level": "", "decided_amount_fen": None, "decision_reasons": "",
        "decided_on": None, "appeals": (appeal,),
    }  # fmt: skip
    return PartySanction(**{**known, **more})


def home(*, empty: bool = False) -> PortalHome:
    """Return the first page."""
    here = {"institution": HOSPITALS[0].name, "code": HOSPITALS[0].code}
    if empty:
        return PortalHome(**here, cases=(), past=(), notices=(), put=(), sanctions=())
    return PortalHome(
        **here,
        cases=(
            case(id="c2", number="六医保改〔2026〕9号", due_on=date(2026, 11, 19), days_left=-2, findings=1,
                 amount_fen=86_000),
            case(),
        ),
        past=(case(id="c3", number="六医保改〔2026〕3号", stage="closed", days_left=None, next="done"),),
        notices=(
            notice_noun(),
            notice_noun(id="n2", number="六医保改〔2026〕9号", stage="acknowledged", served_on=date(2026, 10, 29)),
        ),
        put=(PUT,),
        sanctions=(sanction_noun(),),
    )  # fmt: skip


def notice() -> PortalNotice:
    """Return a notice that waits to be acknowledged."""
    return PortalNotice(
        notice=notice_noun(), version=18_402, findings=FINDINGS, case=case(next="acknowledge", stage="notified"),
        may_acknowledge=True,
    )  # fmt: skip


def case_page(*, asked: bool = False) -> PortalCase:
    """Return one case, before or after more time was asked for."""
    extension = PartyExtension(
        id="x1", version=18_480, stage="granted", reason="procurement", words="收费系统改造尚需供应商排期。",
        working_days=7, granted_working_days=5, due_on=date(2026, 12, 15), answer="同意延长五个工作日。",
    )  # fmt: skip
    reports = (
        PartyReport(id="r0", case="c1", round=1, stage="returned", return_reason="缺少退款凭证。"),
        PartyReport(id="r1", case="c1", round=2, stage="draft", return_reason=""),
    )
    return PortalCase(
        case=case(returns=1), findings=FINDINGS, notices=(notice_noun(stage="acknowledged"),),
        reports=reports if asked else (), sanctions=(), extension=extension if asked else None,
        provisional=False, extension_max=0 if asked else 7,
    )  # fmt: skip


def finding(*, failed: bool = False, silent: bool = False) -> PortalFinding:
    """Return a finding put to the party: before it spoke, with what does not fit, or after its last day."""
    if silent:
        heard = replace(PUT, stage="heard", statement="silent")
        return PortalFinding(
            finding=heard, version=18_500, may_state=False, words="", file_bytes_max=BYTES_MAX, files_max=20
        )
    typed = {"kind": "disputes", "words": ""} if failed else {}
    sent = (TypedFile(number=1, size=386_201, value="{}"),) if failed else ()
    return PortalFinding(
        finding=PUT, version=18_500, may_state=True, words="", file_bytes_max=BYTES_MAX, files_max=20, typed=typed,
        typed_files=sent, fault="words" if failed else "",
    )  # fmt: skip


def sanction() -> PortalSanction:
    """Return a sanction with the ways that are open."""
    return PortalSanction(
        sanction=sanction_noun(),
        ways=("statement_of_defence", "hearing"),
        file_bytes_max=BYTES_MAX,
        files_max=20,
    )


def report(*, handed_in: bool = False) -> PortalReport:
    """Return a report: a draft, or what was handed in and came back."""
    answers = (
        PartyAnswer(finding=FINDINGS[0], measure="corrected", done_on="2026-11-20", proof=(digest("r11"),),
                    words="已退回多收费用 12,860.40 元，重新培训请假外出管理，建立夜间在床核查登记。",
                    verdict="partly" if handed_in else ""),
        PartyAnswer(finding=FINDINGS[1], measure="disputed" if handed_in else "", done_on="", proof=(),
                    words="两项收费依据不同，见物价文件。" if handed_in else "", verdict="met" if handed_in else "",
                    fault="" if handed_in else "measure"),
    )  # fmt: skip
    return PortalReport(
        report=PartyReport(id="r1", case="c1", round=1, stage="returned" if handed_in else "draft",
                           return_reason="退款凭证不清晰，请重新拍摄。" if handed_in else ""),
        version=18_499, case=case(), answers=answers, files=tuple(
            PartyFile(digest=digest(f"r1{n}"), number=n, media_type="image/jpeg", size=386_201 * n) for n in (1, 2)
        ), files_max=60, file_bytes_max=BYTES_MAX, today=date(2026, 11, 21), missing=0 if handed_in else 1,
        failed="" if handed_in else "missing",
    )  # fmt: skip


def error() -> PortalError:
    """Return a page of a problem."""
    return PortalError(status=404, code="not_found", happened="没有这个页面，或它不属于贵单位。",
                       kept="没有任何内容被更改。",
                       next="请返回首页，从列表中打开。", item="", back="")  # fmt: skip


def ack(state: str) -> AckPage:
    """Return the page of a message's link."""
    return AckPage(
        state=state, token="t" * 40, institution=HOSPITALS[0].name, number=NUMBER, due_on=date(2026, 12, 8)
    )


PAGES: dict[str, Callable[[], Any]] = {
    "/portal": home,
    "/portal-none": lambda: home(empty=True),
    "/portal/notices/n1": notice,
    "/portal/cases/c1": case_page,
    "/portal/cases/c2": lambda: case_page(asked=True),
    "/portal/findings/f3": finding,
    "/portal/findings/f4": lambda: finding(failed=True),
    "/portal/findings/f5": lambda: finding(silent=True),
    "/portal/sanctions/s1": sanction,
    "/portal/reports/r1": report,
    "/portal/reports/r2": lambda: report(handed_in=True),
    "/portal/error": error,
    "/ack": lambda: ack("ready"),
    "/ack-done": lambda: ack("done"),
    "/ack-expired": lambda: ack("link_expired"),
}


def is_of_portal(path: str) -> bool:
    """Return whether an address is the portal's, or the page of a message's link."""
    return path.startswith(("/portal", "/ack"))
