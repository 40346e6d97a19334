"""/api/openapi.json tells the truth: every address is in it, and every answer is as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from schemas.records import TYPES
from server.api.document import document, template
from server.api.operations import OPERATIONS
from server.api.shapes import Shapes
from server.console.pages import inspections
from server.queries.records import has_register
from sync.errors import every_refusal
from tests.api.shape_checker import Checker, answer_schema
from tests.server.desk_client import Desk, heading, words
from tests.server.world import PASSWORD, World

JSON, PROBLEM = "application/json", "application/problem+json"


@pytest.fixture
def described(world: World) -> dict[str, Any]:
    """The document as a program fetches it."""
    found: dict[str, Any] = Desk(world).get("/api/openapi.json").json
    return found


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def routed(app: Flask) -> set[tuple[str, str]]:
    """Return (path, method) of every address that the application answers under /api."""
    return {
        (template(rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def undescribed(app: Flask, told: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the addresses that a document leaves out."""
    return routed(app) - {(path, method.upper()) for path, each in told["paths"].items() for method in each}


def test_every_address_is_described_and_every_described_one_exists(world: World, described: dict[str, Any]):
    told = {(path, method.upper()) for path, each in described["paths"].items() for method in each}
    assert told == routed(world.installation.app)
    assert len(told) >= 17


def test_an_address_that_nobody_described_is_found(world: World, monkeypatch: pytest.MonkeyPatch):
    app = world.installation.app
    view = app.view_functions["api.list_records"]
    monkeypatch.delitem(OPERATIONS, view)
    with app.test_request_context("/api/"):
        assert undescribed(app, document(app)) == {("/api/records/{type}", "GET")}


def refs(told: Any) -> Iterator[str]:
    """Yield every reference in a document."""
    if isinstance(told, dict):
        if isinstance(told.get("$ref"), str):
            yield told["$ref"]
        for each in told.values():
            yield from refs(each)
    elif isinstance(told, list):
        for each in told:
            yield from refs(each)


def test_every_reference_leads_to_a_component_and_every_component_is_referred_to(described: dict[str, Any]):
    there = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(refs(described)) == there
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in described["components"]["schemas"])


def test_every_operation_has_its_own_id_and_declares_what_its_path_names(described: dict[str, Any]):
    told = [(path, each) for path, methods in described["paths"].items() for each in methods.values()]
    ids = [each["operationId"] for _, each in told]
    assert len(set(ids)) == len(ids)
    for path, each in told:
        named = [p["name"] for p in each["parameters"] if p["in"] == "path"]
        assert named == re.findall(r"{(\w+)}", path), path
        assert all(p["required"] for p in each["parameters"] if p["in"] == "path")
        assert {scheme for need in each["security"] for scheme in need} <= {"session", "token"}


def test_every_word_stands_in_both_languages(described: dict[str, Any]):
    for methods in described["paths"].values():
        for each in methods.values():
            assert re.search(r"[\u4e00-\u9fff]", each["x-summary-zh"])
            assert all(re.search(r"[\u4e00-\u9fff]", p["x-description-zh"]) for p in each["parameters"])


def test_the_document_can_be_had_in_chinese_and_in_no_other_language(world: World):
    told = Desk(world).get("/api/openapi.json", language="zh").json
    assert told["paths"]["/api/records/{type}"]["get"]["summary"] == "一类记录的台账"
    assert told["components"]["schemas"]["finding"]["title"] == TYPES["finding"].zh
    refused = Desk(world).get("/api/openapi.json", language="fr")
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (
        400,
        "bad_value",
        "language",
    )


def test_every_code_that_an_operation_may_answer_is_a_refusal_with_its_status(described: dict[str, Any]):
    known = described["components"]["schemas"]["Problem"]["x-codes"]
    assert set(known) == set(every_refusal())
    for methods in described["paths"].values():
        for each in methods.values():
            for status, answer in each["responses"].items():
                assert all(str(known[code]["status"]) == status for code in answer.get("x-codes", ()))


def test_every_type_with_a_register_is_a_component_that_shows_no_key_of_a_file(described: dict[str, Any]):
    for kind in TYPES.values():
        found = described["components"]["schemas"].get(kind.name)
        assert (found is not None) == has_register(kind)
        if found is not None:
            shown = found["properties"]["fields"]["properties"]
            assert not [name for name, field in shown.items() if field["x-kind"] == "key"]
            assert set(shown) == {name for name, field in kind.by_name.items() if field.kind != "key"}
            parts = [
                part for field in shown.values() for part in field.get("items", {}).get("properties", ())
            ]
            assert "file_key" not in parts


# Live answers


def gets(world: World) -> list[tuple[str, str]]:
    """Return (template, address) of every GET that answers JSON, and its lists a page at a time."""
    items = {
        "ward_round": world.ward_round,
        "bed_check": world.checks[0],
        "encounter": world.encounters[0],
        "institution": world.hospital,
        "inspection": world.inspection,
        "evidence": world.evidence[0],
        "finding": world.finding,
    }
    found = [
        ("/api/session", "/api/session"),
        ("/api/ward-rounds", "/api/ward-rounds"),
        ("/api/ward-rounds/{record}", f"/api/ward-rounds/{world.ward_round}?bed={world.encounters[2]}"),
        ("/api/ward-rounds/execution", "/api/ward-rounds/execution?since=2026-11-10"),
        ("/api/evidence", "/api/evidence?limit=1"),
        ("/api/evidence/{record}", f"/api/evidence/{world.evidence[0]}"),
        ("/api/findings", "/api/findings"),
        ("/api/findings/{record}", f"/api/findings/{world.finding}"),
        ("/api/cases", "/api/cases"),
        ("/api/types", "/api/types"),
        ("/api/openapi.json", "/api/openapi.json"),
    ]
    kinds = [kind.name for kind in TYPES.values() if has_register(kind)]
    found += [("/api/types/{type}", f"/api/types/{kind}") for kind in kinds]
    found += [("/api/records/{type}", f"/api/records/{kind}?limit=2") for kind in kinds]
    for kind, record in items.items():
        found.append(("/api/records/{type}/{record}", f"/api/records/{kind}/{record}"))
        found.append(
            ("/api/records/{type}/{record}/history", f"/api/records/{kind}/{record}/history?limit=2")
        )
    return found


def test_every_answer_is_as_it_is_described(world: World, desk: Desk, described: dict[str, Any]):
    checker = Checker(described)
    for path, address in gets(world):
        answer = desk.get(address)
        assert (answer.status_code, answer.mimetype) == (200, JSON), address
        assert checker.faults(answer.json, answer_schema(described, "get", path, 200)) == [], address


def test_an_act_s_answer_is_as_it_is_described(world: World, desk: Desk, described: dict[str, Any]):
    checker = Checker(described)
    item = world.photograph(700, bed_check=world.checks[0])
    reviewed = desk.send(
        f"/api/evidence/{item}/review", {"act": "approve", "version": world.record(item).version}
    )
    version = world.record(world.finding).version
    wanted = {"version": version, "served_on": "2026-11-17", "working_days": 15}
    confirmed = desk.send(f"/api/findings/{world.finding}/confirm", wanted)
    signed_in = Desk(world).send("/api/session", {"login": "supervisor", "password": PASSWORD})
    for path, answer, status in (
        ("/api/evidence/{record}/review", reviewed, 200),
        ("/api/findings/{record}/confirm", confirmed, 201),
        ("/api/session", signed_in, 201),
    ):
        assert answer.status_code == status, answer.text
        assert checker.faults(answer.json, answer_schema(described, "post", path, status)) == []
    for path, address in (
        ("/api/cases", "/api/cases"),
        ("/api/cases/{record}", f"/api/cases/{confirmed.json['case']}"),
        ("/api/records/{type}", "/api/records/rectification_case"),
    ):
        assert checker.faults(desk.get(address).json, answer_schema(described, "get", path, 200)) == []


def test_every_problem_is_as_it_is_described(world: World, desk: Desk, described: dict[str, Any]):
    checker = Checker(described)
    nobody = Desk(world)
    records, one = "/api/records/{type}", "/api/records/{type}/{record}"
    for asked, path, address, status in (
        (nobody, records, "/api/records/finding", 401),
        (desk, records, "/api/records/nothing", 404),
        (desk, records, "/api/records/finding?colour=red", 400),
        (desk, records, "/api/records/finding?region=9", 400),
        (desk, one, "/api/records/finding/x", 404),
        (desk, "/api/evidence", "/api/evidence?limit=0", 400),
    ):
        answer = asked.get(address)
        assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
        assert checker.faults(answer.json, answer_schema(described, "get", path, status)) == []


def test_an_answer_with_a_member_too_many_would_be_found(world: World, desk: Desk, described: dict[str, Any]):
    found = desk.get(f"/api/records/finding/{world.finding}").json
    schema = answer_schema(described, "get", "/api/records/{type}/{record}", 200)
    found["fields"]["colour"] = "red"
    assert Checker(described).faults(found, schema) != []


def test_two_classes_of_one_name_are_not_described_as_one():
    @dataclass
    class InspectionRow:
        """Another one than the list's."""

        id: str

    shapes = Shapes()
    assert (
        shapes.of(InspectionRow) == shapes.of(InspectionRow) == {"$ref": "#/components/schemas/InspectionRow"}
    )
    with pytest.raises(AssertionError, match="both describe a InspectionRow"):
        shapes.of(inspections.InspectionRow)


# The page for people


@pytest.mark.parametrize(("language", "title"), [("zh_CN", "程序接口"), ("en", "Programming interface")])
def test_people_read_the_same_description_in_their_language(
    world: World, described: dict[str, Any], language: str, title: str
):
    anybody = Desk(world)
    anybody.post("/language", language=language)
    page = anybody.get("/api/")
    assert (page.status_code, page.mimetype, heading(page)) == (200, "text/html", title)
    for path, methods in described["paths"].items():
        for each in methods.values():
            assert path in page.text
            assert each["summary" if language == "en" else "x-summary-zh"] in words(page)
    assert not re.search(r"(src|href)=\"https?://", page.text)


def test_the_description_needs_no_session_and_tells_no_content(world: World):
    nobody = Desk(world)
    for path in ("/api/openapi.json", "/api/", "/api/types", "/api/types/finding"):
        answer = nobody.get(path)
        assert answer.status_code == 200, path
        assert "测试市第001医院" not in answer.text
    assert nobody.get("/api/types/finding").headers["Cache-Control"] == "public, max-age=300"
    assert nobody.get("/api/types/user").status_code == 404
