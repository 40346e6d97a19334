"""What holds for every record type, walked over all declarations: privacy, stages, labels, rights."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from marshmallow import fields as wire
from marshmallow import validate

from schemas.declare import PUBLIC_KINDS, Field, RecordType, Right
from schemas.records import RULES, TYPES
from schemas.records.user import ROLES
from sync.rules import MERGES

KINDS = sorted(TYPES)
HANZI = re.compile(r"[\u4e00-\u9fff]")
KNOWN_ROLES = frozenset(ROLES) | {"member", "lead", "machine"}
"""What a user may be, what an inspection makes of a user, and the server itself."""
NAMES_OR_DESCRIBES = {
    "institution": {"name", "contact_name", "contact_email", "contact_phone", "contacts"},
    "encounter": {"person_no", "name", "sex", "diag_code", "drg_code"},
    "bed_check": {"answers", "observations", "note"},
    "evidence": {"file_key", "original_place", "note", "person", "signatures"},
    "finding": {"facts", "persons", "statement"},
    "decision": {"note"},
    "inspection": {"note"},
    "user": {"login", "display_name", "email"},
    "notice": {"facts", "demands", "received_by", "witness"},
    "rectification_case": {"reopen_reason", "return_reason"},
    "rectification_report": {"answers", "files", "signatories", "checks", "return_reason"},
    "interview": {"place", "attendees", "record", "demands", "commitments", "signatures"},
    "sanction": {
        "reasons", "person", "physician_code", "statement", "legal_remarks", "decision_reasons",
    },
    "appeal": {"reasons", "files", "answer"},
    "statement": {"words"},
    "recovery": {"plan", "write_off_reason"},
    "extension": {"words", "answer"},
    "petition": {"words", "reporter", "answer"},
    "task": {"words", "calls", "result"},
    "bulletin": {"words"},
}  # fmt: skip
"""Fields that name or describe a person, are free text, or open a file: none may stand in the ledger's line."""
DESCRIBED_IN_CODES = {"person_no", "sex", "diag_code", "drg_code", "physician_code"}
"""Private although they are no free text: what a code or a choice says of a person."""


STANDARDS = ("X-Wing", "X25519", "Ed25519")
"""Names that are the same in every language."""


def fields_of(kind: RecordType) -> list[Field]:
    return list(kind.by_name.values())


def parts_of(kind: RecordType) -> list[Field]:
    """Return the parts of a type's groups."""
    return [part for field in fields_of(kind) for part in field.parts]


def is_open_text(field: Field) -> bool:
    """Return whether a field takes any words that somebody cares to write."""
    takes_words = isinstance(field.value, wire.String) and not field.choices
    bounded = field.kind in ("code", "id", "digest", "key", "day")
    if field.kind == "group":
        return any(is_open_text(part) or part.private for part in field.parts)
    return field.kind not in PUBLIC_KINDS or (takes_words and not bounded)


@pytest.mark.parametrize("name", KINDS)
def test_no_public_text_is_other_than_an_enum_a_code_an_id_a_digest_or_a_key(name):
    open_texts = [field.name for field in fields_of(TYPES[name]) if not field.private and is_open_text(field)]
    assert not open_texts, f"{name}: free text belongs in a private line: {open_texts}"


def test_a_public_free_text_would_be_found():
    stray = Field("remark", "text", wire.String(), "备注", "Remark")
    disguised = Field("remark", "integer", wire.String(), "备注", "Remark")
    assert is_open_text(stray)
    assert is_open_text(disguised)


@pytest.mark.parametrize("name", KINDS)
def test_what_a_public_text_field_takes_is_bounded_by_its_own_check(name):
    words = "张三, 住在 解放路 12 号"
    for field in fields_of(TYPES[name]):
        if not field.private and isinstance(field.value, wire.String):
            with pytest.raises(wire.ValidationError):
                field.value.deserialize(words)


@pytest.mark.parametrize("name", sorted(NAMES_OR_DESCRIBES))
def test_what_names_or_describes_a_person_travels_in_a_private_line(name):
    private = {field.name for field in fields_of(TYPES[name]) if field.private}
    assert private >= NAMES_OR_DESCRIBES[name]


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_hidden_that_the_ledger_could_show(name):
    bare = [f.name for f in fields_of(TYPES[name]) if f.private and f.kind not in ("text", "group", "key")]
    assert set(bare) <= DESCRIBED_IN_CODES, "say here why a field that is no text is private"


@pytest.mark.parametrize("name", KINDS)
def test_every_stage_is_reached_from_the_first(name):
    kind = TYPES[name]
    reached = {kind.stages[0].name} if kind.stages else set()
    for _ in kind.stages:
        reached |= {edge.target for edge in kind.edges if edge.source in reached}
    assert reached == {stage.name for stage in kind.stages}


@pytest.mark.parametrize("name", KINDS)
def test_every_edge_joins_two_stages_that_there_are_and_only_once(name):
    kind = TYPES[name]
    stages = {stage.name for stage in kind.stages}
    pairs = [(edge.source, edge.target) for edge in kind.edges]
    assert {place for pair in pairs for place in pair} <= stages
    assert len(pairs) == len(set(pairs))
    assert all(source != target for source, target in pairs)


@pytest.mark.parametrize("name", KINDS)
def test_no_circle_of_forward_edges_makes_two_racing_steps_undecidable(name):
    rules = RULES[name]
    both = [(e.source, e.target) for e in rules.edges if e.forward and rules.reaches(e.target, e.source)]
    # A case that is returned or reopened goes round again: those ways lead back through an edge that is not forward.
    assert not both


@pytest.mark.parametrize("name", KINDS)
def test_every_type_field_choice_and_stage_is_labelled_in_both_languages(name):
    kind = TYPES[name]
    labels = [(kind.name, kind.zh, kind.en)]
    labels += [(field.name, field.zh, field.en) for field in fields_of(kind)]
    labels += [(stage.name, stage.zh, stage.en) for stage in kind.stages]
    labels += [(part.name, part.zh, part.en) for part in parts_of(kind)]
    for field in [*fields_of(kind), *parts_of(kind)]:
        labels += [(f"{field.name}={word}", *label) for word, label in field.choices.items()]
    for what, zh, en in labels:
        assert en.strip(), f"{name}: {what} has no English label"
        assert not HANZI.search(en), f"{name}: {what}"
        assert zh.strip(), f"{name}: {what} has no Chinese label"
        assert HANZI.search(zh) or zh in STANDARDS, f"{name}: {what} is labelled {zh}"


@pytest.mark.parametrize("name", KINDS)
def test_rights_name_only_roles_that_somebody_can_have_and_stages_that_there_are(name):
    kind = TYPES[name]
    rules = RULES[name]
    rights: list[Right] = [rules.create, kind.edit, rules.void, rules.resolve]
    rights += [rule.right for rule in rules.fields.values()]
    rights += [edge.right for edge in rules.edges]
    assert frozenset(chain.from_iterable(right.roles for right in rights)) <= KNOWN_ROLES
    own = {stage.name for stage in kind.stages}
    assert set().union(*(right.own_in or () for right in rights)) <= own
    root_stages = {stage.name for root in ("inspection", "ward_round") for stage in TYPES[root].stages}
    assert set().union(*(right.root_in or () for right in rights)) <= root_stages


def test_no_stage_of_a_round_is_called_like_one_of_an_inspection():
    """Rights name the stages of a scope root, which may be either."""
    inspection, ward_round = (
        {stage.name for stage in TYPES[root].stages} for root in ("inspection", "ward_round")
    )
    assert not inspection & ward_round


@pytest.mark.parametrize("name", [name for name in KINDS if name != "conflict"])
def test_somebody_may_create_every_type_that_is_not_derived(name):
    assert RULES[name].create.roles


def test_nobody_writes_a_conflict():
    rules = RULES["conflict"]
    assert not rules.create.roles
    assert not any(rule.right.roles for rule in rules.fields.values())


@pytest.mark.parametrize("name", KINDS)
def test_references_name_types_that_there_are(name):
    refs = {field.ref for field in [*fields_of(TYPES[name]), *parts_of(TYPES[name])] if field.ref}
    assert refs <= {*KINDS, "any"}


@pytest.mark.parametrize("name", KINDS)
def test_scope_keys_and_region_are_fields_of_the_type_that_a_create_must_set(name):
    kind = TYPES[name]
    if kind.scope != "self":
        needed = kind.by_name[kind.scope].required
        assert needed == (kind.scope_else is None), "a record without its root belongs to nobody"
        assert kind.by_name[kind.scope].ref
    for key in (kind.natural_key, kind.lookup, kind.region_from):
        if key is not None:
            # What is looked for by `lookup` alone may be written later: a record without it is not found by it.
            later = kind.lookup if kind.natural_key is None else None
            assert kind.by_name[key].required or key == later or (key == kind.region_from and kind.scope_else)
            assert not kind.by_name[key].private, "the server looks for it in the open"


@pytest.mark.parametrize("name", [name for name in KINDS if TYPES[name].natural_key])
def test_a_natural_key_is_a_short_code_or_id_and_somebody_settles_two_records_that_bear_it(name):
    kind = TYPES[name]
    assert kind.by_name[kind.natural_key].kind in ("code", "id")
    assert kind.resolve.roles
    assert kind.by_name["alias"].ref == name
    assert RULES[name].natural_key == kind.natural_key
    assert "alias" in RULES[name].refs


@pytest.mark.parametrize("name", [name for name in KINDS if not TYPES[name].natural_key])
def test_a_type_without_a_natural_key_has_no_alias(name):
    assert "alias" not in TYPES[name].by_name
    assert RULES[name].natural_key is None


@pytest.mark.parametrize("name", KINDS)
def test_names_are_unique_and_every_merge_rule_is_known(name):
    kind = TYPES[name]
    names = [field.name for field in kind.fields]
    assert len(names) == len(set(names))
    assert "stage" not in names, "the stage is derived from the stages"
    assert {field.merge for field in fields_of(kind)} <= set(MERGES)
    for field in fields_of(kind):
        parts = [part.name for part in field.parts]
        assert len(parts) == len(set(parts))
        assert bool(parts) == (field.kind == "group")


@pytest.mark.parametrize("name", KINDS)
def test_every_choice_checks_exactly_its_options(name):
    for field in TYPES[name].fields:
        if field.kind == "choice":
            (check,) = field.value.validators
            assert isinstance(check, validate.OneOf)
            assert list(check.choices) == list(field.choices)
            with pytest.raises(wire.ValidationError):
                field.value.deserialize("no such word")
