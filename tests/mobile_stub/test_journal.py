"""The journal: encrypted, all or nothing, and nothing of it can be moved about unnoticed."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from mobile_stub.composing import compose
from mobile_stub.journal import FILE, Copy, Journal
from mobile_stub.trouble import Damaged
from schemas.drafting import Draft
from sync.changes import At, Change
from sync.ids import uuid7
from tests.mobile_stub.bench import NAME, Bench

KEY = b"k" * 32
AT = At(1_795_000_000_000, 5, "session-1")


def journal(folder: Path, key: bytes = KEY) -> Journal:
    return Journal(folder / FILE, key, os.urandom)


def a_change(text: str = "事实") -> Change:
    values = {"ward_round": uuid7(1, os.urandom), "bed_listed": "1101", "presence": "in_bed", "note": text}
    return compose(Draft("create", "bed_check", uuid7(2, os.urandom), values=values), AT, os.urandom)


def a_copy(key: str, version: int, root: str | None = None) -> Copy:
    return Copy(key, "bed_check", root or key, version, {"values": {"version": version}})


def test_a_change_comes_back_as_the_bytes_that_were_kept(tmp_path: Path) -> None:
    change = a_change()
    kept = journal(tmp_path)
    kept.add_change(change)
    kept.close()
    again = journal(tmp_path)
    assert [one.change for one in again.waiting()] == [change]
    again.close()


def test_another_key_opens_no_row(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.put("cursor", "7")
    kept.close()
    other = journal(tmp_path, b"x" * 32)
    with pytest.raises(Damaged):
        other.get("cursor")
    other.close()


def test_a_row_that_was_put_in_anothers_place_does_not_open(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.put("cursor", "7")
    kept.put("alarm", "the ledger was altered")
    kept.close()
    with sqlite3.connect(tmp_path / FILE) as rows:
        rows.execute(
            "UPDATE state SET payload = (SELECT payload FROM state WHERE name = 'cursor') WHERE name = 'alarm'"
        )
    rows.close()
    again = journal(tmp_path)
    with pytest.raises(Damaged):
        again.get("alarm")
    again.close()


def test_a_step_that_fails_leaves_nothing_of_itself(tmp_path: Path) -> None:
    kept = journal(tmp_path)

    def half_a_step() -> None:
        with kept.transaction():
            kept.add_change(a_change())
            kept.put("cursor", "7")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_step()
    assert kept.waiting() == []
    assert kept.get("cursor") is None
    kept.put("cursor", "8")
    assert kept.get("cursor") == "8"
    kept.close()


def test_sealing_takes_changes_out_of_the_outbox_in_the_same_step(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    for _ in range(3):
        kept.add_change(a_change())
    chosen = kept.waiting(2)
    kept.add_set(1, "jws", [one.n for one in chosen])
    assert [one.change.id for one in kept.of_set(1)] == [one.change.id for one in chosen]
    assert kept.count_waiting() == 1
    kept.close()


def test_one_seq_is_sealed_once_only(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.add_change(a_change())
    kept.add_set(1, "jws", [1])
    with pytest.raises(sqlite3.IntegrityError):
        kept.add_set(1, "another", [])
    sealed = kept.a_set(1)
    assert sealed is not None
    assert sealed.manifest == "jws"
    kept.close()


def test_an_older_copy_never_replaces_a_newer_one(tmp_path: Path) -> None:
    kept, key = journal(tmp_path), uuid7(1, os.urandom)
    kept.put_copy(a_copy(key, 9))
    kept.put_copy(a_copy(key, 8))
    found = kept.copy(key)
    assert found is not None
    assert found.version == 9
    kept.put_copy(a_copy(key, 10))
    found = kept.copy(key)
    assert found is not None
    assert found.version == 10
    kept.close()


def test_an_evicted_record_is_hidden_at_once_and_purged_after_its_receipts(tmp_path: Path) -> None:
    kept, change = journal(tmp_path), a_change()
    kept.add_change(change)
    kept.put_copy(a_copy(change.record, 4))
    assert kept.hide_root(change.record) == 1
    assert kept.copy(change.record) is None
    assert kept.purge_hidden() == 0
    kept.add_set(1, "jws", [1])
    assert kept.purge_hidden() == 0
    kept.put_receipt(1, "receipt", 5)
    assert kept.purge_hidden() == 1
    kept.close()


def test_texts_are_forgotten_only_when_settled_and_receipted_long_enough_ago(tmp_path: Path) -> None:
    kept, changes = journal(tmp_path), [a_change() for _ in range(3)]
    for change in changes:
        kept.add_change(change)
    kept.add_set(1, "jws", [1, 2])
    kept.put_outcome(changes[0].id, {"verdict": "applied"}, settled=True)
    kept.put_outcome(changes[1].id, {"verdict": "refused"}, settled=False)
    kept.put_receipt(1, "receipt", 1_000)
    assert kept.forget_texts(1_000) == 0
    assert kept.forget_texts(1_001) == 1
    assert [one.change.id for one in kept.of_set(1)] == [changes[1].id]
    sealed = kept.a_set(1)
    assert sealed is not None
    assert (sealed.manifest, sealed.receipt) == ("jws", "receipt")
    kept.close()


def test_no_file_of_the_phone_holds_a_name_or_a_note_in_the_clear(bench: Bench) -> None:
    note, content = "病人自述没有住院", b"a picture of a bed" * 100
    phone = bench.ready()
    begun = phone.start_round(bench.inspection, wards=["W11"])
    phone.check_bed(begun, bed_listed="1101", presence="absent", encounter=bench.encounter, note=note)
    phone.take_evidence(bench.inspection, content, kind="audio_visual", media_type="image/jpeg")
    assert phone.show(bench.encounter).values["name"] == NAME
    everything = b"".join(path.read_bytes() for path in (bench.folder / "phone").rglob("*") if path.is_file())
    for secret in (NAME.encode(), note.encode(), content[:18], b"presence", b"eyJ"):
        assert secret not in everything
    phone.close()
    everything = b"".join(path.read_bytes() for path in (bench.folder / "phone").rglob("*") if path.is_file())
    assert NAME.encode() not in everything
