"""The phone in JavaScript and a ledger that lost its end: it keeps all, follows the new epoch, and sends again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.commit import recovering
from server.keys.keyring import RECOVERY_SECRET_FILE
from server.ledger.audit import audit
from server.operations import backup, restore
from server.operations.recover import recover, report
from sync import epochs
from tests.interop.line import Cut
from tests.interop.node_phone import NodePhone
from tests.interop.town import Town, town

pytestmark = pytest.mark.slow


@dataclass
class Struck:
    """A town with a backup, and the lead's phone, which worked on after it."""

    town: Town
    phone: NodePhone
    backup: Path

    def strike(self) -> None:
        """Put the backup back; the server is down."""
        self.town.server.kill()
        self.town.installation.services.engine.dispose()
        restore.restore(self.town.installation.services, self.backup, replacing=True)

    def recover(self) -> None:
        """Open a new epoch and start the server."""
        services = self.town.installation.services
        services.engine.dispose()
        recover(services, services.config.keys_dir / RECOVERY_SECRET_FILE)
        self.town.server.start()

    def values(self, record: str) -> dict[str, object]:
        """Return a record as a phone that is enrolled now receives it."""
        with self.town.node(self.town.found.member) as other:
            return other.values(record)


@pytest.fixture
def struck(tmp_path: Path) -> Iterator[Struck]:
    """One finding was acknowledged before the backup, and two after it."""
    with town(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}") as here:
        found = Struck(here, here.node(here.found.lead), tmp_path)
        try:
            here.write(found.phone)
            found.phone.sync()
            made, _ = backup.make(here.installation.services, tmp_path / "backups")
            found.backup = made.path
            yield found
        finally:
            found.phone.kill()


def test_what_was_acknowledged_is_back_with_what_was_recorded_meanwhile_behind_it(struck: Struck) -> None:
    findings = []
    for _ in range(2):
        findings.append(struck.town.write(struck.phone))
        struck.phone.sync()
    struck.strike()
    findings.append(struck.town.write(struck.phone, amount_fen=7))
    assert struck.phone.failures()[0] == ("push", "offline")
    struck.recover()
    told = struck.phone.sync()
    assert (told["epoch"]["sets_to_send_again"], told["alarm"]) == (2, None)
    status = struck.phone.do("status")
    assert (status["outbox"], status["unacknowledged"]) == (0, 0)
    found = status["epoch_change"]
    assert (found["back"], found["waiting"], found["missing"]) == (2, 0, [])
    assert [struck.phone.values(one)["amount_fen"] for one in findings] == [126_000, 126_000, 7]
    assert struck.phone.sync()["epoch"] is None
    struck.town.write(struck.phone)
    struck.phone.sync()
    (done,) = report(struck.town.installation.services)
    assert (done.shown, done.back, done.missing) == (2, 2, ())
    assert struck.values(findings[-1])["amount_fen"] == 7
    assert audit(struck.town.installation.services).ok


def test_a_phone_killed_while_it_follows_goes_on_and_loses_nothing(struck: Struck) -> None:
    for _ in range(2):
        struck.town.write(struck.phone)
        struck.phone.sync()
    struck.strike()
    struck.recover()
    asked: list[str] = []

    def cut(exchange: object) -> None:
        asked.append("x")
        if len(asked) % 5 == 0:
            raise Cut

    struck.town.line.before = cut
    for _ in range(12):
        struck.phone.do("sync")
        struck.phone.kill()
        struck.phone = NodePhone(struck.phone.home)
    struck.town.line.reset()
    struck.phone.sync()
    found = struck.phone.do("status")["epoch_change"]
    assert (found["back"], found["waiting"], found["missing"]) == (2, 0, [])
    assert audit(struck.town.installation.services).ok


def test_an_epoch_that_another_key_opened_is_an_alarm_and_is_not_followed(
    struck: Struck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server is in other hands: it has the ledger key and not the recovery key."""
    struck.town.write(struck.phone)
    struck.phone.sync()
    head = struck.phone.do("status")["head"]
    struck.strike()
    real = epochs.sign
    thief = Ed25519PrivateKey.from_private_bytes(bytes(32))
    monkeypatch.setattr(recovering.epochs, "sign", lambda opened, _: real(opened, thief))
    struck.recover()
    told = struck.phone.do("sync")
    assert told["alarm"] is not None
    assert told["epoch"] is None
    assert struck.phone.do("status")["head"] == head
