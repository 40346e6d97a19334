"""An authenticator in software: it makes passkeys and signs as WebAuthn says, or wrongly where a test asks for that."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from sync.lines import b64u, unb64u
from tests.server.builders import URL

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One passkey of one site. count: what its counter shows next; None: it has no counter."""

    origin: str = URL
    count: int | None = 1
    verified: bool = True
    user: str = ""
    credential: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the answer of `navigator.credentials.create`."""
        self.user = options["user"]["id"]
        public = self.key.public_key().public_numbers()
        point = {-2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, **point})
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cose
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": b64u(said), "attestationObject": b64u(made)})

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the answer of `navigator.credentials.get`."""
        data = self._data(options["rpId"], 0)
        said = self._said("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        told = {"clientDataJSON": said, "authenticatorData": data, "signature": signature}
        return self._answer({name: b64u(raw) for name, raw in told.items()} | {"userHandle": self.user})

    def _data(self, host: str, flags: int) -> bytes:
        count = self.count or 0
        if self.count is not None:
            self.count += 1
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _said(self, kind: str, challenge: str) -> bytes:
        assert unb64u(challenge)
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        key = b64u(self.credential)
        return {
            "id": key,
            "rawId": key,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
