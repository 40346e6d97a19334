"""The signer's own record, outside the database: an append-only file of prepared and committed heads.

A head is prepared (fsync) before the database commits, and noted committed afterwards, lazily. A
database that was restored from a backup stands at a head that is neither: then nothing is signed.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.storage.room import full_is_refused
from sync import checkpoint, signing
from sync.checkpoint import Checkpoint
from sync.errors import LedgerStopped, StorageFull

PREPARED, COMMITTED = "prepared", "committed"


class Signer:
    """Signs heads of one installation's ledgers, and only such as extend what it signed before."""

    def __init__(self, key: Ed25519PrivateKey, path: Path):
        self._key = key
        self._path = path
        self._lock = threading.Lock()
        self._offset = 0
        self._prepared: dict[str, tuple[int, str] | None] = {}
        self._committed: dict[str, tuple[int, str]] = {}
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
                return
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

    def prepare(self, head: Checkpoint) -> Checkpoint:
        """Return the head signed, after it was written durably; the database may commit it now.

        Raises StorageFull where the disk has no room: then nothing may be committed.
        """
        signed = checkpoint.sign(head, self._key)
        with self._lock:
            self._write(PREPARED, signed, durable=True)
            self._prepared[head.name] = (head.size, head.root.hex())
        return signed

    def committed(self, head: Checkpoint) -> None:
        """Note that the database has the head; losing this note does no harm, so a full disk does not either."""
        with self._lock, contextlib.suppress(StorageFull):
            self._note(COMMITTED, head)

    def sign_receipt(self, payload: dict[str, Any]) -> str:
        """Return the receipt of a set whose head was prepared."""
        return signing.sign(
            self._key, signing.RECEIPT, payload, kid=signing.key_id(signing.public_raw(self._key))
        )

    def _note(self, state: str, head: Checkpoint) -> None:
        self._write(state, head, durable=False)
        self._is_committed(head.name, (head.size, head.root.hex()))

    def _is_committed(self, log: str, stands: tuple[int, str]) -> None:
        """Move on to a committed head.

        A note may come late: its process had let go of the ledger's lock, and another has committed a
        larger head meanwhile. A head never shrinks, so the smaller one says nothing.
        """
        known = self._committed.get(log)
        if known is None or stands[0] >= known[0]:
            self._committed[log] = stands
        prepared = self._prepared.get(log)
        if prepared is not None and prepared[0] <= stands[0]:
            self._prepared[log] = None

    def _write(self, state: str, head: Checkpoint, *, durable: bool) -> None:
        body = {"state": state, "log": head.name, "size": head.size, "root": head.root.hex()}
        # The line feed in front closes a line that a crash tore, so that this one stands alone.
        line = b"\n" + json.dumps(body, sort_keys=True).encode() + b"\n"
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
        try:
            body: dict[str, Any] = json.loads(line)
        except ValueError:
            return
        stands = (body["size"], body["root"])
        if body["state"] == PREPARED:
            self._prepared[body["log"]] = stands
        else:
            self._is_committed(body["log"], stands)
