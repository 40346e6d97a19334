"""docs/records.md and the phone's records.json are what the declarations say, and say all of it."""

from __future__ import annotations

import json
import re

import pytest

from schemas import __main__ as command
from schemas import page
from schemas.declare import RecordType
from schemas.describe import form, markdown
from schemas.records import SUMMARIES, TYPES
from schemas.values import FORMS
from sync.rules import MERGES, STAGE

KINDS = sorted(TYPES)
TEXT = markdown([TYPES[name] for name in KINDS])


def section(name: str) -> str:
    """Return the part of the page about a type."""
    start = TEXT.index(f"\n## {name}\n")
    end = TEXT.find("\n## ", start + 1)
    return TEXT[start : end if end > 0 else len(TEXT)]


def rows(text: str, head: str) -> list[list[str]]:
    """Return the rows of the table that has this head."""
    found = []
    for line in text[text.index(head) :].split("\n")[2:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def told(name: str) -> dict[str, list[str]]:
    return {words(row[0])[0]: row for row in rows(section(name), "| Field |")}


# -- fresh -------------------------------------------------------------------------------------------


def test_the_generated_files_are_fresh():
    assert not command.stale(command.ROOT), "run `python -m schemas --write` and commit what it wrote"


def test_the_command_writes_what_it_then_finds_fresh(tmp_path, capsys):
    assert command.main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert all(str(path) in said for path in (command.PAGE, command.FORMS))
    assert command.main(["--write"], tmp_path) == 0
    assert command.main(["--check"], tmp_path) == 0
    assert capsys.readouterr().err == ""
    (tmp_path / command.PAGE).write_text("another page", "utf-8")
    assert command.stale(tmp_path) == [command.PAGE]


def test_the_command_prints_the_page(capsys):
    assert command.main([]) == 0
    assert capsys.readouterr().out == TEXT


def test_the_phone_gets_the_form_of_every_type_that_reaches_it_and_of_no_other(tmp_path):
    command.write(tmp_path)
    forms = json.loads((tmp_path / command.FORMS).read_text("utf-8"))
    assert forms == {name: form(kind) for name, kind in TYPES.items() if kind.synced}
    assert not {"petition", "user", "device"} & forms.keys()


# -- whole -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
def test_a_stranger_reads_each_field_back_from_the_page(name):
    kind = TYPES[name]
    found = told(name)
    assert list(found) == list(kind.by_name)
    for field in kind.by_name.values():
        title, label, value, private, merge, create, after = found[field.name]
        assert title.endswith("\\*") == field.required
        assert label == f"{field.zh} · {field.en}"
        assert words(value)[0] == field.kind
        assert (f"of `{field.ref}`" in value) == bool(field.ref)
        assert words(private) == ([field.private] if field.private else [])
        assert words(merge) == [field.merge]
        assert words(create) == sorted(kind.at_create(field.name))
        if field.merge == STAGE:
            assert after == "by the edges below"
        elif field.name in (kind.scope, kind.region_from):
            assert after.startswith("never")
        else:
            assert {*(field.right or kind.edit).roles} <= {*words(after)}


@pytest.mark.parametrize("name", [name for name in KINDS if TYPES[name].stages])
def test_a_stranger_reads_each_step_back_from_the_page(name):
    steps = [
        (
            words(source)[0],
            words(target)[0],
            way == "forward",
            words(by.partition(" at ")[0].partition(", unless ")[0]),
        )
        for source, target, way, by in rows(section(name), "| From |")
    ]
    assert steps == [(e.source, e.target, e.forward, sorted(e.right.roles)) for e in TYPES[name].edges]
    for stage in TYPES[name].stages:
        assert f"`{stage.name}` {stage.zh} {stage.en}" in section(name)


@pytest.mark.parametrize("name", KINDS)
def test_a_stranger_reads_scope_key_rights_and_what_waits_from_the_page(name):
    kind, text = TYPES[name], section(name)
    assert (f"Lies where its `{kind.scope}` lies" in text) == (kind.scope != "self")
    assert (f"Natural key: `{kind.natural_key}`" in text) == (kind.natural_key is not None)
    assert ("Phones get it by the feed." in text) == kind.synced
    waiting = [field.name for field in kind.by_name.values() if field.waits]
    held = re.search(r"Held until what it names has arrived: (.*)\.", text)
    assert (words(held[1]) if held else []) == waiting
    (may,) = re.findall(r"^- May: create (.*)", text, re.MULTILINE)
    assert {*kind.create.roles, *kind.void.roles, *kind.resolve.roles} <= {*words(may)}
    assert SUMMARIES[name] in text


@pytest.mark.parametrize("name", KINDS)
def test_a_stranger_reads_choices_parts_and_limits_from_the_page(name):
    kind, text = TYPES[name], section(name)
    for field in kind.fields:
        for word, (zh, en) in field.choices.items():
            assert f"`{word}` {zh} · {en}" in text
        if field.low is not None:
            assert f"{field.low:,} to {field.high:,}" in told(name)[field.name][2]
        if field.parts:
            parts = [
                words(row[0])[0] for row in rows(text[text.index(f"Parts of `{field.name}`") :], "| Part |")
            ]
            assert parts == [part.name for part in field.parts]
    for need in (*kind.needs, *(need for field in kind.fields for need in field.needs)):
        assert f"where `{need.name}` is" in text


def test_the_top_says_what_each_kind_merge_rule_role_and_form_means():
    top = TEXT[: TEXT.index(f"\n## {KINDS[0]}\n")]
    fields = [field for kind in TYPES.values() for field in kind.by_name.values()]
    assert {field.kind for field in fields} <= {*page.KINDS}
    assert {*page.MERGES} == {*MERGES}
    rules = [kind.rules() for kind in TYPES.values()]
    rights = [right for one in rules for right in (one.create, one.void, one.resolve)]
    rights += [rule.right for one in rules for rule in one.fields.values()]
    rights += [edge.right for one in rules for edge in one.edges]
    for word in (*page.KINDS, *MERGES, *FORMS, *frozenset().union(*(right.roles for right in rights))):
        assert f"`{word}`" in top, f"the page does not say what {word} means"


def test_every_type_is_linked_from_the_top():
    assert [name for name in KINDS if f"[`{name}`](#{name})" not in TEXT] == []


def test_a_page_of_one_type_without_fields_stages_or_key_is_a_page():
    from schemas.declare import allow

    bare = RecordType("bare", "空", "Bare", (), allow(), allow())
    assert "May: create nobody; void and restore nobody; resolve nobody." in markdown([bare])
