"""A case at the desk and for programs: its page leads from step to step, and who may not is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.casework import recusing
from server.casework.recusing import Wanted
from server.ledger.audit import audit
from tests.casework.cases import Cases, world_id
from tests.casework.test_extending import ask
from tests.server.desk_client import Desk, words

OTHERS = {"auditor": 403, "member": 403, "neighbour": 404}
"""Who has no office over the county's cases, and what he is told: whether he sees them decides it."""


def desk_of(cases: Cases, login: str) -> Desk:
    return Desk(cases.world, login)


def post(cases: Cases, desk: Desk, path: str, about: str, **form: Any) -> TestResponse:
    return desk.post(path, version=cases.version(about), **form)


def send(cases: Cases, desk: Desk, path: str, about: str, **body: Any) -> TestResponse:
    return desk.send(path, {"version": cases.version(about), **body})


def notice_of(cases: Cases, case: str) -> str:
    from server.casework import casefile

    return casefile.load(cases.world.services, cases.user("supervisor"), case).notices[-1].id


def test_the_pages_lead_a_case_from_its_finding_to_its_end(cases: Cases):
    cases.enlist("supervisor2")
    first, second, third = (desk_of(cases, login) for login in ("supervisor", "city", "supervisor2"))
    finding, today = cases.finding(amount_fen=5_000), cases.today.isoformat()
    assert "确认，文书另行送达" in words(first.get(f"/findings/{finding}"))
    path = f"/findings/{finding}/confirm"
    case = str(post(cases, first, path, finding, action="open", working_days=15).location).rpartition("/")[2]
    page = words(first.get(f"/cases/{case}"))
    assert "下一步: 草拟通知书" in page
    assert "尚未送达" in page
    assert post(cases, first, f"/cases/{case}/notices", case).status_code == 303
    notice = notice_of(cases, case)
    assert "此文书由您草拟" in words(first.get(f"/cases/{case}"))
    steps = ((second, "sign_off", {}), (first, "issue", {}),
             (first, "serve", {"method": "direct", "served_on": today, "received_by": "测试签收人"}),
             (first, "acknowledge", {}))  # fmt: skip
    for desk, step, form in steps:
        answer = post(cases, desk, f"/notices/{notice}/{step}", notice, **form)
        assert answer.status_code == 303, words(answer)
    assert "等待机构报送整改报告" in words(first.get(f"/cases/{case}"))
    cases.report(case, "supervisor")
    assert "请由他人核查和销号" in words(first.get(f"/cases/{case}"))
    verdict = {f"verdict-{finding}": "met", "money_settled": "yes"}
    assert post(cases, second, f"/cases/{case}/verify", case, **verdict).status_code == 303
    look_back = (cases.today + timedelta(days=60)).isoformat()
    assert "具备销号条件" in words(third.get(f"/cases/{case}"))
    assert post(cases, third, f"/cases/{case}/close", case, look_back_on=look_back).status_code == 303
    for step, form in (
        ("call_back", {"on": today, "result": "satisfied"}), ("look_back", {"on": today, "result": "kept"}),
        ("satisfy", {}),
    ):  # fmt: skip
        assert post(cases, first, f"/cases/{case}/{step}", case, **form).status_code == 303, step
    assert cases.record(case).stage == "satisfied"
    assert "无：已办结" in words(first.get(f"/cases/{case}"))
    assert audit(cases.world.services).ok


def test_programs_take_a_case_from_its_finding_to_its_reopening(cases: Cases):
    cases.enlist("supervisor2")
    first, second, third = (desk_of(cases, login) for login in ("supervisor", "city", "supervisor2"))
    finding, today = cases.finding(), cases.today.isoformat()
    opened = send(cases, first, f"/api/findings/{finding}/confirm", finding)
    assert (opened.status_code, opened.json["due_on"]) == (201, None)
    case = opened.json["case"]
    made = send(cases, first, f"/api/cases/{case}/notices", case)
    notice = made.json["id"]
    worded = {"facts": "一床患者不在院。", "demands": "七日内改正。", "working_days": 7}
    assert send(cases, first, f"/api/notices/{notice}/change", notice, **worded).status_code == 200
    own = send(cases, first, f"/api/notices/{notice}/sign-off", notice)
    assert (own.status_code, own.json["code"]) == (403, "own_work")
    signed = send(cases, second, f"/api/notices/{notice}/sign-off", notice)
    assert signed.json["number"].endswith("号")
    assert send(cases, first, f"/api/notices/{notice}/issue", notice, document="cd" * 32).status_code == 200
    served = send(cases, first, f"/api/notices/{notice}/serve", notice, method="electronic", served_on=today)
    assert (served.json["stage"], served.json["due_version"]) == ("notified", 1)
    assert send(cases, first, f"/api/notices/{notice}/acknowledge", notice).json["stage"] == "rectifying"
    cases.report(case, "supervisor")
    told = {"verdicts": [{"finding": finding, "verdict": "not_met", "words": "未改。"}]}
    assert send(cases, second, f"/api/cases/{case}/verify", case, **told).status_code == 200
    refused = send(cases, third, f"/api/cases/{case}/close", case, look_back_on=_in(cases, 30))
    assert (refused.status_code, refused.json["code"]) == (409, "not_fit_to_close")
    assert {one["code"] for one in refused.json["lacks"]} == {"not_met", "money"}
    back = send(cases, second, f"/api/cases/{case}/return", case, code="not_met", working_days=3)
    assert (back.json["stage"], back.json["due_version"]) == ("rectifying", 2)
    cases.report(case, "supervisor")
    told = {"verdicts": [{"finding": finding, "verdict": "met"}], "money_settled": True}
    assert send(cases, second, f"/api/cases/{case}/verify", case, **told).status_code == 200
    assert (
        send(cases, third, f"/api/cases/{case}/close", case, look_back_on=_in(cases, 30)).status_code == 200
    )
    assert (
        send(cases, first, f"/api/cases/{case}/call-back", case, on=today, result="fair").status_code == 200
    )
    look = send(cases, first, f"/api/cases/{case}/look-back", case, on=today, result="relapsed")
    assert look.status_code == 200
    assert send(cases, first, f"/api/cases/{case}/satisfy", case).status_code == 400
    again = send(cases, first, f"/api/cases/{case}/reopen", case, words="问题反弹。", working_days=5)
    assert (again.json["stage"], again.json["due_version"]) == ("rectifying", 3)
    shown = first.get(f"/api/cases/{case}").json
    assert shown["work"]["next"] == "report"
    assert shown["work"]["report"]["answers"][0]["verdict"] == "met"


def _in(cases: Cases, days: int) -> str:
    return (cases.today + timedelta(days=days)).isoformat()


def test_a_form_that_does_not_fit_is_shown_again_with_its_fault_and_what_was_typed(cases: Cases):
    case = cases.assigned()
    notice = cases.draft(case)
    cases.sign_off(notice)
    cases.issue(notice)
    desk = desk_of(cases, "supervisor")
    answer = post(cases, desk, f"/notices/{notice}/serve", notice, method="left", served_on=_in(cases, 0),
                  received_by="测试门卫")  # fmt: skip
    assert answer.status_code == 400
    assert "留置送达须填写见证人" in words(answer)
    assert 'value="测试门卫"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert cases.record(notice).stage == "issued"


def test_a_stale_form_is_refused_kindly(cases: Cases):
    case = cases.assigned()
    desk = desk_of(cases, "supervisor")
    seen = cases.version(case)
    assert desk.post(f"/cases/{case}/notices", version=seen).status_code == 303
    notice = notice_of(cases, case)
    again = desk_of(cases, "city").post(f"/notices/{notice}/sign_off", version=cases.version(notice) - 1)
    assert again.status_code == 409
    assert "您查看期间" in words(again)
    assert cases.record(notice).stage == "draft"


def test_a_closing_that_lacks_something_is_told_piece_by_piece_on_the_page(cases: Cases):
    cases.enlist("supervisor2")
    case = cases.reported(proof=False)
    cases.verify(case, settled=False)
    desk = desk_of(cases, "supervisor2")
    page = words(desk.get(f"/cases/{case}"))
    assert "整改情况缺佐证材料" in page
    assert "款项未追回且无计划" in page
    answer = post(cases, desk, f"/cases/{case}/close", case, look_back_on=_in(cases, 9))
    assert answer.status_code == 409
    assert "尚不具备销号条件" in words(answer)


def test_what_waits_for_me_stands_on_the_first_page_and_for_programs(cases: Cases):
    desk = desk_of(cases, "supervisor")

    def waiting() -> dict[str, int]:
        return {one["name"]: one["count"] for one in desk.get("/api/to-do").json["queues"]}

    before = waiting()
    cases.reported()
    case = cases.rectifying()
    ask(cases, case)
    after = waiting()
    assert after["verify"] == before["verify"] + 1
    assert after["extensions"] == before["extensions"] + 1
    page = words(desk.get("/"))
    assert "待核查报告" in page
    assert "延期待决定" in page
    assert case in desk.get("/cases", state="extension_asked").text


def test_more_time_is_granted_on_the_page_and_refused_by_a_program(cases: Cases):
    desk = desk_of(cases, "supervisor")
    case = cases.rectifying()
    extension = ask(cases, case)
    assert "最多可延长 7 个工作日" in words(desk.get(f"/cases/{case}"))
    path = f"/extensions/{extension}/decide"
    much = post(cases, desk, path, extension, act="granted", working_days=8)
    assert (much.status_code, cases.record(extension).stage) == (400, "asked")
    assert post(cases, desk, path, extension, act="granted", working_days=7).status_code == 303
    assert cases.record(case).values["due_version"] == 2
    other = ask(cases, cases.rectifying())
    told = send(cases, desk, f"/api/extensions/{other}/decide", other, act="refused", words="理由不充分。")
    assert told.status_code == 200
    assert cases.record(other).stage == "refused"


# Who may


@pytest.mark.parametrize(("login", "status"), OTHERS.items())
def test_who_has_no_office_over_a_case_takes_no_step_of_it(cases: Cases, login: str, status: int):
    cases.enlist("supervisor2")
    case = cases.reported()
    (finding,) = cases.findings(case)
    desk = desk_of(cases, login)
    met = {"verdicts": [{"finding": finding, "verdict": "met"}], "money_settled": True}
    steps: list[tuple[str, str, dict[str, Any]]] = [("verify", "report_submitted", met)]
    for step, stage, body in steps:
        told = send(cases, desk, f"/api/cases/{case}/{step}", case, **body)
        assert told.status_code == status, (step, told.json)
        assert cases.record(case).stage == stage
    form = post(cases, desk, f"/cases/{case}/verify", case, **{f"verdict-{finding}": "met"})
    assert form.status_code == status
    cases.verify(case)
    late: list[tuple[str, dict[str, Any]]] = [
        ("return", {"code": "incomplete"}), ("close", {"look_back_on": _in(cases, 9)}),
    ]  # fmt: skip
    for step, body in late:
        assert send(cases, desk, f"/api/cases/{case}/{step}", case, **body).status_code == status, step
    close = {"look_back_on": _in(cases, 9)}
    closer = desk_of(cases, "supervisor2")
    assert send(cases, closer, f"/api/cases/{case}/close", case, **close).status_code == 200
    today = _in(cases, 0)
    after: list[tuple[str, dict[str, Any]]] = [
        ("call-back", {"on": today, "result": "fair"}), ("look-back", {"on": today, "result": "kept"}),
        ("reopen", {"words": "反弹。"}),
    ]  # fmt: skip
    for step, body in after:
        assert send(cases, desk, f"/api/cases/{case}/{step}", case, **body).status_code == status, step
    assert send(cases, closer, f"/api/cases/{case}/call-back", case, **after[0][1]).status_code == 200
    assert send(cases, desk, f"/api/cases/{case}/satisfy", case).status_code == status
    assert cases.record(case).stage == "closed"


@pytest.mark.parametrize(("login", "status"), OTHERS.items())
def test_who_has_no_office_over_a_notice_takes_no_step_of_it(cases: Cases, login: str, status: int):
    notice = cases.draft(cases.assigned())
    desk = desk_of(cases, login)
    said = {"facts": "甲。", "demands": "乙。", "working_days": 5}
    assert send(cases, desk, f"/api/notices/{notice}/change", notice, **said).status_code == status
    assert send(cases, desk, f"/api/notices/{notice}/sign-off", notice).status_code == status
    assert post(cases, desk, f"/notices/{notice}/sign_off", notice).status_code == status
    cases.sign_off(notice)
    assert send(cases, desk, f"/api/notices/{notice}/issue", notice).status_code == status
    cases.issue(notice)
    service = {"method": "post", "served_on": _in(cases, 0)}
    assert send(cases, desk, f"/api/notices/{notice}/serve", notice, **service).status_code == status
    cases.serve(notice)
    assert send(cases, desk, f"/api/notices/{notice}/acknowledge", notice).status_code == status
    assert cases.record(notice).stage == "served"


@pytest.mark.parametrize(("login", "status"), OTHERS.items())
def test_who_has_no_office_decides_on_no_extension(cases: Cases, login: str, status: int):
    extension = ask(cases, cases.rectifying())
    desk = desk_of(cases, login)
    body = {"act": "granted", "working_days": 1}
    assert send(cases, desk, f"/api/extensions/{extension}/decide", extension, **body).status_code == status
    assert post(cases, desk, f"/extensions/{extension}/decide", extension, **body).status_code == status
    assert cases.record(extension).stage == "asked"


def test_an_auditor_sees_what_is_next_and_no_form(cases: Cases):
    case = cases.reported()
    page = desk_of(cases, "auditor").get(f"/cases/{case}")
    assert "核查报告" in words(page)
    assert f"/cases/{case}/verify" not in page.text
    assert "已完成整改。" not in page.text, "what is private is not shown"


def test_whoever_is_recused_from_the_institution_reaches_none_of_it(cases: Cases):
    cases.enlist("aside")
    case = cases.assigned()
    notice = cases.draft(case)
    world = cases.world
    wanted = Wanted(user=cases.user("aside"), about=world.hospital, reason="kinship")
    recusing.declare(world.services, cases.user("aside"), wanted)
    desk = desk_of(cases, "aside")
    assert desk.get(f"/cases/{case}").status_code == 403
    assert send(cases, desk, f"/api/notices/{notice}/sign-off", notice).status_code == 403
    assert send(cases, desk, f"/api/cases/{case}/notices", case).status_code == 403
    assert cases.record(notice).stage == "draft"


def test_a_step_that_there_is_not_is_not_found(cases: Cases):
    case = cases.assigned()
    desk = desk_of(cases, "supervisor")
    assert post(cases, desk, f"/cases/{case}/dance", case).status_code == 404
    assert desk.post(f"/notices/{world_id(cases.world)}/sign_off", version=1).status_code == 404


def test_a_case_that_was_not_served_yet_is_counted_where_it_waits(cases: Cases):
    desk = Desk(cases.world, "supervisor")

    def waiting() -> dict[str, int]:
        told = desk.get("/api/reports/ageing").json["table"]
        names = [column["name"] for column in told["columns"]]
        rows = [dict(zip(names, row, strict=True)) for row in told["rows"]]
        return {row["stage"]: row["open"] for row in rows}

    before = waiting()
    cases.assigned()
    after = waiting()
    assert sum(after.values()) == sum(before.values()) + 1
    assert [stage for stage in after if after[stage] != before[stage]] == [next(iter(after))]
    assert desk.get("/reports").status_code == 200
