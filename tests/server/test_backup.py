"""`wardledger backup`: whole, audited, made beside a working server, never the keys; a damaged one is told."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import sqlite3
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, text

from server.cli import main
from server.keys.keyring import LEDGER_FILE
from server.operations import backup, postgres
from server.operations.doctor import NOTICE, OK, Check, examine
from server.storage import file_store, ledger_store
from sync.errors import BackupUnsound, NotFound, StorageFull
from tests.server.builders import ORIGIN, Installation
from tests.server.commands import find_in_environment
from tests.server.pushing import City, found_city

PASSWORD = "geheim"
PLAIN = b"cipher bytes of a file" * 1000
DIGEST = hashlib.sha256(PLAIN).hexdigest()


@pytest.fixture
def city(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> City:
    """A city with one stored file, whose installation the command line finds in its environment."""
    find_in_environment(installation.services.config, monkeypatch)
    made = found_city(installation)
    store(installation, PLAIN)
    return made


def store(installation: Installation, content: bytes) -> str:
    """Store a file as an upload does; returns its digest."""
    services, digest = installation.services, hashlib.sha256(content).hexdigest()
    services.files.write(digest, 0, [content], len(content))
    assert services.files.finish(digest, digest)
    with services.database.writing(services.ledger.id) as connection:
        file_store.arrived(
            connection, services.ledger.id, digest=digest, size=len(content), at=services.now_ms()
        )
    return digest


def cipher(installation: Installation, digest: str = DIGEST) -> Path:
    """Return where a file lies in the folder store."""
    return Path(installation.services.config.files_url) / "cipher" / digest[:2] / digest


def size_of(installation: Installation) -> int:
    """Return the ledger's size."""
    services = installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def test_a_backup_holds_the_ledger_and_every_file_and_is_audited(city: City, tmp_path: Path):
    made, report = backup.make(city.installation.services, tmp_path / "backups")
    assert report.ok
    assert (made.size, made.files, made.problems) == (size_of(city.installation), 1, ())
    assert (tmp_path / "backups" / "files" / DIGEST[:2] / DIGEST).read_bytes() == PLAIN
    assert backup.check(made.path) == []
    assert backup.every(tmp_path / "backups") == [made]


def test_a_backup_can_be_put_back(city: City, tmp_path: Path, database_url: str):
    """On SQLite the copy is the database; on PostgreSQL its own program reads the dump whole."""
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    if made.database == backup.SQLITE_FILE:
        with sqlite3.connect(made.path / made.database) as copy:
            assert copy.execute("SELECT size FROM head").fetchone() == (made.size,)
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return
    program = postgres.program("pg_restore")
    done = subprocess.run(
        [program, "--file=-", made.path / made.database], capture_output=True, text=True, check=True
    )
    assert ORIGIN in done.stdout
    assert done.stdout.count("CREATE TABLE") > 20


def test_neither_keys_nor_the_signers_record_nor_a_name_are_in_it(city: City, tmp_path: Path):
    city.phones[0].push(city.finding())
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    config = city.installation.services.config
    secrets = [config.secret_file.read_bytes(), (config.keys_dir / LEDGER_FILE).read_bytes()[20:80]]
    for path in (tmp_path / "backups").rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o077 == 0 or path.name == backup.LOCK, path
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets), path
            assert "测试甲009".encode() not in content, path
    names = {path.name for path in made.path.iterdir()}
    assert names == {made.database, backup.FORM, backup.LIST}


def test_it_is_of_one_moment_while_phones_go_on_writing(city: City, tmp_path: Path):
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            city.phones[0].push(city.finding())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        sizes = [backup.make(city.installation.services, tmp_path / "backups")[0].size for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    assert sizes == sorted(sizes)
    assert sizes[-1] <= size_of(city.installation)
    assert all(backup.check(one.path) == [] for one in backup.every(tmp_path / "backups"))


def test_files_are_copied_once_for_all_backups(city: City, tmp_path: Path):
    target = tmp_path / "backups"
    backup.make(city.installation.services, target)
    first = (target / "files" / DIGEST[:2] / DIGEST).stat().st_ino
    other = store(city.installation, b"another")
    city.installation.clock.advance(days=1)
    made, _ = backup.make(city.installation.services, target)
    assert made.files == 2
    assert (target / "files" / DIGEST[:2] / DIGEST).stat().st_ino == first
    assert (target / "files" / other[:2] / other).read_bytes() == b"another"


def test_old_backups_go_with_the_files_that_only_they_name(city: City, tmp_path: Path):
    target, services = tmp_path / "backups", city.installation.services
    for _ in range(3):
        backup.make(services, target)
        city.installation.clock.advance(days=1)
    stray = target / "files" / "aa" / ("a" * 64)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    made, _ = backup.make(services, target, keep=2)
    left = backup.every(target)
    assert len(left) == 2
    assert left[-1] == made
    assert not stray.exists()
    assert all(backup.check(one.path) == [] for one in left)


def test_the_last_backup_is_never_removed(city: City, tmp_path: Path):
    made, _ = backup.make(city.installation.services, tmp_path / "backups", keep=0)
    assert backup.every(tmp_path / "backups") == [made]


# What goes wrong


def test_a_ledger_that_does_not_pass_the_audit_gives_no_backup(city: City, tmp_path: Path):
    services = city.installation.services
    with services.database.writing(services.ledger.id) as connection:
        connection.execute(
            text("UPDATE record SET region = '110000' WHERE type = 'finding' OR type = 'user'")
        )
    with pytest.raises(BackupUnsound, match="record"):
        backup.make(services, tmp_path / "backups")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [backup.LOCK]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"postgresql+psycopg://u:{PASSWORD}@h:5433/d", "host=h dbname=d user=u port=5433"),
        (f"postgresql+psycopg://u:{PASSWORD}@/d?host=/run/pg&sslmode=verify-full", "user=u dbname=d"),
    ],
)
def test_the_dump_goes_where_the_server_goes_and_no_list_of_processes_shows_the_password(
    tmp_path: Path, url: str, words: str
):
    services = SimpleNamespace(
        config=SimpleNamespace(database_url=url, home=tmp_path), engine=create_engine(url)
    )
    address, environment = postgres.address_of(services)  # type: ignore[arg-type]
    assert PASSWORD not in address
    assert environment["PGPASSWORD"] == PASSWORD
    assert set(words.split()) <= set(address.removeprefix("--dbname=").split())
    assert ("sslmode=verify-full" in address) == ("sslmode" in url)
    assert ("host=/run/pg" in address) == ("/run/pg" in url)


@pytest.mark.parametrize("where", ["database", "form"])
def test_a_full_target_is_told_and_nothing_is_left_in_it(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
):
    target, services = tmp_path / "backups", city.installation.services
    kept, _ = backup.make(services, target)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        if where == "form":
            patch.setattr(backup, "_write", full)
        elif services.engine.dialect.name == "sqlite":
            patch.setattr(backup, "settle", full)
        else:
            patch.setattr(backup, "POSTGRES_FILE", "/dev/full")
        assert main(["backup", "make", str(target)]) == 1
        with pytest.raises(StorageFull):
            backup.make(services, target)
    assert {path.name for path in target.iterdir()} == {backup.LOCK, backup.FILES, kept.path.name}
    assert backup.check(kept.path) == []
    made, _ = backup.make(services, target)
    assert backup.check(made.path) == []


def test_a_copy_that_meets_the_end_of_the_disk_is_refused_as_full(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """SQLite's own word for a full disk, which comes from inside its copying."""
    services = city.installation.services
    if services.engine.dialect.name != "sqlite":
        return
    connect = sqlite3.connect

    class Full(sqlite3.Connection):
        """A database whose copying finds no room."""

        def backup(self, *_: object, **__: object) -> None:
            """Say what SQLite says."""
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    monkeypatch.setattr(backup.sqlite3, "connect", lambda place: connect(place, factory=Full))
    with pytest.raises(StorageFull):
        backup.make(services, tmp_path / "backups")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [backup.LOCK]


def test_what_a_killed_backup_left_behind_is_cleared_away(city: City, tmp_path: Path):
    target = tmp_path / "backups"
    left = target / f"{backup.UNFINISHED}x"
    left.mkdir(parents=True)
    (left / "database.sqlite").write_bytes(b"half")
    made, _ = backup.make(city.installation.services, target)
    assert not left.exists()
    assert backup.every(target) == [made]


@pytest.mark.parametrize("how", ["missing", "altered"])
def test_a_file_that_the_store_has_lost_is_named_and_the_rest_is_kept(city: City, tmp_path: Path, how: str):
    other = store(city.installation, b"another")
    path = cipher(city.installation)
    path.unlink() if how == "missing" else (path.chmod(0o600), path.write_bytes(PLAIN[:-1] + b"x"))
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    (problem,) = made.problems
    assert DIGEST in problem
    assert backup.listed(made) == [other]
    assert backup.check(made.path) == [problem], "a backup that lacks something never passes for whole"
    assert main(["backup", "make", str(tmp_path / "more")]) == 1


def test_a_rotten_copy_is_replaced_while_the_store_has_the_file(city: City, tmp_path: Path):
    target = tmp_path / "backups"
    backup.make(city.installation.services, target)
    place = target / "files" / DIGEST[:2] / DIGEST
    place.chmod(0o600)
    place.write_bytes(b"rotten")
    made, _ = backup.make(city.installation.services, target)
    assert place.read_bytes() == PLAIN
    assert backup.check(made.path) == []


def test_no_file_goes_while_a_backup_cannot_say_what_it_needs(city: City, tmp_path: Path):
    target, services = tmp_path / "backups", city.installation.services
    first, _ = backup.make(services, target)
    second, _ = backup.make(services, target)
    (second.path / backup.LIST).chmod(0o600)
    (second.path / backup.LIST).write_text("")
    backup.make(services, target, keep=2)
    assert not first.path.exists()
    assert (target / "files" / DIGEST[:2] / DIGEST).exists()


def test_a_torn_form_keeps_no_later_backup_from_being_made(city: City, tmp_path: Path):
    target, services = tmp_path / "backups", city.installation.services
    first, _ = backup.make(services, target)
    (first.path / backup.FORM).write_text("{")
    made, _ = backup.make(services, target, keep=1)
    assert backup.every(target) == [made]
    assert (target / "files" / DIGEST[:2] / DIGEST).exists()


def test_the_new_backup_stays_though_the_clock_went_back(city: City, tmp_path: Path):
    target, services = tmp_path / "backups", city.installation.services
    backup.make(services, target)
    city.installation.clock.advance(days=-1)
    made, _ = backup.make(services, target, keep=1)
    assert backup.every(target) == [made]


def test_another_ledgers_backups_are_left_alone(city: City, tmp_path: Path):
    target, services = tmp_path / "backups", city.installation.services
    theirs, _ = backup.make(services, target)
    body = theirs.json() | {"origin": "ledger.example/elsewhere"}
    (theirs.path / backup.FORM).write_text(json.dumps(body))
    for _ in range(2):
        backup.make(services, target, keep=1)
    assert [one.origin for one in backup.every(target)] == ["ledger.example/elsewhere", ORIGIN]


def test_a_folder_of_any_name_takes_backups(city: City, tmp_path: Path):
    made, report = backup.make(city.installation.services, tmp_path / "backups #1 %41? 备份")
    assert report.ok
    assert backup.check(made.path) == []


@pytest.mark.parametrize("what", ["database", "file", "list", "form"])
def test_a_damaged_backup_is_told_by_its_check(city: City, tmp_path: Path, what: str):
    made, _ = backup.make(city.installation.services, tmp_path / "backups")
    paths = {
        "database": made.path / made.database,
        "file": tmp_path / "backups" / "files" / DIGEST[:2] / DIGEST,
        "list": made.path / backup.LIST,
        "form": made.path / backup.FORM,
    }
    path = paths[what]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    status = main(["backup", "check", str(made.path)])
    assert status == 1
    path.unlink()
    assert main(["backup", "check", str(made.path)]) == 1


def test_a_folder_without_a_backup_is_said_to_be_none(tmp_path: Path):
    with pytest.raises(NotFound, match="holds no backup"):
        backup.check(tmp_path)
    assert backup.every(tmp_path) == []


# The command line and the doctor


def doctors_word(city: City) -> Check:
    """Return what the doctor says of backups."""
    return next(one for one in examine(city.installation.services) if one.name == "backup")


def test_the_commands_make_list_and_check(city: City, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    target = str(tmp_path / "backups")
    assert main(["backup", "list", target]) == 0
    assert "no backups" in capsys.readouterr().out
    assert main(["backup", "make", target, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["size"] == size_of(city.installation)
    assert main(["backup", "list", target]) == 0
    assert made["path"] in capsys.readouterr().out
    assert main(["backup", "check", made["path"]]) == 0
    assert "is whole" in capsys.readouterr().out
    assert main(["backup", "check", target]) == 1


def test_the_doctor_asks_for_a_backup_and_for_a_newer_one(city: City, tmp_path: Path):
    assert (doctors_word(city).state, doctors_word(city).words) == (NOTICE, "no backup was ever made here")
    backup.make(city.installation.services, tmp_path / "backups")
    assert doctors_word(city).state == OK
    city.installation.clock.advance(days=3)
    assert doctors_word(city).state == NOTICE
    assert "wardledger backup make" in doctors_word(city).next
    (city.installation.services.config.home / backup.LAST).write_text("{")
    assert doctors_word(city).words == "no backup was ever made here"
