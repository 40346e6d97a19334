"""The index of the search follows the records commit by commit, and names and numbers stand in it as keyed hashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.drafting import Draft
from server.operations import search_index
from server.projections.searching import found_by, pairs, plain
from server.storage import search_store
from sync.merge import VOIDED, Record
from tests.server.builders import install
from tests.server.world import World, build, person_number


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A small world on each database."""
    made = build(install(tmp_path / "home", database_url), beds=2, photos=1)
    yield made
    made.services.engine.dispose()


def ids(world: World, kind: str, *, word: str = "", name: str = "", number: str = "") -> list[str]:
    """Return the live records of a type that are found by something."""
    services = world.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        if word:
            where = search_store.begins_with(services.ledger.id, plain(word))
        elif name:
            where = search_store.has_pairs(vault, pairs(plain(name)))
        else:
            where = search_store.is_person(vault, plain(number))
        assert where is not None
        table = search_store.TABLE
        statement = table.select().where(table.c.ledger == services.ledger.id, table.c.type == kind, where)
        return [row.id for row in connection.execute(statement)]


def test_an_institution_is_found_by_any_part_of_its_code_and_of_its_name(world: World):
    assert ids(world, "institution", word="h3415") == [world.hospital]
    assert ids(world, "institution", word="0290001") == [world.hospital]
    assert ids(world, "institution", name="第001医") == [world.hospital]


def test_what_no_institution_has_finds_none(world: World):
    assert ids(world, "institution", word="H9999") == []
    assert ids(world, "institution", name="第二医院") == []


def test_a_person_is_found_by_the_whole_number_alone(world: World):
    assert ids(world, "encounter", number=f" {person_number(1).lower()} ") == [world.encounters[0]]
    assert ids(world, "encounter", number=person_number(1)[:-1]) == []


def test_no_name_and_no_number_of_a_person_stands_in_the_index(world: World):
    with world.services.database.reading() as connection:
        words, hashes = search_store.everything(connection, world.services.ledger.id)
    assert hashes
    said = " ".join(word for word, _ in words)
    assert person_number(1) not in said
    assert "医院" not in said
    assert "测试" not in said


def test_the_index_follows_a_changed_name(world: World):
    world.act(Draft("edit", "institution", world.hospital, {"name": "测试市康复医院"}), by="supervisor")
    assert ids(world, "institution", name="康复") == [world.hospital]
    assert ids(world, "institution", name="第001") == []
    assert search_index.differs(world.services) == 0


def test_an_index_made_anew_is_the_one_that_grew(world: World):
    services = world.services
    with services.database.reading() as connection:
        grown = search_store.everything(connection, services.ledger.id)
    with services.database.writing(services.ledger.id) as connection:
        search_store.forget(connection, services.ledger.id)
    assert search_index.differs(services) > 0
    assert search_index.fill(services) > 0
    with services.database.reading() as connection:
        assert search_store.everything(connection, services.ledger.id) == grown
    assert search_index.fill(services) == 0


def test_under_a_new_key_every_hash_is_another_and_everybody_is_still_found(world: World):
    services = world.services
    with services.database.reading() as connection:
        words, hashes = search_store.everything(connection, services.ledger.id)
    search_index.rebuild(services, new_key=True)
    with services.database.reading() as connection:
        new_words, new_hashes = search_store.everything(connection, services.ledger.id)
    assert new_words == words
    assert not {one for one, _ in hashes} & {one for one, _ in new_hashes}
    assert ids(world, "encounter", number=person_number(2)) == [world.encounters[1]]


def test_a_row_that_is_altered_is_told(world: World):
    services = world.services
    assert search_index.differs(services) == 0
    with services.database.writing(services.ledger.id) as connection:
        connection.execute(text("UPDATE search_word SET word = 'zz' WHERE word = 'h34150290001'"))
    assert search_index.differs(services) == 2


def test_what_was_voided_is_found_by_nothing(device_record: Record):
    assert found_by(device_record).words
    assert not found_by(replace(device_record, life=VOIDED)).words


@pytest.fixture
def device_record() -> Record:
    """A device's record without a ledger."""
    return Record("0192d5d5-0000-7000-8000-0123456789ab", "device", "r", "341500", 1, (), {}, {})
