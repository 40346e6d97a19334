"""A remote round lies in itself, hands out its own rights, and shows its ward no more than it must."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from schemas.records import RULES, TYPES
from schemas.records.bed_check import ANSWERS
from schemas.records.evidence import CAPTURED
from schemas.records.user import ROLES
from schemas.records.ward_round import ANSWERING, grants, sample_of
from sync.outcomes import Outcome
from sync.rules import OPERATOR, PHONE_ROLES, TEAM_ROLES
from tests.schemas.samples import MACHINE, OVER_REGION, Bench, bench

DRAWN = ["01900000-0000-7000-8000-0000000000a1", "01900000-0000-7000-8000-0000000000a2"]
CALL = {"called_at": 1, "respond_by": 2, "explain_by": 3, "challenge_size": 4, "challenge_root": "ab" * 32}
WARD = "ward operator"


def values(**more: Any) -> dict[str, Any]:
    known = {"institution": "hospital", "lead": "lea", "members": ["mia"], "operator": WARD, "drawn": DRAWN}
    return {**known, "stage": "in_progress", "called_at": 1, **more}


TEAM = {
    (user, role, root) for user, role in (("lea", "lead"), ("mia", "member")) for root in ("r", "hospital")
}
CALLED = {(WARD, OPERATOR, root) for root in ("r", *DRAWN)}


@pytest.mark.parametrize(
    ("given", "handed"),
    [
        (values(), TEAM | CALLED),
        (values(stage="explanation_open"), TEAM | CALLED),
        (values(stage="planned"), TEAM),
        (values(stage="sampled"), TEAM),
        (values(stage="concluded"), TEAM),
        (values(answers_closed_at=5), TEAM),
        (values(stage="confirmed"), set()),
        (values(inspection="i"), set()),
    ],
)
def test_the_team_has_its_rights_until_the_round_is_confirmed_and_the_ward_while_it_is_asked(given, handed):
    assert grants("r", given) == frozenset(handed)


def test_a_round_that_its_team_moved_on_without_a_call_hands_the_ward_nothing():
    given = values()
    del given["called_at"]
    assert grants("r", given) == frozenset(TEAM)


def test_no_user_can_be_given_by_his_region_what_a_round_hands_out():
    """A user's roles hold over a whole region: there each of these would open every round."""
    assert not PHONE_ROLES & {*ROLES, *OVER_REGION, MACHINE}
    assert OPERATOR not in TEAM_ROLES


def test_the_sample_is_who_was_drawn_else_who_was_named():
    assert sample_of({"drawn": ["a"], "sample": ["b"]}) == ["a"]
    assert sample_of({"sample": ["b"]}) == ["b"]
    assert sample_of({}) == []


# -- judged ------------------------------------------------------------------------------------------


def remote(found: Bench, by: str = "lead", **more: Any) -> tuple[str, Outcome]:
    """Let somebody order a remote round at the bench's institution."""
    record = found.id()
    known = {"mode": "remote", "trigger": "surprise", "institution": found.ids["institution"]}
    known |= {"lead": found.ids["user"], "operator": found.ids["operator"]}
    known |= {"draw_method": "everybody", "respond_minutes": 30, **more}
    outcome = found.put(by, Draft("create", "ward_round", record, known))
    for role in TEAM_ROLES if outcome.in_force else ():
        found.grant(role, record)
    return record, outcome


def town() -> Bench:
    """Return a bench with one more user, who works in the hospital's ward."""
    found = bench()
    found.ids["operator"] = found.create("user")
    return found


def called(found: Bench) -> str:
    """Return a remote round that was called."""
    record, outcome = remote(found)
    assert outcome.in_force, outcome
    drawn = Draft(
        "edit", "ward_round", record, {"stage": {"from": "planned", "to": "sampled"}},
        add={"drawn": [found.ids["encounter"]]},
    )  # fmt: skip
    assert found.put(MACHINE, drawn).in_force
    call = {**CALL, "stage": {"from": "sampled", "to": "in_progress"}}
    assert found.put(MACHINE, Draft("edit", "ward_round", record, call)).in_force
    return record


def answer(found: Bench, ward_round: str, who: str, **more: Any) -> Outcome:
    known = {"ward_round": ward_round, "bed_listed": "1101", "presence": "in_bed", **more}
    return found.put(who, Draft("create", "bed_check", found.id(), known))


@pytest.fixture
def operator() -> tuple[Bench, str, str]:
    """A bench, a called round, and the user whom it calls."""
    found = town()
    return found, called(found), found.ids["operator"]


def test_a_remote_round_is_a_root_in_its_institutions_region():
    found = town()
    record, _ = remote(found)
    made = found.records[record]
    assert (made.root, made.region) == (record, found.records[found.ids["institution"]].region)


def test_a_bedside_round_lies_in_its_inspection():
    found = town()
    assert found.records[found.ids["ward_round"]].root == found.ids["inspection"]


@pytest.mark.parametrize(("by", "may"), [("lead", True), ("member", True), ("supervisor", True),
                                         ("inspector", False), ("institution_user", False)])  # fmt: skip
def test_a_round_is_called_by_the_region_or_by_whoever_inspects_the_institution(by, may):
    _, outcome = remote(town(), by)
    assert outcome.in_force == may
    assert may or (outcome.verdict, outcome.code) == ("refused", "not_allowed")


def test_who_inspects_another_institution_calls_no_round_here():
    found = town()
    other = found.create("institution")
    found.grant("member", other, user="stranger")
    _, outcome = remote(found, "stranger")
    assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")


@pytest.mark.parametrize("missing", ["institution", "lead"])
def test_a_remote_round_names_its_institution_and_its_lead(missing):
    found = town()
    draft = {"mode": "remote", "trigger": "plan", "institution": found.ids["institution"]}
    draft["lead"] = found.ids["user"]
    del draft[missing]
    outcome = found.put("supervisor", Draft("create", "ward_round", found.id(), draft))
    assert (outcome.verdict, outcome.field) == ("refused", missing)


def test_a_round_lies_where_it_was_made_for_ever():
    found = town()
    record, _ = remote(found)
    for name in ("inspection", "institution"):
        moved = found.edit(
            "supervisor", record, {name: found.create(name, by="supervisor" if name == "inspection" else "")}
        )
        assert (moved.verdict, moved.code, moved.field) == ("refused", "not_allowed", name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("drawn", None), ("seed", "ab" * 32), ("draw_number", 1), ("population_count", 3),
        ("population_digest", "ab" * 32), ("called_at", 1), ("challenge_root", "ab" * 32), ("challenge_size", 1),
        ("answers_closed_at", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", ["lead", "member", "supervisor"])
def test_what_the_server_draws_and_calls_nobody_else_writes(name, value, who):
    found = town()
    record, _ = remote(found)
    add = {"drawn": [found.ids["encounter"]]} if name == "drawn" else {}
    outcome = found.edit(who, record, {} if add else {name: value}, **add)
    assert (outcome.verdict, outcome.code, outcome.field) == ("refused", "not_allowed", name)


@pytest.mark.parametrize("who", ["lead", "member", "supervisor"])
@pytest.mark.parametrize(("kind", "ordered"), [("bedside", False), ("bedside", True), ("remote", True)])
def test_of_a_round_that_orders_a_draw_nobody_else_names_the_sample(kind, ordered, who):
    found = town()
    order = {"draw_method": "random", "draw_size": 2} if ordered else {}
    known = {"mode": kind, "trigger": "plan", **order}
    place = {"institution": found.ids["institution"], "lead": found.ids["user"]}
    known |= place if kind == "remote" else {"inspection": found.ids["inspection"]}
    record = found.id()
    assert found.put(who, Draft("create", "ward_round", record, known)).in_force
    for role in TEAM_ROLES:
        found.grant(role, record)
    named = found.edit(who, record, {"sample_method": "chosen"}, sample=[found.ids["encounter"]])
    step = found.step(who, record, "sampled")
    for outcome in (named, step):
        assert outcome.in_force != ordered
        assert outcome.in_force or (outcome.verdict, outcome.code) == ("refused", "not_allowed")


def test_an_order_and_a_sample_of_ones_own_do_not_come_in_one_create():
    found = town()
    known = {
        "mode": "bedside",
        "trigger": "plan",
        "inspection": found.ids["inspection"],
        "draw_method": "random",
    }
    for more, add in (
        ({"stage": {"from": "planned", "to": "sampled"}}, {}),
        ({}, {"sample": [found.ids["encounter"]]}),
        ({"sample_method": "chosen"}, {}),
    ):
        outcome = found.put("lead", Draft("create", "ward_round", found.id(), {**known, **more}, add=add))
        assert (outcome.verdict, outcome.code) == ("refused", "not_allowed"), (more, add)


def test_a_round_that_names_an_operator_is_called_by_the_server_alone():
    found = town()
    record, _ = remote(found)
    drawn = Draft("edit", "ward_round", record, {"stage": {"from": "planned", "to": "sampled"}})
    assert found.put(MACHINE, drawn).in_force
    for who in ("lead", "member"):
        outcome = found.step(who, record, "in_progress")
        assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")


def test_nobody_changes_the_order_once_the_sample_is_drawn():
    found = town()
    record = called(found)
    for name, value in (("draw_size", 5), ("operator", found.ids["user"]), ("respond_minutes", 60)):
        outcome = found.edit("lead", record, {name: value})
        assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")
    outcome = found.edit(MACHINE, record, {"seed": "ab" * 32})
    assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")


def test_the_operator_answers_a_called_round(operator):
    found, ward_round, who = operator
    assert answer(found, ward_round, who, challenge="359M", note="演示").in_force


@pytest.mark.parametrize("stage", ["concluded", "confirmed"])
def test_the_operators_right_ends_with_the_round(operator, stage):
    found, ward_round, who = operator
    found.lead_to(ward_round, stage)
    assert not answer(found, ward_round, who).in_force


def test_the_operators_right_ends_when_the_server_closes_the_answers(operator):
    found, ward_round, who = operator
    assert found.edit(MACHINE, ward_round, {"answers_closed_at": 9}).in_force
    assert not answer(found, ward_round, who).in_force


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("conclusion", "normal"), ("observations", "演示"), ("answers", "演示"), ("admission_need", "needed"),
        ("asked", {"free_meals": False}), ("operator", None),
    ],
)  # fmt: skip
def test_the_operator_captures_and_concludes_nothing(operator, name, value):
    found, ward_round, who = operator
    outcome = answer(found, ward_round, who, **{name: value or who})
    assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")


def test_the_operator_changes_nothing_that_was_answered(operator):
    found, ward_round, who = operator
    check = found.id()
    known = {"ward_round": ward_round, "bed_listed": "1101", "presence": "absent"}
    assert found.put(who, Draft("create", "bed_check", check, known)).in_force
    for draft in (
        Draft("edit", "bed_check", check, {"presence": "in_bed"}),
        Draft("void", "bed_check", check),
        Draft("edit", "ward_round", ward_round, {"ended_at": 5}),
        Draft("edit", "ward_round", ward_round, {"stage": {"from": "in_progress", "to": "concluded"}}),
    ):
        outcome = found.put(who, draft)
        assert (outcome.verdict, outcome.code) == ("refused", "not_allowed"), draft


@pytest.mark.parametrize("kind", ["finding", "ward_round", "inspection", "decision", "conflict", "task"])
def test_the_operator_makes_nothing_else(operator, kind):
    found, ward_round, who = operator
    known = {"about": ward_round, "inspection": found.ids["inspection"], "mode": "bedside", "trigger": "plan"}
    fields = {name: value for name, value in known.items() if name in TYPES[kind].by_name}
    outcome = found.put(who, Draft("create", kind, found.id(), fields))
    assert outcome.verdict == "refused"


def test_the_operator_answers_no_round_that_did_not_call_him(operator):
    found, _, who = operator
    record, _ = remote(found)
    for ward_round in (record, found.ids["ward_round"]):
        outcome = answer(found, ward_round, who)
        assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")


def picture(found: Bench, **more: Any) -> Draft:
    declared = TYPES["evidence"]
    known = {
        "kind": "audio_visual",
        "media_type": "image/jpeg",
        "size": 9,
        "cipher_size": 35,
        "file_key": "A" * 43,
    }
    known |= {"digest": "ab" * 32, "cipher_digest": "cd" * 32, **more}
    assert set(known) <= set(declared.by_name)
    return Draft("create", "evidence", found.id(), known)


def test_the_operators_pictures_lie_in_the_round(operator):
    found, ward_round, who = operator
    draft = picture(found, ward_round=ward_round)
    assert found.put(who, draft).in_force
    assert found.records[draft.record].root == ward_round


@pytest.mark.parametrize("more", [{"second_officer": "x"}, {"inspection": "x"}, {"rights_told": True}])
def test_the_operator_says_of_a_picture_what_it_is_and_no_more(operator, more):
    found, ward_round, who = operator
    ids = {"second_officer": who, "inspection": found.ids["inspection"], "rights_told": True}
    outcome = found.put(who, picture(found, ward_round=ward_round, **{name: ids[name] for name in more}))
    assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")


def test_a_picture_that_lies_nowhere_is_refused():
    found = town()
    outcome = found.put("member", picture(found))
    assert (outcome.verdict, outcome.code, outcome.field) == ("refused", "bad_value", "ward_round")


def test_a_picture_lies_in_no_record_of_another_type():
    found = town()
    outcome = found.put("member", picture(found, ward_round=found.ids["inspection"]))
    assert (outcome.verdict, outcome.code, outcome.field) == ("refused", "bad_value", "ward_round")


@pytest.mark.parametrize(("stage", "may"), [("in_progress", False), ("explanation_open", True)])
def test_no_suspicion_is_written_into_a_remote_round_while_its_ward_still_answers(operator, stage, may):
    found, ward_round, who = operator
    check = found.id()
    assert found.put(who, Draft("create", "bed_check", check, {
        "ward_round": ward_round, "bed_listed": "1101", "presence": "absent",
    })).in_force  # fmt: skip
    if stage != "in_progress":
        assert found.step("lead", ward_round, stage).in_force
    outcome = found.edit("lead", check, {"conclusion": "bed_hanging_suspected"})
    assert outcome.in_force == may


def test_what_the_operator_may_say_are_fields_that_there_are_and_enough_for_a_create():
    for name, fields in (("bed_check", ANSWERS), ("evidence", CAPTURED)):
        assert fields <= set(TYPES[name].by_name)
        assert fields >= set(TYPES[name].required)
        assert RULES[name].narrow[0].right.root_in == frozenset(ANSWERING)
