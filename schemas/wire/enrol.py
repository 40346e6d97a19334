"""Enrolment: the invite that a phone scans, its request, and the ledger's answer to it."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from marshmallow import fields, validate

from schemas.wire.answer import Answer, note, raw
from schemas.wire.parts import ORIGIN, Strict, digest, epoch, instant, load, matching, token, uuid, whole
from sync import lines, signing
from sync.envelope import KEMS, PUBLIC_BYTES
from sync.errors import BadProof, Malformed

INVITE_SCHEME = "wardledger:"
INVITE = re.compile(r"([A-Za-z0-9_\-]{1,128})\.([0-9a-f]{64})\.([0-9a-f]{64})")
ADDRESS = re.compile(r"https?://[^\s#?]{1,500}")


@dataclass(frozen=True, slots=True)
class Invite:
    """What an administrator's screen shows: the address, the one-time code, both pinned digests."""

    url: str
    code: str
    ledger: str
    recovery: str

    @property
    def code_digest(self) -> str:
        """SHA-256 of the code's text: what the request carries in its place."""
        return lines.digest(self.code.encode())

    def text(self) -> str:
        """Return the text of the QR code."""
        return f"{INVITE_SCHEME}{self.url}#{self.code}.{self.ledger}.{self.recovery}"


def read_invite(text: str) -> Invite:
    """Return the invite of a QR code's text, or of its address and the part after '#'; raises Malformed."""
    url, _, rest = text.strip().removeprefix(INVITE_SCHEME).partition("#")
    found = INVITE.fullmatch(rest)
    if found is None or not ADDRESS.fullmatch(url):
        raise Malformed("not an invite: scan the whole code again, or copy it whole")
    return Invite(url.rstrip("/"), found[1], found[2], found[3])


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """What a new phone says of itself.

    supersedes: the device that this phone was until now, whose unsent work it holds; None for a phone without one
    """

    origin: str
    code: str
    sign_key: bytes
    seal_key: bytes
    kem: str
    ledger_key: str
    app: str
    supersedes: str | None = None

    def payload(self) -> dict[str, Any]:
        """Return the JSON that the new device key signs; it holds no time, so a repeat is the same bytes."""
        was = {"supersedes": self.supersedes} if self.supersedes else {}
        return {
            **was,
            "v": 1,
            "origin": self.origin,
            "code": self.code,
            "sign_key": lines.b64u(self.sign_key),
            "seal_key": lines.b64u(self.seal_key),
            "kem": self.kem,
            "ledger_key": self.ledger_key,
            "app": self.app,
        }


class EnrolSchema(Strict):
    """The payload of a wl-enrol JWS."""

    v = whole(1, 1, required=True)
    origin = matching(ORIGIN, required=True)
    code = digest(required=True)
    sign_key = raw(32, required=True)
    seal_key = raw(required=True)
    kem = fields.String(required=True, validate=validate.OneOf(list(KEMS)))
    ledger_key = digest(required=True)
    app = token(required=True)
    supersedes = uuid(load_default=None)


class EnrolledSchema(Answer):
    """The payload of a wl-enrolled JWS."""

    v = whole(1, 1, required=True)
    origin = matching(ORIGIN, required=True)
    request = digest(required=True)
    device = uuid(required=True)
    user = uuid(required=True)
    epoch = epoch(required=True)
    checkpoint = note(required=True)
    time = instant(required=True)
    supersedes = uuid(load_default=None, allow_none=True)


ENROL, ENROLLED = EnrolSchema(), EnrolledSchema()


def read_enrol(jws: str) -> EnrolRequest:
    """Return a phone's request, its signature by the key that it names verified; raises BadSignature, Malformed."""
    _, payload = signing.peek(jws, signing.ENROL)
    body = load(ENROL, payload)
    signing.verify(jws, signing.ENROL, signing.public_key(body["sign_key"]))
    if len(body["seal_key"]) != PUBLIC_BYTES[body["kem"]]:
        raise Malformed("the receiving key does not fit its KEM", field="seal_key")
    body.pop("v")
    return EnrolRequest(**body)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The ledger's answer: who the phone is now, and where the ledger stood.

    supersedes: the device whose place it has taken, or None
    """

    device: str
    user: str
    epoch: str
    checkpoint: str
    time: int
    supersedes: str | None = None


def read_enrolled(jws: str, key: Ed25519PublicKey, *, origin: str, request: str) -> Enrolled:
    """Return the answer to the request whose JWS is `request`; raises BadSignature, BadProof, Malformed."""
    body = load(ENROLLED, signing.verify(jws, signing.ENROLLED, key))
    about = body["origin"] == origin and hmac.compare_digest(body["request"], lines.digest(request.encode()))
    if not about:
        raise BadProof("the answer is for another phone's request")
    named = {name: body[name] for name in ("device", "user", "epoch", "checkpoint", "time", "supersedes")}
    return Enrolled(**named)
