"""A backup from before a rotation of keys comes back, and the recovery enters again the keys that it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.keys import fitting, ledger_rotation, outlived, rotation, served
from server.keys.history import ACTIVE, COMPROMISED, LEDGER, OPENING, RETIRED
from server.keys.keyring import BEFORE_LEDGER_FILE, RECOVERY_SECRET_FILE
from server.ledger.audit import audit
from server.operations import backup, restore
from server.operations import recover as recovering
from server.operations.doctor import PROBLEM, examine
from server.operations.recover import NotBehind
from sync import signing
from sync.errors import LedgerStopped
from tests.keys.test_opening_rotation import phone_of, seal_some
from tests.server.builders import Installation
from tests.server.phones import visit
from tests.server.test_recovery import Disaster, disaster

__all__ = ["disaster"]


def stages(disaster: Disaster, purpose: str) -> dict[str, str]:
    """Return {kid: stage} of the keys that the ledger knows."""
    return {key.kid: key.stage for key in served.known_keys(disaster.services).of(purpose)}


@pytest.mark.parametrize("days", [60, 0])
def test_keys_that_came_after_the_backup_are_entered_again_with_the_same_statements(
    disaster: Disaster, days: int
):
    services = disaster.services
    first = served.known_keys(services).of(LEDGER)[0]
    for number in range(2 if days == 0 else 1):
        ledger_rotation.rotate(services, days=days)
        rotation.rotate_opening(services, days=number)
    before = served.known_keys(services)
    assert (services.config.keys_dir / BEFORE_LEDGER_FILE).exists() is (days > 0)
    disaster.strike()
    assert stages(disaster, LEDGER) == {first.kid: ACTIVE}
    assert disaster.recover().audit.ok
    after = served.known_keys(services)
    assert after.statements == before.statements != []
    for purpose in (LEDGER, OPENING):
        known = [(key.kid, key.stage, key.until, key.ended) for key in before.of(purpose)]
        assert sorted((key.kid, key.stage, key.until, key.ended) for key in after.of(purpose)) == sorted(
            known
        )
    fitting.check(services)
    assert outlived.reenter(services) == 0
    again = ledger_rotation.rotate(services, days=0) if days == 0 else None
    assert again is None or stages(disaster, LEDGER)[again.kid] == ACTIVE
    assert audit(services).findings == ()


def test_a_key_that_was_compromised_after_the_backup_stays_so(disaster: Disaster):
    services = disaster.services
    first = services.keyring.ledger_digest
    ledger_rotation.rotate(services, compromised=True)
    disaster.strike()
    assert disaster.recover().audit.ok
    assert served.known_keys(services).compromised == {first}
    assert sorted(stages(disaster, LEDGER).values()) == [ACTIVE, COMPROMISED]


def test_a_rotation_right_behind_a_recovery_needs_no_signature_from_before_it(disaster: Disaster):
    services = disaster.services
    disaster.strike()
    disaster.recover()
    ledger_rotation.rotate(services, days=0)
    assert audit(services).findings == ()
    assert sorted(stages(disaster, LEDGER).values()) == [ACTIVE, RETIRED]


def test_the_doctor_says_recover_and_never_to_bring_older_keys(disaster: Disaster):
    services = disaster.services
    new = ledger_rotation.rotate(services, days=0)
    rotation.rotate_opening(services)
    disaster.strike()
    with pytest.raises(LedgerStopped, match=f"{new.kid}.*ledger recover"):
        fitting.check(services)
    wrong = [one for one in examine(services) if one.state == PROBLEM and one.name in ("keys fit", "head")]
    assert [(one.name, "leave them" in one.next) for one in wrong] == [("keys fit", True)]
    disaster.recover()
    assert not [one for one in examine(services) if one.state == PROBLEM and one.name in ("keys fit", "head")]


def test_a_recovery_that_was_killed_before_the_keys_came_in_is_gone_on_with(
    disaster: Disaster, monkeypatch: pytest.MonkeyPatch
):
    services = disaster.services
    new = ledger_rotation.rotate(services, days=0)
    disaster.strike()

    def killed(_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outlived, "reenter", killed)
        with pytest.raises(KeyboardInterrupt):
            disaster.recover()
    with pytest.raises(LedgerStopped, match="ledger recover"):
        fitting.check(services)
    assert disaster.recover().audit.ok
    assert stages(disaster, LEDGER)[new.kid] == ACTIVE
    with pytest.raises(NotBehind):
        recovering.recover(services, disaster.key)


def test_a_phone_that_was_away_over_two_recoveries_and_two_rotations_goes_on(
    installation: Installation, tmp_path: Path
):
    services = installation.services
    found = visit(services)
    phone, _ = phone_of(installation, found, tmp_path / "phone")
    pins = [phone.kit.identity.ledger_pin]

    def struck(number: int, *, away: bool) -> None:
        """Back up, rotate, lose all since; away: the phone knew nothing of any of it."""
        made, _ = backup.make(services, tmp_path / f"backups{number}")
        pins.append(ledger_rotation.rotate(services, days=0).digest)
        seal_some(phone, found, sets=1)
        assert away or phone.sync().clean
        services.engine.dispose()
        restore.restore(services, made.path, replacing=True)
        services.engine.dispose()
        assert recovering.recover(services, services.config.keys_dir / RECOVERY_SECRET_FILE).audit.ok

    struck(1, away=False)
    struck(2, away=True)
    done = phone.sync()
    assert done.clean, done.errors
    assert phone.sync().clean
    assert [signing.key_digest(key) for key in phone.kit.keys.chain] == pins
    assert not phone.kit.journal.unacknowledged()
    assert audit(services).findings == ()
    phone.close()
