"""`wardledger restore`: a backup comes back whole or not at all, and the ledger says that it is behind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from server.cli import main
from server.ledger.audit import audit
from server.operations import backup, restore
from server.operations.running import StillRunning, alone, working
from server.operations.standing import State, standing
from server.storage import folder, ledger_store
from server.storage.database import take_up
from sync.errors import BackupUnsound, LedgerStopped, StorageFull
from tests.server.builders import ORIGIN, Installation
from tests.server.commands import find_in_environment
from tests.server.pushing import City, found_city
from tests.server.test_backup import DIGEST, PLAIN, cipher, size_of, store


@pytest.fixture
def city(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> City:
    """A city with one stored file, whose installation the command line finds in its environment."""
    find_in_environment(installation.services.config, monkeypatch)
    made = found_city(installation)
    store(installation, PLAIN)
    return made


def put_back(city: City, path: Path, **more: bool) -> restore.Restored:
    """Restore over the ledger that is there."""
    city.installation.services.engine.dispose()
    return restore.restore(city.installation.services, path, **{"replacing": True, **more})


def go_on(city: City, sets: int = 2) -> None:
    """Let a phone send a few sets."""
    for _ in range(sets):
        city.phones[0].push(city.finding())


def keeps_everything(city: City) -> bool:
    """Return whether the ledger stands as it did: nothing was moved, and it takes what comes."""
    here = city.installation.services
    here.engine.dispose()
    go_on(city, 1)
    with here.engine.connect() as connection:
        schemas = inspect(connection).get_schema_names()
    left = list(Path(here.config.home).parent.glob("*.restoring*"))
    return not left and not [name for name in schemas if name.startswith("before_restore")]


def test_a_restored_ledger_knows_that_it_is_behind_and_signs_nothing(city: City, tmp_path: Path):
    services = city.installation.services
    made, _ = backup.make(services, tmp_path / "backups")
    go_on(city)
    signer = services.config.signer_file.read_bytes()
    keys = {path: path.read_bytes() for path in services.config.keys_dir.iterdir()}
    done = put_back(city, made.path)
    assert (done.entries, size_of(city.installation)) == (made.size, made.size)
    assert (done.standing.state, done.standing.known) == (State.BEHIND, made.size + 2)
    assert "2 entries are missing" in done.standing.words
    assert "wardledger ledger recover" in done.standing.next
    assert services.config.signer_file.read_bytes() == signer
    assert {path: path.read_bytes() for path in services.config.keys_dir.iterdir()} == keys
    with pytest.raises(LedgerStopped):
        go_on(city, 1)


def test_a_backup_of_the_newest_head_goes_on_as_if_nothing_had_been(city: City, tmp_path: Path):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    done = put_back(city, made.path)
    assert done.standing.agrees
    go_on(city)
    assert audit(city.installation.services).ok


def test_the_old_database_is_kept_aside(city: City, tmp_path: Path):
    services = city.installation.services
    made, _ = backup.make(services, tmp_path / "backups")
    go_on(city)
    aside = put_back(city, made.path).aside
    assert aside is not None
    if services.engine.dialect.name == "sqlite":
        with sqlite3.connect(aside) as old:
            assert old.execute("SELECT size FROM head").fetchone() == (made.size + 2,)
        return
    with services.engine.connect() as connection:
        found = connection.execute(text(f"SELECT size FROM {aside.split()[1]}.head")).scalar_one()
    assert found == made.size + 2


def test_missing_and_altered_files_come_back(city: City, tmp_path: Path):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    path = cipher(city.installation)
    path.unlink()
    assert put_back(city, made.path).files == 1
    assert path.read_bytes() == PLAIN
    path.chmod(0o600)
    path.write_bytes(PLAIN[:-1] + b"x")
    assert put_back(city, made.path).files == 1
    assert path.read_bytes() == PLAIN
    assert put_back(city, made.path).files == 0


def test_an_installation_without_a_database_takes_a_backup(city: City, tmp_path: Path):
    services = city.installation.services
    made, _ = backup.make(services, tmp_path / "backups")
    services.engine.dispose()
    if services.engine.dialect.name == "sqlite":
        for path in tmp_path.glob("ledger-1.db*"):
            path.unlink()
        take_up(services.engine)
    else:
        with services.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    done = put_back(city, made.path, replacing=False)
    assert (done.aside, done.entries) == (None, made.size)


def test_a_backup_of_older_tables_is_migrated(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The newest revision is played: the backup's tables say that they are of the one before."""
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    upgraded = []
    monkeypatch.setattr(restore.schema, "newest", lambda: "next")
    monkeypatch.setattr(restore.schema, "upgrade", upgraded.append)
    done = put_back(city, made.path)
    assert len(upgraded) == 1
    assert done.migrated == made_revision()


def made_revision() -> str:
    """Return the newest revision of this program."""
    from alembic.script import ScriptDirectory

    from server.storage import schema

    return str(ScriptDirectory(str(schema.FOLDER)).get_current_head())


# What is refused leaves everything as it was


def test_nothing_is_put_onto_a_ledger_unless_it_is_said(city: City, tmp_path: Path):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    with pytest.raises(restore.NotEmpty):
        put_back(city, made.path, replacing=False)
    assert keeps_everything(city)


def test_nothing_is_put_under_a_server_that_works(city: City, tmp_path: Path):
    services = city.installation.services
    made, _ = backup.make(services, tmp_path / "backups")
    with working(services.config), pytest.raises(StillRunning):
        put_back(city, made.path)
    assert keeps_everything(city)
    services.engine.dispose()
    with alone(services), pytest.raises(StillRunning), working(services.config):
        pass


@pytest.mark.parametrize("what", ["database", "file"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(city: City, tmp_path: Path, what: str):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    path = (
        made.path / made.database if what == "database" else made.path.parent / "files" / DIGEST[:2] / DIGEST
    )
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    with pytest.raises(BackupUnsound):
        put_back(city, made.path)
    assert keeps_everything(city)


def test_another_ledgers_backup_is_refused(city: City, tmp_path: Path):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    body = made.json() | {"origin": "ledger.example/elsewhere"}
    (made.path / backup.FORM).write_text(json.dumps(body))
    with pytest.raises(BackupUnsound, match="elsewhere"):
        put_back(city, made.path)
    assert keeps_everything(city)


def test_a_backup_whose_form_lies_about_its_head_is_refused_and_the_old_one_comes_back(
    city: City, tmp_path: Path
):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    (made.path / backup.FORM).write_text(json.dumps(made.json() | {"root": "0" * 64}))
    with pytest.raises(BackupUnsound, match="another head"):
        put_back(city, made.path)
    assert keeps_everything(city)


def test_a_full_disk_leaves_the_old_ledger_as_it_was(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    cipher(city.installation).unlink()
    with monkeypatch.context() as patch:
        patch.setattr(folder.shutil, "disk_usage", lambda _: folder.shutil._ntuple_diskusage(1, 1, 0))
        with pytest.raises(StorageFull):
            put_back(city, made.path)
    assert keeps_everything(city)


def test_the_command_says_what_to_do(city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    go_on(city)
    city.installation.services.engine.dispose()
    assert main(["restore", str(made.path)]) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(made.path), "--replace"]) == 0
    told = capsys.readouterr().out
    assert "2 entries are missing" in told
    assert "ledger recover --recovery-key" in told
    assert main(["restore", str(made.path), "--replace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["standing"]["state"] == "behind"


# How a database stands to the signer's record


def test_an_old_copy_of_the_signers_record_is_told_apart_from_an_old_database(city: City):
    services = city.installation.services
    old = services.config.signer_file.read_bytes()
    go_on(city)
    services.config.signer_file.write_bytes(old)
    found = standing(services)
    assert (found.state, found.size - found.known) == (State.AHEAD, 2)
    assert "bring the newest" in found.next


def test_another_ledger_of_the_same_size_is_beside(city: City):
    services = city.installation.services
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    words = services.config.signer_file.read_text().replace(head.root.hex(), "0" * 64)
    services.config.signer_file.write_text(words)
    assert standing(services).state == State.BESIDE


def test_a_head_that_a_phone_proved_says_that_the_database_is_behind(city: City):
    services = city.installation.services
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id).checkpoint(ORIGIN)
    services.signer.hear(type(head)(head.origin, head.epoch, head.size + 7, bytes(32)))
    found = standing(services)
    assert (found.state, found.known) == (State.BEHIND, head.size + 7)
    with pytest.raises(LedgerStopped):
        go_on(city, 1)
