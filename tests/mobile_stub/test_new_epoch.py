"""A ledger that lost its end: phones keep all, follow the new epoch by the recovery key alone, and send again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile_stub.journal import Journal
from mobile_stub.phone import Phone
from server.commit import recovering
from server.keys.keyring import RECOVERY_FILE, RECOVERY_SECRET_FILE
from server.ledger.audit import audit
from server.operations import backup, restore
from server.operations.recover import recover, report
from server.storage import ledger_store
from server.wiring import Services
from sync import epochs, lines, signing
from tests.server.builders import Installation, install
from tests.server.phones import Visit, enrol, visit


@dataclass
class Ward:
    """An installation with two phones of one inspection, and a backup that lacks their last work."""

    installation: Installation
    found: Visit
    lead: Phone
    member: Phone
    backup: Path

    @property
    def services(self) -> Services:
        """The installation's services."""
        return self.installation.services

    def strike(self) -> None:
        """Put the backup back."""
        self.services.engine.dispose()
        restore.restore(self.services, self.backup, replacing=True)

    def recover(self) -> None:
        """Open a new epoch."""
        self.services.engine.dispose()
        assert recover(self.services, self.services.config.keys_dir / RECOVERY_SECRET_FILE).audit.ok

    def work(self, phone: Phone, times: int = 1) -> list[str]:
        """Let a phone check beds, a set each; returns the records."""
        made = []
        for _ in range(times):
            bed = self.found.encounters[0]
            made.append(
                phone.check_bed(self.found.ward_round, bed_listed="1101", encounter=bed, presence="in_bed")
            )
            assert phone.sync().clean
        return made

    def values(self, record: str) -> dict[str, object]:
        """Return a record as the ledger holds it."""
        from server.storage import record_store

        with self.services.database.reading() as connection:
            vault = self.services.vault.session(connection, self.services.ledger.id)
            return dict(record_store.load(connection, vault, [record])[record].values)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """A backup in the middle of a round: one bed was checked before it, three after it."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    found = visit(made.services)
    lead = enrol(made, tmp_path / "lead", found.lead)
    member = enrol(made, tmp_path / "member", found.member)
    assert lead.sync().clean
    lead.step(found.inspection, "on_site")
    lead.begin_round(found.ward_round)
    assert lead.sync().clean
    assert member.sync().clean
    here = Ward(made, found, lead, member, tmp_path)
    here.work(lead)
    made_backup, _ = backup.make(made.services, tmp_path / "backups")
    here.backup = made_backup.path
    yield here
    lead.close()
    member.close()
    made.services.engine.dispose()


def test_until_the_ledger_is_recovered_phones_keep_everything_and_tell_their_user(ward: Ward):
    ward.work(ward.lead, 2)
    ward.strike()
    ward.lead.check_bed(
        ward.found.ward_round, bed_listed="1102", encounter=ward.found.encounters[1], presence="in_bed"
    )
    told = ward.lead.sync()
    assert {error.code for error in told.errors} == {"ledger_behind"}
    assert all("Keep the phone as it is" in error.next for error in told.errors)
    assert told.alarm is None
    assert ward.lead.status()["outbox"] == 1
    quiet = ward.member.sync()
    assert quiet.alarm is None


def test_everything_that_was_acknowledged_is_back(ward: Ward):
    beds = ward.work(ward.lead, 2) + ward.work(ward.member)
    before = [ward.values(bed) for bed in beds]
    ward.strike()
    ward.recover()
    for phone in (ward.member, ward.lead):
        told = phone.sync()
        assert told.clean, told.errors
        assert told.epoch is not None
        found = phone.status()["epoch_change"]
        assert (found["waiting"], found["missing"]) == (0, [])
    assert ward.lead.status()["epoch_change"]["back"] == 2
    assert [ward.values(bed) for bed in beds] == before
    (done,) = report(ward.services)
    assert (done.shown, done.back, done.missing) == (3, 3, ())
    assert audit(ward.services).ok
    for phone in (ward.member, ward.lead):
        assert phone.sync().epoch is None
        ward.work(phone)
    assert audit(ward.services).ok


def test_a_phone_that_saw_nothing_of_what_was_lost_follows_too(ward: Ward):
    ward.work(ward.lead, 2)
    ward.strike()
    ward.recover()
    told = ward.member.sync()
    assert told.clean
    assert told.epoch is not None
    assert told.epoch["sets_to_send_again"] == 0
    ward.work(ward.member)


def test_work_that_was_recorded_meanwhile_goes_after_what_was_lost(ward: Ward):
    ward.work(ward.lead, 2)
    ward.strike()
    bed = ward.lead.check_bed(
        ward.found.ward_round, bed_listed="1102", encounter=ward.found.encounters[1], presence="in_bed"
    )
    ward.lead.sync()
    ward.recover()
    assert ward.lead.sync().clean
    assert ward.values(bed)["presence"] == "in_bed"
    assert audit(ward.services).ok


def test_what_a_phone_no_longer_has_is_reported_missing_and_the_chain_goes_on(ward: Ward):
    ward.work(ward.lead, 2)
    journal: Journal = ward.lead.kit.journal
    with journal.transaction():
        journal.run("DELETE FROM changes WHERE seq = (SELECT max(seq) FROM sets) - ?", 1)
    ward.strike()
    ward.recover()
    told = ward.lead.sync()
    assert told.clean, told.errors
    found = ward.lead.status()["epoch_change"]
    assert (found["back"], len(found["missing"])) == (1, 1)
    (done,) = report(ward.services)
    assert (done.back, [one.seq for one in done.missing]) == (1, [found["missing"][0]["seq"]])
    ward.work(ward.lead)
    assert audit(ward.services).ok


def test_a_kill_in_the_middle_of_following_loses_nothing(ward: Ward):
    ward.work(ward.lead, 3)
    ward.strike()
    ward.recover()
    transport = ward.lead.kit.transport
    real, asked = transport._once, []

    def cut(method: str, path: str, **more: object) -> object:
        asked.append(path)
        if len(asked) % 4 == 0:
            raise httpx.ConnectError("cut")
        return real(method, path, **more)  # type: ignore[arg-type]

    from mobile_stub.trouble import Offline

    def offline(method: str, path: str, **more: object) -> object:
        try:
            return cut(method, path, **more)
        except httpx.ConnectError as error:
            raise Offline from error

    transport._once = offline  # type: ignore[method-assign, assignment]
    for _ in range(30):
        if ward.lead.sync().clean:
            break
    del transport._once
    assert ward.lead.sync().clean
    found = ward.lead.status()["epoch_change"]
    assert (found["back"], found["waiting"], found["missing"]) == (3, 0, [])
    assert audit(ward.services).ok


# Nobody but the recovery key opens an epoch


def test_an_epoch_that_another_key_opened_is_an_alarm(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    """The server is in other hands: it has the ledger key and not the recovery key."""
    ward.work(ward.lead, 2)
    head = ward.lead.kit.head
    ward.strike()
    thief = Ed25519PrivateKey.from_private_bytes(bytes(32))
    real = epochs.sign
    monkeypatch.setattr(recovering.epochs, "sign", lambda opened, _: real(opened, thief))
    ward.services.engine.dispose()
    recover(ward.services, ward.services.config.keys_dir / RECOVERY_SECRET_FILE)
    told = ward.lead.sync()
    assert told.alarm is not None
    assert ward.lead.kit.head == head


def test_another_recovery_key_in_the_list_is_an_alarm(ward: Ward):
    ward.work(ward.lead, 2)
    ward.strike()
    thief = Ed25519PrivateKey.from_private_bytes(bytes(32))
    keys = ward.services.config.keys_dir
    (keys / RECOVERY_FILE).write_text(lines.b64u(signing.public_raw(thief)) + "\n")
    (keys / RECOVERY_SECRET_FILE).write_text(lines.b64u(bytes(32)) + "\n")
    ward.services.engine.dispose()
    recover(ward.services, keys / RECOVERY_SECRET_FILE)
    assert ward.lead.sync().alarm is not None


def test_an_epoch_that_leaves_out_what_was_below_its_fork_is_an_alarm(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
):
    """Even the recovery key cannot take back what lies below the fork that it names."""
    ward.work(ward.lead, 2)
    ward.strike()
    ward.recover()
    with ward.services.database.reading() as connection:
        size = ledger_store.head(connection, ward.services.ledger.id).size
    real = ward.lead.kit.transport.get

    def lied(path: str, query: dict[str, int] | None = None, **more: object) -> object:
        answer = real(path, query, **more)  # type: ignore[arg-type]
        if path == "/ledger/proof" and query is not None and query.get("to") == size:
            return type(answer)(answer.status, answer.headers, answer.content.replace(b'"', b'"A', 1), 0)
        return answer

    monkeypatch.setattr(ward.lead.kit.transport, "get", lied)
    told = ward.lead.sync()
    assert not told.clean
    assert told.epoch is None
