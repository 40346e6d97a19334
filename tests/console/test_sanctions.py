"""Sanctions: proposed, told, reviewed by law, decided by a leader; nobody takes two parts, nothing grows heavier."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from server.accounts import users
from server.casework import proposing, stepping
from server.casework.sanctioning import COURSE, amount_of
from server.commit.acts import act, new_id
from server.ledger.audit import audit
from sync.errors import BadTransition, BadValue, NotAllowed, OwnWork, RecordExists
from tests.security.access.targets import Place
from tests.server.desk_client import Desk, words
from tests.server.signing import asked, decided, keyed, supervisor
from tests.server.world import PASSWORD, World

STATEMENT = {"statement_kind": "disputes", "statement": "测试：患者当日请假"}


def person(world: World, login: str, *roles: str, region: str = "341502") -> str:
    """Let somebody in with some roles, once; return the login."""
    if login not in world.users:
        new = users.check(login=login, name=f"测试甲{login}", roles=roles, region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    return login


@pytest.fixture
def bench(world: World) -> World:
    """The world with somebody for law and a leader."""
    person(world, "law", "legal_reviewer")
    person(world, "chief", "leader", region="341500")
    return world


def proposal(world: World, **more: Any) -> dict[str, Any]:
    """Return what proposes refusing payment with damages at twice the amount."""
    case = Place("here", world).target("case", fresh=True)
    given = {"case": case, "track": "agreement", "level": "4", "reasons": "测试：逾期未整改",
             "base_fen": 1_234_567, "factor_permille": 2_000}  # fmt: skip
    return {**given, **more}


def propose(world: World, by: str = "supervisor", **more: Any) -> str:
    return stepping.begin(world.services, world.users[by], COURSE, proposal(world, **more)).id


def take(world: World, sanction: str, step: str, by: str, **given: Any) -> None:
    version = world.record(sanction).version
    stepping.take(world.services, world.users[by], COURSE, sanction, step, given, version=version)


def tell(world: World, sanction: str, **given: Any) -> None:
    take(world, sanction, "tell", "supervisor", told_on=world.services.today().isoformat(), **given)


def reviewed(world: World, **more: Any) -> str:
    """Return a sanction that the legal review has agreed to."""
    made = propose(world, **more)
    tell(world, made)
    take(world, made, "answer", "supervisor", **STATEMENT)
    take(world, made, "review", "law", legal_opinion="agreed")
    return made


def send(world: World, who: str, sanction: str, step: str, **given: Any) -> Any:
    """Take a step as a program does."""
    body = {"version": world.record(sanction).version, **given}
    return Desk(world, who).send(f"/api/sanctions/{sanction}/{step}", body)


# -- the amount -------------------------------------------------------------------------------------------


def test_an_amount_is_the_base_times_the_factor_in_whole_fen_and_never_more():
    assert amount_of(1_234_567, 2_000) == 2_469_134
    assert amount_of(999, 1_500) == 1_498
    assert amount_of(10**13, 10_000) == 10**14


def test_an_amount_that_is_not_the_base_times_the_factor_is_refused(bench: World):
    desk = Desk(bench, "supervisor")
    wrong = desk.send("/api/sanctions", proposal(bench, amount_fen=2_469_135))
    assert (wrong.status_code, wrong.json["field"]) == (400, "amount_fen")
    right = desk.send("/api/sanctions", proposal(bench, amount_fen=2_469_134))
    assert right.status_code == 201, right.text
    made = bench.record(right.json["id"])
    assert (made.values["amount_fen"], made.stage) == (2_469_134, "proposed")
    assert made.values["institution"] == bench.hospital
    assert made.values["findings"], "what the case is about, the sanction is about too"


# -- who may, and what lacks --------------------------------------------------------------------------------


def test_a_sanction_goes_from_proposal_to_done_by_three_persons(bench: World):
    made = reviewed(bench)
    take(bench, made, "decide", "chief", decision_reasons="测试：依据充分")
    found = bench.record(made)
    assert (found.stage, found.values["decided_level"], found.values["decided_amount_fen"]) == (
        "decided", "4", 2_469_134)  # fmt: skip
    today = bench.services.today().isoformat()
    take(bench, made, "serve", "supervisor", served_on=today)
    take(bench, made, "execute", "supervisor")
    take(bench, made, "finish", "supervisor", done_on=today)
    take(bench, made, "disclose", "supervisor", disclosed_on=today)
    done = bench.record(made)
    assert (done.stage, done.values["disclosed_on"]) == ("done", today)
    assert audit(bench.services).ok


def test_a_leader_decides_nothing_that_the_party_was_not_told(bench: World):
    made = propose(bench)
    answer = send(bench, "chief", made, "decide", decision_reasons="测试")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_transition")
    tell(bench, made)
    answer = send(bench, "chief", made, "decide", decision_reasons="测试")
    assert answer.json["code"] == "bad_transition"
    assert bench.record(made).stage == "told_party"


def test_law_waits_for_the_statement_or_for_the_days_to_answer(bench: World):
    made = propose(bench)
    tell(bench, made)
    early = send(bench, "law", made, "review", legal_opinion="agreed")
    assert (early.status_code, early.json["code"]) == (400, "bad_transition")
    assert "days to answer" in early.json["detail"]
    bench.installation.clock.advance(days=8)
    assert send(bench, "law", made, "review", legal_opinion="agreed").json["stage"] == "legal_reviewed"
    bench.installation.clock.advance(days=-8)


def test_a_hearing_that_was_asked_for_is_held_first(bench: World):
    made = propose(bench)
    tell(bench, made, hearing_wanted=True)
    take(bench, made, "answer", "supervisor", **STATEMENT)
    assert "hearing" in send(bench, "law", made, "review", legal_opinion="agreed").json["detail"]
    take(bench, made, "answer", "supervisor", heard_on=bench.services.today().isoformat())
    assert send(bench, "law", made, "review", legal_opinion="agreed").status_code == 200


def test_what_law_opposes_does_not_reach_the_leader(bench: World):
    made = propose(bench)
    tell(bench, made)
    take(bench, made, "answer", "supervisor", **STATEMENT)
    silent = send(bench, "law", made, "review", legal_opinion="opposed")
    assert (silent.status_code, silent.json["field"]) == (400, "legal_remarks")
    told = send(bench, "law", made, "review", legal_opinion="opposed", legal_remarks="测试：定性不当")
    assert told.json["stage"] == "told_party"
    assert send(bench, "chief", made, "decide", decision_reasons="测试").json["code"] == "bad_transition"
    page = words(Desk(bench, "chief").get(f"/sanctions/{made}"))
    assert "测试：定性不当" in page
    take(bench, made, "withdraw", "supervisor")
    assert bench.record(made).life == "voided"


def test_only_a_leader_decides_and_only_law_reviews(bench: World):
    made = propose(bench)
    tell(bench, made)
    take(bench, made, "answer", "supervisor", **STATEMENT)
    for who in ("city", "chief"):
        with pytest.raises(NotAllowed):
            take(bench, made, "review", who, legal_opinion="agreed")
    take(bench, made, "review", "law", legal_opinion="agreed")
    for who in ("city", "law", "supervisor"):
        with pytest.raises(NotAllowed):
            take(bench, made, "decide", who, decision_reasons="测试")
    assert bench.record(made).stage == "legal_reviewed"


def test_nobody_takes_two_of_the_three_parts_also_not_past_the_desk(bench: World):
    both = person(bench, "allround", "supervisor", "legal_reviewer", "leader")
    made = propose(bench, by=both)
    tell(bench, made)
    take(bench, made, "answer", "supervisor", **STATEMENT)
    with pytest.raises(OwnWork):
        take(bench, made, "review", both, legal_opinion="agreed")
    step = {"stage": {"from": "told_party", "to": "legal_reviewed"}}
    with pytest.raises(OwnWork):
        bench.act(Draft("edit", "sanction", made, step), by=both)
    other = propose(bench)
    tell(bench, other)
    take(bench, other, "answer", "supervisor", **STATEMENT)
    take(bench, other, "review", both, legal_opinion="agreed")
    with pytest.raises(OwnWork):
        take(bench, other, "decide", both, decision_reasons="测试")
    step = {"stage": {"from": "legal_reviewed", "to": "decided"}}
    with pytest.raises(OwnWork):
        bench.act(Draft("edit", "sanction", other, step), by=both)
    take(bench, other, "decide", "chief", decision_reasons="测试")
    assert bench.record(other).stage == "decided"


def test_nothing_heavier_is_decided_than_what_the_party_was_told(bench: World):
    made = reviewed(bench)
    for heavier in ({"decided_level": "5"}, {"decided_amount_fen": 2_469_135}):
        answer = send(bench, "chief", made, "decide", decision_reasons="测试", **heavier)
        assert (answer.status_code, answer.json["field"]) == (400, next(iter(heavier)))
    lighter = {"decided_level": "3", "decided_amount_fen": 1_000_000}
    assert send(bench, "chief", made, "decide", decision_reasons="测试", **lighter).status_code == 200
    assert bench.record(made).values["decided_amount_fen"] == 1_000_000


def test_a_leader_with_a_passkey_signs_his_decision(bench: World):
    made, login = reviewed(bench), supervisor(bench, "leader", region="341500")
    desk = Desk(bench, login)
    key = keyed(desk)
    path, body = f"/api/sanctions/{made}/decide", {"decision_reasons": "测试：依据充分"}
    body |= {"version": bench.record(made).version}
    assert asked(desk, path, body)
    assert bench.record(made).stage == "legal_reviewed", "asking decides nothing"
    answer = decided(desk, key, path, body)
    assert (answer.status_code, answer.json["stage"]) == (200, "decided"), answer.text


def by_machine(world: World, case: str, key: str = "") -> str:
    """Propose as the ladder does; return the proposal."""
    made = key or new_id(world.services)
    house = world.record(case).values["institution"]
    act(world.services, [proposing.suspension(made, case, house, by="ladder")])
    return made


def test_a_machine_proposes_and_a_person_decides(bench: World):
    case = Place("here", bench).target("case", fresh=True)
    made = by_machine(bench, case)
    found = bench.record(made)
    assert (found.stage, found.values["proposed_by"], found.values["level"]) == ("proposed", "ladder", "2")
    with bench.services.database.reading() as connection:
        assert proposing.lying(connection, bench.services.ledger.id, [case, "other"]) == {case}
    for who in ("lead", "member"):
        with pytest.raises(NotAllowed):
            take(bench, made, "tell", who, told_on=bench.services.today().isoformat())
    tell(bench, made)
    assert bench.record(made).stage == "told_party"


def test_what_a_person_took_back_does_not_come_again_by_itself(bench: World):
    case = Place("here", bench).target("case", fresh=True)
    made = by_machine(bench, case)
    take(bench, made, "withdraw", "supervisor")
    with pytest.raises(RecordExists):
        by_machine(bench, case, made)
    assert bench.record(made).life == "voided"


def test_what_the_machine_proposed_a_person_completes_and_then_decides_nothing_of_it(bench: World):
    both = person(bench, "allround", "supervisor", "legal_reviewer", "leader")
    case = Place("here", bench).target("case", fresh=True)
    made = by_machine(bench, case)
    with pytest.raises(BadValue):
        take(bench, made, "amend", both)
    take(bench, made, "amend", both, base_fen=100_000, factor_permille=1_500, measures=["fine", "refund"])
    take(bench, made, "amend", both, measures=["refund"])
    found = bench.record(made)
    assert (found.values["amount_fen"], found.values["measures"]) == (150_000, ["refund"])
    tell(bench, made)
    with pytest.raises(BadTransition):
        take(bench, made, "amend", "supervisor", level="6")
    take(bench, made, "answer", "supervisor", **STATEMENT)
    with pytest.raises(OwnWork):
        take(bench, made, "review", both, legal_opinion="agreed")


def test_what_somebody_else_proposed_is_not_taken_back(bench: World):
    made = propose(bench)
    with pytest.raises(OwnWork):
        take(bench, made, "withdraw", "city")
    take(bench, made, "withdraw", "supervisor")
    assert bench.record(made).life == "voided"


def test_what_was_seen_before_somebody_moved_it_is_refused(bench: World):
    made = propose(bench)
    old = bench.record(made).version
    tell(bench, made)
    body = {"version": old, "told_on": bench.services.today().isoformat()}
    answer = Desk(bench, "supervisor").send(f"/api/sanctions/{made}/tell", body)
    assert (answer.status_code, answer.json["code"]) == (409, "version_changed")


# -- the pages ----------------------------------------------------------------------------------------------


def test_a_supervisor_proposes_from_the_case_and_tells_the_party_on_the_page(bench: World):
    desk = Desk(bench, "supervisor")
    given = proposal(bench)
    case = given["case"]
    assert f"/sanctions/new?case={case}" in desk.get(f"/cases/{case}").text
    form = desk.get("/sanctions/new", case=case)
    assert "拟处理金额" in words(form)
    typed = {"case": case, "track": "agreement", "level": "4", "reasons": "测试：逾期", "base_fen": "12,345.67",
             "factor_permille": "2000"}  # fmt: skip
    wrong = desk.post("/sanctions/new", **typed | {"amount_fen": "1"})
    assert wrong.status_code == 422
    assert "金额与“基数×倍数”不符" in words(wrong)
    assert "测试：逾期" in wrong.text, "what was typed is kept"
    answer = desk.post("/sanctions/new", **typed)
    assert answer.status_code == 303
    page = desk.get(answer.location)
    assert "24,691.34" in words(page)
    made = answer.location.rpartition("/")[2]
    version = bench.record(made).version
    told = desk.post(f"/sanctions/{made}/tell", version=version, told_on="2027-01-01")
    assert told.status_code == 422
    assert "日期不能晚于今天" in words(told)
    today = bench.services.today().isoformat()
    assert desk.post(f"/sanctions/{made}/tell", version=version, told_on=today).status_code == 303
    page = words(desk.get(f"/sanctions/{made}"))
    assert "陈述申辩期限未满" in page
    assert f"/sanctions/{made}" in desk.get(f"/cases/{case}").text


def test_the_list_is_narrowed_by_stage_track_level_and_region(bench: World):
    made = propose(bench, track="person", person="测试患者009", measures=["penalty_points"], level="1")
    desk = Desk(bench, "city")
    assert made in desk.get("/sanctions", track="person", level="1", region="341502").text
    assert made not in desk.get("/sanctions", track="administrative").text
    assert made not in desk.get("/sanctions", region="341503").text
    assert made not in desk.get("/sanctions", state="decided").text
    listed = desk.get("/api/sanctions", track="person", level="1").json["items"]
    assert made in [one["id"] for one in listed]
    assert "测试患者009" not in desk.get("/sanctions", track="person").text
    assert desk.get("/sanctions", track="sideways").status_code == 400
    assert desk.get("/sanctions", state="sideways").status_code == 400


def test_who_is_not_in_the_region_sees_no_sanction(bench: World):
    made = propose(bench)
    neighbour = Desk(bench, "neighbour")
    assert made not in neighbour.get("/sanctions").text
    assert neighbour.get(f"/sanctions/{made}").status_code == 404
    assert neighbour.get(f"/api/sanctions/{made}").status_code == 404
    body = {"version": bench.record(made).version, "told_on": bench.services.today().isoformat()}
    assert neighbour.send(f"/api/sanctions/{made}/tell", body).status_code == 404
    assert neighbour.send("/api/sanctions", proposal(bench)).status_code == 404


def test_a_program_learns_what_lacks_and_who_may(bench: World):
    made = propose(bench)
    tell(bench, made)
    told = Desk(bench, "law").get(f"/api/sanctions/{made}").json
    steps = {step["name"]: step for step in told["steps"]}
    assert (steps["review"]["state"], steps["review"]["may"]) == ("blocked", False)
    assert steps["review"]["lacks"]
    assert steps["decide"]["roles"] == ["leader"]
    assert told["record"]["fields"]["stage"] == "told_party"


def test_the_list_leaves_as_a_table(bench: World):
    propose(bench)
    answer = Desk(bench, "supervisor").get("/sanctions/export/csv", state="proposed")
    assert answer.status_code == 200
    assert "拟处理" in answer.text
    assert Desk(bench, "supervisor").get("/sanctions/export/doc").status_code == 404


def test_a_track_asks_for_what_it_needs_by_the_fields_name(bench: World):
    desk = Desk(bench, "supervisor")
    for track, field in (("administrative", "measures"), ("person", "person")):
        answer = desk.send("/api/sanctions", proposal(bench, track=track))
        assert (answer.status_code, answer.json["field"]) == (400, field)
