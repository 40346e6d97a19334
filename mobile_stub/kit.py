"""What a phone carries: identity, journal, transport, clock, chance; and the few facts it remembers by name."""

from __future__ import annotations

import base64
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mobile_stub import checking
from mobile_stub.clock import Clock, Random
from mobile_stub.identity import Identity, write_durably
from mobile_stub.journal import Journal
from mobile_stub.transport import Answer, Transport
from mobile_stub.trouble import Alarmed, Stopped, SyncRunning
from schemas.wire.keys import KeyList, read_keys
from sync import checkpoint, signing
from sync.changes import Anchor, At, Seen
from sync.checkpoint import Checkpoint
from sync.key_chain import KeyCompromised

ALARM_FILE, LOCK_FILE, FILES_FOLDER = "ALARM", "lock", "files"
HEAD, ANCHOR, CURSOR, KEYS, OFFSET = "head", "anchor", "cursor", "keys", "offset"
ALARM, STOPPED, CHECKED, SYNCED = "alarm", "stopped", "checked", "synced"
EPOCH, OPENED, LOST = "epoch", "opened", "lost"
SHUT_OUT, HANDED, CHAIN, LEASE = "shut_out", "handed", "chain", "lease"
REPIN = "repin"
"""Set while the pinned key is known to be compromised: until an invite is scanned nobody's signature counts."""
SUMMED, DOUBTED = "summed", "doubted"
"""When the scope's sums were last compared; the records that a new snapshot has not delivered yet, while one runs."""


@dataclass
class Kit:
    """One open phone; home is its folder."""

    home: Path
    identity: Identity
    journal: Journal
    transport: Transport
    clock: Clock
    random: Random

    def become(self, known: Identity) -> None:
        """Go on as another device of this phone: its requests and sets are signed by that one's key."""
        self.identity = known
        self.transport.device, self.transport.key, self.transport.url = (
            known.device,
            known.signing_key,
            known.url,
        )

    # -- what the phone remembers ------------------------------------------------------------------

    @property
    def head(self) -> Checkpoint:
        """The newest checkpoint that this phone verified."""
        return checkpoint.parse(self.journal.get(HEAD))

    @property
    def seen(self) -> Seen:
        """The head as manifests state it."""
        head = self.head
        return Seen(head.epoch, head.size, head.root.hex())

    @property
    def presented(self) -> dict[str, str]:
        """The header by which requests present the head: a server that was restored from a backup learns of it."""
        return {"Wardledger-Checkpoint": base64.b64encode(self.head.note.encode()).decode()}

    @property
    def anchor(self) -> Anchor | None:
        """Server time as last heard."""
        kept = self.journal.get(ANCHOR)
        return Anchor(**kept) if kept else None

    @property
    def keys(self) -> KeyList | None:
        """The newest key list, verified again as it is read."""
        jws = self.journal.get(KEYS)
        return read_keys(jws, self.identity.ledger_pin) if jws else None

    @property
    def ledger_keys(self) -> list[Ed25519PublicKey]:
        """The ledger keys whose signatures count: the pinned one, and those that it leads to, the newest last."""
        keys = self.keys
        return [signing.public_key(raw) for raw in keys.chain] if keys else self.identity.ledger_keys

    def at(self) -> At:
        """Return the capture time of this moment, by all that the phone knows."""
        return At(self.clock.wall_ms(), self.clock.mono_ms(), self.clock.session, self.anchor)

    def moment(self, answer: Answer) -> checking.Moment:
        """Return the clocks as an answer has just arrived."""
        return checking.Moment(self.clock.wall_ms(), self.clock.mono_ms(), self.clock.session, answer.trip_ms)

    def set_anchor(self, heard: Anchor) -> None:
        """Keep an anchor if it is newer than the one at hand."""
        self.journal.put(ANCHOR, asdict(checking.next_anchor(self.anchor, heard)))

    @property
    def wipe(self) -> str | None:
        """When the ledger ordered this phone to erase itself (see schemas/records/device.py), None if it did not."""
        return (self.journal.get(SHUT_OUT) or {}).get("wipe")

    @property
    def handed(self) -> int:
        """The last set that lies in the server's quarantine by its signed word, 0 for none."""
        return int(self.journal.get(HANDED) or 0)

    # -- the alarm -----------------------------------------------------------------------------------

    @property
    def alarm(self) -> str | None:
        """What was found wrong with the ledger, None while nothing was; it never clears by itself."""
        path = self.home / ALARM_FILE
        kept: str | None = self.journal.get(ALARM)
        return kept or (path.read_text("utf-8").strip() if path.exists() else None)

    def raise_alarm(self, detail: str) -> None:
        """Keep an alarm durably, in the journal and in a file that can be read without the PIN."""
        if self.alarm is None:
            self.journal.put(ALARM, detail)
            write_durably(self.home / ALARM_FILE, f"{detail}\n{Alarmed.next}\n".encode())

    def refuse_if_stopped(self) -> None:
        """Raise Alarmed, KeyCompromised or Stopped if nothing may be sealed or synced any more."""
        if (alarm := self.alarm) is not None:
            raise Alarmed(alarm)
        if self.journal.get(REPIN):
            raise KeyCompromised
        # What a lost phone holds has to leave it before it erases itself.
        if (stopped := self.journal.get(STOPPED)) and self.wipe is None:
            raise Stopped(f"the server stopped this phone: {stopped}")

    # -- one sync at a time ----------------------------------------------------------------------------

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the phone's lock; raises SyncRunning when another process has it. A kill lets go of it."""
        handle = os.open(self.home / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SyncRunning from error
            yield
        finally:
            os.close(handle)

    @property
    def files(self) -> Path:
        """The folder of the encrypted files."""
        folder = self.home / FILES_FOLDER
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder
