"""A supervisor calls rounds from a form; what does not fit is said beside it, and who may not call calls nobody."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.queries import calls
from tests.imports.files import HOSPITAL
from tests.rounds.town import MINUTE_MS, Town, desk, person
from tests.server.desk_client import Desk, heading, words

FORM = {"method": "random", "size": "3"}


@pytest.fixture
def chief(town: Town) -> Desk:
    """The city's supervisor, signed in."""
    return desk(town, "chief", "supervisor", "341500")


def call(who: Desk, *institutions: str, **form: Any) -> TestResponse:
    """Send the form."""
    return who.post("/rounds/call", institution=list(institutions), **{**FORM, **form})


def ordered(town: Town) -> list[dict[str, Any]]:
    return [dict(one.values) for one in town.of_type("ward_round")]


def test_the_form_lists_who_can_be_called_and_who_answers(town: Town, chief: Desk):
    page = chief.get("/rounds/call")
    said = words(page)
    assert page.status_code == 200
    assert HOSPITAL.fixmedins_code in said
    assert f"在院 {len(town.patients())} 人" in said
    assert "测试ward" in said
    assert 'href="/rounds/call"' in chief.get("/rounds").text


def test_one_institution_that_was_chosen_is_called_and_its_round_is_shown(town: Town, chief: Desk):
    form = {"wards": "W11，W12", "respond_minutes": "20", "explain_minutes": "60", "by_bed": "on"}
    answer = call(chief, town.other, **form)
    ((made, known),) = [(one.id, one.values) for one in town.of_type("ward_round")]
    assert (answer.status_code, answer.location) == (303, f"/rounds/{made}")
    assert (known["stage"], known["institution"], known["operator"]) == (
        "in_progress",
        town.other,
        town.other_operator,
    )
    assert (known["draw_method"], len(known["drawn"]), sorted(known["wards"])) == (
        "random",
        3,
        ["W11", "W12"],
    )
    assert known["respond_by"] - known["called_at"] == 20 * MINUTE_MS
    assert known["explain_by"] - known["respond_by"] == 60 * MINUTE_MS
    assert (known["challenge_by_bed"], known["initiator"], known["lead"]) == (
        True,
        town.users["chief"],
        town.users["chief"],
    )
    assert "已呼叫" in words(chief.get(answer.location))


def test_several_are_called_at_once_and_their_board_is_shown(town: Town, chief: Desk):
    before = town.size()
    answer = call(chief, town.hospital, town.other, method="everybody", size="")
    assert (answer.status_code, answer.location) == (303, f"/rounds/board?entries={before}-{before + 1}")
    assert [one["stage"] for one in ordered(town)] == ["in_progress"] * 2


def test_whose_sample_cannot_be_drawn_waits_and_the_list_says_why(town: Town, chief: Desk):
    answer = call(chief, town.hospital, town.other, wards="W99")
    said = words(chief.get(answer.location))
    assert [one["order_fault"] for one in ordered(town)] == ["nobody_listed"] * 2
    assert "2 次尚未呼叫" in said
    assert "名单上没有符合条件的病人" in said


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"institution": []}, "请选择 1 至 200 家机构"),
        ({"method": "guess"}, "请选择抽样方式"),
        ({"size": ""}, "随机抽样须填写人数"),
        ({"size": "0"}, "随机抽样须填写人数"),
        ({"size": "1001"}, "随机抽样须填写人数"),
        ({"size": "٣"}, "随机抽样须填写人数"),
        ({"respond_minutes": "0"}, "应答时限为 1 至 10080 分钟"),
        ({"respond_minutes": "x"}, "应答时限为 1 至 10080 分钟"),
        ({"explain_minutes": "10081"}, "说明时限为 0 至 10080 分钟"),
        ({"wards": "w\x07"}, "病区名称按在院名单填写"),
    ],
)
def test_what_does_not_fit_is_named_and_calls_nobody(
    town: Town, chief: Desk, form: dict[str, Any], word: str
):
    before = town.size()
    answer = chief.post("/rounds/call", **{"institution": [town.other], **FORM, **form})
    assert answer.status_code == 422
    assert word in words(answer)
    assert town.size() == before


def test_what_was_typed_is_still_in_the_form(town: Town, chief: Desk):
    page = call(chief, town.other, size="0", wards="W12", respond_minutes="25", by_bed="on").text
    assert f'value="{town.other}" checked>' in page
    assert f'value="{town.hospital}">' in page
    for typed in ('name="wards" value="W12"', 'value="25"', 'name="by_bed" checked'):
        assert typed in page


def test_of_several_who_could_answer_the_form_asks_for_one(town: Town, chief: Desk):
    second = person(town.services, "ward2", "institution_user", "341502", institution=town.hospital)
    unclear = call(chief, town.hospital)
    assert (unclear.status_code, "请选定应答人员" in words(unclear)) == (422, True)
    chosen = call(chief, town.hospital, **{f"operator-{town.hospital}": second})
    assert chosen.status_code == 303
    assert [one["operator"] for one in ordered(town)] == [second]


def test_the_form_can_be_narrowed_to_a_region(town: Town, chief: Desk):
    here, there = (town.record(one) for one in (town.hospital, town.other))
    shown = chief.get("/rounds/call", region=here.region).text
    assert here.id in shown
    assert (there.id in shown) == (there.region == here.region)
    assert "没有可呼叫的机构" in words(chief.get("/rounds/call", region="341599"))


def test_institutions_that_are_too_many_for_the_form_are_counted(
    town: Town, chief: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(calls, "INSTITUTIONS_MAX", 1)
    assert "另有 1 家机构未列出" in words(chief.get("/rounds/call"))


@pytest.mark.parametrize("role", ["auditor", "leader", "second_reviewer"])
def test_who_is_no_supervisor_sees_no_form_and_calls_nobody(town: Town, role: str):
    reader = desk(town, "reader", role, "341500")
    before = town.size()
    for answer in (reader.get("/rounds/call"), call(reader, town.other)):
        assert answer.status_code == 403
        assert heading(answer) == "您的角色或辖区不包括此项操作"
    assert town.size() == before
    assert 'href="/rounds/call"' not in reader.get("/rounds").text


def test_a_supervisor_of_another_region_neither_sees_nor_calls_the_institution(town: Town):
    neighbour = desk(town, "neighbour", "supervisor", "341599")
    before = town.size()
    assert HOSPITAL.fixmedins_code not in neighbour.get("/rounds/call").text
    assert call(neighbour, town.hospital).status_code == 404
    assert town.size() == before


def test_a_form_without_its_token_calls_nobody(town: Town, chief: Desk):
    before = town.size()
    answer = chief.client.post("/rounds/call", data={"institution": [town.other], **FORM})
    assert answer.status_code == 400
    assert town.size() == before


def test_whoever_is_not_signed_in_is_sent_to_sign_in(town: Town):
    assert Desk(town).get("/rounds/call").location.startswith("/sign-in?next=")


# -- before the call ----------------------------------------------------------------------------------


def test_before_the_call_the_form_tells_how_many_would_be_drawn_and_never_who(town: Town, chief: Desk):
    before = town.size()
    answer = call(chief, town.hospital, town.other, step="preview", size="7", wards="W11")
    said = words(answer)
    listed = {
        place: sum(one.values["ward"] == "W11" for one in town.patients(place).values())
        for place in (town.hospital, town.other)
    }
    assert answer.status_code == 200
    for count in listed.values():
        assert f"在册 {count} 人，将抽 {min(7, count)} 人" in said
    assert f"存证第 {town.census.index} 条" in said
    assert f'value="{town.hospital}" checked>' in answer.text
    assert not any(patient in answer.text for patient in town.patients())
    assert town.size() == before
    assert "名单上没有符合条件的病人" in words(call(chief, town.hospital, step="preview", wards="W99"))
    assert call(chief, town.hospital, step="preview", size="").status_code == 422


def test_programs_are_told_the_same_before_the_call(town: Town, chief: Desk):
    body = {"institutions": [town.hospital], "method": "everybody"}
    told = chief.send("/api/ward-rounds/preview", body).json["institutions"][town.hospital]
    assert (told["drawn"], told["listed"], told["fault"]) == (len(town.patients()),) * 2 + ("",)
    assert told["entry"] == town.census.index
    town.pass_minutes(60 * 24 * 30)
    again = desk(town, "again", "supervisor", "341500")
    told = again.send("/api/ward-rounds/preview", body).json["institutions"][town.hospital]
    assert told["fault"] == "no_census"


# -- a round that was ordered for later --------------------------------------------------------------


@pytest.fixture
def later(town: Town) -> str:
    """A round that is to be called in an hour."""
    return town.call(call_at=town.services.now_ms() + 60 * MINUTE_MS)


def test_a_round_that_was_ordered_for_later_can_be_called_now(town: Town, chief: Desk, later: str):
    assert f'action="/rounds/{later}/call"' in chief.get(f"/rounds/{later}").text
    answer = chief.post(f"/rounds/{later}/call")
    assert (answer.status_code, answer.location) == (303, f"/rounds/{later}")
    assert town.record(later).stage == "in_progress"
    assert f'action="/rounds/{later}/call"' not in chief.get(f"/rounds/{later}").text


def test_a_round_is_called_once(town: Town, chief: Desk, later: str):
    chief.post(f"/rounds/{later}/call")
    before = town.size()
    assert chief.post(f"/rounds/{later}/call").status_code == 400
    assert town.size() == before


@pytest.mark.parametrize(
    ("role", "region", "status"), [("auditor", "341500", 403), ("supervisor", "341599", 404)]
)
def test_who_may_not_calls_no_ordered_round(town: Town, later: str, role: str, region: str, status: int):
    reader = desk(town, "reader", role, region)
    assert f'action="/rounds/{later}/call"' not in reader.get(f"/rounds/{later}").text
    assert reader.post(f"/rounds/{later}/call").status_code == status
    assert town.record(later).stage == "planned"
