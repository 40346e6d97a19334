"""Putting a backup back: hashed, audited before it takes the old database's place, which is kept aside.

Keys and the signer's own record stay as they are. By that record the server then knows that its ledger is behind,
and signs nothing until `wardledger ledger recover` has opened a new epoch.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.engine import Engine

from server.ledger.audit import Report, audit_snapshot
from server.ledger.checks import Progress, silent
from server.operations import backup, postgres, search_index
from server.operations.backup import Backup
from server.operations.running import alone
from server.operations.standing import Standing, standing
from server.storage import schema
from server.storage.database import prepare, take_up
from server.storage.files import is_intact
from server.storage.ledger_store import has_ledger
from server.storage.room import full_is_refused
from server.wiring import Services
from sync.errors import BackupUnsound, LedgerStopped, Refusal

STAGED = ".restoring"
BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a database file; it belongs to that file and must never meet another."""


class NotEmpty(Refusal):
    """The installation holds a ledger; nothing was done."""

    code = "not_empty"
    next = "Restore into an empty installation, or give --replace: the database that is there is kept aside."


@dataclass(frozen=True)
class Restored:
    """What was put back; aside: where the old database is kept; migrated: from which revision, None if none was due."""

    backup: Backup
    entries: int
    aside: str | None
    files: int
    problems: tuple[str, ...]
    migrated: str | None
    standing: Standing

    def json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "backup": str(self.backup.path),
            "entries": self.entries,
            "aside": self.aside,
            "files": self.files,
            "problems": list(self.problems),
            "migrated_from": self.migrated,
            "standing": self.standing.json(),
        }


def restore(
    services: Services, path: Path, *, replacing: bool = False, progress: Progress = silent
) -> Restored:
    """Put a backup back and return how the ledger then stands to its signer's record.

    replacing: a ledger that is there may be put aside
    Raises BackupUnsound, NotEmpty, StillRunning, StorageFull or NotFound with everything as it was before.
    """
    made = backup.read(path)
    if made.origin != services.config.origin:
        raise BackupUnsound(f"the backup is of {made.origin}, this installation of {services.config.origin}")
    progress("hashing the backup", 0, 0)
    if new := [fault for fault in backup.check(path, progress) if fault not in made.problems]:
        raise BackupUnsound("; ".join(new[:3]))
    with alone(services), full_is_refused():
        if holds_ledger(services) and not replacing:
            raise NotEmpty(f"{services.config.home} holds a ledger; nothing was done")
        put = _put_sqlite if services.engine.dialect.name == "sqlite" else _put_postgres
        with put(services, made, progress) as (aside, report, migrated):
            files = _put_files(services, made, progress)
        search_index.fill(services)
    return Restored(made, report.entries, aside, files, made.problems, migrated, standing(services))


def holds_ledger(services: Services) -> bool:
    """Return whether the database is there and has a ledger in it; it is not made by being asked."""
    url = make_url(services.config.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    with services.database.reading() as connection:
        return inspect(connection).has_table("ledger") and has_ledger(connection)


def _stamp(services: Services) -> str:
    return f"{datetime.fromtimestamp(services.now_ms() / 1000, UTC):%Y%m%dT%H%M%SZ}"


def _sound(services: Services, engine: Engine, made: Backup, progress: Progress) -> tuple[Report, str | None]:
    """Return the audit of what was put back and from which revision it was migrated; raises BackupUnsound."""
    with engine.connect() as connection:
        stands = schema.revision(connection)
    if not schema.is_known(stands):
        raise LedgerStopped(f"the backup stands at migration {stands}, which this program does not know")
    migrated = stands if stands != schema.newest() else None
    if migrated is not None:
        schema.upgrade(engine)
    there = replace(services, engine=engine)
    with there.database.reading() as connection:
        report = audit_snapshot(there, connection, progress, restored=True)
    if not report.ok:
        raise BackupUnsound("; ".join(str(finding) for finding in report.findings[:3]))
    head = report.checkpoint
    if head is None or (head.size, head.root.hex()) != (made.size, made.root):
        raise BackupUnsound(f"the database holds another head than {backup.FORM} says")
    return report, migrated


Put = Iterator[tuple[str | None, Report, str | None]]


@contextlib.contextmanager
def _put_sqlite(services: Services, made: Backup, progress: Progress) -> Put:
    """Stage the copy beside the database, audit it, and rename it into its place once the caller is done."""
    place = Path(make_url(services.config.database_url).database or "").absolute()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = place.with_name(place.name + STAGED)
    try:
        progress("copying the database", 0, 0)
        _copy(made.path / made.database, staged)
        if backup.digest_of(staged) != made.database_digest:
            raise BackupUnsound("the database was not copied as it is; is the disk sound?")
        engine = create_engine(f"sqlite:///{staged}")
        prepare(engine)
        try:
            report, migrated = _sound(services, engine, made, progress)
        finally:
            engine.dispose()
        _merge(staged)
        aside = (
            _free(place.with_name(f"{place.name}.before-restore-{_stamp(services)}"))
            if place.exists()
            else None
        )
        yield (str(aside) if aside else None), report, migrated
        _swap(services, staged, place, aside)
    finally:
        for left in (staged, *(staged.with_name(staged.name + end) for end in BESIDE)):
            left.unlink(missing_ok=True)


def _free(path: Path) -> Path:
    """Return a name that nothing bears yet: what was put aside before is never overwritten."""
    names = (path.with_name(f"{path.name}-{n}") if n else path for n in range(10**6))
    return next(name for name in names if not name.exists())


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        target.chmod(0o600)
        shutil.copyfileobj(reading, writing, backup.CHUNK_BYTES)
        writing.flush()
        os.fsync(writing.fileno())


def _merge(staged: Path) -> None:
    """Write what an audit or a migration left in the log beside a staged file into the file itself."""
    engine = create_engine(f"sqlite:///{staged}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    backup.settle(staged)


def _swap(services: Services, staged: Path, place: Path, aside: Path | None) -> None:
    """Put the old file aside with what belongs to it, and the new one into its place; both or neither."""
    services.engine.dispose()
    moved: list[tuple[Path, Path]] = []
    try:
        for end in ("", *BESIDE):
            old = place.with_name(place.name + end)
            if aside is not None and old.exists():
                kept = aside.with_name(aside.name + end)
                old.rename(kept)
                moved.append((old, kept))
        staged.rename(place)
    except BaseException:
        for old, kept in reversed(moved):
            kept.rename(old)
        raise
    backup.settle(place.parent)
    take_up(services.engine)


@contextlib.contextmanager
def _put_postgres(services: Services, made: Backup, progress: Progress) -> Put:
    """Put the old tables aside under a schema of their own, and back again where anything fails."""
    held = holds_ledger(services)
    aside = postgres.put_aside(services, f"before_restore_{_stamp(services).lower()}")
    try:
        progress("restoring the database", 0, 0)
        postgres.pg_restore(services, made.path / made.database)
        report, migrated = _sound(services, services.engine, made, progress)
        yield f"schema {aside}" if held else None, report, migrated
    except BaseException:
        postgres.take_back(services, aside)
        raise
    if not held:
        postgres.drop(services, aside)


def _put_files(services: Services, made: Backup, progress: Progress) -> int:
    """Put every file of the backup into the store that lacks it or holds it altered; return how many."""
    put = 0
    digests = backup.listed(made) or []
    for number, digest in enumerate(digests):
        progress("files", number, len(digests))
        if services.files.has(digest):
            if is_intact(services.files, digest):
                continue
            services.files.discard(digest)
        source = made.path.parent / backup.FILES / digest[:2] / digest
        services.files.drop(digest)
        services.files.write(digest, 0, _chunks(source), source.stat().st_size)
        if not services.files.finish(digest, digest):
            raise BackupUnsound(f"file {digest} is not what its digest says", item=digest)
        put += 1
    return put


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(backup.CHUNK_BYTES):
            yield chunk
