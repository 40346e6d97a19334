"""A supervisor makes, pauses and ends schedules of rounds; what does not fit is said beside the form."""

from __future__ import annotations

from typing import Any

import pytest

from server.rounds import scheduling
from tests.rounds.town import Town, desk
from tests.server.desk_client import Desk, words

FORM = {
    "kind": "surprise", "weekday": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:30",
    "times_a_week": "2", "method": "random", "size": "5", "wards": "W11，W12", "respond_minutes": "20",
}  # fmt: skip
BODY = {"kind": "routine", "weekdays": ["mon", "wed"], "from_minute": 540}


@pytest.fixture
def chief(town: Town) -> Desk:
    """The city's supervisor, signed in."""
    return desk(town, "chief", "supervisor", "341500")


def test_a_schedule_is_made_planned_paused_taken_up_and_ended(town: Town, chief: Desk):
    answer = chief.post("/rounds/schedules", institution=[town.hospital, town.other], **FORM)
    assert (answer.status_code, answer.location) == (303, "/rounds/schedules")
    (made,) = town.of_type("round_schedule")
    known = made.values
    assert (known["kind"], known["from_minute"], known["until_minute"], known["times_a_week"]) == (
        "surprise", 540, 1050, 2,
    )  # fmt: skip
    assert set(known["institutions"]) == {town.hospital, town.other}
    assert (sorted(known["wards"]), known["lead"], known["respond_minutes"]) == (
        ["W11", "W12"], town.users["chief"], 20,
    )  # fmt: skip
    assert scheduling.fire(town.services)[scheduling.PLANNED] == 1
    said = words(chief.get("/rounds/schedules"))
    for word in ("突击", "09:00 – 17:30", "每周 2 次", "执行中", "等另外 1 家"):
        assert word in said
    assert 'href="/rounds/schedules"' in chief.get("/rounds").text
    for step, stage in (("pause", "paused"), ("resume", "active")):
        assert chief.post(f"/rounds/schedules/{made.id}/{step}").status_code == 303
        assert town.record(made.id).stage == stage
    assert chief.post(f"/rounds/schedules/{made.id}/end").status_code == 303
    assert town.of_type("round_schedule") == []


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"institution": []}, "请选择 1 至 200 家机构"),
        ({"kind": "moon"}, "请选择定时或突击"),
        ({"weekday": []}, "请选择星期"),
        ({"weekday": ["moonday"]}, "请选择星期"),
        ({"start": "9"}, "时间请写成 09:00"),
        ({"start": "24:00"}, "时间请写成 09:00"),
        ({"end": "08:00"}, "突击须填写截止时刻"),
        ({"times_a_week": ""}, "每周次数不得超过所选天数"),
        ({"times_a_week": "6"}, "每周次数不得超过所选天数"),
        ({"size": ""}, "随机抽样须填写人数"),
        ({"method": "guess"}, "请选择抽样方式"),
        ({"respond_minutes": "x"}, "应答时限为 1 至 10080 分钟"),
    ],
)
def test_what_does_not_fit_is_named_and_schedules_nothing(
    town: Town, chief: Desk, form: dict[str, Any], word: str
):
    before = town.size()
    answer = chief.post("/rounds/schedules", **{"institution": [town.hospital], **FORM, **form})
    assert (answer.status_code, word in words(answer)) == (422, True)
    assert town.size() == before


def test_who_may_not_schedules_nothing_and_turns_nothing(town: Town, chief: Desk):
    chief.post("/rounds/schedules", institution=[town.hospital], **FORM)
    (made,) = town.of_type("round_schedule")
    auditor, neighbour = desk(town, "reader", "auditor", "341500"), desk(town, "far", "supervisor", "341599")
    before = town.size()
    assert auditor.get("/rounds/schedules").status_code == 200
    assert "建立排期" not in words(auditor.get("/rounds/schedules"))
    assert auditor.post("/rounds/schedules", institution=[town.hospital], **FORM).status_code == 403
    assert neighbour.post("/rounds/schedules", institution=[town.hospital], **FORM).status_code == 404
    assert auditor.post(f"/rounds/schedules/{made.id}/pause").status_code == 403
    assert neighbour.post(f"/rounds/schedules/{made.id}/end").status_code == 404
    assert town.size() == before


def test_a_step_that_is_none_or_does_not_fit_is_refused(town: Town, chief: Desk):
    chief.post("/rounds/schedules", institution=[town.hospital], **FORM)
    (made,) = town.of_type("round_schedule")
    before = town.size()
    for step in ("resume", "moon"):
        assert chief.post(f"/rounds/schedules/{made.id}/{step}").status_code == 400
    assert town.size() == before


def test_a_program_does_the_same(town: Town, chief: Desk):
    answer = chief.send("/api/round-schedules", {**BODY, "institutions": [town.hospital]})
    assert answer.status_code == 201
    made = answer.json["id"]
    assert town.record(made).values["draw_method"] == "everybody"
    assert chief.send(f"/api/round-schedules/{made}", {"step": "pause"}).json == {"id": made}
    assert town.record(made).stage == "paused"
    assert chief.send("/api/round-schedules", {**BODY, "institutions": []}).status_code == 400
    assert chief.send(f"/api/round-schedules/{made}", {"step": "pause"}).status_code == 400
