"""What an institution's user sees of its own, and that nothing of another's is there."""

from __future__ import annotations

import pytest

from tests.portal.scene import FACTS, Scene
from tests.server.desk_client import Desk, words

DESK = (
    "/cases",
    "/findings",
    "/institutions",
    "/evidence",
    "/inspections",
    "/records",
    "/ledger",
    "/reports",
)


def test_signing_in_leads_to_the_portal(scene: Scene, own: Desk):
    answer = own.get("/")
    assert (answer.status_code, answer.location) == (303, "/portal")
    assert "测试市第001医院" in words(own.get("/portal"))


def test_a_notice_and_its_case_are_read_with_what_was_found(scene: Scene, own: Desk):
    case = scene.case()
    notice = scene.notice(case)
    told = words(own.get(f"/portal/notices/{notice}"))
    assert FACTS in told
    assert "挂床住院" in told
    told = words(own.get(f"/portal/cases/{case}"))
    assert "1.00 元" in told
    assert "工作日" in told
    assert "测试甲" not in told, "an officer's name"
    assert scene.world.record(notice).values["number"] in words(own.get("/portal"))


def test_another_institutions_notices_and_cases_are_not_there(scene: Scene, other: Desk):
    case = scene.case()
    notice = scene.notice(case)
    assert other.get(f"/portal/notices/{notice}").status_code == 404
    assert other.get(f"/portal/cases/{case}").status_code == 404
    assert scene.world.record(notice).values["number"] not in words(other.get("/portal"))


@pytest.mark.parametrize("until", ["draft", "signed_off"])
def test_a_notice_that_was_not_issued_is_not_there(scene: Scene, own: Desk, until: str):
    notice = scene.notice(scene.case(), until=until)
    assert own.get(f"/portal/notices/{notice}").status_code == 404


def test_an_issued_one_is(scene: Scene, own: Desk):
    assert own.get(f"/portal/notices/{scene.notice(scene.case(), until='issued')}").status_code == 200


def test_a_sanction_is_seen_from_the_day_the_party_was_told(scene: Scene, own: Desk):
    case = scene.case()
    scene.sanction(case, told=False)
    assert "逾期未整改。" not in words(own.get(f"/portal/cases/{case}"))
    scene.sanction(case)
    assert "逾期未整改。" in words(own.get(f"/portal/cases/{case}"))


@pytest.mark.parametrize("path", DESK)
def test_the_desk_refuses_an_institutions_user(scene: Scene, own: Desk, path: str):
    answer = own.get(path)
    assert answer.status_code == 403
    assert 'href="/portal"' in answer.text


@pytest.mark.parametrize("login", ["supervisor", "lead", "auditor"])
def test_the_portal_refuses_the_desk(scene: Scene, login: str):
    assert Desk(scene.world, login).get("/portal").status_code == 403


def test_nobody_without_a_session_gets_in(scene: Scene):
    answer = Desk(scene.world).get("/portal")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/portal")


def test_a_program_reads_what_the_pages_show(scene: Scene, own: Desk, other: Desk):
    case = scene.case()
    notice = scene.notice(case)
    assert own.get(f"/api/portal/notices/{notice}").json["notice"]["facts"] == FACTS
    assert own.get(f"/api/portal/cases/{case}").json["case"]["next"] == "acknowledge"
    assert notice in {one["id"] for one in own.get("/api/portal").json["notices"]}
    assert other.get(f"/api/portal/notices/{notice}").status_code == 404
    assert other.get(f"/api/portal/cases/{case}").status_code == 404
    assert Desk(scene.world, "supervisor").get("/api/portal").status_code == 403


def test_a_notice_is_taken_away_on_paper_by_its_addressee_alone(scene: Scene, own: Desk, other: Desk):
    notice = scene.notice(scene.case())
    for path in (f"/portal/notices/{notice}/paper.pdf", f"/api/portal/notices/{notice}/paper"):
        assert own.get(path).data.startswith(b"%PDF-")
        assert other.get(path).status_code == 404
    draft = scene.notice(scene.case(), until="signed_off")
    assert own.get(f"/portal/notices/{draft}/paper.pdf").status_code == 404
