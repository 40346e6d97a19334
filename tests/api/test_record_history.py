"""What is told of a record holds for everything that phones may send: refused, held, late, contested, unreadable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from schemas.drafting import Draft
from schemas.records import TYPES
from server.api.answers import plain
from server.api.document import document
from server.commit.acts import act
from server.queries import records
from server.queries.reading import Reading, reading
from server.queries.record_answers import answer
from server.queries.record_history import Happened, history
from server.queries.record_page import record_page
from server.queries.records import Asked
from server.storage.models import PrivateRow
from sync.merge import Record
from tests.api.shape_checker import Checker
from tests.security.city import epoch
from tests.server.builders import install
from tests.server.pushing import City, live_through_much

MANY = 500


@pytest.fixture
def city(database_url: str, tmp_path: Path) -> Iterator[City]:
    """A city in whose ledger stands nearly every verdict there is."""
    made = install(tmp_path / "home", database_url)
    yield live_through_much(made, tmp_path)
    made.services.engine.dispose()


@pytest.fixture
def look(city: City) -> Iterator[Reading]:
    """What its supervisor sees."""
    app: Flask = city.installation.app
    with app.test_request_context("/"), reading(city.installation.services, city.supervisor) as found:
        yield found


def every(look: Reading) -> Iterator[tuple[Any, Record]]:
    """Yield every record with its type."""
    for kind in records.kinds():
        for voided in (False, True):
            for record in records.page(look, kind, Asked(voided=voided), limit=MANY).records:
                yield kind, record


def happened(look: Reading, record: str, kind: str = "finding") -> tuple[Happened, ...]:
    """Return everything that happened to a record."""
    found = TYPES[kind]
    return history(look, found, records.one(look, found, record), limit=MANY).entries


def test_every_record_can_be_told_and_is_as_described(city: City, look: Reading):
    told = document(city.installation.app)
    checker = Checker(told)
    kinds = set()
    for kind, record in every(look):
        kinds.add(kind.name)
        item = plain(answer(look, kind, record))
        assert checker.faults(item, {"$ref": "#/components/schemas/Record"}) == []
        entries = plain(history(look, kind, record, limit=MANY).entries)
        assert entries
        for entry in entries:
            assert checker.faults(entry, {"$ref": "#/components/schemas/Happened"}) == []
        page = record_page(look, kind, record.id)
        assert len(page.entries) + page.earlier == len(entries)
    assert {"institution", "inspection", "finding", "conflict", "rectification_case"} <= kinds


def test_a_change_that_was_refused_is_told_with_its_code_and_one_in_force_without(city: City, look: Reading):
    phone = city.phones[0]
    draft = city.finding()
    phone.push(draft)
    phone.push(Draft("edit", "finding", draft.record, {"stage": {"from": "draft", "to": "confirmed"}}))
    with reading(city.installation.services, city.supervisor) as later:
        first, second = happened(later, draft.record)
    assert (first.verdict, first.code, first.op, first.device) == ("applied", None, "create", phone.id)
    assert (second.verdict, second.op) == ("refused", "edit")
    assert second.code is not None
    assert (second.fields["stage"].set, second.fields["stage"].verdict) == ("confirmed", "refused")


def test_a_change_that_cannot_be_read_is_told_without_its_content(city: City):
    phone = city.phones[0]
    draft = city.finding()
    phone.push(draft)
    phone.push(Draft("edit", "finding", draft.record, {"amount_fen": -1}))
    with reading(city.installation.services, city.supervisor) as look:
        _, second = happened(look, draft.record)
    assert (second.verdict, second.op, dict(second.fields)) == ("refused", None, {})


def test_each_field_of_a_contested_change_has_its_own_verdict(city: City):
    one, two = city.phones
    draft = city.finding()
    one.push(draft)
    with reading(city.installation.services, city.supervisor) as look:
        (first,) = happened(look, draft.record)
    base = (epoch(city), first.index)
    for phone, amount in ((one, 7), (two, 9)):
        more = {"persons": ["测试甲010"]}
        phone.push(Draft("edit", "finding", draft.record, {"amount_fen": amount}, add=more, base=base))
    with reading(city.installation.services, city.supervisor) as look:
        last = happened(look, draft.record)[-1]
    assert last.verdict == "conflict"
    assert {name: each.verdict for name, each in last.fields.items()} == {
        "amount_fen": "conflict",
        "persons": "same",
    }
    assert last.fields["persons"].add == ("测****0",)


def test_a_private_line_that_was_erased_is_counted_and_the_rest_is_told(city: City):
    phone = city.phones[0]
    draft = city.finding()
    phone.push(draft)
    services = city.installation.services
    with reading(services, city.supervisor) as look:
        (before,) = happened(look, draft.record)
    with services.database.writing(services.ledger.id) as connection:
        connection.execute(delete(PrivateRow).where(PrivateRow.index == before.index))
    with reading(services, city.supervisor) as look:
        (after,) = happened(look, draft.record)
    assert (before.erased, after.erased) == (0, 1)
    assert set(before.fields) - set(after.fields) == {"facts", "persons"}
    assert after.fields["amount_fen"] == before.fields["amount_fen"]


def test_two_records_for_one_thing_stand_against_each_other_on_the_page_of_the_later(city: City):
    services = city.installation.services
    values = {
        "fixmedins_code": "H34150290001",
        "name": "测试第099医院",
        "kind": "hospital",
        "region": "341502",
    }
    twin = Draft("create", "institution", city.id(), values)
    act(services, [twin])
    app: Flask = city.installation.app
    with app.test_request_context("/"), reading(services, city.supervisor) as look:
        kind = TYPES["institution"]
        later = max(twin.record, city.institution)
        page = record_page(look, kind, later)
        told = answer(look, kind, records.one(look, kind, later))
    assert told.open_conflicts == ("alias",)
    assert [rival.cell for rivalry in page.rivalries for rival in rivalry.rivals] == [None, None]
    assert [each.value for each in (told.conflicts or ())[0].candidates] == [None, None]
