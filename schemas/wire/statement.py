"""Statements about one device (`wl-statement`): its lease; that it is shut out, and whether it has to erase itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from marshmallow import fields, validate

from schemas.records.device import WIPES
from schemas.wire.answer import Answer
from schemas.wire.parts import ORIGIN, digest, instant, load, matching, token, uuid, whole
from sync import signing
from sync.errors import BadProof, BadSignature

DEVICE, LEASE = "device", "lease"
WIPE_NOW = "now"


@dataclass(frozen=True, slots=True)
class ShutOut:
    """What the ledger says to a device that may not sync any more.

    stage: of its record; wipe: whether it has to erase itself, and when (see WIPES), or None
    set: digest of the manifest of the set that this answers, which is kept; time: when it was said, Unix ms
    """

    origin: str
    device: str
    stage: str
    time: int
    wipe: str | None = None
    set: str | None = None

    def payload(self) -> dict[str, Any]:
        """Return the JSON that the ledger key signs."""
        said = {"origin": self.origin, "device": self.device, "stage": self.stage, "time": self.time}
        more = {"wipe": self.wipe, "set": self.set}
        return {"v": 1, "kind": DEVICE, **said, **{name: word for name, word in more.items() if word}}


@dataclass(frozen=True, slots=True)
class Lease:
    """Until when a device may show what it holds, as said at `time`; both Unix ms by the server's clock."""

    origin: str
    device: str
    time: int
    until: int

    def payload(self) -> dict[str, Any]:
        """Return the JSON that the ledger key signs."""
        said = {"origin": self.origin, "device": self.device, "time": self.time, "until": self.until}
        return {"v": 1, "kind": LEASE, **said}


class ShutOutSchema(Answer):
    """The payload of a wl-statement JWS of kind `device`."""

    v = whole(1, 1, required=True)
    kind = fields.String(required=True, validate=validate.Equal(DEVICE))
    origin = matching(ORIGIN, required=True)
    device = uuid(required=True)
    stage = token(required=True)
    time = instant(required=True)
    # A phone that does not know when it is to erase itself must not erase itself.
    wipe = fields.String(load_default=None, validate=validate.OneOf(list(WIPES)))
    set_ = digest(data_key="set", load_default=None)


class LeaseSchema(Answer):
    """The payload of a wl-statement JWS of kind `lease`."""

    v = whole(1, 1, required=True)
    kind = fields.String(required=True, validate=validate.Equal(LEASE))
    origin = matching(ORIGIN, required=True)
    device = uuid(required=True)
    time = instant(required=True)
    until = instant(required=True)


SHUT_OUT, LEASED = ShutOutSchema(), LeaseSchema()


def read_shut_out(jws: str, keys: Sequence[Ed25519PublicKey], *, origin: str, device: str) -> ShutOut:
    """Return what one of these ledger keys said of this device; raises BadSignature, BadProof, Malformed."""
    body = load(SHUT_OUT, _verified(jws, keys))
    if (body["origin"], body["device"]) != (origin, device):
        raise BadProof("the statement is about another device")
    return ShutOut(origin, device, body["stage"], body["time"], body["wipe"], body["set_"])


def read_lease(jws: str, keys: Sequence[Ed25519PublicKey], *, origin: str, device: str) -> Lease:
    """Return the lease that one of these ledger keys gave this device; raises BadSignature, BadProof, Malformed."""
    body = load(LEASED, _verified(jws, keys))
    if (body["origin"], body["device"]) != (origin, device):
        raise BadProof("the lease is that of another device")
    return Lease(origin, device, body["time"], body["until"])


def _verified(jws: str, keys: Sequence[Ed25519PublicKey]) -> dict[str, Any]:
    for key in keys[:-1]:
        try:
            return signing.verify(jws, signing.STATEMENT, key)
        except BadSignature:
            continue
    return signing.verify(jws, signing.STATEMENT, keys[-1])
