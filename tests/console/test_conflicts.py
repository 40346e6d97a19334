"""Conflicts at the desk: every value side by side, one taken or a third written, never one that nobody looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from schemas.drafting import Draft
from schemas.records import TYPES
from server.console.typed import value_of
from server.ledger.audit import audit
from server.storage import ledger_store
from sync.errors import BadValue
from sync.ids import conflict_id
from tests.server.desk_client import Desk, words
from tests.server.world import World


@dataclass
class Rivalry:
    """A finding whose field two people changed, neither knowing of the other."""

    world: World
    finding: str
    field: str
    base: tuple[str, int]

    @property
    def id(self) -> str:
        """The conflict's id."""
        return conflict_id(self.finding, self.field)

    @property
    def over(self) -> list[str]:
        """The change ids that stand against each other."""
        return list(self.world.record(self.finding).contests[self.field].candidates)

    def add(self, value: Any, by: str) -> None:
        """Let somebody else's value come in who knew of none of them."""
        draft = Draft("edit", "finding", self.finding, {self.field: value}, base=self.base)
        self.world.act(draft, by=by)

    def value(self) -> Any:
        """Return what the record shows."""
        return self.world.record(self.finding).values[self.field]


def rival(world: World, field: str = "amount_fen", one: Any = 152_000, two: Any = 125_000) -> Rivalry:
    """Make a finding, and let the lead and the member change one field of it."""
    values = {
        "inspection": world.inspection,
        "violation_code": "split_admission",
        "facts": "演示：三号床",
        "amount_fen": 1,
        "origin": "on_site",
    }
    finding = world.make("finding", values, by="member")
    with world.services.database.reading() as connection:
        epoch = ledger_store.head(connection, world.services.ledger.id).epoch
    made = Rivalry(world, finding, field, (epoch, world.record(finding).version))
    made.add(one, "lead")
    made.add(two, "member")
    assert world.record(finding).open_conflicts == (field,)
    return made


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def test_a_conflict_is_shown_with_every_value_who_wrote_it_and_why_nobody_merged_it(world: World, desk: Desk):
    found = rival(world)
    text = words(desk.get(f"/conflicts/{found.id}"))
    for said in (
        "1,520.00 元",
        "1,250.00 元",
        "稽核组长",
        "稽核员",
        "不会自动合并",
        "不知道此处的另一个取值",
    ):
        assert said in text
    listed = words(desk.get("/conflicts"))
    assert "涉及金额" in listed
    assert "1,520.00 元 / 1,250.00 元" in listed


def test_a_supervisor_takes_one_of_the_values_and_the_decision_names_them_all(world: World, desk: Desk):
    found = rival(world)
    over = found.over
    answer = desk.post(f"/conflicts/{found.id}/resolve", over=over, take=over[1])
    assert answer.status_code == 303, words(answer)
    assert found.value() == 125_000
    record = world.record(found.finding)
    assert record.open_conflicts == ()
    assert (record.acts[-1].op, set(record.acts[-1].over)) == ("resolve", set(over))
    assert "已裁决" in words(desk.get(f"/conflicts/{found.id}"))
    assert audit(world.services).ok


def test_a_third_value_may_be_written_in_yuan(world: World, desk: Desk):
    found = rival(world)
    answer = desk.post(f"/conflicts/{found.id}/resolve", over=found.over, take="third", value="1,300.5")
    assert answer.status_code == 303, words(answer)
    assert found.value() == 130_050


def test_the_lead_decides_inside_the_team(world: World):
    found = rival(world, "facts", "演示：三号床无人", "演示：四号床无人")
    lead = Desk(world, "lead")
    page = lead.get(f"/conflicts/{found.id}")
    assert "<mark>三</mark>" in page.text
    assert lead.post(f"/conflicts/{found.id}/resolve", over=found.over, take=found.over[0]).status_code == 303
    assert found.value() == "演示：三号床无人"


@pytest.mark.parametrize(("login", "status"), [("member", 403), ("auditor", 403), ("neighbour", 404)])
def test_nobody_else_decides(world: World, login: str, status: int):
    found = rival(world)
    desk = Desk(world, login)
    answer = desk.post(f"/conflicts/{found.id}/resolve", over=found.over, take=found.over[0])
    assert answer.status_code == status
    assert found.value() == 1
    if status == 403:
        page = desk.get(f"/conflicts/{found.id}")
        assert "您的角色无权作出此项决定" in words(page)
        assert "<fieldset disabled" in page.text


def test_a_value_that_came_meanwhile_stops_the_decision_and_what_was_typed_is_kept(world: World, desk: Desk):
    found = rival(world)
    seen = found.over
    found.add(111_100, "lead")
    answer = desk.post(f"/conflicts/{found.id}/resolve", over=seen, take="third", value="1300")
    assert answer.status_code == 409
    text = words(answer)
    assert "您裁决期间又有新的取值到达" in text
    assert "有 1 个新取值" in text
    assert "1,111.00 元" in text
    assert 'value="1300"' in answer.text
    assert found.value() == 1
    again = set(re.findall(r'name="over" value="([^"]+)"', answer.text))
    assert again == set(found.over)
    assert (
        desk.post(f"/conflicts/{found.id}/resolve", over=list(again), take="third", value="1300").status_code
        == 303
    )
    assert found.value() == 130_000


def test_a_conflict_is_decided_once(world: World, desk: Desk):
    found = rival(world)
    over = found.over
    assert desk.post(f"/conflicts/{found.id}/resolve", over=over, take=over[0]).status_code == 303
    late = desk.post(f"/conflicts/{found.id}/resolve", over=over, take=over[1])
    assert late.status_code == 409
    assert "已有人先于您裁决" in words(late)
    assert found.value() == 152_000


@pytest.mark.parametrize("typed", ["", "about 1300", "12.345"])
def test_what_is_no_amount_is_told_and_kept(world: World, desk: Desk, typed: str):
    found = rival(world)
    answer = desk.post(f"/conflicts/{found.id}/resolve", over=found.over, take="third", value=typed)
    assert answer.status_code == 400
    assert "不符合该字段的要求" in words(answer)
    assert f'value="{typed}"' in answer.text
    assert found.value() == 1


def test_an_edit_of_another_field_meanwhile_disturbs_no_decision(world: World, desk: Desk):
    found = rival(world)
    over = found.over
    world.act(Draft("edit", "finding", found.finding, {"legal_basis": "SCFB-735-38"}), by="member")
    assert desk.post(f"/conflicts/{found.id}/resolve", over=over, take=over[0]).status_code == 303


def test_two_records_of_one_number_are_told_to_be_one_thing_or_two(world: World, desk: Desk):
    def hospital(number: int) -> str:
        return world.make(
            "institution",
            {
                "fixmedins_code": f"H3415029{number:04d}",
                "name": f"测试市第{number:03d}医院",
                "kind": "hospital",
                "region": "341502",
            },
        )

    for number, takes_own in ((771, True), (772, False)):
        first, second = sorted((hospital(number), hospital(number)))
        conflict = conflict_id(second, "alias")
        page = desk.get(f"/conflicts/{conflict}")
        assert "是同一个，还是两个" in words(page)
        over = list(world.record(second).contests["alias"].candidates)
        own = world.record(second).acts[0].change
        take = own if takes_own else next(each for each in over if each != own)
        assert desk.post(f"/conflicts/{conflict}/resolve", over=over, take=take).status_code == 303
        assert world.record(second).values["alias"] == (second if takes_own else first)


# The programming interface


def test_the_api_lists_shows_and_decides(world: World, desk: Desk):
    found = rival(world)
    listed = desk.get("/api/conflicts", limit=200, type="finding").json["items"]
    row = next(one for one in listed if one["id"] == found.id)
    assert (row["name"], row["reason"], row["may"]) == ("amount_fen", "never_merges", True)
    one = desk.get(f"/api/conflicts/{found.id}").json
    assert [each["cell"]["values"] for each in one["standing"]] == [[152_000], [125_000]]
    over = [each["change"] for each in one["standing"]]
    stale = desk.send(f"/api/conflicts/{found.id}/resolve", {"over": over[:1], "take": over[0]})
    assert (stale.status_code, stale.json["code"]) == (409, "candidates_changed")
    assert set(stale.json["candidates"]) == set(over)
    done = desk.send(f"/api/conflicts/{found.id}/resolve", {"over": over, "value": 99_900})
    assert (done.status_code, done.json["record"]) == (200, found.finding)
    assert found.value() == 99_900


def test_the_api_refuses_both_a_value_and_a_choice_and_a_value_of_the_wrong_kind(world: World, desk: Desk):
    found = rival(world)
    both = {"over": found.over, "take": found.over[0], "value": 1}
    assert desk.send(f"/api/conflicts/{found.id}/resolve", both).json["field"] == "take"
    wrong = desk.send(f"/api/conflicts/{found.id}/resolve", {"over": found.over, "value": "many"})
    assert (wrong.status_code, wrong.json["code"]) == (400, "bad_value")
    assert found.value() == 1


def test_what_stands_in_private_lines_is_not_for_an_auditor(world: World):
    found = rival(world, "facts", "演示秘密甲", "演示秘密乙")
    auditor = Desk(world, "auditor")
    for path in (f"/conflicts/{found.id}", "/conflicts", f"/api/conflicts/{found.id}", "/api/conflicts"):
        assert "演示秘密" not in auditor.get(path).text


# What is typed


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("amount_fen", "１，５２０．５０元".replace("，", ","), 152_050),
        ("amount_fen", "¥0.05", 5),
        ("facts", " 一\r\n二 ", "一\n二"),
        ("violation_code", "bed_hanging", "bed_hanging"),
    ],
)
def test_what_is_typed_becomes_the_value_that_the_field_wants(name: str, typed: str, value: Any):
    assert value_of(TYPES["finding"].by_name[name], typed) == value


def test_an_amount_of_half_a_fen_is_refused():
    with pytest.raises(BadValue):
        value_of(TYPES["finding"].by_name["amount_fen"], "1.005")
