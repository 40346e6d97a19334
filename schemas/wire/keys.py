"""The key list of GET /v1/keys: what a phone seals to, under the ledger key that it pinned."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from schemas.wire.answer import Answer, raw
from schemas.wire.parts import ORIGIN, digest, epoch, instant, load, matching, token, whole
from sync import key_chain, lines, signing
from sync.envelope import KEMS, PUBLIC_BYTES, XWING
from sync.errors import Malformed, PinMismatch

OPENING_MAX = 64
LEDGER_KEYS_MAX = 64
READ_ONLY = "read_only"
APP_WORDS = ("ok", "upgrade_after_upload", READ_ONLY)


@dataclass(frozen=True, slots=True)
class OpeningPublic:
    """A public opening key of the server: its KEM, raw bytes and `kid`."""

    kid: str
    kem: str
    key: bytes


@dataclass(frozen=True, slots=True)
class KeyList:
    """The verified key list; `ledger` is the pinned raw key, `jws` what travelled.

    chain: the raw ledger keys that count for this phone: the pinned one first, then those it leads to
    """

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
    chain: tuple[bytes, ...] = ()
    epochs: tuple[tuple[str, bytes], ...] = ()
    """How each epoch but the first was opened: (statement, line of its entry), oldest first."""

    def opening_key(self) -> OpeningPublic:
        """Return the key to seal to: the newest hybrid one; X25519 only where the list has no hybrid key."""
        return next((key for key in self.opening if key.kem == XWING), self.opening[0])


class OpeningSchema(Answer):
    """One opening key."""

    kid = token(required=True)
    kem = token(required=True)
    key = raw(required=True)


class OpenedSchema(Answer):
    """An epoch that was opened after a disaster: the recovery key's statement, and the line of its entry."""

    statement = fields.String(required=True)
    entry = fields.String(required=True)


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
    statements = fields.List(
        fields.String(), load_default=list, validate=validate.Length(max=LEDGER_KEYS_MAX)
    )
    compromised = fields.List(digest(), load_default=list, validate=validate.Length(max=LEDGER_KEYS_MAX))
    epochs = fields.List(fields.Nested(OpenedSchema), load_default=list)
    recovery = raw(32, required=True)
    app = fields.String(load_default="ok")


KEY_LIST = KeyListSchema()


def read_keys(jws: str, pinned: str) -> KeyList:
    """Return the key list, signed by the pinned ledger key or by one that it leads to.

    pinned: SHA-256 of the ledger key in hex, as in the invite
    Raises PinMismatch where the list does not name that key, KeyCompromised where the way from it leads over a
    compromised one, BadSignature where none of the keys on the way signed it, Malformed.
    """
    kid, payload = signing.peek(jws, signing.KEYS)
    body = load(KEY_LIST, payload)
    key = next((k for k in body["ledger"] if hmac.compare_digest(signing.key_digest(k), pinned)), None)
    if key is None:
        raise PinMismatch
    chain = key_chain.follow(key, body["statements"], origin=body["origin"])
    # While a rotation is under way the list may still be by the key before; by an unknown one it is by nobody's.
    signer = next((one for one in chain if signing.key_id(one) == kid), key)
    signing.verify(jws, signing.KEYS, signing.public_key(signer))
    # Only a list that the ledger signed may stop a phone; whoever holds the compromised key can do no more than that.
    key_chain.refuse_compromised(chain, body["compromised"])
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
        chain=chain,
        epochs=tuple((one["statement"], one["entry"].encode()) for one in body["epochs"]),
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
