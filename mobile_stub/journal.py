"""The journal: everything the phone holds, in SQLite, each payload encrypted under the identity's key.

One transaction per step, synchronous=FULL: a kill leaves it done or not begun. A set is its manifest and its changes'
numbers, its text what is read back: what travels is what the disk holds. In the clear stand ids, numbers, states.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mobile_stub.clock import Random
from mobile_stub.identity import NONCE_BYTES
from mobile_stub.trouble import Damaged
from schemas.wire.change import read_change
from sync import lines
from sync.changes import CHANGES_MAX, Change
from sync.erasure import placeholders, tombstone
from sync.errors import NotCanonical

FILE = "journal.db"
ROW_BYTES_MAX = 16 * 1024 * 1024
BUSY_SECONDS = 30
TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL,
    seq INTEGER, place INTEGER, settled INTEGER, payload BLOB NOT NULL, outcome BLOB);
CREATE INDEX IF NOT EXISTS changes_of_record ON changes (record, n);
CREATE INDEX IF NOT EXISTS changes_of_set ON changes (seq, place);
CREATE TABLE IF NOT EXISTS sets (seq INTEGER PRIMARY KEY, received_ms INTEGER, manifest BLOB NOT NULL, receipt BLOB);
CREATE TABLE IF NOT EXISTS records (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, root TEXT NOT NULL, version INTEGER NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0, payload BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS records_of_root ON records (root);
CREATE TABLE IF NOT EXISTS files (digest TEXT PRIMARY KEY, state TEXT NOT NULL, payload BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A change that the phone made: its order, its set's seq once sealed, its outcome once known."""

    n: int
    change: Change
    seq: int | None
    outcome: dict[str, Any] | None

    @property
    def private(self) -> tuple[bytes, ...]:
        """Its private lines as they travel: of one that the server erased its tombstone."""
        return tuple(line.line or tombstone(line.digest, line.kind) for line in self.change.private)


@dataclass(frozen=True, slots=True)
class SealedSet:
    """A set whose manifest is written; `received_ms` is the server's time on its verified receipt."""

    seq: int
    manifest: str
    receipt: str | None
    received_ms: int | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A record as the feed last delivered it; `body` is what checking.stored_copy made of its item."""

    id: str
    type: str
    root: str
    version: int
    body: dict[str, Any]


def _holds(kept: Kept, digests: Collection[str]) -> bool:
    return any(line.line and line.digest in digests for line in kept.change.private)


class Journal:
    """The phone's durable memory; use `transaction()` around whatever belongs together."""

    def __init__(self, path: Path, key: bytes, random: Random, watch: Callable[[str], None] | None = None):
        """Open or make the journal.

        watch: called with "begin", "commit" and "committed" around each transaction, so that tests can kill there
        """
        self._aead, self._random, self._watch = AESGCM(key), random, watch
        self._depth = 0
        self._rows = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        path.chmod(0o600)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One step: all of it or nothing; inside another transaction it joins that one."""
        if self._depth:
            yield
            return
        self._tell("begin")
        self._rows.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            self._tell("commit")
            self._rows.execute("COMMIT")
        finally:
            self._depth = 0
            if self._rows.in_transaction:
                self._rows.execute("ROLLBACK")
        self._tell("committed")

    def _tell(self, step: str) -> None:
        if self._watch:
            self._watch(step)

    # -- encryption: the place of a row is bound to its content ----------------------------------

    def _shut(self, place: str, value: Any) -> bytes:
        nonce = self._random(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, lines.encode({"is": value}), place.encode())

    def _read(self, place: str, box: bytes) -> Any:
        try:
            text = self._aead.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place.encode())
            return lines.decode(text, bytes_max=ROW_BYTES_MAX)["is"]
        except (InvalidTag, ValueError, NotCanonical) as error:
            raise Damaged(f"the row {place} of the journal does not open") from error

    # -- named state -----------------------------------------------------------------------------

    def get(self, name: str) -> Any:
        """Return a named value, None if it was never put."""
        row = self._rows.execute("SELECT payload FROM state WHERE name = ?", (name,)).fetchone()
        return self._read(f"state {name}", row[0]) if row else None

    def put(self, name: str, value: Any) -> None:
        """Keep a named value."""
        with self.transaction():
            box = self._shut(f"state {name}", value)
            self._rows.execute("INSERT OR REPLACE INTO state (name, payload) VALUES (?, ?)", (name, box))

    def drop(self, name: str) -> None:
        """Forget a named value."""
        with self.transaction():
            self._rows.execute("DELETE FROM state WHERE name = ?", (name,))

    # -- the phone's own changes -------------------------------------------------------------------

    def add_change(self, change: Change) -> None:
        """Append a change to the outbox."""
        body = {"line": change.line.decode(), "private": [p.line.decode() for p in change.private]}
        with self.transaction():
            box = self._shut(f"change {change.id}", body)
            self._rows.execute(
                "INSERT INTO changes (id, record, payload) VALUES (?, ?, ?)", (change.id, change.record, box)
            )

    def erase(self, record: str, digests: Collection[str]) -> int:
        """Put tombstones in the place of erased private lines of own changes; return how many changes lost one."""
        with self.transaction():
            mine = [kept for kept in self.of_record(record) if _holds(kept, digests)]
            for kept in mine:
                body = {
                    "line": kept.change.line.decode(),
                    "private": [
                        (
                            tombstone(p.digest, p.kind) if p.digest in digests or not p.line else p.line
                        ).decode()
                        for p in kept.change.private
                    ],
                }
                box = self._shut(f"change {kept.change.id}", body)
                self._rows.execute("UPDATE changes SET payload = ? WHERE id = ?", (box, kept.change.id))
            return len(mine)

    def waiting(self, limit: int = CHANGES_MAX) -> list[Kept]:
        """Return the changes that are in no set yet, in the order they were made."""
        return self._changes("WHERE seq IS NULL ORDER BY n LIMIT ?", limit)

    def of_set(self, seq: int) -> list[Kept]:
        """Return the changes of a set in their places."""
        return self._changes("WHERE seq = ? ORDER BY place", seq)

    def of_record(self, record: str) -> list[Kept]:
        """Return the phone's own changes of a record, in order."""
        return self._changes("WHERE record = ? ORDER BY n", record)

    def change(self, key: str) -> Kept | None:
        """Return one of the phone's changes by its id."""
        return next(iter(self._changes("WHERE id = ?", key)), None)

    def unsettled(self) -> list[Kept]:
        """Return the changes that have an outcome which somebody must look at, in order."""
        return self._changes("WHERE settled = 0 ORDER BY n")

    def changed_records(self) -> set[str]:
        """Return the ids of the records that the phone has changed."""
        return {row[0] for row in self._rows.execute("SELECT DISTINCT record FROM changes")}

    def _changes(self, where: str, *values: Any) -> list[Kept]:
        # `where` is always one of the constants above.
        rows = self._rows.execute(f"SELECT n, id, seq, payload, outcome FROM changes {where}", values)  # noqa: S608
        found = []
        for n, key, seq, payload, outcome in rows.fetchall():
            body = self._read(f"change {key}", payload)
            private = tuple(line.encode() for line in body["private"])
            change = read_change(body["line"].encode(), private, placeholders(private))
            found.append(Kept(n, change, seq, self._read(f"outcome {key}", outcome) if outcome else None))
        return found

    def count_waiting(self) -> int:
        """Return how many changes are in no set yet."""
        return int(self._rows.execute("SELECT count(*) FROM changes WHERE seq IS NULL").fetchone()[0])

    # -- sealed sets ---------------------------------------------------------------------------------

    def add_set(self, seq: int, manifest: str, numbers: list[int]) -> None:
        """Write a set's manifest and take its changes out of the outbox into it, in one step."""
        with self.transaction():
            box = self._shut(f"set {seq}", manifest)
            self._rows.execute("INSERT INTO sets (seq, manifest) VALUES (?, ?)", (seq, box))
            rows = [(seq, place, n) for place, n in enumerate(numbers)]
            self._rows.executemany("UPDATE changes SET seq = ?, place = ? WHERE n = ? AND seq IS NULL", rows)

    def last_set(self) -> SealedSet | None:
        """Return the newest set, None before the first."""
        return next(iter(self.sets("WHERE seq > 0 ORDER BY seq DESC LIMIT 1")), None)

    def a_set(self, seq: int) -> SealedSet | None:
        """Return one set; its manifest is kept for ever."""
        return next(iter(self.sets("WHERE seq = ?", seq)), None)

    def unacknowledged(self) -> list[SealedSet]:
        """Return the sets without a verified receipt, oldest first."""
        return self.sets("WHERE receipt IS NULL AND seq > 0 ORDER BY seq")

    def sets(self, where: str, *values: Any) -> list[SealedSet]:
        """Return the sets that a constant clause names."""
        query = f"SELECT seq, received_ms, manifest, receipt FROM sets {where}"  # noqa: S608 - as in _changes
        return [
            SealedSet(n, self._read(f"set {n}", manifest), box and self._read(f"receipt {n}", box), received)
            for n, received, manifest, box in self._rows.execute(query, values).fetchall()
        ]

    def run(self, statement: str, *values: Any) -> None:
        """Run a constant statement that changes rows; call it in a transaction."""
        self._rows.execute(statement, values)

    def begin_chain(self) -> None:
        """Put every set behind the chain of another device, and let what has no receipt wait again, in its order.

        Former sets get numbers below 0, in their order, so that a device's own begin with 1; manifests stay for ever.
        """
        with self.transaction():
            sets = self._rows.execute("SELECT seq, manifest, receipt FROM sets ORDER BY seq").fetchall()
            shift = max((seq for seq, _, _ in sets), default=0) + 1
            self._rows.execute(
                "UPDATE changes SET seq = NULL, place = NULL WHERE seq IN"
                " (SELECT seq FROM sets WHERE receipt IS NULL AND seq > 0)"
            )
            self._rows.execute("UPDATE changes SET seq = seq - ? WHERE seq IS NOT NULL", (shift,))
            for seq, manifest, receipt in sets:
                moved = seq - shift
                boxes = [self._shut(f"set {moved}", self._read(f"set {seq}", manifest)), None]
                if receipt:
                    boxes[1] = self._shut(f"receipt {moved}", self._read(f"receipt {seq}", receipt))
                self._rows.execute(
                    "UPDATE sets SET seq = ?, manifest = ?, receipt = ? WHERE seq = ?", (moved, *boxes, seq)
                )

    def put_receipt(self, seq: int, receipt: str, received_ms: int) -> None:
        """Keep a verified receipt; received_ms: the server's time on it."""
        with self.transaction():
            box = self._shut(f"receipt {seq}", receipt)
            self._rows.execute(
                "UPDATE sets SET receipt = ?, received_ms = ? WHERE seq = ?", (box, received_ms, seq)
            )

    def put_outcome(self, key: str, outcome: dict[str, Any], *, settled: bool) -> None:
        """Keep what became of a change; settled: nobody needs to look at it."""
        with self.transaction():
            box = self._shut(f"outcome {key}", outcome)
            self._rows.execute(
                "UPDATE changes SET outcome = ?, settled = ? WHERE id = ?", (box, settled, key)
            )

    def forget_texts(self, before_ms: int) -> int:
        """Drop the settled changes whose receipt is older than the server's time `before_ms`; return how many."""
        with self.transaction():
            gone = self._rows.execute(
                "DELETE FROM changes WHERE settled = 1 AND seq IN (SELECT seq FROM sets WHERE received_ms < ?)",
                (before_ms,),
            )
            return gone.rowcount

    # -- copies from the feed ----------------------------------------------------------------------

    def put_copy(self, copy: Copy, *, anew: bool = False) -> None:
        """Take over a record from the feed; an older version than the one at hand is passed over, unless `anew`."""
        with self.transaction():
            self._rows.execute(
                "INSERT INTO records (id, type, root, version, payload) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO"
                " UPDATE SET type = excluded.type, root = excluded.root, version = excluded.version, hidden = 0,"
                " payload = excluded.payload WHERE excluded.version >= version OR ?6",
                (
                    copy.id,
                    copy.type,
                    copy.root,
                    copy.version,
                    self._shut(f"record {copy.id}", copy.body),
                    anew,
                ),
            )

    def copy(self, key: str) -> Copy | None:
        """Return the feed's copy of a record, None if there is none or it left the scope."""
        return next(iter(self._copies("WHERE id = ? AND hidden = 0", key)), None)

    def is_hidden(self, key: str) -> bool:
        """Return whether a record left the scope and waits for its last receipts."""
        row = self._rows.execute("SELECT hidden FROM records WHERE id = ?", (key,)).fetchone()
        return bool(row and row[0])

    def copies(self, kind: str | None = None) -> list[Copy]:
        """Return the feed's copies, of one type where given."""
        return self._copies("WHERE hidden = 0 AND (?1 IS NULL OR type = ?1) ORDER BY id", kind)

    def copy_ids(self) -> list[str]:
        """Return the ids of all visible copies."""
        return [row[0] for row in self._rows.execute("SELECT id FROM records WHERE hidden = 0 ORDER BY id")]

    def versions(self) -> dict[str, list[tuple[str, int]]]:
        """Return {scope root: [(id, version)]} of all visible copies."""
        found: dict[str, list[tuple[str, int]]] = {}
        for root, key, version in self._rows.execute(
            "SELECT root, id, version FROM records WHERE hidden = 0"
        ):
            found.setdefault(root, []).append((key, version))
        return found

    def _copies(self, where: str, *values: Any) -> list[Copy]:
        query = f"SELECT id, type, root, version, payload FROM records {where}"  # noqa: S608 - as in _changes
        return [
            Copy(key, kind, root, version, self._read(f"record {key}", payload))
            for key, kind, root, version, payload in self._rows.execute(query, values).fetchall()
        ]

    def hide_root(self, root: str) -> int:
        """Hide every record of a scope root, or a single one, at once; return how many. root: or a record's id."""
        with self.transaction():
            return self._rows.execute(
                "UPDATE records SET hidden = 1 WHERE (root = ? OR id = ?) AND hidden = 0", (root, root)
            ).rowcount

    def purge_hidden(self) -> int:
        """Delete hidden records on which every own change has a receipt; return how many."""
        with self.transaction():
            return self._rows.execute(
                "DELETE FROM records WHERE hidden = 1 AND id NOT IN (SELECT c.record FROM changes c"
                " LEFT JOIN sets s ON s.seq = c.seq WHERE s.receipt IS NULL)"
            ).rowcount

    # -- files ---------------------------------------------------------------------------------------

    def put_file(self, digest: str, state: str, body: dict[str, Any]) -> None:
        """Keep what is known of a file; digest: of its cipher."""
        with self.transaction():
            box = self._shut(f"file {digest}", body)
            self._rows.execute(
                "INSERT INTO files (digest, state, payload) VALUES (?, ?, ?) ON CONFLICT (digest) DO"
                " UPDATE SET state = excluded.state, payload = excluded.payload",
                (digest, state, box),
            )

    def files(self, state: str | None = None) -> list[tuple[str, str, dict[str, Any]]]:
        """Return (cipher digest, state, body) of the files, in one state where given."""
        rows = self._rows.execute(
            "SELECT digest, state, payload FROM files WHERE ?1 IS NULL OR state = ?1 ORDER BY rowid", (state,)
        )
        return [(key, known, self._read(f"file {key}", payload)) for key, known, payload in rows.fetchall()]

    def file(self, digest: str) -> tuple[str, dict[str, Any]] | None:
        """Return (state, body) of a file, None if it is not this phone's."""
        row = self._rows.execute("SELECT state, payload FROM files WHERE digest = ?", (digest,)).fetchone()
        return (row[0], self._read(f"file {digest}", row[1])) if row else None
