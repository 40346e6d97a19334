"""The signed slip (送达回证) photographed on a phone: it stands beside its notice and proves the service."""

from __future__ import annotations

from typing import Any

import pytest

from server.casework import case_desk
from server.casework.serving import Service
from server.ledger.audit import audit
from sync.errors import BadValue, NotAllowed
from tests.casework.cases import Cases
from tests.casework.test_at_the_desk import desk_of, post, send
from tests.server.desk_client import words


def issued(cases: Cases) -> tuple[str, str]:
    """Return a case and its notice that was issued."""
    case = cases.assigned()
    notice = cases.draft(case)
    cases.sign_off(notice)
    cases.issue(notice)
    return case, notice


def slip(cases: Cases, of: str, **more: Any) -> str:
    """Photograph a slip of a notice or a case; return its evidence."""
    told = {"kind": "documentary", "form": "service_slip", "slip_of": of, **more}
    return cases.world.photograph(**told)


def serve(cases: Cases, notice: str, **more: Any) -> None:
    told = {"method": "direct", "served_on": cases.today, "received_by": "测试签收人", **more}
    case_desk.serve_notice(
        cases.world.services, cases.user("supervisor"), notice, Service(**told), version=cases.version(notice)
    )


@pytest.mark.parametrize("about", ["notice", "case"])
def test_its_digest_as_it_was_photographed_proves_the_service(cases: Cases, about: str):
    case, notice = issued(cases)
    taken = slip(cases, notice if about == "notice" else case)
    serve(cases, notice, slip=taken)
    found = cases.record(notice)
    assert found.stage == "served"
    assert found.values["receipt"] == cases.record(taken).values["digest"]
    assert audit(cases.world.services).ok


def test_what_proves_nothing_is_refused_and_nothing_is_served(cases: Cases):
    _, notice = issued(cases)
    _, other = issued(cases)
    ready = slip(cases, notice)
    faults = (
        {"slip": slip(cases, other)},
        {"slip": slip(cases, notice, sent=False)},
        {"slip": cases.world.photograph()},
        {"slip": ready, "method": "electronic"},
        {"slip": ready, "receipt": "ab" * 32},
    )
    for fault in faults:
        with pytest.raises(BadValue) as refused:
            serve(cases, notice, **fault)
        assert refused.value.field in ("slip", "receipt")
    assert cases.record(notice).stage == "issued"


def test_a_slip_that_a_reviewer_rejected_proves_nothing(cases: Cases):
    _, notice = issued(cases)
    taken = slip(cases, notice)
    cases.world.move("evidence", taken, "pending_review", "rejected", by="supervisor")
    with pytest.raises(BadValue):
        serve(cases, notice, slip=taken)


def test_the_team_hands_in_a_slip_after_its_record_was_signed_and_nothing_else(cases: Cases):
    _, notice = issued(cases)
    cases.world.move("inspection", cases.world.inspection, "on_site", "record_signed", by="lead")
    try:
        taken = slip(cases, notice)
        with pytest.raises(NotAllowed):
            cases.world.photograph()
        with pytest.raises(NotAllowed):
            slip(cases, notice, original_place="档案室")
    finally:
        cases.world.move("inspection", cases.world.inspection, "record_signed", "submitted", by="lead")
        cases.world.move("inspection", cases.world.inspection, "submitted", "returned", by="supervisor")
    serve(cases, notice, slip=taken)
    assert cases.record(notice).stage == "served"


def test_the_page_shows_it_and_the_form_takes_it(cases: Cases):
    case, notice = issued(cases)
    desk = desk_of(cases, "supervisor")
    assert "尚无回证照片" in words(desk.get(f"/notices/{notice}"))
    taken = slip(cases, notice)
    page = desk.get(f"/notices/{notice}")
    assert f"/evidence/{taken}" in page.text
    assert "证明送达" not in words(page)
    assert f'value="{taken}"' in desk.get(f"/cases/{case}").text
    form = {"method": "direct", "served_on": cases.today.isoformat(), "received_by": "测试签收人"}
    bad = post(cases, desk, f"/notices/{notice}/serve", notice, **form, slip=case)
    assert bad.status_code == 400
    assert "请选择本文书已完整上传的回证" in words(bad)
    assert post(cases, desk, f"/notices/{notice}/serve", notice, **form, slip=taken).status_code == 303
    shown = words(desk.get(f"/notices/{notice}"))
    assert "证明送达" in shown
    assert cases.record(taken).values["digest"] in shown


def test_a_program_serves_by_it(cases: Cases):
    _, notice = issued(cases)
    taken = slip(cases, notice)
    desk, today = desk_of(cases, "supervisor"), cases.today.isoformat()
    told = {"method": "post", "served_on": today}
    bad = send(cases, desk, f"/api/notices/{notice}/serve", notice, **told, slip=notice)
    assert (bad.status_code, bad.json["field"]) == (400, "slip")
    assert send(cases, desk, f"/api/notices/{notice}/serve", notice, **told, slip=taken).status_code == 200
    (part,) = desk.get(f"/api/notices/{notice}").json["slips"]
    assert (part["id"], part["ready"], part["fixed"]) == (taken, True, True)


def test_another_countys_supervisor_sees_none(cases: Cases):
    _, notice = issued(cases)
    slip(cases, notice)
    assert desk_of(cases, "neighbour").get(f"/notices/{notice}").status_code == 404
