"""What is derived from a declaration says the same as the declaration checks."""

from __future__ import annotations

import json
import re

import pytest

from schemas import describe
from schemas.declare import (
    FILE_KEY,
    UNION,
    Edge,
    Field,
    Need,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    digest,
    group,
    integer,
    ref,
    text,
)
from schemas.records import TYPES
from sync.rules import STAGE
from tests.schemas.naive_schema import fits
from tests.schemas.samples import PLACE, bench, value_of

KINDS = sorted(TYPES)
ODD = (
    "", " ", "no such word", "NO/SUCH word", "a" * 65, "长" * 9000, "2026-02-30", "20261117", "x", "ab" * 32,
    -1, 0, 1, 2**53, True, None, [], {}, {"smell": 1}, {**PLACE, "mock": 0}, {**PLACE, "lat_e7": 10**10},
)  # fmt: skip
PLAIN = RecordType(
    name="made_up",
    zh="虚构",
    en="Made up",
    create=allow("member"),
    edit=allow("lead", own_in=("begun",)),
    fields=(
        text("note", "备注", "Note", chars_max=10),
        code("number", "编号", "Number", required=True),
        choice("state", "状态", "State", {"good": ("好", "Good"), "bad": ("坏", "Bad")}, default="good"),
        integer("count", "数目", "Count", 1, 9, unit="pieces", right=allow()),
        digest("document", "摘要", "Digest"),
        ref("about", "对象", "About", "finding", merge=UNION, waits=True),
        group(
            "calls",
            "来电",
            "Calls",
            (day("on", "日期", "On", required=True), text("words", "内容", "Words", chars_max=5)),
            needs=(Need("on", ("2026-11-17",), ("words",)),),
            merge=UNION,
        ),
    ),
    stages=(Stage("begun", "开始", "Begun"), Stage("over", "结束", "Over")),
    edges=(Edge("begun", "over", allow("lead")),),
    natural_key="number",
)


def checked(field: Field, value: object) -> bool:
    """Return whether the declaration takes a value."""
    try:
        field.value.deserialize(value)
    except Exception:  # noqa: BLE001 - whatever marshmallow says against it
        return False
    return True


# -- the API's schema --------------------------------------------------------------------------------


def plain_fields(kind: str) -> list[Field]:
    return [field for field in TYPES[kind].by_name.values() if field.merge != STAGE]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_the_declaration_takes_fits_the_schema(kind):
    for field in plain_fields(kind):
        value = value_of(field, bench().ids)
        assert checked(field, value), field.name
        assert fits(describe.value_schema(field), [value] if field.many else value), field.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_the_schema_refuses_the_declaration_refuses_too(kind):
    """The other way round holds for all but check characters, calendars and what one part needs of another."""
    for field in plain_fields(kind):
        schema = describe.value_schema(field)
        told = schema["items"] if field.many else schema
        refused = [value for value in ODD if not fits(told, value)]
        assert refused, field.name
        assert not [value for value in refused if checked(field, value)], field.name


@pytest.mark.parametrize("kind", KINDS)
def test_a_shown_record_fits_its_schema(kind):
    found = bench()
    record = found.records.get(found.ids.get(kind, ""))
    if record is None:
        pytest.fail(f"no sample of {kind}") if kind != "conflict" else None
        return
    shown = {
        "id": record.id,
        "type": kind,
        "version": record.version,
        "life": record.life,
        "root": record.root,
        "region": record.region,
        "created_by": record.created_by,
        "fields": dict(record.values),
    }
    schema = describe.json_schema(TYPES[kind])
    assert fits(schema, shown)
    assert not fits(schema, {**shown, "smell": 1})
    assert not fits(schema, {**shown, "fields": {**shown["fields"], "smell": 1}})
    assert not fits(schema, {**shown, "type": "smell"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_plain_json_with_titles_in_both_languages(kind):
    schema = describe.json_schema(TYPES[kind])
    assert json.loads(json.dumps(schema)) == schema
    for name, told in schema["properties"]["fields"]["properties"].items():
        known = TYPES[kind].by_name[name]
        assert (told["title"], told["x-title-zh"]) == (known.en, known.zh)
        assert told.get("x-unit") == known.unit
        assert told.get("x-private") == known.private
        assert told.get("writeOnly", False) == (known.private == FILE_KEY)


def test_a_schema_names_what_a_create_must_set_and_what_is_always_shown():
    schema = describe.json_schema(TYPES["finding"])
    assert schema["x-create"] == ["inspection", "violation_code", "facts", "amount_fen", "origin"]
    shown = schema["properties"]["fields"]["required"]
    assert "facts" not in shown, "what is private is not shown to everybody"
    assert {"inspection", "violation_code", "amount_fen", "origin", "stage"} <= {*shown}


def test_a_value_that_nobody_wrote_is_read_as_its_default():
    told = describe.json_schema(TYPES["institution"])["properties"]["fields"]["properties"]["credit_grade"]
    assert told["default"] == "C"
    assert "default" not in describe.value_schema(TYPES["institution"].by_name["kind"])


# -- a phone's form --------------------------------------------------------------------------------


def test_a_form_tells_all_that_a_field_is():
    form = describe.form(PLAIN)
    told = {field["name"]: field for field in form["fields"]}
    assert list(told) == ["note", "number", "state", "count", "document", "about", "calls", "stage", "alias"]
    assert told["note"] == {
        "name": "note", "kind": "text", "zh": "备注", "en": "Note", "unit": None, "required": False,
        "private": "person", "many": False, "ref": None, "default": None, "masked": None, "choices": [],
        "limits": {"chars_max": 10}, "parts": [], "needs": [], "merge": "review", "waits": False,
        "create": [],
        "edit": {"roles": ["lead"], "root_stages": None, "own_stages": ["begun"], "unless": None, "anywhere": []},
    }  # fmt: skip
    assert told["state"]["choices"] == [
        {"value": "good", "zh": "好", "en": "Good"},
        {"value": "bad", "zh": "坏", "en": "Bad"},
    ]
    assert (told["state"]["default"], told["count"]["unit"]) == ("good", "pieces")
    assert (told["count"]["limits"], told["count"]["edit"]["roles"]) == ({"min": 1, "max": 9}, [])
    assert told["about"]["limits"]["members_max"] == 1000
    assert (told["about"]["many"], told["about"]["ref"], told["about"]["waits"]) == (True, "finding", True)


def test_a_form_tells_the_parts_of_a_group_and_what_they_need():
    calls = {field["name"]: field for field in describe.form(PLAIN)["fields"]}["calls"]
    assert [(part["name"], part["kind"], part["required"]) for part in calls["parts"]] == [
        ("on", "day", True),
        ("words", "text", False),
    ]
    assert calls["needs"] == [{"name": "on", "words": ["2026-11-17"], "names": ["words"], "any_of": False}]


def test_a_form_tells_who_may_set_a_field_when_the_record_is_made():
    told = {field["name"]: field["create"] for field in describe.form(PLAIN)["fields"]}
    assert told["note"] == [], "only the lead writes it, and the lead makes no such record"
    assert told["count"] == ["member"], "nobody writes it later, so whoever makes the record does"
    assert told["alias"] == [], "a person's resolve alone sets it"
    assert told["stage"] == ["member"]


def test_a_form_tells_stages_steps_and_rights():
    form = describe.form(PLAIN)
    assert form["stages"] == [
        {"name": "begun", "zh": "开始", "en": "Begun"},
        {"name": "over", "zh": "结束", "en": "Over"},
    ]
    assert form["edges"] == [
        {
            "from": "begun", "to": "over", "forward": True, "roles": ["lead"], "root_stages": None,
            "own_stages": None, "unless": None, "anywhere": [],
        },
    ]  # fmt: skip
    assert (form["create"]["roles"], form["void"]["roles"], form["resolve"]["roles"]) == (["member"], [], [])
    assert (form["scope"], form["natural_key"], form["synced"]) == ("self", "number", True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_is_plain_json_and_its_patterns_are_read_alike_everywhere(kind):
    form = describe.form(TYPES[kind])
    assert json.loads(json.dumps(form)) == form
    patterns = [field["limits"]["pattern"] for field in form["fields"] if "pattern" in field["limits"]]
    for pattern in patterns:
        re.compile(pattern)
        assert not re.search(r"\(\?|\\[AZzbB]|\\p", pattern), "JavaScript reads it otherwise"


def test_a_form_of_evidence_tells_a_phone_where_a_refusal_to_sign_needs_a_witness():
    signatures = {f["name"]: f for f in describe.form(TYPES["evidence"])["fields"]}["signatures"]
    assert signatures["needs"] == [
        {
            "name": "outcome",
            "words": ["refused", "unable"],
            "names": ["witness", "shown_by"],
            "any_of": True,
        }
    ]


# -- a table's columns -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_has_a_few_columns_and_none_is_private(kind):
    columns = describe.columns(TYPES[kind])
    assert 1 <= len(columns) <= describe.COLUMNS_MAX
    assert len({column.name for column in columns}) == len(columns)
    for column in columns:
        known = TYPES[kind].by_name[column.name]
        assert known.private is None
        assert (column.zh, column.en, column.kind, column.unit) == (
            known.zh,
            known.en,
            known.kind,
            known.unit,
        )


def test_columns_that_nobody_chose_are_the_key_the_stage_and_what_says_something_to_the_eye():
    assert [column.name for column in describe.columns(PLAIN)] == ["number", "stage", "state", "count"]


def test_columns_that_a_declaration_chose_are_taken_in_its_order():
    names = [column.name for column in describe.columns(TYPES["notice"])]
    assert names == list(TYPES["notice"].columns)


def test_a_declaration_that_puts_a_private_field_in_a_table_is_found():
    bold = RecordType("x", "虚", "X", PLAIN.fields, allow(), allow(), columns=("number", "note"))
    with pytest.raises(AssertionError, match="private"):
        describe.columns(bold)
