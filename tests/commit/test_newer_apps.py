"""Work of newer and of older apps: held until this server knows their schema, or lifted to the present one."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from schemas import upcasts
from schemas.declare import RecordType, choice, flag
from schemas.drafting import Draft
from schemas.records import RULES, TYPES
from schemas.records.finding import ORIGINS
from schemas.upcasts import Step, both, renamed, reworded, upcast
from schemas.wire.change import read_change
from server.casework import waiting_tasks
from server.casework.late_changes import Ruling, rule
from server.commit import held
from server.ledger.audit import audit
from server.storage import device_store
from sync import changes, lines
from sync.changes import At, Change
from tests.commit.late_scene import before_signing, sign
from tests.commit.state import entries, is_sound, loaded, waiting
from tests.server.pushing import City, Line, Phone

NEW_WORD = "by_chance"
LEAFLET = RecordType(
    name="leaflet",
    zh="宣传册",
    en="Leaflet",
    create=TYPES["finding"].create,
    edit=TYPES["finding"].create,
    scope="inspection",
    fields=(
        TYPES["finding"].by_name["inspection"],
        replace(TYPES["finding"].by_name["amount_fen"], right=None),
    ),
)
Learn = Callable[[RecordType], None]


@pytest.fixture
def learn(monkeypatch: pytest.MonkeyPatch) -> Learn:
    """Let this process know a record type as a newer version of the server would."""

    def known(kind: RecordType) -> None:
        # What the product reads is read-only; a version of it is put together anew for a test alone.
        types, rules = (gc.get_referents(proxy)[0] for proxy in (TYPES, RULES))
        monkeypatch.setitem(types, kind.name, kind)
        monkeypatch.setitem(rules, kind.name, kind.rules())

    return known


def finding_with(*fields: Any) -> RecordType:
    """Return the type of findings with some fields more, or in the place of those of their names."""
    kind, names = TYPES["finding"], {field.name for field in fields}
    return replace(kind, fields=(*(field for field in kind.fields if field.name not in names), *fields))


def grow(monkeypatch: pytest.MonkeyPatch, steps: Mapping[int, Step]) -> None:
    """Let the present schema be the one behind the last of these steps."""
    monkeypatch.setattr(upcasts, "STEPS", steps)
    monkeypatch.setattr(upcasts, "SCHEMA_VERSION", max(steps) + 1)


def push(phone: Phone, *written: Line, schema: int) -> Any:
    """Hand in lines under a schema."""
    real = changes.Manifest

    def under(**given: Any) -> Any:
        return real(**{**given, "schema": schema})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.server.pushing.Manifest", under)
        return phone.push_lines(list(written))


def by_chance(city: City, phone: Phone, **more: Any) -> tuple[str, Line]:
    """Return a finding whose origin is a word that only a newer schema has; its id and lines."""
    draft = city.finding(origin="on_site", **more)
    line, private = phone.line(draft)
    assert line.count(b'"on_site"') == 1
    return draft.record, (line.replace(b'"on_site"', f'"{NEW_WORD}"'.encode()), private)


def test_work_of_a_newer_app_comes_into_force_when_the_server_knows_its_schema(
    city: City, learn: Learn, monkeypatch: pytest.MonkeyPatch
):
    phone = city.phones[1]
    finding, written = by_chance(city, phone)
    assert push(phone, written, schema=2).outcomes[0].verdict == "held"
    assert [row.waiting_for for row in waiting(city)] == ["schema:2"]
    assert waiting_tasks.sweep(city.installation.services)["released"] == 0
    assert loaded(city, finding) is None
    learn(finding_with(choice("origin", "来源", "Origin", {**ORIGINS, NEW_WORD: ("偶然", "By chance")})))
    grow(monkeypatch, {1: lambda change: change})
    assert waiting_tasks.sweep(city.installation.services)["released"] == 1
    record = loaded(city, finding)
    assert record is not None
    assert (record.values["origin"], record.values["facts"]) == (NEW_WORD, "演示数据：三号床无人")
    ((index, entry),) = entries(city)
    assert (entry.schema, entry.outcome["verdict"], waiting(city)[0].moved) == (2, "applied", index)
    assert is_sound(city.installation)


def test_what_the_known_schema_does_not_know_either_is_refused_by_its_release(
    city: City, monkeypatch: pytest.MonkeyPatch
):
    phone = city.phones[1]
    finding, written = by_chance(city, phone)
    push(phone, written, schema=2)
    grow(monkeypatch, {1: lambda change: change})
    waiting_tasks.sweep(city.installation.services)
    (row,) = waiting(city)
    ((_, entry),) = entries(city)
    assert (row.verdict, entry.outcome["code"], entry.outcome["field"]) == ("refused", "bad_value", "origin")
    assert loaded(city, finding) is None
    assert is_sound(city.installation)


def test_what_waits_for_a_schema_that_is_newer_still_goes_on_waiting(
    city: City, monkeypatch: pytest.MonkeyPatch
):
    phone = city.phones[1]
    _, written = by_chance(city, phone)
    push(phone, written, schema=3)
    grow(monkeypatch, {1: lambda change: change})
    waiting_tasks.sweep(city.installation.services)
    assert [(row.verdict, row.waiting_for) for row in waiting(city)] == [("held", "schema:3")]


def test_a_text_that_is_no_longer_in_quarantine_waits_on_and_stops_nobody(
    city: City, learn: Learn, monkeypatch: pytest.MonkeyPatch
):
    one, two = city.phones
    _, lost = by_chance(city, one)
    _, kept = by_chance(city, two)
    push(one, lost, schema=2)
    push(two, kept, schema=2)
    services = city.installation.services
    with services.engine.begin() as connection:
        table = device_store.QUARANTINE
        connection.execute(table.delete().where(table.c.device == one.id))
    learn(finding_with(choice("origin", "来源", "Origin", {**ORIGINS, NEW_WORD: ("偶然", "By chance")})))
    grow(monkeypatch, {1: lambda change: change})
    assert waiting_tasks.sweep(services)["released"] == 1
    assert [row.verdict for row in waiting(city)] == ["held", "applied"]


def test_a_set_of_a_newer_app_is_opened_once_however_many_of_its_changes_wait(
    city: City, learn: Learn, monkeypatch: pytest.MonkeyPatch
):
    phone = city.phones[1]
    push(phone, *(by_chance(city, phone)[1] for _ in range(5)), schema=2)
    learn(finding_with(choice("origin", "来源", "Origin", {**ORIGINS, NEW_WORD: ("偶然", "By chance")})))
    grow(monkeypatch, {1: lambda change: change})
    real, read = held.read_body, []

    def counted(*given: Any) -> Any:
        read.append(given[0].digest)
        return real(*given)

    monkeypatch.setattr(held, "read_body", counted)
    assert waiting_tasks.sweep(city.installation.services)["released"] == 5
    assert len(read) == 1, "under the ledger's lock a set of a thousand is not read a thousand times"
    assert is_sound(city.installation)


def leaflet(city: City, phone: Phone, amount: int) -> tuple[str, Line]:
    """Return a record of a type that this server does not know; its id and lines."""
    services = city.installation.services
    record = city.id()
    values = {"inspection": city.inspection, "amount_fen": amount}
    bare = Change(
        city.id(), "create", "leaflet", record, None, At(services.now_ms(), session="t"), set=values
    )
    assert phone.installation is city.installation
    return record, (changes.change_line(bare, services.random(16)), ())


def test_a_type_that_was_unknown_comes_into_force_when_the_server_knows_it(city: City, learn: Learn):
    phone = city.phones[0]
    good, written = leaflet(city, phone, 5)
    bad, spoilt = leaflet(city, phone, -5)
    result = phone.push_lines([written, spoilt])
    assert [outcome.waiting_for for outcome in result.outcomes] == ["type:leaflet", "type:leaflet"]
    assert is_sound(city.installation)
    learn(LEAFLET)
    assert waiting_tasks.sweep(city.installation.services)["released"] == 2
    assert [row.verdict for row in waiting(city)] == ["applied", "refused"], [
        e.outcome for _, e in entries(city)
    ]
    record = loaded(city, good)
    assert record is not None
    assert record.values["amount_fen"] == 5
    assert loaded(city, bad) is None
    assert is_sound(city.installation)


# Older apps


RENAME = renamed("finding", "amount_fen", "sum_fen")
REWORD = reworded("finding", "origin", {"on_site": "found_there"})


def grown(learn: Learn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the present schema have another name for an amount, another word for an origin, and one field more."""
    kind = finding_with(
        replace(TYPES["finding"].by_name["amount_fen"], name="sum_fen"),
        choice("origin", "来源", "Origin", {**ORIGINS, "found_there": ("现场", "There")}),
        flag("urgent", "紧急", "Urgent"),
    )
    learn(replace(kind, fields=tuple(field for field in kind.fields if field.name != "amount_fen")))
    grow(monkeypatch, {1: RENAME, 2: REWORD})


def test_the_oldest_app_gets_its_work_in_and_the_ledger_replays(
    city: City, learn: Learn, monkeypatch: pytest.MonkeyPatch
):
    one, two = city.phones
    finding = city.finding()
    written = one.line(finding)
    edit = two.line(Draft("edit", "finding", finding.record, {"amount_fen": 7}))
    grown(learn, monkeypatch)
    assert push(one, written, schema=1).outcomes[0].verdict == "applied"
    assert push(two, edit, schema=1).outcomes[0].verdict == "conflict"
    record = loaded(city, finding.record)
    assert record is not None
    assert (record.values["origin"], record.values["sum_fen"]) == ("found_there", 120_000)
    assert "amount_fen" not in record.values
    told = entries(city, "change")[-2:]
    assert [entry.schema for _, entry in told] == [1, 1]
    assert told[0][1].change == lines.digest(written[0]), "the line stays what the phone signed"
    assert is_sound(city.installation)


def test_a_field_that_the_old_app_does_not_know_is_not_wiped_by_its_edit(
    city: City, learn: Learn, monkeypatch: pytest.MonkeyPatch
):
    one, two = city.phones
    finding = city.finding()
    old = [one.line(finding), two.line(Draft("edit", "finding", finding.record, {"amount_fen": 7}))]
    grown(learn, monkeypatch)
    push(one, old[0], schema=1)
    urgent = one.line(Draft("edit", "finding", finding.record, {"urgent": True}))
    assert push(one, urgent, schema=3).outcomes[0].verdict == "applied"
    push(two, old[1], schema=1)
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["urgent"] is True
    assert is_sound(city.installation)


def test_what_an_old_app_wrote_is_held_and_adopted_as_the_present_schema_says_it(
    city: City, learn: Learn, monkeypatch: pytest.MonkeyPatch
):
    one, two = city.phones
    finding = city.finding()
    then = before_signing(city)
    brought = one.line(finding, at=then)
    early = two.line(Draft("edit", "finding", finding.record, {"amount_fen": 7}), at=then)
    held = push(two, early, schema=1)
    assert held.outcomes[0].verdict == "held"
    grown(learn, monkeypatch)
    sign(city)
    late = push(one, brought, schema=1)
    services = city.installation.services
    rule(services, city.supervisor, late.first, Ruling("adopt"))
    rule(services, city.supervisor, held.first, Ruling("adopt"))
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["sum_fen"] == 7
    assert [entry.schema for _, entry in entries(city, "adopt")] == [3, 3]
    assert is_sound(city.installation)


def test_the_audit_takes_an_entry_for_the_schema_that_it_names(
    city: City, learn: Learn, monkeypatch: pytest.MonkeyPatch
):
    one = city.phones[0]
    written = one.line(city.finding())
    grown(learn, monkeypatch)
    push(one, written, schema=1)
    monkeypatch.setattr(upcasts, "STEPS", {1: lambda change: change, 2: REWORD})
    assert not audit(city.installation.services).ok, "without its step the old name leads elsewhere"


def change_of(**more: Any) -> Change:
    """Return a change of a finding as it is read from its line."""
    bare = Change("01a1e73b-8500-7000-8000-000000000001", "edit", "finding",
                  "01a1e73b-8500-7000-8000-000000000002", None, At(1), **more)  # fmt: skip
    return read_change(changes.change_line(bare, bytes(16)))


def test_a_step_touches_its_type_and_its_field_alone():
    lift = both(RENAME, REWORD)
    change = change_of(set={"amount_fen": 1, "origin": "on_site"})
    lifted = lift(change)
    assert lifted.set == {"sum_fen": 1, "origin": "found_there"}
    assert (lifted.line, lifted.digest) == (change.line, change.digest)
    other = replace(change, type="evidence")
    assert lift(other) is other
    assert lift(change_of(set={"origin": "lead"})).set == {"origin": "lead"}


def test_members_of_sets_and_both_ends_of_a_step_are_reworded():
    lift = both(reworded("finding", "evidence", {"a": "b"}), reworded("finding", "stage", {"draft": "begun"}))
    change = change_of(set={"stage": {"from": "draft", "to": "heard"}}, add={"evidence": ("a", "c")})
    lifted = lift(change)
    assert (lifted.set["stage"], lifted.add) == ({"from": "begun", "to": "heard"}, {"evidence": ("b", "c")})


def test_the_present_schema_and_a_newer_one_are_taken_as_they_are():
    change = change_of(set={"amount_fen": 1})
    assert upcast(change, upcasts.SCHEMA_VERSION) is change
    assert upcast(change, upcasts.SCHEMA_VERSION + 7) is change


def test_every_older_schema_has_its_step():
    assert sorted(upcasts.STEPS) == list(range(upcasts.FIRST, upcasts.SCHEMA_VERSION))
