"""Epochs: how a ledger goes on after a disaster, and what a position in an earlier epoch means in a later one.

A new epoch begins with the leaves of the one before up to the fork, the last head that was left of it, and goes on
with an entry of kind `recover`. It is opened by a statement that the offline recovery key signs; nothing else makes
anybody believe in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import lines, signing
from sync.changes import Seen
from sync.errors import BadProof, NotCanonical, Refusal

KIND = "recover"
EPOCH_CHARS = 32
HASH_CHARS = 64


class EpochChanged(Refusal):
    """The ledger goes on in another epoch than this phone knows: it was recovered after a disaster."""

    code = "epoch_changed"
    next = "Fetch /v1/keys, and follow the new epoch only by the recovery key's statement; then send again."


@dataclass(frozen=True, slots=True)
class Recovery:
    """A new epoch: the head that was left of the one before (`fork`), and the newest that it is known to have had.

    at: Unix ms; jws: the statement as it was signed
    """

    origin: str
    epoch: str
    fork: Seen
    last: Seen
    at: int
    jws: str = ""

    def payload(self) -> dict[str, Any]:
        """Return the JSON that the recovery key signs."""
        return {
            "v": 1,
            "kind": KIND,
            "origin": self.origin,
            "epoch": self.epoch,
            "fork": _head(self.fork),
            "last": _head(self.last),
            "at": self.at,
        }

    @property
    def lost(self) -> int:
        """How many entries the earlier epoch is known to have had beyond the fork."""
        return max(0, self.last.size - self.fork.size)


def _head(seen: Seen) -> dict[str, Any]:
    return {"epoch": seen.epoch, "size": seen.size, "root": seen.root}


def sign(recovery: Recovery, key: Ed25519PrivateKey) -> str:
    """Return the statement by which the recovery key opens an epoch."""
    kid = signing.key_id(signing.public_raw(key))
    return signing.sign(key, signing.STATEMENT, recovery.payload(), kid=kid)


def read(jws: str, key: Ed25519PublicKey) -> Recovery:
    """Return what a statement of the recovery key says; raises BadSignature, BadProof."""
    body = signing.verify(jws, signing.STATEMENT, key)
    try:
        found = Recovery(
            str(body["origin"]),
            str(body["epoch"]),
            _seen(body["fork"]),
            _seen(body["last"]),
            _whole(body["at"]),
            jws,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadProof("the statement opens no epoch") from error
    if found.payload() != body or len(found.epoch) != EPOCH_CHARS or found.epoch == found.fork.epoch:
        raise BadProof("the statement opens no epoch")
    return found


def _seen(body: Mapping[str, Any]) -> Seen:
    epoch, root = str(body["epoch"]), str(body["root"])
    if len(epoch) != EPOCH_CHARS or len(bytes.fromhex(root)) * 2 != HASH_CHARS:
        raise ValueError("not a head")
    return Seen(epoch, _whole(body["size"]), root)


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a number of entries")
    return value


def body_line(jws: str) -> bytes:
    """Return the line to which a `recover` entry commits."""
    return lines.encode({"op": KIND, "statement": jws})


def statement_of(line: bytes) -> str:
    """Return the statement in a `recover` entry's line; raises BadProof."""
    try:
        body = lines.decode(line)
    except NotCanonical as error:
        raise BadProof("a recover entry's line cannot be read") from error
    jws = body.get("statement")
    if not isinstance(jws, str) or body_line(jws) != line:
        raise BadProof("a recover entry's line is none")
    return jws


class Epochs:
    """The recoveries of one ledger: carries positions of earlier epochs forward to the present one."""

    def __init__(self, recoveries: Sequence[Recovery] = ()):
        # One that was opened in between, from the same backup or a newer one, is left by the same step.
        self._left = {one.last.epoch: one for one in recoveries} | {one.fork.epoch: one for one in recoveries}

    def leaving(self, epoch: str) -> Recovery | None:
        """Return the recovery by which an epoch was left, None for the present or an unknown one."""
        return self._left.get(epoch)

    def opening(self, epoch: str) -> Recovery | None:
        """Return the recovery by which an epoch was opened, None for the first."""
        return next((one for one in self._left.values() if one.epoch == epoch), None)

    def path(self, old: str, new: str) -> list[Recovery] | None:
        """Return the recoveries that lead from one epoch to a later one; None where none do."""
        found: list[Recovery] = []
        while old != new:
            step = self._left.get(old)
            if step is None or len(found) >= len(self._left):
                return None
            found.append(step)
            old = step.epoch
        return found

    def fork(self, old: str, new: str) -> int | None:
        """Return up to which size an earlier epoch's leaves are those of a later one; None where it is none."""
        path = self.path(old, new)
        return min(step.fork.size for step in path) if path else None

    def carried(self, seen: Seen, epoch: str) -> Seen | None:
        """Return what a head of an earlier epoch comes to in `epoch`: itself, or the fork where it lies beyond."""
        path = self.path(seen.epoch, epoch)
        if path is None:
            return None
        size, root = seen.size, seen.root
        for step in path:
            if size > step.fork.size:
                size, root = step.fork.size, step.fork.root
        return Seen(epoch, size, root)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a base of an earlier epoch comes to: a ledger index, and whether it names a version or just the fork."""

    index: int
    exact: bool
