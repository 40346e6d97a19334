"""Is this installation in order? One line for each thing looked at, and what to do where it is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from server.keys import fitting, outlived
from server.keys.keyring import (
    LEDGER_FILE,
    NEXT_LEDGER_FILE,
    NEXT_OPENING_FILE,
    OPENING_FILE,
    RECOVERY_FILE,
    RECOVERY_SECRET_FILE,
)
from server.operations import backup, erasing
from server.operations.standing import standing
from server.storage import file_store, ledger_scan, ledger_store, outbox_figures, schema, waiting_store
from server.storage.file_store import CORRUPT
from server.storage.files import is_intact
from server.storage.ledger_scan import StoredFile
from server.wiring import Services
from sync import checkpoint
from sync.errors import BadSignature, FileCorrupt, Refusal

OK, NOTICE, PROBLEM = "ok", "notice", "problem"
FREE_BYTES_MIN = 1024**3
FILES_SAMPLE = 20
SECRETS_TRIED = 8
CLOCK_BACK_MS_MAX = 5_000
DAY_MS = 24 * 60 * 60_000
BACKUP_DAYS_MAX = 3
WAITING_DAYS_MAX = 7
"""After so many days somebody must see to what waits."""
MADE_IN = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock that is right shows a time before this program was made."""
OWNER_ONLY = 0o077
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ok, a notice (somebody should look), or a problem; next: what to do."""

    name: str
    state: str
    words: str
    next: str = ""

    def json(self) -> dict[str, str]:
        """Return the line for scripts."""
        return {"name": self.name, "state": self.state, "words": self.words, "next": self.next}


def _fine(name: str, words: str) -> Check:
    return Check(name, OK, words)


def examine(
    services: Services, *, every_file: bool = False, progress: Progress = lambda *_: None
) -> list[Check]:
    """Return a line for each thing looked at; raises nothing that an installation in disorder can cause.

    every_file: hash all stored files, not only a sample
    """
    from server.operations import doctor_outside

    found: list[Check] = []

    def look(name: str, check: Callable[[Services], Iterator[Check]]) -> bool:
        made = list(_careful(name, check, services))
        found.extend(made)
        return not any(one.state == PROBLEM for one in made)

    look("keys", _keys)
    if look("database", _database):
        look("keys fit", _keys_fit)
        look("head", _head)
        look("signer", _signer)
        look("secret", _secret)
        look("clock", _clock)
        look("recovery key", _recovery_key)
        look("files", lambda here: _files(here, every_file, progress))
        look("reminders", _reminders)
        look("quarantine", _quarantine)
        look("waiting", _waiting)
        look("erased", _erased)
        look("timestamp", doctor_outside.timestamp)
        look("witnesses", doctor_outside.witnesses)
        look("witnessed", doctor_outside.witnessed)
    look("backup", _backup)
    look("disk", _disk)
    return found


def _erased(services: Services) -> Iterator[Check]:
    """Nothing that was erased is there again."""
    found = erasing.brought_back(services)
    if not found:
        yield _fine("erased", "nothing that was erased is there again")
        return
    words = f"{sum(map(len, found.values()))} private lines that were erased are there again, in {len(found)} records"
    yield Check("erased", PROBLEM, words, "Run `wardledger erase --again`: a backup has brought them back.")


def _careful(name: str, check: Callable[[Services], Iterator[Check]], services: Services) -> Iterator[Check]:
    try:
        yield from check(services)
    except Refusal as refusal:
        yield Check(name, PROBLEM, refusal.detail, refusal.next)
    except SQLAlchemyError as error:
        words = f"the database does not answer: {type(getattr(error, 'orig', None) or error).__name__}"
        yield Check(name, PROBLEM, words, "Start the database; compare WARDLEDGER_DATABASE_URL.")
    except OSError as error:
        words = f"{error.strerror or type(error).__name__}: {error.filename or ''}"
        yield Check(name, PROBLEM, words, "Mend the disk or the rights to it.")
    except (ValueError, LookupError, TypeError) as error:
        words = f"cannot be read ({type(error).__name__})"
        yield Check(name, PROBLEM, words, "Restore it from a backup; do not edit it.")


def _keys(services: Services) -> Iterator[Check]:
    """Every key file is there, readable by its owner alone, and holds a key."""
    config = services.config
    names = (LEDGER_FILE, OPENING_FILE, RECOVERY_FILE)
    paths = [config.secret_file, *(config.keys_dir / name for name in names)]
    missing = [path for path in paths if not path.exists()]
    for path in missing:
        yield Check("keys", PROBLEM, f"{path} is missing", "Restore the keys from their own backup.")
    open_to_others = [p for p in paths if p.exists() and p.stat().st_mode & OWNER_ONLY]
    for path in open_to_others:
        words = f"{path} can be read by others than its owner"
        yield Check("keys", PROBLEM, words, f"Run `chmod 600 {path}` and ask who has read it.")
    if not missing:
        kid = services.keyring.ledger_kid
        if not open_to_others:
            yield _fine("keys", f"{len(paths)} key files, readable by their owner alone; ledger key {kid}")


def _keys_fit(services: Services) -> Iterator[Check]:
    """Every secret is the one that ledger and data were made with, and no rotation was left half done."""
    wrong = list(fitting.faults(services))
    for words in wrong:
        yield Check(
            "keys fit", PROBLEM, words, "Bring the right key file; never make a new one in its place."
        )
    if behind := outlived.missing(services):
        wrong.append(fitting.too_old(behind))
        todo = "The key files are right: leave them. Recover, as the line `signer` says."
        yield Check("keys fit", PROBLEM, wrong[-1], todo)
    for name in (NEXT_LEDGER_FILE, NEXT_OPENING_FILE):
        if (services.config.keys_dir / name).exists():
            purpose = "ledger" if name == NEXT_LEDGER_FILE else "opening"
            words = f"a rotation of the {purpose} key was cut off"
            yield Check("keys fit", NOTICE, words, f"Run `wardledger keys rotate {purpose}`: it goes on.")
    if not wrong:
        yield _fine("keys fit", "every secret is the one that this ledger was made with")


def _database(services: Services) -> Iterator[Check]:
    """The database answers and its tables are those of this program."""
    url = make_url(services.config.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        # Connecting would make an empty file, and hide that the ledger is gone.
        raise FileNotFoundError(2, "there is no database", url.database)
    with services.database.reading() as connection:
        connection.execute(text("SELECT 1"))
        stands, wanted = schema.revision(connection), schema.newest()
    yield _fine("database", f"{url.get_backend_name()} answers")
    if stands == wanted:
        yield _fine("migrations", f"the tables are those of this program ({wanted})")
        return
    words = f"the tables stand at migration {stands or 'none'}, this program wants {wanted}"
    if schema.is_known(stands):
        yield Check("migrations", PROBLEM, words, "Stop server and scheduler and run `wardledger upgrade`.")
    else:
        todo = "They are of a newer program: install that one, or restore a backup of this one's."
        yield Check("migrations", PROBLEM, words, todo)


def _head(services: Services) -> Iterator[Check]:
    """The head is signed by the ledger key."""
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    try:
        said = checkpoint.verify(head.note, fitting.verifiers(services))
    except BadSignature:
        words = f"the head was signed by another ledger key than {services.config.keys_dir / LEDGER_FILE}"
        todo = "Put back the keys that belong to this database, from their own backup. Never make new ones."
        yield Check("head", PROBLEM, words, todo)
        return
    if (said.name, said.size, said.root) == (f"{services.ledger.origin}/{head.epoch}", head.size, head.root):
        yield _fine("head", f"{said.name} at {said.size} entries, signed by the ledger key")
    else:
        words = "the head row is not what its signed note says"
        yield Check("head", PROBLEM, words, "Run `wardledger ledger audit`; restore from a backup.")


def _signer(services: Services) -> Iterator[Check]:
    """The database stands where the signer left it: not behind, as after a restore, not ahead and not beside."""
    found = standing(services)
    if found.agrees:
        yield _fine("signer", found.words)
    else:
        yield Check("signer", PROBLEM, found.words, found.next)


def _secret(services: Services) -> Iterator[Check]:
    """The master secret opens what is encrypted at rest."""
    with services.database.reading() as connection:
        keys = ledger_scan.data_keys(connection, services.ledger.id, SECRETS_TRIED)
    try:
        for root, version, wrapped in keys:
            services.vault.unwrap(services.ledger.id, root, version, wrapped)
    except FileCorrupt as error:
        words = f"{services.config.secret_file} does not open what is encrypted at rest: {error.detail}"
        todo = "Put back the secret that belongs to this database, from its own backup; without it it stays closed."
        yield Check("secret", PROBLEM, words, todo)
    else:
        yield _fine("secret", "opens what is encrypted at rest")


def _clock(services: Services) -> Iterator[Check]:
    """The clock is not before the newest commit, nor before this program was made."""
    now = services.now()
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
        at, leaps = head.at, ledger_scan.clock_leaps(connection, services.ledger.id, CLOCK_BACK_MS_MAX)
    behind = at - services.now_ms()
    shown = now.astimezone(services.config.zone)
    if behind > CLOCK_BACK_MS_MAX:
        words = f"the clock shows {shown:%Y-%m-%d %H:%M}, {behind // 1000} s before the newest commit"
        yield Check("clock", PROBLEM, words, "Set the clock right (NTP) before anybody signs by it.")
    elif now < MADE_IN and not services.ledger.demo:
        words = f"the clock shows {shown:%Y-%m-%d %H:%M}"
        yield Check("clock", PROBLEM, words, "Set the clock right (NTP).")
    else:
        yield _fine("clock", f"{shown:%Y-%m-%d %H:%M} ({services.config.timezone}), after the newest commit")
    if leaps is not None and behind <= CLOCK_BACK_MS_MAX:
        last = f"last by {leaps.last_ms // 1000} s before entry {leaps.last}"
        words = f"the clock was set back {leaps.count} times, {last}"
        yield Check(
            "clock", NOTICE, words, "Times of entries before it may be too late; their order is right."
        )


def _recovery_key(services: Services) -> Iterator[Check]:
    """The recovery key is not on the machine that it is to save."""
    path = services.config.keys_dir / RECOVERY_SECRET_FILE
    if path.exists() and not services.ledger.demo:
        words = f"{path} still lies on this machine"
        yield Check(
            "recovery key", PROBLEM, words, "Move it to an offline place, two copies, and delete it here."
        )
    else:
        yield _fine("recovery key", "a demo ledger's stays here" if path.exists() else "not on this machine")


def _files(services: Services, every: bool, progress: Progress) -> Iterator[Check]:
    """Every stored file is there with its size, and the bytes of a sample, or of all, lead to their digest."""
    with services.database.reading() as connection:
        known = list(ledger_scan.files(connection, services.ledger.id))
    sound = [file for file in known if file.state != CORRUPT]
    chosen = {file.digest for file in sound} if every else _sample(services, sound)
    wrong = 0
    for number, file in enumerate(sound):
        progress("files", number, len(sound))
        if fault := _fault(services, file, hashed=file.digest in chosen):
            wrong += 1
            yield Check("files", PROBLEM, f"file {file.digest} {fault}", "Restore this file from a backup.")
    with services.database.reading() as connection:
        known_uploads = file_store.tokens(connection, services.ledger.id)
    if stray := sum(name not in known_uploads for name in services.files.uploads()):
        words = f"parts of {stray} uploads lie in the store that the database does not know"
        yield Check("files", NOTICE, words, "Was a backup restored? Phones begin anew; remove what is older.")
    if corrupt := len(known) - len(sound):
        words = f"{corrupt} files arrived damaged or do not fit their record"
        yield Check("files", NOTICE, words, "Ask the inspector to send them again from the phone.")
    if not wrong:
        yield _fine("files", f"{len(sound)} files, {len(chosen)} of them hashed and as they were sent")


def _sample(services: Services, files: list[StoredFile]) -> set[str]:
    if len(files) <= FILES_SAMPLE:
        return {file.digest for file in files}
    picks = (int.from_bytes(services.random(8), "big") % len(files) for _ in range(FILES_SAMPLE))
    return {files[pick].digest for pick in picks}


def _fault(services: Services, file: StoredFile, *, hashed: bool) -> str | None:
    """Return what is wrong with a stored file, or None."""
    if not services.files.has(file.digest):
        return "is missing from the store"
    if services.files.size(file.digest) != file.size:
        return f"has {services.files.size(file.digest)} bytes, {file.size} arrived"
    if hashed and not is_intact(services.files, file.digest):
        return "is not what arrived: its digest differs"
    return None


def _reminders(services: Services) -> Iterator[Check]:
    """No reminder is in doubt."""
    with services.database.reading() as connection:
        counts = ledger_scan.outbox_counts(connection, services.ledger.id)
        dead = outbox_figures.dead(connection, services.ledger.id)
    listed = "`wardledger reminders dead-letters` lists them."
    if unknown := dead.get("unknown", 0):
        words = f"{unknown} reminders may or may not have been sent"
        todo = f"Ask the recipients; they are not sent again by themselves. {listed}"
        yield Check("reminders", PROBLEM, words, todo)
    if failed := dead.get("failed", 0):
        words = f"{failed} reminders were refused by their channel"
        yield Check("reminders", NOTICE, words, f"Mend the address and send them again. {listed}")
    if not unknown and not failed:
        yield _fine("reminders", f"{sum(counts.values())} in the outbox, none in doubt")


def _quarantine(services: Services) -> Iterator[Check]:
    """Nothing waits in quarantine."""
    with services.database.reading() as connection:
        count = ledger_scan.quarantine_count(connection, services.ledger.id)
    if count:
        words = f"{count} texts of phones could not be accepted and are kept"
        yield Check("quarantine", NOTICE, words, "Look at them with `wardledger quarantine list`.")
    else:
        yield _fine("quarantine", "empty")


def _waiting(services: Services) -> Iterator[Check]:
    """No change of a phone has waited for long."""
    with services.database.reading() as connection:
        tally = waiting_store.tally(connection, services.ledger.id)
    if not tally:
        yield _fine("waiting", "every change that phones sent was decided")
        return
    words = ", ".join(f"{count} {verdict}" for verdict, (count, _) in sorted(tally.items()))
    days = (services.now_ms() - min(oldest for _, oldest in tally.values())) // DAY_MS
    words = f"{words}; the oldest for {max(0, days)} days"
    if days < WAITING_DAYS_MAX:
        yield _fine("waiting", words)
    else:
        yield Check(
            "waiting", NOTICE, words, "See with `wardledger waiting` what they wait for, and whose they are."
        )


def _backup(services: Services) -> Iterator[Check]:
    """The last backup is a young one."""
    todo = "Run `wardledger backup make FOLDER` every night, onto another machine."
    try:
        made_at = int(json.loads((services.config.home / backup.LAST).read_text("utf-8"))["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        yield Check("backup", NOTICE, "no backup was ever made here", todo)
        return
    days = max(0, services.now_ms() - made_at) // DAY_MS
    words = f"the last one was made {days} days ago"
    if days < BACKUP_DAYS_MAX:
        yield _fine("backup", words)
    else:
        yield Check("backup", NOTICE, words, todo)


def _disk(services: Services) -> Iterator[Check]:
    """There is room where keys, database and files lie."""
    config = services.config
    places = {config.home, config.signer_file.parent}
    if "://" not in config.files_url:
        places.add(Path(config.files_url))
    devices: dict[int, Path] = {place.stat().st_dev: place for place in sorted(places) if place.exists()}
    for place in devices.values():
        free = shutil.disk_usage(place).free
        words = f"{free / 1024**3:.1f} GiB free at {place}"
        if free < FREE_BYTES_MIN:
            yield Check("disk", PROBLEM, words, "Make room: the ledger stops when the disk is full.")
        else:
            yield _fine("disk", words)
