"""Who may make, change, void and settle what: spelled out, compared with the declarations, and judged."""

from __future__ import annotations

import pytest

from schemas.declare import RecordType
from schemas.drafting import Draft
from schemas.records import TYPES
from sync.outcomes import Outcome
from tests.schemas.samples import (
    INSTITUTION,
    MACHINE,
    REGION,
    ROLES,
    TEAM,
    Bench,
    bench,
    chosen,
    draft_of,
    standing_at,
    value_of,
)

BOTH = "institution_user supervisor"
TEAM_OR_DESK = "lead machine member supervisor"
MAY = {
    "access_root": ("machine", "", "", ""),
    "assertion": ("leader legal_reviewer second_reviewer supervisor", "", "", ""),
    "appeal": (BOTH, BOTH, "", "supervisor"),
    "bed_check": ("lead member", "lead member", "lead member", "lead"),
    "bulletin": ("machine supervisor", "machine supervisor", "supervisor", "supervisor"),
    "catalogue": ("machine", "", "machine", ""),
    "census": ("machine", "machine", "", ""),
    "checklist_answer": ("lead member", "lead member", "lead member", "lead"),
    "conflict": ("", "", "", ""),
    "decision": ("leader legal_reviewer second_reviewer supervisor", "", "", ""),
    "deputation": ("admin machine", "admin machine", "", ""),
    "device": ("machine", "admin machine", "", ""),
    "encounter": ("machine", "machine", "", "machine supervisor"),
    "evidence": ("lead member", "lead member", "lead member supervisor", "lead"),
    "extension": (BOTH, BOTH, "", "supervisor"),
    "finding": ("lead member", "lead member", "lead member", "lead supervisor"),
    "inspection": ("supervisor", "supervisor", "supervisor", "lead supervisor"),
    "institution": ("machine", "machine supervisor", "", "machine supervisor"),
    "interview": ("leader supervisor", "leader supervisor", "leader supervisor", "leader supervisor"),
    "key": ("machine", "", "", ""),
    "notice": ("supervisor", "supervisor", "supervisor", "supervisor"),
    "passkey": ("machine", "admin machine", "", ""),
    "petition": ("machine supervisor", "machine supervisor", "supervisor", "supervisor"),
    "readmission": ("supervisor", "", "", ""),
    "recovery": ("supervisor", "supervisor", "supervisor", "supervisor"),
    "recusal": (
        "admin inspector lead_inspector leader legal_reviewer machine second_reviewer supervisor",
        "",
        "",
        "",
    ),
    "rectification_case": ("supervisor", "supervisor", "", "supervisor"),
    "rectification_report": (BOTH, BOTH, BOTH, "supervisor"),
    "reminder": ("machine", "", "", ""),
    "random_draw": ("supervisor", "supervisor", "", "supervisor"),
    "reminder_policy": ("leader supervisor", "", "", "supervisor"),
    "round_schedule": ("supervisor", "supervisor", "supervisor", "supervisor"),
    "sanction": ("machine supervisor", "machine supervisor", "supervisor", "leader"),
    "statement": (BOTH, "", "", "supervisor"),
    "task": ("machine supervisor", "machine supervisor", "", "supervisor"),
    "user": ("admin machine supervisor", "admin machine supervisor", "", ""),
    "working_calendar": ("machine supervisor", "", "", "supervisor"),
    "ward_round": (TEAM_OR_DESK, TEAM_OR_DESK, "supervisor", "lead supervisor"),
}
"""Who may create, edit, void and restore, and resolve a record of each type; fields may say more."""
SERVER_ONLY = (
    "statement",
    "notice", "rectification_case", "sanction", "extension", "appeal", "recovery", "rectification_report",
    "interview", "petition", "bulletin", "reminder", "user", "device", "institution", "decision", "census",
    "key", "encounter", "catalogue", "round_schedule",
    "deputation", "passkey", "assertion", "recusal", "random_draw", "working_calendar", "reminder_policy",
)  # fmt: skip
"""Deadlines, sanctions, notices, draws and roles: what no phone writes, as phones act by team roles alone."""


def may(kind: str, which: int) -> frozenset[str]:
    return frozenset(MAY[kind][which].split())


def plain_edit(kind: RecordType, found: Bench, record: str) -> Draft:
    """Return an edit of the first field that has no right of its own."""
    known = next(f for f in kind.fields if f.right is None and f.name not in (kind.scope, kind.region_from))
    value = value_of(known, found.ids)
    many = {known.name: [value]} if known.many else {}
    return Draft("edit", kind.name, record, {} if many else {known.name: value}, add=many)


def refused(outcome: Outcome) -> bool:
    return (outcome.verdict, outcome.code) == ("refused", "not_allowed")


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_nobodys_right_is_other_than_spelled_here(kind):
    declared = TYPES[kind]
    rights = (declared.create, declared.edit, declared.void, declared.resolve)
    assert tuple(" ".join(sorted(right.roles)) for right in rights) == MAY[kind]


@pytest.mark.parametrize("kind", [kind for kind in sorted(MAY) if kind != "conflict"])
def test_whoever_may_creates_and_all_others_are_refused(kind):
    for role in ROLES:
        found = bench()
        outcome = found.put(role, draft_of(TYPES[kind], found.id(), found.ids))
        assert outcome.in_force == (role in may(kind, 0)), (role, outcome)
        assert outcome.in_force or refused(outcome), (role, outcome)


@pytest.mark.parametrize("kind", [kind for kind in sorted(MAY) if kind not in ("conflict", "user")])
def test_whoever_may_edits_and_all_others_are_refused(kind):
    for role in ROLES:
        found = bench()
        outcome = found.put(role, plain_edit(TYPES[kind], found, found.ids[kind]))
        assert outcome.in_force == (role in may(kind, 1)), (role, outcome)
        assert outcome.in_force or refused(outcome), (role, outcome)


@pytest.mark.parametrize("kind", [kind for kind in sorted(MAY) if kind not in ("conflict", "inspection")])
def test_whoever_may_voids_and_all_others_are_refused(kind):
    for role in ROLES:
        found = bench()
        outcome = found.put(role, Draft("void", kind, found.ids[kind]))
        assert outcome.in_force == (role in may(kind, 2)), (role, outcome)
        assert outcome.in_force or refused(outcome), (role, outcome)


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_whoever_may_create_may_set_all_that_a_create_must_set(kind):
    declared = TYPES[kind]
    needed = {*declared.required, *(name for need in declared.needs for name in need.names)}
    for name in needed:
        assert declared.at_create(name) >= declared.create.roles, name


@pytest.mark.parametrize("kind", SERVER_ONLY)
def test_what_is_the_servers_alone_names_no_role_that_a_phone_acts_by(kind):
    rules = TYPES[kind].rules()
    rights = [rules.create, rules.void, rules.resolve, *(rule.right for rule in rules.fields.values())]
    rights += [edge.right for edge in rules.edges]
    assert not [right for right in rights if right.roles & {*TEAM}]


def test_an_auditor_and_an_administrator_write_no_case_content():
    for kind in sorted(TYPES):
        rules = TYPES[kind].rules()
        rights = [rules.create, rules.void, rules.resolve, *(rule.right for rule in rules.fields.values())]
        rights += [edge.right for edge in rules.edges]
        roles = frozenset().union(*(right.roles for right in rights))
        assert "auditor" not in roles, kind
        assert "admin" not in roles or kind in ("user", "device", "deputation", "passkey", "recusal"), kind


@pytest.mark.parametrize("kind", [kind for kind in sorted(TYPES) if TYPES[kind].natural_key])
def test_nobody_makes_or_turns_a_record_into_an_alias_but_by_settling_a_duplicate(kind):
    found = bench()
    for role in sorted(may(kind, 0)):
        sound = draft_of(TYPES[kind], found.id(), found.ids)
        bold = Draft("create", kind, sound.record, {**sound.values, "alias": found.ids[kind]}, add=sound.add)
        assert refused(found.put(role, bold))
        assert found.put(role, sound).in_force, "the same without the alias"
    for role in ROLES:
        assert refused(found.edit(role, found.ids[kind], {"alias": found.ids[kind]})), role


# -- an institution's own user ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rectification_report", "extension", "appeal"])
def test_an_institution_hands_in_for_itself_and_not_for_another(kind):
    found = bench()
    other = found.create("institution")
    own = draft_of(TYPES[kind], found.id(), found.ids)
    assert found.put(INSTITUTION, own).in_force
    strange = draft_of(TYPES[kind], found.id(), {**found.ids, "institution": other})
    assert refused(found.put(INSTITUTION, strange))


@pytest.mark.parametrize(
    "kind", ["sanction", "recovery", "notice", "interview", "task", "decision", "evidence"]
)
def test_an_institution_makes_nothing_that_the_bureau_decides(kind):
    found = bench()
    assert refused(found.put(INSTITUTION, draft_of(TYPES[kind], found.id(), found.ids)))
    assert found.put(chosen(may(kind, 0)), draft_of(TYPES[kind], found.id(), found.ids)).in_force


def test_an_institution_acknowledges_a_notice_that_was_served_and_no_earlier():
    found, notice = standing_at("notice", "issued")
    seen = {"acknowledged_at": 1_794_880_800_000}
    assert refused(found.edit(INSTITUTION, notice, seen))
    assert found.step("supervisor", notice, "served").in_force
    assert found.edit(
        INSTITUTION, notice, {**seen, "stage": {"from": "served", "to": "acknowledged"}}
    ).in_force


def test_an_institution_asks_for_an_extension_and_does_not_grant_it_itself():
    found = bench()
    asked = draft_of(TYPES["extension"], found.id(), found.ids)
    bold = Draft("create", "extension", found.id(), {**asked.values, "granted_working_days": 3})
    assert refused(found.put(INSTITUTION, bold))
    assert refused(found.step(INSTITUTION, found.ids["extension"], "granted"))
    assert found.step("supervisor", found.ids["extension"], "granted").in_force


def test_what_an_institution_handed_in_it_changes_no_more():
    found, report = standing_at("rectification_report", "draft")
    more = {"refunded_fen": 100}
    assert found.edit(INSTITUTION, report, more).in_force
    assert found.step(INSTITUTION, report, "submitted").in_force
    assert refused(found.edit(INSTITUTION, report, {"refunded_fen": 200}))


def test_an_institution_sees_to_its_answers_and_the_bureau_to_their_checks():
    found, report = standing_at("rectification_report", "submitted")
    check = {"finding": found.ids["finding"], "verdict": "met"}
    assert refused(found.edit(INSTITUTION, report, {}, checks=[check]))
    assert found.edit("supervisor", report, {}, checks=[check]).in_force


# -- extensions, notices, sanctions ----------------------------------------------------------------


def test_a_second_extension_of_a_case_is_a_duplicate_for_a_person_to_settle():
    found = bench()
    again = found.put(INSTITUTION, draft_of(TYPES["extension"], found.id(), found.ids))
    assert (again.verdict, "duplicate" in again.flags) == ("conflict", True)


def test_extensions_of_two_cases_are_no_duplicates():
    found = bench()
    other = {**found.ids, "rectification_case": found.create("rectification_case")}
    assert found.put(INSTITUTION, draft_of(TYPES["extension"], found.id(), other)).verdict == "applied"


def test_no_extension_is_longer_than_half_of_the_longest_term():
    declared = TYPES["extension"].by_name
    longest = TYPES["rectification_case"].by_name["working_days"].high
    assert (declared["working_days"].high, declared["granted_working_days"].high) == (
        longest // 2,
        longest // 2,
    )


@pytest.mark.parametrize("name", ["number", "type", "facts", "demands", "working_days"])
def test_what_a_notice_says_stands_from_the_day_it_is_signed_off(name):
    found, notice = standing_at("notice", "draft")
    values = {name: value_of(TYPES["notice"].by_name[name], found.ids)}
    assert found.edit("supervisor", notice, values).in_force
    for stage in ("signed_off", "issued", "served", "acknowledged"):
        found, notice = standing_at("notice", stage)
        assert refused(found.edit("supervisor", notice, values)), stage
    assert refused(found.put("supervisor", Draft("void", "notice", notice)))


@pytest.mark.parametrize("who", [role for role in ROLES if role != "leader"])
def test_a_leader_alone_decides_a_sanction(who):
    found, sanction = standing_at("sanction", "legal_reviewed")
    assert refused(found.step(who, sanction, "decided"))
    assert refused(found.edit(who, sanction, {"decided_amount_fen": 100}))
    assert found.edit("leader", sanction, {"decided_amount_fen": 100}).in_force
    assert found.step("leader", sanction, "decided").in_force


def test_the_server_proposes_a_sanction_and_takes_no_step_of_it():
    found = bench()
    assert found.put(MACHINE, draft_of(TYPES["sanction"], found.id(), found.ids)).in_force
    for edge in TYPES["sanction"].edges:
        found, sanction = standing_at("sanction", edge.source)
        assert refused(found.step(MACHINE, sanction, edge.target))


def test_what_was_proposed_stands_once_the_party_was_told():
    found, sanction = standing_at("sanction", "proposed")
    assert found.edit("supervisor", sanction, {"amount_fen": 100}).in_force
    assert found.step("supervisor", sanction, "told_party").in_force
    assert refused(found.edit("supervisor", sanction, {"amount_fen": 200}))


def test_a_leader_alone_writes_money_off():
    found, recovery = standing_at("recovery", "agreed")
    assert refused(found.step("supervisor", recovery, "written_off"))
    assert found.step("leader", recovery, "written_off").in_force


# -- evidence, petitions, tasks, reminders -----------------------------------------------------------


@pytest.mark.parametrize("stage", ["approved", "returned", "rejected"])
def test_a_reviewer_takes_a_review_back_also_after_the_record_was_signed(stage):
    found, item = standing_at("evidence", stage)
    found.lead_to(found.ids["inspection"], "submitted")
    assert found.step("supervisor", item, "pending_review").in_force


@pytest.mark.parametrize(("stage", "allowed"), [("approved", False), ("returned", True), ("rejected", False)])
def test_a_team_hands_in_again_what_was_returned_and_nothing_else(stage, allowed):
    found, item = standing_at("evidence", stage)
    assert found.step("member", item, "pending_review").in_force == allowed


@pytest.mark.parametrize("stage", ["captured", "pending_review", "approved", "returned", "rejected"])
def test_a_supervisor_voids_in_any_stage_and_a_team_only_what_nobody_accepted(stage):
    for role in ("supervisor", *TEAM):
        found, item = standing_at("evidence", stage)
        if role == "supervisor":
            found.lead_to(found.ids["inspection"], "archived")
        outcome = found.put(role, Draft("void", "evidence", item))
        assert outcome.in_force == (role == "supervisor" or stage not in ("approved", "rejected")), role


def test_nobody_takes_a_review_back_when_the_inspection_is_archived_by_the_team():
    found, item = standing_at("evidence", "returned")
    found.lead_to(found.ids["inspection"], "archived")
    assert refused(found.step("member", item, "pending_review"))


def test_the_server_alone_says_when_an_item_was_captured():
    found, item = standing_at("evidence", "captured")
    span = {"captured_from": 1_794_880_800_000, "captured_until": 1_794_880_860_000}
    for role in (*TEAM, "supervisor"):
        assert refused(found.edit(role, item, span))
    assert found.edit(MACHINE, item, span).in_force


def test_a_petition_reaches_no_phone_and_lies_in_no_institution():
    declared = TYPES["petition"]
    found = bench()
    assert not declared.synced
    assert (declared.scope, found.records[found.ids["petition"]].root) == ("self", found.ids["petition"])
    assert declared.by_name["reporter"].private == "person"
    assert found.records[found.ids["petition"]].region == REGION


@pytest.mark.parametrize(
    "who", ["member", "lead", "supervisor", "second_reviewer", "legal_reviewer", "leader"]
)
def test_a_task_is_taken_and_done_by_whoever_works_on_what_it_is_about(who):
    found, task = standing_at("task", "open")
    call = {"at": 1_794_880_800_000, "result": "reached"}
    assert found.step(who, task, "taken").in_force
    assert found.edit(who, task, {"result": "演示数据"}, calls=[call]).in_force
    assert found.step(who, task, "done").in_force
    assert refused(found.edit(who, task, {"result": "演示数据二"}))


def test_of_a_reminder_only_what_the_channel_reports_changes_afterwards():
    found, reminder = bench(), bench().ids["reminder"]
    assert found.edit(MACHINE, reminder, {"result": "delivered", "delivered_at": 1_794_880_800_000}).in_force
    assert refused(found.edit(MACHINE, reminder, {"message": "cd" * 32}))
    assert refused(found.edit("supervisor", reminder, {"result": "acknowledged"}))


def test_what_failed_is_mended_by_a_supervisor_and_by_nobody_else():
    mended = {"mending": "given_up", "mending_reason": "已改为当面送达"}
    for who in ("member", "lead", "auditor", MACHINE):
        found = bench()
        assert refused(found.edit(who, found.ids["reminder"], mended)), who
    found = bench()
    assert found.edit("supervisor", found.ids["reminder"], mended).in_force
