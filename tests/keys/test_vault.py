"""Encryption at rest: a blob opens in its own place alone, and only keys that were committed are remembered."""

from __future__ import annotations

import pytest

from server.keys.vault import CACHE_MAX, NONCE_BYTES, Vault
from server.storage.models import DataKeyRow
from sync.errors import FileCorrupt
from tests.server.builders import Installation

ROOT, OTHER = ("01900000-0000-7000-8000-00000000000" + digit for digit in "12")
PURPOSE = b"private line"
PLAIN = "演示数据：测试甲001".encode()


def random_of(installation: Installation) -> Vault:
    """Return a vault of the installation with an empty memory, as another process has it."""
    services = installation.services
    return Vault(lambda: services.keyring.keks, services.random)


def sealed_in(installation: Installation, root: str = ROOT, plain: bytes = PLAIN) -> bytes:
    """Return a blob whose data key is committed."""
    services = installation.services
    with services.database.writing(services.ledger.id) as connection:
        return services.vault.session(connection, services.ledger.id).seal(root, PURPOSE, plain)


def opened(installation: Installation, blob: bytes, *, root: str = ROOT, purpose: bytes = PURPOSE) -> bytes:
    services = installation.services
    with services.database.reading() as connection:
        return services.vault.session(connection, services.ledger.id).open(root, purpose, blob)


def test_what_was_sealed_opens_in_its_place(installation):
    blob = sealed_in(installation)
    assert PLAIN not in blob
    assert opened(installation, blob) == PLAIN


def test_the_same_words_are_never_sealed_to_the_same_bytes(installation):
    assert sealed_in(installation) != sealed_in(installation)


@pytest.mark.parametrize("at", [0, NONCE_BYTES, -1])
def test_an_altered_blob_does_not_open(installation, at):
    blob = bytearray(sealed_in(installation))
    blob[at] ^= 1
    with pytest.raises(FileCorrupt):
        opened(installation, bytes(blob))


@pytest.mark.parametrize("length", [0, 5, NONCE_BYTES, NONCE_BYTES + 15])
def test_a_cut_blob_does_not_open(installation, length):
    with pytest.raises(FileCorrupt):
        opened(installation, sealed_in(installation)[:length])


def test_a_blob_that_was_moved_to_another_root_does_not_open(installation):
    blob = sealed_in(installation)
    sealed_in(installation, OTHER)
    with pytest.raises(FileCorrupt):
        opened(installation, blob, root=OTHER)


def test_a_blob_that_serves_another_purpose_does_not_open(installation):
    with pytest.raises(FileCorrupt):
        opened(installation, sealed_in(installation), purpose=b"quarantine")


def test_a_blob_that_was_moved_to_another_ledger_does_not_open(installation):
    services = installation.services
    blob = sealed_in(installation)
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id + 1)
        with pytest.raises(FileCorrupt, match="missing"):
            vault.open(ROOT, PURPOSE, blob)


def test_a_data_key_that_was_moved_to_another_root_or_ledger_is_not_unwrapped(installation):
    vault = random_of(installation)
    version, wrapped = vault.wrap(1, ROOT, bytes(32))
    assert vault.unwrap(1, ROOT, version, wrapped) == bytes(32)
    for ledger, root in ((1, OTHER), (2, ROOT)):
        with pytest.raises(FileCorrupt):
            vault.unwrap(ledger, root, version, wrapped)


def test_a_root_without_a_data_key_opens_nothing(installation):
    with pytest.raises(FileCorrupt, match="missing"):
        opened(installation, bytes(60), root=OTHER)


def test_another_process_opens_what_this_one_sealed(installation):
    services = installation.services
    blob = sealed_in(installation)
    with services.database.reading() as connection:
        vault = random_of(installation).session(connection, services.ledger.id)
        assert vault.open(ROOT, PURPOSE, blob) == PLAIN


def test_a_data_key_under_an_older_kek_still_opens_beside_a_newer_one(installation):
    services = installation.services
    blob = sealed_in(installation)
    keks = {**services.keyring.keks, 2: services.random(32)}
    newer = Vault(lambda: keks, services.random)
    with services.database.writing(services.ledger.id) as connection:
        session = newer.session(connection, services.ledger.id)
        assert session.open(ROOT, PURPOSE, blob) == PLAIN
        session.seal(OTHER, PURPOSE, PLAIN)
        rows = connection.execute(DataKeyRow.__table__.select())
        assert {row.root: row.kek_version for row in rows if row.root in (ROOT, OTHER)} == {ROOT: 1, OTHER: 2}


def test_a_data_key_whose_kek_is_gone_is_named_and_does_not_open(installation):
    services = installation.services
    blob = sealed_in(installation)
    without = Vault(lambda: {2: bytes(32)}, services.random)
    with services.database.reading() as connection, pytest.raises(FileCorrupt, match="KEK of version 1"):
        without.session(connection, services.ledger.id).open(ROOT, PURPOSE, blob)


def test_the_keys_of_a_transaction_that_was_rolled_back_are_not_remembered(installation):
    services = installation.services
    lost = b""

    class Fault(Exception):
        """A fault after sealing."""

    def seal_and_fail() -> None:
        nonlocal lost
        with services.database.writing(services.ledger.id) as connection:
            lost = services.vault.session(connection, services.ledger.id).seal(ROOT, PURPOSE, PLAIN)
            raise Fault

    with pytest.raises(Fault):
        seal_and_fail()
    assert services.vault.cached(services.ledger.id, ROOT) is None
    with pytest.raises(FileCorrupt):
        opened(installation, lost)
    # The root gets another key, and that one is in the database.
    assert opened(installation, sealed_in(installation)) == PLAIN


def test_the_keys_of_a_transaction_that_was_committed_are_remembered(installation):
    services = installation.services
    with services.database.writing(services.ledger.id) as connection:
        session = services.vault.session(connection, services.ledger.id)
        session.seal(ROOT, PURPOSE, PLAIN)
        assert services.vault.cached(services.ledger.id, ROOT) is None
    session.committed()
    assert services.vault.cached(services.ledger.id, ROOT) is not None


def test_the_memory_of_opened_keys_is_bounded(installation):
    vault = random_of(installation)
    for start in range(0, CACHE_MAX + 2000, 1000):
        vault.remember(1, {f"root {n}": bytes(32) for n in range(start, start + 1000)})
    assert vault.cached(1, f"root {CACHE_MAX + 1999}") is not None
    assert vault.cached(1, "root 0") is None
