"""Backups: a consistent copy of the database and of the files it names, made while the server works, and audited.

A target folder holds one folder for each backup and, beside them, the files of all of them: a cipher never changes
under its digest, so each is copied once. The keys are never in it: whoever holds a backup reads nothing that was
encrypted at rest. Neither is the signer's own record, which must not go back with the database.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, make_url, text

from server.ledger.audit import Report, audit_snapshot
from server.ledger.checks import Progress, silent
from server.ledger.signed import read_record
from server.operations import postgres
from server.storage import ledger_scan, ledger_store
from server.storage.database import Database
from server.storage.room import full_is_refused, is_full
from server.wiring import Services
from sync.errors import BackupUnsound, NotFound, StorageFull

FORM, VERSION = "backup.json", 1
LIST = "files.txt"
FILES = "files"
SQLITE_FILE, POSTGRES_FILE = "database.sqlite", "database.pgdump"
UNFINISHED = ".unfinished-"
LOCK = ".lock"
CHUNK_BYTES = 1024 * 1024
LAST = "last-backup.json"
"""In the home: when the last backup was made and where, for the doctor."""


@dataclass(frozen=True)
class Backup:
    """A backup as its own form tells of it; problems: files that were missing or altered in the store."""

    path: Path
    origin: str
    epoch: str
    size: int
    root: str
    made_at: int
    database: str
    database_digest: str
    list_digest: str
    files: int
    problems: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """Return the form."""
        return {
            "v": VERSION,
            "origin": self.origin,
            "epoch": self.epoch,
            "size": self.size,
            "root": self.root,
            "made_at": self.made_at,
            "database": self.database,
            "database_sha256": self.database_digest,
            "files_sha256": self.list_digest,
            "files": self.files,
            "problems": list(self.problems),
        }


def make(
    services: Services, target: Path, *, keep: int | None = None, progress: Progress = silent
) -> tuple[Backup, Report]:
    """Make a backup under `target` and return it with the audit of what was copied.

    keep: how many backups to leave there, the newest; older ones go once the new one is whole
    Raises BackupUnsound, with nothing left behind, where the copy does not pass the audit; StorageFull; NotFound
    where PostgreSQL's `pg_dump` is not on this machine.
    """
    with full_is_refused():
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(target):
            for left in target.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left)
            folder = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=target))
            try:
                made, report = _make(services, target, folder, progress)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            _note(services, made)
            if keep is not None:
                prune(target, keep, made)
    return made, report


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    with (target / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(services: Services, target: Path, folder: Path, progress: Progress) -> tuple[Backup, Report]:
    # Read before the copy is made: what the signer had committed by then must be in it.
    before = read_record(services.config.signer_file)

    def look(connection: Connection, name: str) -> tuple[Backup, Report]:
        report = audit_snapshot(services, connection, progress, before=before)
        if not report.ok:
            raise BackupUnsound("; ".join(str(finding) for finding in report.findings[:3]))
        here = ledger_store.head(connection, services.ledger.id)
        copied, problems = _copy_files(services, connection, target / FILES, progress)
        _write(folder / LIST, "".join(f"{digest}\n" for digest in copied).encode())
        made = Backup(
            path=folder,
            origin=services.ledger.origin,
            epoch=here.epoch,
            size=here.size,
            root=here.root.hex(),
            made_at=services.now_ms(),
            database=name,
            database_digest=digest_of(folder / name),
            list_digest=digest_of(folder / LIST),
            files=len(copied),
            problems=tuple(problems),
        )
        return made, report

    copy = _copy_sqlite if services.engine.dialect.name == "sqlite" else _dump_postgres
    made, report = copy(services, folder, look)
    _write(folder / FORM, json.dumps(made.json(), indent=2).encode() + b"\n")
    final = _place(target, made)
    settle(folder)
    folder.rename(final)
    settle(target)
    return Backup(**{**made.__dict__, "path": final}), report


def _place(target: Path, made: Backup) -> Path:
    """Return a name of its own that sorts by time."""
    at = datetime.fromtimestamp(made.made_at / 1000, UTC)
    name = f"{at:%Y-%m-%dT%H-%M-%SZ}-{made.size:010}"
    numbers = (f"{name}-{number}" if number else name for number in range(10**6))
    return next(target / each for each in numbers if not (target / each).exists())


Look = Callable[[Connection, str], tuple[Backup, Report]]


def _copy_sqlite(services: Services, folder: Path, look: Look) -> tuple[Backup, Report]:
    source = make_url(services.config.database_url).database
    assert source is not None, "an installation's database is a file"
    path = folder / SQLITE_FILE
    with (
        contextlib.closing(sqlite3.connect(source)) as live,
        contextlib.closing(sqlite3.connect(path)) as copy,
    ):
        try:
            # In one step: it reads one snapshot, and writers go on beside it.
            live.backup(copy)
        except sqlite3.OperationalError as error:
            raise (StorageFull() if is_full(error) else BackupUnsound(str(error))) from error
    path.chmod(0o600)
    settle(path)
    # Nothing else may write to it, so no lock and no second file are wanted.
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with Database(engine).reading() as connection:
            return look(connection, SQLITE_FILE)
    finally:
        engine.dispose()


def _dump_postgres(services: Services, folder: Path, look: Look) -> tuple[Backup, Report]:
    with services.database.reading() as connection:
        # Dump and audit see one and the same snapshot.
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        path = folder / POSTGRES_FILE
        postgres.run(services, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={path}")
        path.chmod(0o600)
        settle(path)
        return look(connection, POSTGRES_FILE)


def _copy_files(
    services: Services, connection: Connection, target: Path, progress: Progress
) -> tuple[list[str], list[str]]:
    """Copy the files that the snapshot names and the target lacks; return those it holds then, and problems."""
    held: list[str] = []
    problems: list[str] = []
    for number, file in enumerate(ledger_scan.files(connection, services.ledger.id)):
        progress("files", number, 0)
        place = target / file.digest[:2] / file.digest
        # Read again each time: a copy that has rotted since is replaced while the store still has the file.
        if not place.exists() or digest_of(place) != file.digest:
            try:
                _copy_file(services, file.digest, place)
            except (NotFound, OSError) as error:
                if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                    raise
                problems.append(f"file {file.digest} is missing from the store")
                continue
            except BackupUnsound as error:
                problems.append(error.detail)
                continue
        held.append(file.digest)
    return held, problems


def _copy_file(services: Services, digest: str, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    seen = hashlib.sha256()
    new = place.with_name(f"{UNFINISHED}{digest}")
    try:
        with new.open("wb") as file:
            for chunk in services.files.read(digest):
                seen.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if seen.hexdigest() != digest:
            raise BackupUnsound(f"file {digest} is not what its digest says", item=digest)
        new.chmod(0o400)
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)
    settle(place.parent)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o600)


def settle(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note(services: Services, made: Backup) -> None:
    """Tell the doctor; a home that cannot be written to does not undo a backup."""
    with contextlib.suppress(OSError):
        said = {"made_at": made.made_at, "path": str(made.path), "size": made.size}
        (services.config.home / LAST).write_text(json.dumps(said) + "\n")


# -- what is there ---------------------------------------------------------------------------------------


def read(path: Path) -> Backup:
    """Return a backup by its form; raises NotFound where there is none, BackupUnsound for one that is no form."""
    try:
        body = json.loads((path / FORM).read_text("utf-8"))
        return Backup(
            path=path,
            origin=str(body["origin"]),
            epoch=str(body["epoch"]),
            size=int(body["size"]),
            root=str(body["root"]),
            made_at=int(body["made_at"]),
            database=str(body["database"]),
            database_digest=str(body["database_sha256"]),
            list_digest=str(body["files_sha256"]),
            files=int(body["files"]),
            problems=tuple(str(one) for one in body["problems"]),
        )
    except FileNotFoundError as error:
        raise NotFound(f"{path} holds no backup") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BackupUnsound(f"{path / FORM} cannot be read") from error


def every(target: Path) -> list[Backup]:
    """Return the backups of a target whose form can be read, the oldest first."""
    found: list[Backup] = []
    for form in target.glob(f"[0-9]*/{FORM}"):
        with contextlib.suppress(BackupUnsound):
            found.append(read(form.parent))
    return sorted(found, key=lambda one: (one.made_at, one.size, one.path.name))


def check(path: Path, progress: Progress = silent) -> list[str]:
    """Hash all that a backup consists of and return what is wrong with it, in words; empty when it is whole."""
    made = read(path)
    found = list(made.problems)
    for name, wanted in ((made.database, made.database_digest), (LIST, made.list_digest)):
        if not (path / name).exists():
            found.append(f"{name} is missing")
        elif digest_of(path / name) != wanted:
            found.append(f"{name} is not what was written")
    for number, digest in enumerate(listed(made) or ()):
        progress("files", number, made.files)
        place = path.parent / FILES / digest[:2] / digest
        if not place.exists():
            found.append(f"file {digest} is missing")
        elif digest_of(place) != digest:
            found.append(f"file {digest} is not what its digest says")
    return found


def listed(made: Backup) -> list[str] | None:
    """Return the digests of a backup's files; None where its list is not the one that was written."""
    path = made.path / LIST
    if not path.exists() or digest_of(path) != made.list_digest:
        return None
    return path.read_text("ascii").split()


def prune(target: Path, keep: int, made: Backup) -> list[Path]:
    """Remove all but the newest `keep` backups of this ledger and the files that nothing names; return what went.

    made: the one that was just made, which stays whatever the clocks say. No file goes while any backup in the
    target, another ledger's too, cannot say which files it needs.
    """
    own = [one for one in every(target) if one.origin == made.origin and one.path != made.path]
    gone = own[: max(0, len(own) + 1 - max(1, keep))]
    for one in gone:
        shutil.rmtree(one.path)
    left = {one.path: listed(one) for one in every(target)}
    folders = {path for path in target.iterdir() if path.is_dir() and path.name != FILES}
    if not gone or folders != set(left) or None in left.values():
        return [one.path for one in gone]
    wanted = {digest for some in left.values() for digest in some or ()}
    for place in (target / FILES).glob("*/*"):
        if place.name not in wanted:
            place.unlink()
    return [one.path for one in gone]
