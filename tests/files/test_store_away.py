"""The store of files taken away: files wait, change-sets are taken all the same, and both go on by themselves."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from server.ledger.audit import audit
from server.storage import folder
from server.storage.objects import Access, object_store
from sync.errors import StorageDown
from tests.server.builders import Installation, install
from tests.server.phones import Visit, enrol, visit
from tests.services.processes import free_port


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation whose files lie on a disk of their own."""
    settings = {"WARDLEDGER_FILES_URL": str(tmp_path / "disk")}
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}", **settings)
    assert made.services.files
    yield made
    made.services.engine.dispose()


@pytest.fixture
def there(installation: Installation) -> Visit:
    """An approved inspection."""
    return visit(installation.services)


@pytest.fixture
def phone(installation: Installation, there: Visit, tmp_path: Path) -> Iterator[Phone]:
    """A phone on the spot that does not wait between its attempts."""
    with enrol(installation, tmp_path / "phone", there.lead) as made:
        made.kit.transport.sleep = lambda seconds: None
        assert made.sync().clean
        made.step(there.inspection, "on_site")
        yield made


def test_a_disk_that_is_away_keeps_files_waiting_and_nothing_else(
    installation: Installation, there: Visit, phone: Phone, tmp_path: Path
) -> None:
    disk, aside = tmp_path / "disk", tmp_path / "aside"
    evidence = phone.take_evidence(there.inspection, b"x" * 5000, kind="documentary", media_type="image/jpeg")
    disk.rename(aside)
    disk.mkdir()  # the empty place where it was mounted
    report = phone.sync()
    assert {error.code for error in report.errors} == {"storage_down"}
    assert (phone.status()["outbox"], phone.status()["sets_unacknowledged"]) == (0, 0), (
        "the record is in the ledger"
    )
    assert phone.status()["files_waiting"] == 1
    assert installation.app.test_client().get("/readyz").status_code == 503
    assert list(disk.iterdir()) == [], "nothing is put beside the disk"
    disk.rmdir()
    aside.rename(disk)
    assert phone.sync().clean
    assert phone.read_file(evidence) == b"x" * 5000
    assert audit(installation.services).ok


@pytest.mark.parametrize("number", folder.AWAY)
def test_a_disk_that_does_not_answer_is_told_as_away(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "away")

    monkeypatch.setattr(folder.shutil, "disk_usage", fail)
    with pytest.raises(StorageDown):
        installation.services.files.write("0" * 64, 0, [b"x"], 1)


def test_another_fault_of_a_disk_is_not_taken_for_one_that_is_away(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EACCES, "denied")

    monkeypatch.setattr(folder.shutil, "disk_usage", fail)
    with pytest.raises(PermissionError):
        installation.services.files.write("0" * 64, 0, [b"x"], 1)


def test_an_object_store_that_does_not_answer_is_told_as_away() -> None:
    store = object_store("s3://evidence/luan", Access(f"http://127.0.0.1:{free_port()}", "r", "k", "s"))
    with pytest.raises(StorageDown):
        store.has("0" * 64)
