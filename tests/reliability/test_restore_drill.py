"""The restore drill: the server is killed, its backup is 40 % behind, and all that was acknowledged comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from server.cli import main
from server.keys.keyring import RECOVERY_SECRET_FILE
from server.ledger.audit import audit
from server.operations import backup
from server.operations.recover import report
from server.storage import ledger_store, record_store
from server.storage.database import take_up
from tests.server.builders import Installation, install
from tests.server.phones import Visit, enrol, visit
from tests.services.granian import ServerProcess
from tests.services.processes import free_port


@dataclass
class Drill:
    """A server process, two phones, and where backups go."""

    installation: Installation
    found: Visit
    server: ServerProcess
    phones: tuple[Phone, Phone]
    target: Path

    def acknowledge(self, count: int) -> list[str]:
        """Let the phones send sets of one change in turn; returns the records that are acknowledged."""
        made = []
        for number in range(count):
            phone = self.phones[number % 2]
            made.append(phone.check_bed(self.found.ward_round, bed_listed=str(number), presence="in_bed"))
            done = phone.sync()
            assert done.clean, done.errors
        return made

    def disaster(self, path: Path) -> None:
        """Kill the server, put the backup back and open a new epoch, by the commands of docs/operating.md."""
        self.server.kill()
        self.installation.services.engine.dispose()
        key = self.installation.services.config.keys_dir / RECOVERY_SECRET_FILE
        assert main(["restore", str(path), "--replace"]) == 0
        assert main(["ledger", "recover", "--recovery-key", str(key)]) == 0
        self.server.start()


@pytest.fixture
def drill(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drill]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    made = install(tmp_path / "home", database_url, real_time=True, WARDLEDGER_URL=url)
    (tmp_path / "home" / "settings.env").write_text(
        f"WARDLEDGER_ORIGIN={made.services.config.origin}\nWARDLEDGER_DATABASE_URL={database_url}\n"
    )
    monkeypatch.setenv("WARDLEDGER_HOME", str(tmp_path / "home"))
    found = visit(made.services)
    with ServerProcess(tmp_path / "home", port) as server:
        phones = tuple(enrol(made, tmp_path / who, user, real_time=True) for who, user in (
            ("lead", found.lead), ("member", found.member),
        ))  # fmt: skip
        lead = phones[0]
        assert lead.sync().clean
        lead.step(found.inspection, "on_site")
        lead.begin_round(found.ward_round)
        assert lead.sync().clean
        assert phones[1].sync().clean
        yield Drill(made, found, server, (phones[0], phones[1]), tmp_path / "backups")
        for phone in phones:
            phone.close()
    made.services.engine.dispose()


def run(drill: Drill, count: int) -> None:
    """Acknowledge `count` sets, back up after three fifths of them, lose the rest, and hold it to the phones."""
    records = drill.acknowledge(count * 3 // 5)
    made, _ = backup.make(drill.installation.services, drill.target)
    records += drill.acknowledge(count - len(records))
    heads = [phone.kit.head for phone in drill.phones]
    drill.disaster(made.path)
    for phone, before in zip(drill.phones, heads, strict=True):
        done = phone.sync()
        assert done.clean, done.errors
        assert done.epoch is not None
        assert phone.kit.head.epoch != before.epoch
        stands = phone.status()["epoch_change"]
        assert (stands["waiting"], stands["missing"]) == (0, [])
    take_up(drill.installation.services.engine)
    _all_back(drill, records, lost=count - count * 3 // 5)
    assert all(phone.sync().clean for phone in drill.phones)
    drill.acknowledge(2)


def _all_back(drill: Drill, records: list[str], *, lost: int) -> None:
    services = drill.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        there = record_store.load(connection, vault, records)
        for record in records:
            assert len(ledger_store.indexes_of(connection, services.ledger.id, record)) == 1
    assert set(there) == set(records)
    (done,) = report(services)
    assert (done.opened.lost, done.shown, done.back) == (lost, lost, lost)
    found = audit(services)
    assert found.ok, found.text()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_backup_that_lacks_two_fifths_loses_nothing_that_was_acknowledged(drill: Drill):
    run(drill, 25)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_five_hundred_sets_of_which_the_backup_holds_three_hundred_are_all_back(drill: Drill):
    run(drill, 500)
