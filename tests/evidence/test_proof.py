"""A proof says ok only while everything between the file's bytes and the signed root holds together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from server.evidence import proof, verify
from server.evidence.proof import BAD, OK, UNKNOWN
from server.storage import record_store
from server.storage.database import table_of
from server.storage.models import BodyRow, EntryRow, HeadRow, RecordRow, TileRow
from sync.errors import BadProof, FileCorrupt
from sync.merge import Record
from tests.server.altering import altered
from tests.server.world import World


def read(world: World, connection: Connection, record: str) -> Record:
    """Return a record as a connection sees it."""
    vault = world.services.vault.session(connection, world.services.ledger.id)
    return record_store.load(connection, vault, [record])[record]


def test_an_untouched_item_is_proven_from_its_bytes_to_the_signed_root(world: World):
    with world.services.database.reading() as connection:
        item = read(world, connection, world.evidence[0])
        found = proof.recompute(world.services, connection, item)
        proof.check(world.services, connection, item)
    assert (found.verdict, found.why) == (OK, "")
    assert found.index == item.version
    assert found.size is not None
    assert len(found.path) >= (found.size - 1).bit_length() - 1


ALTERATIONS = {
    "entry": (EntryRow, "line", "leaf_mismatch"),
    "body": (BodyRow, "line", "change_mismatch"),
    "tile": (TileRow, "hashes", "leaf_mismatch"),
}


@pytest.mark.parametrize("part", ALTERATIONS)
def test_one_altered_byte_turns_the_proof_bad(world: World, part: str):
    model, column, why = ALTERATIONS[part]
    table = table_of(model)
    with altered(world.services) as connection:
        item = read(world, connection, world.evidence[0])
        where = [table.c.ledger == 1]
        if part == "tile":
            where += [table.c.level == 0, table.c.number == 0]
        else:
            where.append(table.c.index == item.acts[0].index)
        at = 32 * item.acts[0].index if part == "tile" else 10
        raw = bytearray(connection.execute(select(table.c[column]).where(*where)).scalar_one())
        raw[at] ^= 1
        connection.execute(table.update().where(*where).values({column: bytes(raw)}))
        found = proof.recompute(world.services, connection, item)
        with pytest.raises(BadProof):
            proof.check(world.services, connection, item)
    assert (found.verdict, found.why) == (BAD, why)


def test_an_altered_neighbour_in_the_tree_leads_to_another_root(world: World):
    table = table_of(TileRow)
    with altered(world.services) as connection:
        item = read(world, connection, world.evidence[0])
        where = (table.c.ledger == 1, table.c.level == 0, table.c.number == 0)
        raw = bytearray(connection.execute(select(table.c.hashes).where(*where)).scalar_one())
        raw[0] ^= 1
        connection.execute(table.update().where(*where).values(hashes=bytes(raw)))
        found = proof.recompute(world.services, connection, item)
    assert (found.verdict, found.why) == (BAD, "root_mismatch")


@pytest.mark.parametrize(("name", "value"), [("kind", "physical"), ("size", 1), ("digest", "0" * 64)])
def test_an_altered_field_of_the_record_is_not_the_one_that_was_committed_to(
    world: World, name: str, value: object
):
    table = table_of(RecordRow)
    with altered(world.services) as connection:
        where = (table.c.ledger == 1, table.c.id == world.evidence[0])
        state = json.loads(connection.execute(select(table.c.state).where(*where)).scalar_one())
        state["values"][name] = value
        connection.execute(table.update().where(*where).values(state=json.dumps(state)))
        found = proof.recompute(world.services, connection, read(world, connection, world.evidence[0]))
    assert (found.verdict, found.why) == (BAD, "record_mismatch")


def test_a_head_that_the_ledger_s_key_did_not_sign_proves_nothing(world: World):
    table = table_of(HeadRow)
    with altered(world.services) as connection:
        note = connection.execute(select(table.c.note)).scalar_one()
        place = len(note) - 20
        other = "A" if note[place] != "A" else "B"
        connection.execute(table.update().values(note=note[:place] + other + note[place + 1 :]))
        found = proof.recompute(world.services, connection, read(world, connection, world.evidence[0]))
    assert (found.verdict, found.why) == (BAD, "signature_invalid")


def test_a_head_of_another_size_than_the_signed_one_proves_nothing(world: World):
    table = table_of(HeadRow)
    with altered(world.services) as connection:
        connection.execute(table.update().values(root="0" * 64))
        found = proof.recompute(world.services, connection, read(world, connection, world.evidence[0]))
    assert (found.verdict, found.why) == (BAD, "root_mismatch")


def test_a_file_that_has_not_arrived_leaves_the_question_open(world: World):
    waiting = world.photograph(50, sent=False)
    with world.services.database.reading() as connection:
        found = proof.recompute(world.services, connection, read(world, connection, waiting))
    assert (found.verdict, found.why) == (UNKNOWN, "file_missing")


@pytest.mark.parametrize("way", ["altered", "cut", "gone"])
def test_a_file_that_is_altered_cut_or_gone_is_corrupt(world: World, way: str):
    digest = world.record(world.evidence[0]).values["cipher_digest"]
    path = Path(world.services.config.files_url) / "cipher" / digest[:2] / digest
    raw = path.read_bytes()
    path.unlink()
    if way != "gone":
        path.write_bytes(raw[:-1] if way == "cut" else bytes([raw[0] ^ 1]) + raw[1:])
    with world.services.database.reading() as connection:
        item = read(world, connection, world.evidence[0])
        found = proof.recompute(world.services, connection, item)
        with pytest.raises(FileCorrupt):
            proof.check(world.services, connection, item)
    assert (found.verdict, found.why) == (BAD, "file_corrupt")


def test_a_large_file_is_read_again_when_it_is_decided_on_and_not_before(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(proof, "FILE_BYTES_AT_VIEW_MAX", 100)
    read_again: list[str] = []
    intact = verify.is_intact

    def noted(services: object, record: Record) -> bool:
        read_again.append(record.id)
        return intact(world.services, record)

    monkeypatch.setattr(verify, "is_intact", noted)
    with world.services.database.reading() as connection:
        item = read(world, connection, world.evidence[0])
        found = proof.recompute(world.services, connection, item)
        assert (found.verdict, found.why, read_again) == (UNKNOWN, "file_large", [])
        proof.check(world.services, connection, item)
    assert read_again == [item.id]


def test_a_record_of_a_version_that_the_ledger_does_not_have_is_not_in_it(world: World):
    with world.services.database.reading() as connection:
        item = replace(read(world, connection, world.evidence[0]), version=10_000)
        found = proof.recompute(world.services, connection, item)
    assert (found.verdict, found.why) == (BAD, "not_in_ledger")
