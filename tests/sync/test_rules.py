"""What a declaration says to the merge: rights, edges, regions and grants."""

from __future__ import annotations

import pytest

from sync.rules import BARRED, NOBODY, Edge, Grant, Grants, Right, TypeRules, region_prefix
from tests.sync.builders import CASE, right

MEMBER = frozenset({"member"})


def test_a_right_wants_one_of_its_roles() -> None:
    assert right("member", "lead").allows(MEMBER, None, None)
    assert not right("lead").allows(MEMBER, None, None)
    assert not right("lead").allows(frozenset(), None, None)


def test_a_right_without_roles_denies_everyone() -> None:
    assert not NOBODY.allows(frozenset({"member", "lead", "admin", "machine"}), None, None)


@pytest.mark.parametrize(("stage", "allowed"), [("draft", True), ("closed", False), (None, True)])
def test_a_right_holds_while_its_stages_last(stage: str | None, allowed: bool) -> None:
    assert right("member", root_in=("draft",)).allows(MEMBER, stage, None) is allowed
    assert right("member", own_in=("draft",)).allows(MEMBER, None, stage) is allowed


def test_a_right_in_no_stage_at_all_holds_in_none() -> None:
    assert not Right(MEMBER, own_in=frozenset()).allows(MEMBER, None, "draft")


@pytest.mark.parametrize(("given", "allowed"), [((), True), (("size",), True), (("order",), False)])
def test_a_field_that_is_set_takes_a_right_from_people_and_not_from_the_server(given, allowed):
    known = Right(frozenset({"member", "machine"}), unless="order")
    assert known.allows(MEMBER, None, None, given) is allowed
    assert known.allows(frozenset({"machine"}), None, None, given)


def test_an_edge_is_found_by_both_its_ends() -> None:
    edge = CASE.edge("draft", "proposed")
    assert edge is not None
    assert edge.forward
    assert CASE.edge("draft", "heard") is None


def test_forward_edges_reach_and_a_step_back_does_not() -> None:
    assert CASE.reaches("draft", "confirmed")
    assert CASE.reaches("draft", "draft")
    assert not CASE.reaches("heard", "proposed")
    assert not CASE.reaches("proposed", "draft")


def test_reaching_ends_where_edges_go_in_a_ring() -> None:
    ring = TypeRules("ring", {}, NOBODY, edges=(Edge("a", "b", NOBODY), Edge("b", "a", NOBODY)))
    assert ring.reaches("a", "b")
    assert not ring.reaches("a", "c")


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("000000", ""),
        ("340000", "34"),
        ("341500", "3415"),
        ("341502", "341502"),
        ("341502001", "341502001"),
        ("341502001201", "341502001201"),
    ],
)
def test_the_subtree_of_a_region_shares_its_first_digits(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix


@pytest.mark.parametrize(
    ("over", "region", "inside"),
    [
        ("000000", "341502", True),
        ("340000", "341502", True),
        ("341500", "341502", True),
        ("341500", "341502001201", True),
        ("341502", "341502", True),
        ("341502", "341500", False),
        ("341502", "341503", False),
        ("350000", "341502", False),
        ("341500", "", False),
        ("3415", "341502", False),
    ],
)
def test_a_role_over_a_region_holds_in_its_subtree(over: str, region: str, inside: bool) -> None:
    grants = Grants([Grant("ann", "member", over, "v", 0)])
    assert (grants.roles("ann", "r1", region, 5) == MEMBER) is inside


def test_a_role_over_a_record_holds_for_it_alone_and_for_its_user_alone() -> None:
    grants = Grants([Grant("ann", "member", "r1", "v", 0)])
    assert grants.roles("ann", "r1", "341502", 5) == MEMBER
    assert grants.roles("ann", "r2", "341502", 5) == frozenset()
    assert grants.roles("bob", "r1", "341502", 5) == frozenset()


@pytest.mark.parametrize(("index", "stands"), [(2, False), (3, True), (6, True), (7, False)])
def test_a_grant_stands_from_its_start_to_before_its_end(index: int, stands: bool) -> None:
    assert Grant("ann", "member", "r1", "v", 3, 7).at(index) is stands


def test_updating_opens_what_is_new_and_ends_what_is_gone() -> None:
    grants = Grants()
    grants.update("v", {("ann", "member", "r1"), ("bob", "member", "r1")}, 3)
    grants.update("v", {("bob", "member", "r1"), ("cid", "lead", "r1")}, 5)
    assert grants.rows == [
        Grant("ann", "member", "r1", "v", 3, 5),
        Grant("bob", "member", "r1", "v", 3),
        Grant("cid", "lead", "r1", "v", 5),
    ]
    assert [new for _, new in grants.changed][-2:] == [grants.rows[0], grants.rows[2]]


def test_updating_with_the_same_changes_nothing_and_leaves_others_grants_alone() -> None:
    grants = Grants([Grant("eve", "member", "r1", "w", 1)])
    grants.update("v", {("ann", "member", "r1")}, 3)
    before = (list(grants.rows), list(grants.changed))
    grants.update("v", {("ann", "member", "r1")}, 9)
    assert (grants.rows, grants.changed) == before
    grants.update("v", set(), 9)
    assert grants.rows[0].end is None


def test_a_role_that_comes_back_is_a_new_grant() -> None:
    grants = Grants()
    for index, wanted in ((1, {("ann", "member", "r1")}), (2, set()), (4, {("ann", "member", "r1")})):
        grants.update("v", wanted, index)
    assert [(g.start, g.end) for g in grants.rows] == [(1, 2), (4, None)]
    assert [grants.roles("ann", "r1", "", i) for i in (1, 2, 3, 4)] == [
        MEMBER,
        frozenset(),
        frozenset(),
        MEMBER,
    ]


def test_roles_that_were_asked_for_follow_what_is_granted_and_ended_since() -> None:
    grants = Grants()
    assert grants.roles("ann", "r1", "", 9) == frozenset()
    grants.update("v", {("ann", "member", "r1")}, 3)
    assert grants.roles("ann", "r1", "", 9) == MEMBER
    grants.update("v", set(), 5)
    assert grants.roles("ann", "r1", "", 9) == frozenset()
    assert grants.roles("ann", "r1", "", 4) == MEMBER


def test_a_copy_of_grants_grows_on_its_own() -> None:
    first = Grants([Grant("ann", "member", "r1", "v", 0)])
    assert first.roles("ann", "r1", "", 9) == MEMBER
    second = first.copy()
    second.update("v", set(), 5)
    assert second.roles("ann", "r1", "", 9) == frozenset()
    assert first.roles("ann", "r1", "", 9) == MEMBER
    assert (len(first.changed), len(second.changed)) == (0, 1)


def test_a_bar_over_the_user_takes_the_roles_over_everything_else() -> None:
    grants = Grants([Grant("ann", "member", "r1", "v", 0), Grant("ann", BARRED, "ann", "u", 5)])
    assert grants.roles("ann", "r1", "341502", 4) == MEMBER
    assert grants.roles("ann", "r1", "341502", 5) == frozenset()
