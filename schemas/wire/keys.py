"""The key list of GET /v1/keys: what a phone seals to, under the ledger key that it pinned."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from schemas.wire.answer import Answer, raw
from schemas.wire.parts import ORIGIN, epoch, instant, load, matching, token, whole
from sync import lines, signing
from sync.envelope import KEMS, PUBLIC_BYTES, XWING
from sync.errors import Malformed, PinMismatch

OPENING_MAX = 64
LEDGER_KEYS_MAX = 64
APP_WORDS = ("ok", "upgrade_after_upload", "read_only")


@dataclass(frozen=True, slots=True)
class OpeningPublic:
    """A public opening key of the server: its KEM, raw bytes and `kid`."""

    kid: str
    kem: str
    key: bytes


@dataclass(frozen=True, slots=True)
class KeyList:
    """The verified key list; `ledger` is the pinned raw key, `jws` what travelled."""

    origin: str
    epoch: str
    iat: int
    exp: int
    serial: int
    opening: tuple[OpeningPublic, ...]
    ledger: bytes
    recovery: bytes
    app: str
    jws: str

    def opening_key(self) -> OpeningPublic:
        """Return the key to seal to: the newest hybrid one; X25519 only where the list has no hybrid key."""
        return next((key for key in self.opening if key.kem == XWING), self.opening[0])


class OpeningSchema(Answer):
    """One opening key."""

    kid = token(required=True)
    kem = token(required=True)
    key = raw(required=True)


class KeyListSchema(Answer):
    """The payload of a wl-keys JWS."""

    v = whole(1, 1, required=True)
    origin = matching(ORIGIN, required=True)
    epoch = epoch(required=True)
    iat = instant(required=True)
    exp = instant(required=True)
    serial = whole(required=True)
    opening = fields.List(
        fields.Nested(OpeningSchema), required=True, validate=validate.Length(min=1, max=OPENING_MAX)
    )
    ledger = fields.List(raw(32), required=True, validate=validate.Length(min=1, max=LEDGER_KEYS_MAX))
    statements = fields.List(fields.String(), load_default=list)
    recovery = raw(32, required=True)
    app = fields.String(load_default="ok")


KEY_LIST = KeyListSchema()


def read_keys(jws: str, pinned: str) -> KeyList:
    """Return the key list that the pinned ledger key signed.

    pinned: SHA-256 of the ledger key in hex, as in the invite
    Raises PinMismatch where the list does not name that key, BadSignature where it did not sign it, Malformed.
    """
    _, payload = signing.peek(jws, signing.KEYS)
    body = load(KEY_LIST, payload)
    key = next((k for k in body["ledger"] if hmac.compare_digest(signing.key_digest(k), pinned)), None)
    if key is None:
        raise PinMismatch
    signing.verify(jws, signing.KEYS, signing.public_key(key))
    return KeyList(
        origin=body["origin"],
        epoch=body["epoch"],
        iat=body["iat"],
        exp=body["exp"],
        serial=body["serial"],
        opening=_opening(body["opening"]),
        ledger=key,
        recovery=body["recovery"],
        app=body["app"] if body["app"] in APP_WORDS else "ok",
        jws=jws,
    )


def _opening(listed: list[dict[str, Any]]) -> tuple[OpeningPublic, ...]:
    """Return the keys of the KEMs that this build knows; a newer KEM beside them is no fault."""
    known = tuple(OpeningPublic(**key) for key in listed if key["kem"] in KEMS)
    for key in known:
        if len(key.key) != PUBLIC_BYTES[key.kem] or key.kid != lines.digest(key.key)[:16]:
            raise Malformed("an opening key does not fit its kid or its KEM", field="opening")
    if not known:
        raise Malformed("no opening key of a KEM that this app knows", field="opening")
    return known
