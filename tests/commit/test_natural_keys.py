"""Two records for one code, at the door: both in the ledger, one question, and an alias that passes on."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.submission import Result
from server.storage import ledger_store, record_store
from sync.entries import from_line
from sync.errors import BadValue, DeviceRevoked, NotAllowed
from sync.ids import conflict_id
from sync.merge import Record
from sync.outcomes import DUPLICATE
from tests.commit.state import is_sound
from tests.server.pushing import City, Phone, enrol


def hospital(city: City, code: str = "H34150290001", **values: Any) -> Draft:
    """Return a new institution, of a larger id than those before it."""
    city.installation.clock.advance(seconds=1)
    given = {"name": "测试第002医院", "kind": "hospital", "region": "341502", "fixmedins_code": code}
    return Draft("create", "institution", city.id(), {**given, **values})


def loaded(city: City, key: str) -> Record:
    """Return a record as it is stored, a conflict too."""
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        where = (record_store.TABLE.c.ledger == services.ledger.id, record_store.TABLE.c.id == key)
        return record_store.query(connection, vault, record_store.TABLE.select().where(*where))[0]


def answer(city: City, record: str, alias: str, *, user: str | None = None) -> Result:
    """Let the supervisor say whose alias an institution is."""
    over = tuple(loaded(city, record).contests["alias"].candidates)
    draft = Draft("resolve", "institution", record, {"alias": alias}, over=over)
    return act(city.installation.services, [draft], user=user or city.supervisor)


def doubled(city: City) -> str:
    """Make a second record for the city's hospital; returns its id."""
    second = hospital(city)
    result = act(city.installation.services, [second])
    assert result.outcomes[0].flags == (DUPLICATE,)
    return second.record


def test_both_are_kept_and_a_conflict_record_asks(city: City):
    second = doubled(city)
    assert loaded(city, city.institution).life == loaded(city, second).life == "live"
    question = loaded(city, conflict_id(second, "alias"))
    assert question.values["state"] == "open"
    assert question.values["about"] == second
    assert is_sound(city.installation)


def test_a_hospital_of_another_code_asks_nothing(city: City):
    other = hospital(city, "H34150290002")
    act(city.installation.services, [other])
    assert loaded(city, other.record).contests == {}


def test_what_is_sent_to_the_alias_is_entered_under_the_other(city: City):
    second = doubled(city)
    answer(city, second, city.institution)
    assert loaded(city, conflict_id(second, "alias")).values["state"] == "settled"
    services = city.installation.services
    result = act(services, [Draft("edit", "institution", second, {"beds": 40})], user=city.supervisor)
    assert loaded(city, city.institution).values["beds"] == 40
    assert "beds" not in loaded(city, second).values
    with services.database.reading() as connection:
        line = ledger_store.lines_at(connection, services.ledger.id, [result.first])[result.first]
    entry = from_line(line)
    assert (entry.record, entry.addressed) == (city.institution, second)
    assert is_sound(city.installation)


def test_an_import_by_code_finds_the_one_that_is_no_alias(city: City):
    second = doubled(city)
    answer(city, second, city.institution)
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.by_natural_key(connection, vault, "institution", ["H34150290001"])
    assert found["H34150290001"].id == city.institution


def test_a_correction_of_the_code_closes_the_question_in_the_same_entry(city: City):
    second = doubled(city)
    services = city.installation.services
    draft = Draft("edit", "institution", second, {"fixmedins_code": "H34150290009"})
    act(services, [draft], user=city.supervisor)
    assert loaded(city, conflict_id(second, "alias")).values["state"] == "settled"
    assert is_sound(city.installation)


def test_an_alias_to_a_later_id_is_refused_and_leaves_nothing(city: City):
    second = doubled(city)
    over = tuple(loaded(city, second).contests["alias"].candidates)
    third = hospital(city)
    act(city.installation.services, [third])
    draft = Draft("resolve", "institution", second, {"alias": third.record}, over=over)
    with pytest.raises(BadValue):
        act(city.installation.services, [draft], user=city.supervisor)
    assert "alias" not in loaded(city, second).values


def test_an_inspector_makes_no_alias(city: City):
    second = doubled(city)
    with pytest.raises(NotAllowed):
        answer(city, second, city.institution, user=city.phones[0].user)


# A device that takes another one's place


def succeeding(city: City, phone: Phone) -> Phone:
    """Return a new phone of the same user whose work follows on that of the old one."""
    services = city.installation.services
    step = {"stage": {"from": "enrolled", "to": "superseded"}}
    new = enrol(city.installation, phone.user, also={"supersedes": phone.id, "chain": phone.id, "place": 1})
    act(services, [Draft("edit", "device", phone.id, step)], kind="device")
    return new


def test_what_a_new_phone_writes_replaces_what_the_old_one_wrote_before(city: City):
    old = city.phones[0]
    finding = city.finding(amount_fen=1)
    old.push(finding)
    new = succeeding(city, old)
    # Its feed never delivered the record, and still it is the same writer: nothing stands against itself.
    assert (
        new.push(Draft("edit", "finding", finding.record, {"amount_fen": 2})).outcomes[0].verdict == "applied"
    )
    found = loaded(city, finding.record)
    assert (found.values["amount_fen"], found.open_conflicts) == (2, ())
    assert [(act.writer, act.place) for act in found.acts] == [
        (f"device:{old.id}", 0),
        (f"device:{old.id}", 1),
    ]
    assert is_sound(city.installation)


def test_a_phone_that_succeeds_nobody_is_another_writer(city: City):
    old = city.phones[0]
    finding = city.finding(amount_fen=1)
    old.push(finding)
    new = enrol(city.installation, old.user)
    assert (
        new.push(Draft("edit", "finding", finding.record, {"amount_fen": 2})).outcomes[0].verdict
        == "conflict"
    )


def test_a_phone_that_was_succeeded_sends_into_quarantine(city: City):
    old = city.phones[0]
    succeeding(city, old)
    with pytest.raises(DeviceRevoked):
        old.push(city.finding())
