"""Asking for more time and appealing: when it is possible, how often, by whom, and taking it back."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from tests.portal.scene import Scene
from tests.server.desk_client import Desk, words

TIME = {"working_days": 7, "reason": "procurement", "words": "系统改造尚未完成。"}
DEFENCE = {"kind": "statement_of_defence", "reasons": "已于期限内退回全部费用。"}


def running(scene: Scene) -> str:
    """Return a case whose term runs."""
    case = scene.case()
    scene.notice(case)
    return case


def test_more_time_is_asked_for_once_and_for_half_of_the_term_at_most(scene: Scene, own: Desk):
    case = running(scene)
    path = f"/api/portal/cases/{case}/extension"
    assert own.get(f"/api/portal/cases/{case}").json["extension_max"] == 7
    assert own.send(path, {**TIME, "working_days": 8}).json["field"] == "working_days"
    asked = own.send(path, TIME)
    assert asked.status_code == 200, asked.text
    assert asked.json["extension"]["stage"] == "asked"
    assert own.send(path, TIME).json["code"] == "bad_transition"
    assert own.get(f"/api/portal/cases/{case}").json["extension_max"] == 0


def test_the_form_asks_and_keeps_what_was_typed_where_something_does_not_fit(scene: Scene, own: Desk):
    case = running(scene)
    refused = own.post(f"/portal/cases/{case}/extension", **{**TIME, "working_days": "20"})
    assert refused.status_code == 422
    assert "系统改造尚未完成。" in refused.text
    assert own.post(f"/portal/cases/{case}/extension", **TIME).status_code == 303
    assert "系统改造" in words(own.get(f"/portal/cases/{case}")) or "采购" in words(
        own.get(f"/portal/cases/{case}")
    )


def test_after_the_last_day_no_time_is_asked_for(scene: Scene, own: Desk):
    case = running(scene)
    late = Draft("edit", "rectification_case", case, {"due_on": "2026-11-16", "due_version": 2})
    scene.world.act(late, by="supervisor")
    refused = own.send(f"/api/portal/cases/{case}/extension", TIME)
    assert (refused.json["code"], refused.json["field"]) == ("bad_transition", "due_on")


def test_what_was_granted_is_seen(scene: Scene, own: Desk):
    case = running(scene)
    extension = own.send(f"/api/portal/cases/{case}/extension", TIME).json["extension"]["id"]
    granted = {"granted_working_days": 5, "due_on": "2026-12-15", "answer": "同意延长五个工作日。"}
    step = {"stage": {"from": "asked", "to": "granted"}}
    scene.world.act(Draft("edit", "extension", extension, {**granted, **step}), by="supervisor")
    assert "同意延长五个工作日。" in words(own.get(f"/portal/cases/{case}"))


def test_what_was_asked_is_taken_back_while_nobody_decided(scene: Scene, own: Desk):
    case = running(scene)
    one = own.send(f"/api/portal/cases/{case}/extension", TIME).json["extension"]
    body = {"kind": "extension", "version": one["version"]}
    assert own.send(f"/api/portal/withdraw/{one['id']}", body).status_code == 200
    assert scene.world.record(one["id"]).stage == "withdrawn"
    version = scene.world.record(one["id"]).version
    again = own.send(f"/api/portal/withdraw/{one['id']}", {**body, "version": version})
    assert again.json["code"] == "bad_transition"


def test_a_statement_of_defence_is_filed_against_what_one_was_told(scene: Scene, own: Desk):
    sanction = scene.sanction(running(scene))
    done = own.post(f"/portal/sanctions/{sanction}/appeal", **DEFENCE)
    assert done.status_code == 303
    assert DEFENCE["reasons"] in words(own.get(f"/portal/sanctions/{sanction}"))
    again = own.send(f"/api/portal/sanctions/{sanction}/appeal", DEFENCE)
    assert again.json["code"] == "bad_transition"
    shown = own.get(f"/api/portal/sanctions/{sanction}").json["sanction"]["appeals"][0]
    body = {"version": shown["version"]}
    assert own.post(f"/portal/appeal/{shown['id']}/withdraw", **body).status_code == 303
    assert scene.world.record(shown["id"]).stage == "withdrawn"


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"kind": "administrative_review"}, 400),
        ({"kind": "lawsuit"}, 400),
        ({"kind": "complaint"}, 400),
        ({"reasons": "  "}, 400),
        ({"kind": "hearing"}, 200),
    ],
)
def test_before_a_decision_only_a_statement_or_a_hearing_is_open(
    scene: Scene, own: Desk, wanted: dict[str, Any], status: int
):
    sanction = scene.sanction(running(scene))
    assert own.send(f"/api/portal/sanctions/{sanction}/appeal", {**DEFENCE, **wanted}).status_code == status


def test_the_form_of_an_appeal_keeps_what_was_typed(scene: Scene, own: Desk):
    sanction = scene.sanction(running(scene))
    refused = own.post(f"/portal/sanctions/{sanction}/appeal", kind="lawsuit", reasons="写了很多")
    assert refused.status_code == 422
    assert "写了很多" in refused.text


def test_a_sanction_that_nobody_was_told_of_is_not_there(scene: Scene, own: Desk):
    sanction = scene.sanction(running(scene), told=False)
    assert own.get(f"/portal/sanctions/{sanction}").status_code == 404
    assert own.send(f"/api/portal/sanctions/{sanction}/appeal", DEFENCE).status_code == 404


def test_another_institution_asks_for_nothing_here(scene: Scene, own: Desk, other: Desk):
    case = running(scene)
    sanction = scene.sanction(case)
    assert other.post(f"/portal/cases/{case}/extension", **TIME).status_code == 404
    assert other.send(f"/api/portal/cases/{case}/extension", TIME).status_code == 404
    for path in (f"/portal/sanctions/{sanction}", f"/api/portal/sanctions/{sanction}"):
        assert other.get(path).status_code == 404
    assert other.post(f"/portal/sanctions/{sanction}/appeal", **DEFENCE).status_code == 404
    assert other.send(f"/api/portal/sanctions/{sanction}/appeal", DEFENCE).status_code == 404
    one = own.send(f"/api/portal/cases/{case}/extension", TIME).json["extension"]
    body = {"kind": "extension", "version": one["version"]}
    assert other.send(f"/api/portal/withdraw/{one['id']}", body).status_code == 404
    assert other.post(f"/portal/extension/{one['id']}/withdraw", version=one["version"]).status_code == 404
    assert (
        Desk(scene.world, "supervisor").send(f"/api/portal/cases/{case}/extension", TIME).status_code == 403
    )
    assert scene.world.record(one["id"]).stage == "asked"
