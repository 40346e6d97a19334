"""The signer's own record, outside the database: an append-only file of prepared and committed heads.

A head is prepared (fsync) before the database commits, and noted committed afterwards, lazily. A
database that was restored from a backup stands at a head that is neither: then nothing is signed.

One JSON object a line, told apart by `state`; a reader passes over a state that it does not know:

- `prepared`, `committed`: a head, `{"state", "log", "size", "root"}`. A log that is committed to for the first
  time closes every other log of its origin: that is a new epoch.
- `heard`: a head that a phone proved and that the database does not have. Nothing is signed until a new epoch.
- anything else is a note of what must outlive the database, such as `{"state": "revoked", "device": <id>}`,
  `{"state": "disabled", "user": <id>}`, `{"state": "active", "key": <id>, "values": <its public fields>}` or
  `{"state": "erased", "digest": <of a private line>}`, with the `log`, `size` and `root` of the head that it came
  with. It is written with that head and counts once the head does; of several about one thing the last counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.storage.room import full_is_refused
from sync import checkpoint, signing
from sync.checkpoint import Checkpoint
from sync.errors import LedgerStopped, StorageFull

PREPARED, COMMITTED, HEARD = "prepared", "committed", "heard"
ERASED = "erased"
Note = Mapping[str, str]
"""What must outlive the database: `state` and what it is about."""


Keys = Callable[[], Sequence[Ed25519PrivateKey]]


class Signer:
    """Signs heads of one installation's ledgers, and only such as extend what it signed before.

    keys: gives the keys that stand now; the first signs receipts, all of them sign heads
    """

    def __init__(self, keys: Keys, path: Path):
        self._keys = keys
        self._path = path
        self._lock = threading.Lock()
        self._offset = 0
        self._prepared: dict[str, tuple[int, str] | None] = {}
        self._committed: dict[str, tuple[int, str]] = {}
        self._newest: dict[str, str] = {}
        self._heard: dict[str, tuple[str, int]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)

    def check(self, head: Checkpoint) -> None:
        """Return if the database's head is one that this signer left; raises LedgerStopped.

        Call it with the ledger's lock held. A prepared head that the database does not have was never
        seen by anybody and is dropped; one that it has was committed before the note of it was written.
        """
        with self._lock:
            self._read_on()
            stands = (head.size, head.root.hex())
            if self._prepared.get(head.name) == stands:
                self._note(COMMITTED, head)
            if heard := self._heard.get(head.origin):
                raise LedgerStopped(
                    f"a phone has proven {heard[1]} entries of {heard[0]}, which are not here"
                )
            newest = self._newest.get(head.origin, head.name)
            if newest != head.name:
                raise LedgerStopped(f"the database stands in {head.name}, but the ledger went on as {newest}")
            known = self._committed.get(head.name)
            if known != stands:
                signed = known[0] if known else "none"
                raise LedgerStopped(
                    f"the database stands at {stands[0]} entries, the signer's record at {signed}"
                )

    def last(self, log: str) -> tuple[int, str] | None:
        """Return (size, root in hex) of the last head known to be committed; reads only, needs no lock."""
        with self._lock:
            self._read_on()
            return self._committed.get(log)

    def prepare(self, head: Checkpoint, notes: Sequence[Note] = ()) -> Checkpoint:
        """Return the head signed, after it was written durably; the database may commit it now.

        notes: what the commit brings that must outlive the database
        Raises StorageFull where the disk has no room: then nothing may be committed.
        """
        signed = checkpoint.sign(head, *self._keys())
        stands = _stands(head)
        with self._lock:
            self._write(*({**note, **stands} for note in notes), {"state": PREPARED, **stands}, durable=True)
            self._prepared[head.name] = (head.size, head.root.hex())
        return signed

    def committed(self, head: Checkpoint) -> None:
        """Note that the database has the head; losing this note does no harm, so a full disk does not either."""
        with self._lock, contextlib.suppress(StorageFull):
            # Which log is the newest is told by the order of the lines, so what stands before this one comes first.
            self._read_on()
            self._note(COMMITTED, head)

    def hear(self, head: Checkpoint) -> None:
        """Remember a head that the ledger key signed and the database does not have; nothing is signed any more."""
        with self._lock:
            self._read_on()
            if self._heard.get(head.origin, ("", -1)) != (head.name, head.size):
                self._write({"state": HEARD, **_stands(head)}, durable=True)
                self._read_on()

    def notes(self) -> list[dict[str, str]]:
        """Return what must outlive the database, in order: of the heads that were committed and of the last prepared.

        What came with a head that was prepared and dropped never came to be.
        """
        if not self._path.exists():
            return []
        found: list[dict[str, Any]] = []
        came: set[tuple[str, int, str]] = set()
        prepared: dict[str, tuple[str, int, str]] = {}
        with self._path.open("rb") as file:
            for line in file:
                if (body := _read(line)) is None:
                    continue
                place = (body["log"], body["size"], body["root"])
                if body["state"] == COMMITTED:
                    came.add(place)
                elif body["state"] == PREPARED:
                    prepared[body["log"]] = place
                elif body["state"] != HEARD:
                    found.append(body)
        came.update(prepared.values())
        heads = ("log", "size", "root")
        return [
            {name: str(value) for name, value in body.items() if name not in heads}
            for body in found
            if (body["log"], body["size"], body["root"]) in came
        ]

    def sign_receipt(self, payload: dict[str, Any]) -> str:
        """Return the receipt of a set whose head was prepared."""
        key = self._keys()[0]
        return signing.sign(key, signing.RECEIPT, payload, kid=signing.key_id(signing.public_raw(key)))

    def _note(self, state: str, head: Checkpoint) -> None:
        self._write({"state": state, **_stands(head)}, durable=False)
        self._is_committed(head.name, (head.size, head.root.hex()))

    def _is_committed(self, log: str, stands: tuple[int, str]) -> None:
        """Move on to a committed head.

        A note may come late: its process had let go of the ledger's lock, and another has committed a
        larger head meanwhile. A head never shrinks, so the smaller one says nothing.
        """
        known = self._committed.get(log)
        if known is None:
            origin = log.rpartition("/")[0]
            self._newest[origin] = log
            self._heard.pop(origin, None)
        if known is None or stands[0] >= known[0]:
            self._committed[log] = stands
        prepared = self._prepared.get(log)
        if prepared is not None and prepared[0] <= stands[0]:
            self._prepared[log] = None

    def _write(self, *bodies: dict[str, Any], durable: bool) -> None:
        # The line feed in front closes a line that a crash tore, so that these stand alone.
        line = b"\n" + b"".join(json.dumps(body, sort_keys=True).encode() + b"\n" for body in bodies)
        with full_is_refused():
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)
                if durable:
                    os.fsync(handle)
            finally:
                os.close(handle)

    def _read_on(self) -> None:
        """Take in what this and other processes wrote since; a torn last line was never acted upon."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                self._take(line)

    def _take(self, line: bytes) -> None:
        body = _read(line)
        if body is None:
            return
        stands = (body["size"], body["root"])
        if body["state"] == PREPARED:
            self._prepared[body["log"]] = stands
        elif body["state"] == COMMITTED:
            self._is_committed(body["log"], stands)
        elif body["state"] == HEARD:
            self._heard[body["log"].rpartition("/")[0]] = (body["log"], body["size"])


def _stands(head: Checkpoint) -> dict[str, Any]:
    return {"log": head.name, "size": head.size, "root": head.root.hex()}


def _read(line: bytes) -> dict[str, Any] | None:
    """Return what a line says; None for one that a crash tore, which was never acted upon."""
    try:
        body = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(body, dict) and {"state", "log", "size", "root"} <= body.keys()
    return body if whole else None
