"""Recoveries: what is paid is the sum of its vouchers and never more than agreed; a leader writes off; sums by kind."""

from __future__ import annotations

import pytest

from sync.errors import BadValue, NotAllowed, OwnWork
from tests.console.course_scene import begin, case_of, person, send, take, today
from tests.server.desk_client import Desk, words
from tests.server.world import World

NOUN = "recoveries"


def found(world: World, **more: object) -> str:
    given = {"case": case_of(world), "kind": "refund", "fund": "pooled", "found_fen": 1_000_001}
    return begin(world, NOUN, **{**given, **more})


def agreed(world: World, fen: int = 1_000_001) -> str:
    made = found(world)
    take(world, NOUN, made, "agree", agreed_fen=fen, pay_by="2026-12-31")
    return made


def pay(world: World, recovery: str, fen: int, voucher: str, **more: object) -> None:
    given = {"paid_on": today(world), "amount_fen": fen, "way": "transfer", "voucher": voucher}
    take(world, NOUN, recovery, "pay", **{**given, **more})


def test_payments_add_up_to_the_fen_and_the_last_one_makes_it_paid(world: World):
    made = agreed(world)
    pay(world, made, 1_000_000, "V1")
    part = world.record(made)
    assert (part.stage, part.values["paid_fen"]) == ("partly_paid", 1_000_000)
    pay(world, made, 1, "V2")
    whole = world.record(made)
    assert (whole.stage, whole.values["paid_fen"]) == ("paid", 1_000_001)
    assert sum(one["amount_fen"] for one in whole.values["payments"]) == whole.values["paid_fen"]


def test_nothing_is_paid_beyond_what_was_agreed_nor_twice_by_one_voucher(world: World):
    made = agreed(world, 1_000)
    for fen, voucher in ((1_001, "V1"), (0, "V2")):
        with pytest.raises(BadValue):
            pay(world, made, fen, voucher)
    pay(world, made, 400, "V3")
    with pytest.raises(BadValue) as refused:
        pay(world, made, 400, "V3")
    assert refused.value.field == "voucher"
    with pytest.raises(BadValue) as refused:
        pay(world, made, 601, "V4")
    assert refused.value.field == "amount_fen"
    with pytest.raises(BadValue):
        pay(world, made, 100, "V5", paid_on="2027-01-01")
    assert world.record(made).values["paid_fen"] == 400


def test_nothing_is_agreed_beyond_what_was_found(world: World):
    made = found(world)
    with pytest.raises(BadValue) as refused:
        take(world, NOUN, made, "agree", agreed_fen=1_000_002, pay_by="2026-12-31")
    assert refused.value.field == "agreed_fen"
    assert world.record(made).stage == "found"


def test_a_leader_alone_writes_off_and_not_what_he_entered_himself(world: World):
    chief = person(world, "chief", "leader", region="341500")
    both = person(world, "both", "leader", "supervisor")
    made = agreed(world)
    with pytest.raises(NotAllowed):
        take(world, NOUN, made, "write_off", write_off_reason="测试：机构已注销")
    take(world, NOUN, made, "write_off", chief, write_off_reason="测试：机构已注销")
    assert world.record(made).stage == "written_off"
    own = begin(world, NOUN, both, case=case_of(world), kind="refund", found_fen=5)
    with pytest.raises(OwnWork):
        take(world, NOUN, own, "write_off", both, write_off_reason="测试")


def test_the_page_has_totals_by_kind_and_stage_and_leaves_as_a_table(world: World):
    begin(world, NOUN, institution=world.hospital, kind="voluntary", found_fen=77_700)
    desk = Desk(world, "supervisor")
    page = words(desk.get("/recoveries", kind="voluntary"))
    assert "自查自纠退回 · 已认定" in page
    assert "777.00 元" in page
    totals = desk.get("/api/recoveries/totals", kind="voluntary").json
    assert totals["sums"] == ["found_fen", "agreed_fen", "paid_fen"]
    assert totals["lines"][-1]["sums"][0] == sum(line["sums"][0] for line in totals["lines"][:-1]) == 77_700
    assert Desk(world, "neighbour").get("/api/recoveries/totals").json["lines"] == []
    assert desk.get("/recoveries/export/xlsx", kind="voluntary").status_code == 200
    assert "77700" in desk.get("/recoveries/export/csv", kind="voluntary").text.replace(".", "")


def test_it_is_entered_by_the_institutions_code_or_from_the_case(world: World):
    desk = Desk(world, "supervisor")
    typed = {"institution": "H34150290001", "kind": "penalty", "found_fen": "100.50"}
    assert desk.post("/recoveries/new", **typed).status_code == 303
    wrong = desk.post("/recoveries/new", **typed | {"institution": "H34150299999"})
    assert wrong.status_code == 422
    nowhere = desk.post("/recoveries/new", kind="penalty", found_fen="1")
    assert nowhere.status_code == 422
    assert "请填写机构" in words(nowhere)
    case = case_of(world)
    assert desk.post("/recoveries/new", case=case, kind="refund", found_fen="1").status_code == 303
    assert "/recoveries/" in desk.get(f"/cases/{case}").text


def test_who_is_not_in_the_region_neither_sees_nor_pays(world: World):
    made = agreed(world)
    neighbour = Desk(world, "neighbour")
    assert neighbour.get(f"/recoveries/{made}").status_code == 404
    given = {"paid_on": today(world), "amount_fen": 1, "way": "cash", "voucher": "V9"}
    assert send(world, "neighbour", NOUN, made, "pay", **given).status_code == 404
    assert send(world, "auditor", NOUN, made, "pay", **given).status_code == 403
    assert send(world, "supervisor", NOUN, made, "pay", **given).json["stage"] == "partly_paid"
