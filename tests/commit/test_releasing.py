"""What waits for a record is released in the commit that brings it, in order, by entries of its own."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from schemas.drafting import Draft
from server.casework import waiting_tasks
from server.catalogues.frozen_codes import checked
from server.commit import releasing
from server.commit.acts import items_of
from server.commit.submission import Result
from server.ledger.audit import audit
from server.ledger.checks_waiting import Pending
from server.storage import ledger_store
from server.storage.ledger_scan import Place
from server.storage.waiting_store import TABLE
from sync.entries import RELEASE, Entry
from tests.commit.state import act_of, door, entries, everything, is_sound, loaded, push_of, together, waiting
from tests.server.pushing import City


def verdicts(city: City) -> list[str]:
    """Return what the releases came to, in ledger order."""
    return [entry.outcome["verdict"] for _, entry in entries(city)]


def edit_of(finding: Draft, **values: Any) -> Draft:
    """Return an edit by somebody who has not seen the finding in a feed."""
    return Draft("edit", "finding", finding.record, values)


def test_an_edit_that_came_before_its_record_comes_into_force_with_it(city: City):
    one, two = city.phones
    finding = city.finding()
    early = two.push(edit_of(finding, amount_fen=7, facts="演示数据：先到的改动"))
    assert early.outcomes[0].verdict == "held"
    assert [row.waiting_for for row in waiting(city)] == [finding.record]
    brought = one.push(finding)
    assert brought.outcomes[0].verdict == "applied", "the receipt tells of its own set alone"
    ((index, entry),) = entries(city)
    assert index == brought.first + 1
    assert (entry.by, entry.device, entry.seq, entry.n) == (two.user, two.id, 1, 0)
    assert entry.outcome["verdict"] == "conflict", "two phones wrote the amount and neither knew of the other"
    (row,) = waiting(city)
    assert (row.verdict, row.waiting_for, row.moved) == ("conflict", None, index)
    assert set(brought.released) >= {finding.record}
    assert is_sound(city.installation)


def test_what_is_released_counts_from_its_release(city: City):
    one, two = city.phones
    finding = city.finding()
    two.push(Draft("edit", "finding", finding.record, {}, add={"persons": ["测试甲010"]}))
    one.push(finding)
    record = loaded(city, finding.record)
    assert record is not None
    assert sorted(record.values["persons"]) == ["测试甲009", "测试甲010"]
    assert [act.index for act in record.acts] == [entries(city)[0][0] - 1, entries(city)[0][0]]
    assert record.version == entries(city)[0][0]
    assert is_sound(city.installation)


def a_round(city: City) -> Draft:
    """Return a new ward round of the inspection."""
    values = {"inspection": city.inspection, "mode": "bedside", "trigger": "plan"}
    return Draft("create", "ward_round", city.id(), values)


def a_bed(city: City, ward_round: str, **more: Any) -> Draft:
    """Return a new check of a bed."""
    tx = more.pop("tx", None)
    values = {"ward_round": ward_round, "bed_listed": "1101", "presence": "in_bed", **more}
    return Draft("create", "bed_check", city.id(), values, tx=tx)


def plan(city: City, inspection: str) -> Result:
    """Let the supervisor plan an inspection under an id that phones know of."""
    one, two = city.phones
    values = {
        "kind": "routine_check",
        "mode": "open",
        "institution": city.institution,
        "lead": one.user,
        "planned_on": "2026-11-18",
    }
    made = Draft("create", "inspection", inspection, values, add={"members": [one.user, two.user]})
    (answer,) = together(door(city.installation), [act_of(city.installation, city.supervisor, made)])
    assert isinstance(answer, Result)
    return answer


def admit(city: City, encounter: str) -> None:
    """Let an in-patient be there."""
    values = {
        "institution": city.institution,
        "mdtrt_id": "M1",
        "name": "测试甲031",
        "ward": "W1",
        "bed": "1101",
        "admitted_on": "2026-11-16",
    }
    made = Draft("create", "encounter", encounter, values)
    together(door(city.installation), [act_of(city.installation, "machine", made)])


def test_what_a_release_makes_releases_what_waited_for_that(city: City):
    one, two = city.phones
    ward_round = a_round(city)
    bed = a_bed(city, ward_round.record)
    two.push(Draft("edit", "bed_check", bed.record, {"bed_observed": "1102"}))
    two.push(bed)
    assert [row.waiting_for for row in waiting(city)] == [bed.record, ward_round.record]
    brought = one.push(ward_round)
    # First what waited for the round; the edit waited for the bed that this made.
    assert [(index - brought.first, entry.seq) for index, entry in entries(city)] == [(1, 2), (2, 1)]
    assert verdicts(city) == ["applied", "applied"]
    record = loaded(city, bed.record)
    assert record is not None
    assert (record.root, record.values["bed_observed"]) == (city.inspection, "1102")
    assert is_sound(city.installation)


def test_an_act_of_the_desk_releases_as_well(city: City):
    _, two = city.phones
    inspection, finding = city.id(), city.finding()
    inside = Draft("create", "finding", finding.record, {**finding.values, "inspection": inspection})
    two.push(edit_of(inside, amount_fen=9))
    two.push(inside)
    answer = plan(city, inspection)
    assert set(answer.records) == {inspection}
    assert set(answer.released) == {finding.record}
    assert len(entries(city)) == 2
    assert is_sound(city.installation)


def test_a_change_that_lacks_two_things_goes_on_waiting_for_the_second(city: City):
    one, two = city.phones
    ward_round, encounter = a_round(city), city.id()
    bed = a_bed(city, ward_round.record, encounter=encounter)
    two.push(bed)
    one.push(ward_round)
    assert verdicts(city) == ["held"]
    (row,) = waiting(city)
    assert (row.verdict, row.waiting_for) == ("held", encounter)
    assert is_sound(city.installation)
    admit(city, encounter)
    assert verdicts(city) == ["held", "applied"]
    assert loaded(city, bed.record) is not None
    assert is_sound(city.installation)


def test_a_group_is_released_together_or_goes_on_waiting_together(city: City):
    one, two = city.phones
    finding, ward_round, group = city.finding(), a_round(city), city.id()
    members = [
        Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-03"}, tx=group),
        a_bed(city, ward_round.record, tx=group),
    ]
    two.push(*members)
    assert [row.waiting_for for row in waiting(city)] == [finding.record] * 2
    one.push(finding)
    assert verdicts(city) == ["held", "held"]
    assert {row.waiting_for for row in waiting(city)} == {ward_round.record}
    record = loaded(city, finding.record)
    assert record is not None
    assert "legal_basis_on" not in record.values, "no half of a group comes into force"
    one.push(ward_round)
    assert verdicts(city)[2:] == ["applied", "applied"]
    assert is_sound(city.installation)


def test_a_group_of_which_one_member_may_not_is_refused_as_a_whole(city: City):
    one, two = city.phones
    finding, group = city.finding(), city.id()
    nobodys = {"lead": two.user}
    members = [
        Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-03"}, tx=group),
        Draft("edit", "inspection", city.inspection, nobodys, tx=group),
    ]
    held = two.push(*members)
    assert {outcome.verdict for outcome in held.outcomes} == {"held"}
    one.push(finding)
    assert verdicts(city) == ["refused", "refused"]
    codes = [entry.outcome["code"] for _, entry in entries(city)]
    assert codes == ["tx_member", "not_allowed"]
    assert is_sound(city.installation)


def test_a_release_is_judged_by_the_rights_of_today(city: City):
    one, two = city.phones
    finding = city.finding()
    two.push(edit_of(finding, legal_basis_on="2026-11-03"))
    leaving = Draft("edit", "inspection", city.inspection, {}, remove={"members": [two.user]})
    together(door(city.installation), [act_of(city.installation, city.supervisor, leaving)])
    one.push(finding)
    assert verdicts(city) == ["refused"]
    assert not waiting(city)[0].is_open
    assert is_sound(city.installation)


def test_the_writers_own_order_holds_over_the_order_of_release(city: City):
    """The phone's later word stands, though its earlier one comes into force after it."""
    one, two = city.phones
    finding, ward_round, group = city.finding(), a_round(city), city.id()
    one.push(finding)
    two.push(
        Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-01"}, tx=group),
        a_bed(city, ward_round.record, tx=group),
    )
    two.push(edit_of(finding, legal_basis_on="2026-11-02"))
    one.push(ward_round)
    assert "held" not in verdicts(city)
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["legal_basis_on"] == "2026-11-02"
    assert is_sound(city.installation)


def test_a_held_change_that_is_sent_again_is_the_same_and_waits_once(city: City):
    one, two = city.phones
    finding = city.finding()
    line = two.line(edit_of(finding, legal_basis_on="2026-11-03"))
    two.push_lines([line])
    again = two.push_lines([line])
    assert again.outcomes[0].flags == ("repeated",)
    one.push(finding)
    assert len(entries(city)) == 1
    assert two.push_lines([line]).outcomes[0].flags == ("repeated",)
    assert is_sound(city.installation)


def test_a_release_goes_into_the_commit_that_caused_it(city: City):
    """In one batch: held first, then the record; nobody ever sees one without the other."""
    one, two = city.phones
    finding = city.finding()
    held, brought = together(
        door(city.installation),
        [push_of(two, edit_of(finding, legal_basis_on="2026-11-03")), push_of(one, finding)],
    )
    assert held.outcomes[0].verdict == "held"
    assert brought.receipt is not None
    assert [index for index, _ in entries(city)] == [brought.first + 1]
    assert is_sound(city.installation)


def test_a_fault_in_the_middle_of_a_release_leaves_nothing_behind(
    city: City, monkeypatch: pytest.MonkeyPatch
):
    one, two = city.phones
    finding = city.finding()
    two.push(edit_of(finding, legal_basis_on="2026-11-03"))
    before = everything(city.installation)

    def torn(*_: object) -> None:
        raise OSError("injected")

    with monkeypatch.context() as patched:
        patched.setattr(releasing, "append", torn)
        (answer,) = together(door(city.installation), [push_of(one, finding)])
    assert isinstance(answer, OSError)
    assert everything(city.installation) == before
    one.seq, one.prev = one.seq - 1, "0" * 64
    one.push(finding)
    assert len(entries(city)) == 1
    assert is_sound(city.installation)


def test_codes_of_a_held_finding_are_held_to_the_catalogue_when_it_is_released(city: City):
    _, two = city.phones
    inspection, finding = city.id(), city.finding(violation_code="no_such_code")
    two.push(Draft("create", "finding", finding.record, {**finding.values, "inspection": inspection}))
    assert waiting(city)[0].waiting_for == inspection
    plan(city, inspection)
    ((_, entry),) = entries(city)
    assert (entry.outcome["verdict"], entry.outcome["code"]) == ("refused", "not_in_catalogue")
    assert is_sound(city.installation)


def test_a_create_under_the_inspections_id_brings_no_catalogue_of_its_own(city: City):
    """It is refused; until then a finding beside it could have passed by the digest that it names."""
    _, two = city.phones
    values = {
        "kind": "routine_check",
        "mode": "open",
        "institution": city.institution,
        "lead": two.user,
        "planned_on": "2026-11-18",
        "violations_digest": "f" * 64,
    }
    again = Draft("create", "inspection", city.inspection, values)
    items = items_of(city.installation.services, [again, city.finding(violation_code="no_such_code")])
    faults = [item.fault.code if item.fault else None for item in checked(city.installation.services, items)]
    assert faults == [None, "not_in_catalogue"]


def test_what_cannot_be_read_any_more_goes_on_waiting(city: City):
    """Its private line was erased: a release would say something about what nobody can read."""
    one, two = city.phones
    finding = city.finding()
    two.push(edit_of(finding, facts="演示数据：将被清除"))
    services = city.installation.services
    held = waiting(city)[0].index
    with services.database.writing(services.ledger.id) as connection:
        table = ledger_store.PrivateRow.__table__
        connection.execute(delete(table).where(table.c.index == held))
    one.push(finding)
    assert entries(city) == []
    assert waiting(city)[0].is_open


def test_much_that_waits_is_released_set_by_set_and_the_sweep_goes_on(
    city: City, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(releasing, "RELEASES_MAX", 3)
    one, two = city.phones
    finding = city.finding()
    for number in range(4):
        two.push(
            Draft("edit", "finding", finding.record, {}, add={"persons": [f"测试甲1{number}1"]}),
            Draft("edit", "finding", finding.record, {}, add={"persons": [f"测试甲1{number}2"]}),
        )
    one.push(finding)
    assert len(entries(city)) == 4, "whole sets"
    assert waiting_tasks.sweep(city.installation.services) == {"released": 4}
    assert waiting_tasks.sweep(city.installation.services) == {}
    record = loaded(city, finding.record)
    assert record is not None
    assert len(record.values["persons"]) == 9
    assert is_sound(city.installation)


def test_a_group_of_which_one_line_was_erased_goes_on_waiting_whole(city: City):
    one, two = city.phones
    finding, group = city.finding(), city.id()
    two.push(
        Draft("edit", "finding", finding.record, {"facts": "演示数据"}, tx=group),
        Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-03"}, tx=group),
    )
    services = city.installation.services
    with services.database.writing(services.ledger.id) as connection:
        table = ledger_store.PrivateRow.__table__
        connection.execute(delete(table).where(table.c.index == waiting(city)[0].index))
    one.push(finding)
    assert entries(city) == []
    assert all(row.is_open for row in waiting(city))


# The audit


def sound_city(city: City) -> None:
    """Let one change be released and another wait."""
    one, two = city.phones
    finding = city.finding()
    two.push(edit_of(finding, legal_basis_on="2026-11-03"), Draft("void", "finding", city.id()))
    one.push(finding)


@pytest.mark.parametrize(
    ("column", "value"),
    [("verdict", "held"), ("waiting_for", "x"), ("moved", 1), ("device", "x"), ("change", "x"), ("at", 1)],
)
def test_the_audit_holds_the_table_of_what_waits_to_the_entries(city: City, column: str, value: Any):
    sound_city(city)
    assert is_sound(city.installation)
    services = city.installation.services
    with services.database.writing(services.ledger.id) as connection:
        connection.execute(update(TABLE).where(TABLE.c.moved.is_not(None)).values({column: value}))
    found = {(finding.table, finding.column) for finding in audit(services).findings}
    assert found == {("waiting", column)}


def test_the_audit_misses_a_row_and_knows_one_too_many(city: City):
    sound_city(city)
    services = city.installation.services
    with services.database.writing(services.ledger.id) as connection:
        row = dict(connection.execute(select(TABLE)).mappings().first() or {})
        connection.execute(update(TABLE).where(TABLE.c.index == row["index"]).values(index=0))
    assert [finding.table for finding in audit(services).findings] == ["waiting", "waiting"]


@pytest.mark.parametrize("earlier", [None, "late", "applied", "released"])
def test_the_audit_names_a_release_of_what_was_not_held(earlier: str | None):
    notes: list[tuple[Any, ...]] = []
    pending = Pending(SimpleNamespace(note=lambda *words: notes.append(words)))  # type: ignore[arg-type]

    def entry(kind: str, verdict: str) -> Entry:
        return Entry(
            1, kind, "u", "c", {"verdict": verdict}, "s", device="d", set="m", seq=1, type="t", record="r"
        )

    def at(index: int) -> Place:
        return Place(index, None, (), ())

    if earlier == "released":
        pending.take(at(0), entry("change", "held"))
        pending.take(at(1), entry(RELEASE, "applied"))
    elif earlier is not None:
        pending.take(at(0), entry("change", earlier))
    assert notes == []
    pending.take(at(2), entry(RELEASE, "applied"))
    assert [note[:2] for note in notes] == [("entry", 2)]


def test_old_ledgers_learn_what_waits_in_them(city: City):
    """The migration derives the table from entries that were made before there was one."""
    from importlib import import_module

    module = import_module("server.storage.migrations.versions.0007_changes_that_wait")
    one, two = city.phones
    two.push(edit_of(city.finding(), legal_basis_on="2026-11-03"), Draft("void", "finding", city.id()))
    one.push(city.finding(origin="nonsense"))
    services = city.installation.services
    with services.database.reading() as connection:
        derived = list(module._rows(connection))
        stored = [dict(row) for row in connection.execute(select(TABLE).order_by(TABLE.c.index)).mappings()]
    assert len(stored) == 2
    assert derived == stored


def test_an_entry_names_nothing_of_what_a_release_says(city: City):
    sound_city(city)
    services = city.installation.services
    with services.database.reading() as connection:
        stored = ledger_store.lines_at(connection, services.ledger.id, [entries(city)[0][0]])
    (line,) = stored.values()
    assert "演示" not in line.decode()
    assert set(json.loads(line)) >= {"kind", "change", "set", "seq", "device", "outcome"}
