"""A phone that is shut out: it believes the ledger's signed word alone, lets its work leave, erases itself if told to.

The order to erase is obeyed once all that was recorded here has left the phone, each set against a statement that
names it as kept; where the order says `now`, at once. What is deleted first is the key that opens everything else.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mobile_stub import identity, journal, ledger_view
from mobile_stub.identity import settle, write_durably
from mobile_stub.kit import ALARM_FILE, FILES_FOLDER, HANDED, SHUT_OUT, STOPPED, Kit
from mobile_stub.pull import FILE_WAITING
from mobile_stub.trouble import ServerRefused, Wiped
from schemas.wire.feed import read_self
from schemas.wire.statement import WIPE_NOW, ShutOut, read_shut_out
from sync import signing
from sync.errors import BadProof, BadSignature, DeviceFork, DeviceRevoked, Malformed

WIPED_FILE = "WIPED"
WORDS = "This phone was reported lost and has erased itself on the ledger's order. Ask for an invite to enrol it anew."
JOURNAL_FILES = (journal.FILE, f"{journal.FILE}-wal", f"{journal.FILE}-shm")


def heed(kit: Kit, refused: ServerRefused) -> ShutOut | None:
    """Keep what a refusal states of this phone, signed; None where it proves nothing, and then nothing follows."""
    if refused.code not in (DeviceRevoked.code, DeviceFork.code):
        return None
    if refused.code == DeviceFork.code:
        # After it this phone may never seal again.
        kit.journal.put(STOPPED, refused.code)
    return _keep(kit, refused.refusal.facts.get("statement"))


def ask(kit: Kit) -> None:
    """Ask how this phone stands, if it was stopped: it may have been ordered to erase itself since."""
    if kit.journal.get(STOPPED):
        _keep(kit, read_self(kit.transport.get("/v1/devices/self").json()).statement)


def _keep(kit: Kit, token: object) -> ShutOut | None:
    own = kit.identity
    if type(token) is not str:
        return None
    try:
        keys = ledger_view.keys_of_token(kit, token, signing.STATEMENT)
        said = read_shut_out(token, keys, origin=own.origin, device=own.device)
    except (BadSignature, BadProof, Malformed):
        # Whoever stands in between may say anything; without the ledger's signature it is no reason for an alarm.
        return None
    known = kit.journal.get(SHUT_OUT) or {}
    if said.time >= int(known.get("time", 0)):
        kit.journal.put(SHUT_OUT, {"stage": said.stage, "wipe": said.wipe, "time": said.time})
    return said


def handed_over(kit: Kit, seq: int, manifest: str, said: ShutOut | None) -> None:
    """Note that a set lies in the server's quarantine, where the statement names that very set. manifest: its digest"""
    if said is not None and said.set == manifest:
        kit.journal.put(HANDED, max(seq, kit.handed))


def must_go_now(kit: Kit) -> bool:
    """Return whether the phone is to erase itself whatever it holds."""
    return kit.wipe == WIPE_NOW


def may_go(kit: Kit) -> bool:
    """Return whether the phone is to erase itself, and holds nothing that the server has not got."""
    if kit.wipe is None:
        return False
    return must_go_now(kit) or not holds_unsent(kit)


def holds_unsent(kit: Kit) -> bool:
    """Return whether anything that was recorded here has not left the phone."""
    sets = any(one.seq > kit.handed for one in kit.journal.unacknowledged())
    return sets or bool(kit.journal.count_waiting() or kit.journal.files(FILE_WAITING))


def erase(kit: Kit) -> None:
    """Delete all that this phone holds, for good; a kill in the middle is gone on with when it is next opened."""
    write_durably(kit.home / WIPED_FILE, f"{WORDS}\n".encode())
    kit.journal.close()
    finish(kit.home)


def finish(home: Path) -> None:
    """Delete what a phone that was told to erase itself still holds; the key to everything goes first."""
    for name in (identity.FILE, *JOURNAL_FILES, ALARM_FILE):
        path = home / name
        if path.exists():
            _overwrite(path)
            path.unlink()
            settle(home)
    if (home / FILES_FOLDER).exists():
        shutil.rmtree(home / FILES_FOLDER)
    settle(home)


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(min(path.stat().st_size, 64 * 1024)))
        file.flush()
        os.fsync(file.fileno())


def refuse_if_wiped(home: Path) -> None:
    """Raise Wiped for the folder of a phone that erased itself, or was about to."""
    if (home / WIPED_FILE).exists():
        finish(home)
        raise Wiped


def begin_anew(home: Path) -> None:
    """Let the folder of a phone that erased itself be enrolled once more."""
    try:
        refuse_if_wiped(home)
    except Wiped:
        (home / WIPED_FILE).unlink()
