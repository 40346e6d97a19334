"""The phone in JavaScript and a ledger that lost its end: told in the ledger's words, and no alarm against anybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.keys.keyring import RECOVERY_SECRET_FILE
from server.operations import backup, restore
from server.operations.recover import recover
from tests.interop.town import Town, town

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """A server process with an inspection under way."""
    with town(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}") as made:
        yield made


def test_it_keeps_all_it_has_and_says_what_the_ledger_says(here: Town, tmp_path: Path) -> None:
    services = here.installation.services
    phone = here.node(here.found.lead)
    try:
        made, _ = backup.make(services, tmp_path / "backups")
        here.write(phone)
        phone.sync()
        here.server.kill()
        services.engine.dispose()
        restore.restore(services, made.path, replacing=True)
        here.write(phone)
        services.engine.dispose()
        recover(services, services.config.keys_dir / RECOVERY_SECRET_FILE)
        here.server.start()
        assert ("pull", "epoch_changed") in phone.failures()
        status = phone.do("status")
        assert (status["alarm"], status["outbox"]) == (None, 1)
    finally:
        phone.kill()
