"""Records of every type by the API: whoever may see them sees them alike, masked, and nobody else anything."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from schemas.records import TYPES
from server.imports.institutions import import_institutions
from server.queries.records import has_register
from server.storage import ledger_store
from tests.api.people import OUTSIDERS, let_in
from tests.server.desk_client import Desk
from tests.server.world import World, person_number

PROBLEM = "application/problem+json"
KINDS = sorted(name for name, kind in TYPES.items() if has_register(kind))


@pytest.fixture(scope="module", autouse=True)
def others(world: World) -> None:
    """Those who may read nothing have access too."""
    let_in(world)


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def items(world: World) -> dict[str, str]:
    """Return one record of each type that the world holds."""
    return {
        "ward_round": world.ward_round,
        "bed_check": world.checks[0],
        "encounter": world.encounters[0],
        "institution": world.hospital,
        "inspection": world.inspection,
        "evidence": world.evidence[0],
        "finding": world.finding,
    }


def ids(desk: Desk, kind: str, **query: Any) -> list[str]:
    """Return the ids that a list names on its first page."""
    answer = desk.get(f"/api/records/{kind}", limit="200", **query)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json["items"]]


def contested(world: World) -> str:
    """Return a finding over whose amount two values stand against each other."""
    values = {"inspection": world.inspection, "violation_code": "split_admission", "facts": "两次入院"}
    finding = world.make("finding", {**values, "amount_fen": 100, "origin": "on_site"}, by="member")
    with world.services.database.reading() as connection:
        epoch = ledger_store.head(connection, world.services.ledger.id).epoch
    base = (epoch, world.record(finding).version)
    for amount, who in ((200, "lead"), (300, "member")):
        world.act(Draft("edit", "finding", finding, {"amount_fen": amount}, base=base), by=who)
    return finding


# Who sees what


def test_the_county_s_supervisor_lists_and_opens_every_type(world: World, desk: Desk):
    for kind, record in items(world).items():
        assert record in ids(desk, kind)
        assert desk.get(f"/api/records/{kind}/{record}").json["type"] == kind
        assert desk.get(f"/api/records/{kind}/{record}/history").json["items"]


@pytest.mark.parametrize("login", ["city", "auditor", "member", "lead"])
def test_whoever_reads_the_region_or_works_on_the_inspection_sees_its_records(world: World, login: str):
    reader = Desk(world, login)
    for kind, record in items(world).items():
        assert record in ids(reader, kind)
        assert reader.get(f"/api/records/{kind}/{record}").status_code == 200


@pytest.mark.parametrize("login", ["neighbour", *OUTSIDERS])
def test_whoever_has_no_such_role_is_given_nothing(world: World, login: str):
    reader = Desk(world, login)
    for kind in KINDS:
        assert reader.get(f"/api/records/{kind}").json == {"items": [], "next": None}
    for kind, record in items(world).items():
        for path in (f"/api/records/{kind}/{record}", f"/api/records/{kind}/{record}/history"):
            answer = reader.get(path)
            assert (answer.status_code, answer.mimetype, answer.json["code"]) == (404, PROBLEM, "not_found")


def test_without_a_session_every_address_answers_401(world: World):
    nobody = Desk(world)
    for kind, record in items(world).items():
        for path in ("", f"/{record}", f"/{record}/history"):
            answer = nobody.get(f"/api/records/{kind}{path}")
            assert (answer.status_code, answer.json["code"]) == (401, "sign_in_required")


def test_a_region_that_somebody_asks_for_shows_nothing_beyond_the_own_one(world: World):
    neighbour = Desk(world, "neighbour")
    for region in ("341502", "341500", "340000"):
        assert ids(neighbour, "finding", region=region) == []


def test_a_type_that_there_is_not_and_one_without_a_register_are_not_found(world: World, desk: Desk):
    for kind in ("nothing", "user", "device", "Finding", "%20"):
        for path in (f"/api/records/{kind}", f"/api/records/{kind}/{world.finding}"):
            answer = desk.get(path)
            assert (answer.status_code, answer.json["code"], answer.json["field"]) == (
                404,
                "not_found",
                "type",
            )


def test_a_record_is_not_found_under_another_type(world: World, desk: Desk):
    assert desk.get(f"/api/records/evidence/{world.finding}").status_code == 404


# What they see


def test_names_and_numbers_are_masked_wherever_they_stand(world: World, desk: Desk):
    record = world.encounters[2]
    shown = desk.get(f"/api/records/encounter/{record}").json["fields"]
    assert (shown["name"], shown["person_no"][:4]) == ("测*****3", "3415")
    listed = desk.get("/api/records/encounter", limit="200").text
    told = desk.get(f"/api/records/encounter/{record}/history")
    assert told.json["items"][0]["fields"]["name"]["set"] == "测*****3"
    for text in (listed, told.text):
        assert person_number(3) not in text
    assert desk.get(f"/api/records/finding/{world.finding}").json["fields"]["persons"] == ["测*****3"]


def test_the_key_of_a_file_is_never_given(world: World, desk: Desk):
    record = world.evidence[0]
    key = world.record(record).values["file_key"]
    for path in ("", f"/{record}", f"/{record}/history"):
        assert key not in desk.get(f"/api/records/evidence{path}").text
    assert "file_key" not in desk.get(f"/api/records/evidence/{record}").json["fields"]
    (first, *_) = desk.get(f"/api/records/evidence/{record}/history").json["items"]
    assert first["fields"]["file_key"] == {"verdict": "applied", "set": None, "add": [], "remove": []}


def test_the_parts_of_a_group_are_masked_and_no_key_is_among_them(world: World, desk: Desk):
    values = {
        "institution": world.hospital,
        "kind": "interview",
        "trigger": "overdue",
        "scheduled_at": world.services.now_ms(),
    }
    interview = world.make("interview", values, by="supervisor")
    world.move("interview", interview, "planned", "invited", by="supervisor")
    person = {"name": "测试甲101", "post": "head"}
    world.act(Draft("edit", "interview", interview, {}, add={"attendees": [person]}), by="supervisor")
    fields = desk.get(f"/api/records/interview/{interview}").json["fields"]
    assert fields["attendees"] == [{"name": "测****1", "post": "head"}]


def test_a_record_says_who_made_it_and_who_last_wrote_each_field(world: World, desk: Desk):
    shown = desk.get(f"/api/records/finding/{world.finding}").json
    assert shown["created"]["by"] == {"id": world.users["member"], "name": "测试甲006"}
    assert shown["changed"]["by"]["id"] == world.users["lead"]
    assert shown["changed"]["index"] == shown["version"] == world.record(world.finding).version
    assert shown["written"]["amount_fen"] == shown["created"]
    assert shown["written"]["statement"] == shown["changed"]
    assert (shown["parent"], shown["root"], shown["region"]) == (world.inspection, world.inspection, "341502")


def test_what_stands_against_what_is_told_with_its_writers(world: World, desk: Desk):
    finding = contested(world)
    shown = desk.get(f"/api/records/finding/{finding}").json
    assert shown["open_conflicts"] == ["amount_fen"]
    assert shown["fields"]["amount_fen"] == 100
    (conflict,) = shown["conflicts"]
    told = {(each["value"], each["written"]["by"]["id"]) for each in conflict["candidates"]}
    assert told == {(200, world.users["lead"]), (300, world.users["member"])}
    assert [each["change"] for each in conflict["candidates"]] == list(
        world.record(finding).contests["amount_fen"].candidates
    )
    about = [each for each in desk.get("/api/records/conflict").json["items"] if each["parent"] == finding]
    assert [(each["fields"]["field"], each["fields"]["state"]) for each in about] == [("amount_fen", "open")]


def test_a_voided_record_leaves_the_lists_and_can_still_be_opened(world: World, desk: Desk):
    values = {"ward_round": world.ward_round, "bed_listed": "1190", "presence": "in_bed"}
    check = world.make("bed_check", values, by="member")
    assert check in ids(desk, "bed_check")
    assert ids(desk, "bed_check", life="voided") == []
    world.act(Draft("void", "bed_check", check), by="member")
    assert check not in ids(desk, "bed_check")
    assert ids(desk, "bed_check", life="voided") == [check]
    assert desk.get(f"/api/records/bed_check/{check}").json["life"] == "voided"
    ops = [each["op"] for each in desk.get(f"/api/records/bed_check/{check}/history").json["items"]]
    assert ops == ["create", "void"]


# What happened


def test_a_history_tells_every_step_with_what_it_wrote(world: World, desk: Desk):
    told = desk.get(f"/api/records/finding/{world.finding}/history").json["items"]
    assert [each["op"] for each in told] == ["create", "edit", "edit"]
    assert [each["by"]["id"] for each in told] == [world.users[who] for who in ("member", "lead", "lead")]
    assert told[0]["fields"]["evidence"]["add"] == sorted(world.evidence[:2])
    assert told[1]["fields"] == {"stage": {"verdict": "applied", "set": "proposed", "add": [], "remove": []}}
    assert [each["index"] for each in told] == [act.index for act in world.record(world.finding).acts]


def test_a_history_is_read_a_page_at_a_time(world: World, desk: Desk):
    path = f"/api/records/finding/{world.finding}/history"
    every = desk.get(path).json["items"]
    first = desk.get(path, limit="2").json
    rest = desk.get(path, limit="2", after=first["next"]).json
    assert [*first["items"], *rest["items"]] == every
    assert rest["next"] is None


def test_the_row_of_an_import_has_its_history(world: World, desk: Desk, tmp_path: Any):
    path = tmp_path / "institutions.csv"
    rows = [f"H3415029000{n},测试第00{n}医院,hospital,341502" for n in range(4, 7)]
    path.write_text("fixmedins_code,name,kind,region\n" + "\n".join(rows) + "\n", "utf-8")
    index = import_institutions(world.services, path).index
    found = desk.get("/api/records/institution", changed_after=index - 1, limit="200").json["items"]
    assert {each["fields"]["name"] for each in found} == {f"测试第00{n}医院" for n in range(4, 7)}
    for each in found:
        (entry,) = desk.get(f"/api/records/institution/{each['id']}/history").json["items"]
        assert (entry["index"], entry["kind"], entry["op"]) == (index, "import", "create")
        assert entry["fields"]["name"]["set"] == each["fields"]["name"]


# Filters


def test_each_filter_narrows_a_list_to_what_it_says(world: World, desk: Desk):
    finding = contested(world)
    version = world.record(finding).version
    assert finding in ids(desk, "finding", stage="draft")
    assert finding not in ids(desk, "finding", stage="heard")
    assert ids(desk, "finding", conflicts="open", changed_after=version - 1) == [finding]
    assert ids(desk, "finding", changed_after=version) == []
    assert finding in ids(desk, "finding", parent=world.inspection)
    assert finding in ids(desk, "finding", root=world.inspection)
    assert ids(desk, "finding", parent=world.hospital) == []
    assert set(ids(desk, "bed_check", parent=world.ward_round)) >= set(world.checks)
    assert finding in ids(desk, "finding", region="341502")
    assert finding in ids(desk, "finding", region="341500")
    assert ids(desk, "finding", region="341503") == []


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"stage": "nowhere"}, "bad_value", "stage"),
        ({"stage": "in_progress"}, "bad_value", "stage"),
        ({"parent": "x"}, "bad_value", "parent"),
        ({"root": "X" * 36}, "bad_value", "root"),
        ({"region": "34150"}, "bad_code", "region"),
        ({"region": "99"}, "bad_code", "region"),
        ({"changed_after": "-1"}, "bad_value", "changed_after"),
        ({"changed_after": "9" * 17}, "bad_value", "changed_after"),
        ({"conflicts": "yes"}, "bad_value", "conflicts"),
        ({"life": "live"}, "bad_value", "life"),
        ({"sort": "amount_fen"}, "bad_value", "sort"),
        ({"limit": "0"}, "bad_value", "limit"),
        ({"limit": "201"}, "bad_value", "limit"),
        ({"after": "x"}, "bad_value", "after"),
        ({"after": "1.01a1e73b-8500-7058-8f2e-6c8de80c06f0"}, "bad_value", "after"),
        ({"after": "01a1e73b-8500-7058-8f2e-6c8de80c06f0", "sort": "version"}, "bad_value", "after"),
        ({"after": "٣.01a1e73b-8500-7058-8f2e-6c8de80c06f0", "sort": "version"}, "bad_value", "after"),
        ({"colour": "red"}, "unknown_filter", "colour"),
        ({"amount_fen": "1"}, "unknown_filter", "amount_fen"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_its_name(
    desk: Desk, query: dict[str, str], code: str, field: str
):
    answer = desk.get("/api/records/finding", **query)
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert (answer.json["code"], answer.json["field"]) == (code, field)


def test_a_history_takes_no_filter_and_no_cursor_of_a_list(world: World, desk: Desk):
    path = f"/api/records/finding/{world.finding}/history"
    assert desk.get(path, stage="draft").json["code"] == "unknown_filter"
    assert desk.get(path, after=world.finding).json["field"] == "after"
