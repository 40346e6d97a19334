"""The ledger's public keys are entries of the ledger: none is missing, none is entered twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from server.keys.declared import declare, public_halves
from server.ledger.audit import audit
from server.storage import record_store
from sync.errors import NotAllowed
from sync.merge import Record
from tests.server.builders import Installation, install


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A fresh installation."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    yield made
    made.services.engine.dispose()


def entered(installation: Installation) -> list[Record]:
    """Return the keys that the ledger holds."""
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.query(connection, vault, record_store.selected(services.ledger.id, "key"))


def test_a_new_ledger_holds_every_public_key(installation: Installation):
    wanted = {values["digest"]: values for values in public_halves(installation.services.keyring)}
    held = {record.values["digest"]: record for record in entered(installation)}
    assert held.keys() == wanted.keys()
    for digest, record in held.items():
        assert record.stage == "active"
        assert {name: record.values[name] for name in wanted[digest]} == wanted[digest]


def test_no_secret_half_is_entered(installation: Installation):
    keyring = installation.services.keyring
    secrets = [keyring.ledger.private_bytes_raw(), keyring.pepper, keyring.cookie, *keyring.keks.values()]
    with installation.services.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT line FROM body").fetchall()
    stored = b"".join(bytes(row[0]) for row in rows)
    assert stored
    for secret in secrets:
        assert secret not in stored
        assert secret.hex().encode() not in stored


def test_a_key_is_entered_once(installation: Installation):
    assert declare(installation.services) == 0
    assert len(entered(installation)) == 4


def test_the_audit_covers_the_keys(installation: Installation):
    assert audit(installation.services).ok


def test_nobody_edits_a_key(installation: Installation):
    record = entered(installation)[0]
    draft = Draft("edit", "key", record.id, {"kid": "other"})
    with pytest.raises(NotAllowed):
        act(installation.services, [draft], kind="key", expect={record.id: record.version})
