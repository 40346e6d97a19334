"""The signer's own record: it signs only what extends what it signed before."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.commit.signer import Signer
from sync.checkpoint import Checkpoint
from sync.errors import LedgerStopped

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def head(size: int, fill: int | None = None) -> Checkpoint:
    return Checkpoint("ledger.test/luan", "ab" * 16, size, bytes([size if fill is None else fill]) * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The record's file, with a founded ledger."""
    file = tmp_path / "signer.log"
    signer = Signer(lambda: [KEY], file)
    signer.committed(signer.prepare(head(0)))
    return file


def test_a_head_that_was_committed_may_be_extended(path):
    Signer(lambda: [KEY], path).check(head(0))


def test_a_prepared_head_that_the_database_lacks_is_dropped(path):
    Signer(lambda: [KEY], path).prepare(head(3))
    Signer(lambda: [KEY], path).check(head(0))


def test_a_prepared_head_that_the_database_has_counts_as_committed(path):
    Signer(lambda: [KEY], path).prepare(head(3))
    Signer(lambda: [KEY], path).check(head(3))
    with pytest.raises(LedgerStopped):
        Signer(lambda: [KEY], path).check(head(0))


def test_a_database_restored_from_a_backup_is_not_signed_on(path):
    signer = Signer(lambda: [KEY], path)
    signer.committed(signer.prepare(head(3)))
    with pytest.raises(LedgerStopped):
        Signer(lambda: [KEY], path).check(head(0))


def test_another_root_at_the_same_size_is_not_signed_on(path):
    signer = Signer(lambda: [KEY], path)
    signer.committed(signer.prepare(head(3)))
    with pytest.raises(LedgerStopped):
        Signer(lambda: [KEY], path).check(head(3, fill=9))


def test_a_late_note_of_a_smaller_head_does_not_stop_the_ledger(path):
    first, second = Signer(lambda: [KEY], path), Signer(lambda: [KEY], path)
    first.check(head(0))
    mine = first.prepare(head(1))  # its database commit happens here, its note comes late
    second.check(head(1))
    second.committed(second.prepare(head(2)))
    first.committed(mine)
    for signer in (first, second, Signer(lambda: [KEY], path)):
        signer.check(head(2))
    with pytest.raises(LedgerStopped):
        Signer(lambda: [KEY], path).check(head(1))


def test_a_line_torn_by_a_crash_hides_none_that_comes_after(path):
    with path.open("ab") as file:
        file.write(b'{"log":"ledger.test/luan/ab')
    signer = Signer(lambda: [KEY], path)
    signer.committed(signer.prepare(head(2)))
    Signer(lambda: [KEY], path).check(head(2))


def test_two_logs_in_one_file_do_not_mix(path):
    other = Checkpoint("ledger.test/other", "cd" * 16, 7, bytes(32))
    signer = Signer(lambda: [KEY], path)
    signer.committed(signer.prepare(other))
    signer.check(head(0))
    with pytest.raises(LedgerStopped):
        signer.check(Checkpoint(other.origin, other.epoch, 6, bytes(32)))


# A new epoch, and what must outlive the database


def later(size: int) -> Checkpoint:
    """Return a head of the epoch after the first."""
    return Checkpoint("ledger.test/luan", "cd" * 16, size, bytes([size]) * 32)


def test_a_new_epoch_closes_the_one_before(path):
    signer = Signer(lambda: [KEY], path)
    signer.committed(signer.prepare(later(1)))
    signer.check(later(1))
    for each in (signer, Signer(lambda: [KEY], path)):
        with pytest.raises(LedgerStopped, match="went on as"):
            each.check(head(0))


def test_an_epoch_that_was_only_prepared_closes_nothing_until_the_database_has_it(path):
    Signer(lambda: [KEY], path).prepare(later(1))
    Signer(lambda: [KEY], path).check(head(0))
    signer = Signer(lambda: [KEY], path)
    signer.check(later(1))
    with pytest.raises(LedgerStopped):
        signer.check(head(0))


def test_a_head_that_a_phone_proved_stops_the_ledger_until_a_new_epoch(path):
    signer = Signer(lambda: [KEY], path)
    signer.hear(head(9))
    signer.hear(head(9))
    assert path.read_bytes().count(b"heard") == 1
    for each in (signer, Signer(lambda: [KEY], path)):
        with pytest.raises(LedgerStopped, match="9 entries"):
            each.check(head(0))
    signer.committed(signer.prepare(later(1)))
    Signer(lambda: [KEY], path).check(later(1))


def test_what_must_outlive_the_database_counts_with_its_head(path):
    signer = Signer(lambda: [KEY], path)
    signer.prepare(head(1), [{"state": "revoked", "device": "dropped"}])
    signer.check(head(0))
    signer.committed(signer.prepare(head(2), [{"state": "revoked", "device": "one"}]))
    signer.prepare(head(3), [{"state": "disabled", "user": "two"}])
    Signer(lambda: [KEY], path).check(head(3))
    assert Signer(lambda: [KEY], path).notes() == [
        {"state": "revoked", "device": "one"},
        {"state": "disabled", "user": "two"},
    ]


def test_a_line_of_a_state_that_nobody_knows_is_passed_over(path):
    with path.open("ab") as file:
        file.write(b'\n[1]\n{"state":"committed"}\n{"state":"x","log":"a","size":1,"root":"00"}\n')
    Signer(lambda: [KEY], path).check(head(0))
