"""The key files of one installation, and the signed key list that phones fetch.

`keys/` holds, each readable by its owner alone: `secret` (the master from which the KEK grows),
`ledger-<n>.key` (Ed25519 seeds, the newest signs), `opening-<kid>.key` (HPKE seeds). The recovery key
is written once by `init` for the operator to take offline; the server keeps its public half only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.config import Config
from sync import lines, signing
from sync.envelope import SEED_BYTES, X25519, XWING, OpeningKey, opening_key
from sync.errors import LedgerStopped

KEYS_DAYS = 7
DAY_MS = 86_400_000
LEDGER_FILE, OPENING_FILE, RECOVERY_FILE = "ledger.key", "opening.json", "recovery.pub"
RECOVERY_SECRET_FILE = "RECOVERY-KEY-take-offline"  # noqa: S105 - a file's name
Random = Callable[[int], bytes]


@dataclass(frozen=True)
class Keyring:
    """The opened keys: what the server signs, opens and encrypts with."""

    ledger: Ed25519PrivateKey
    opening: tuple[OpeningKey, ...]
    recovery: bytes
    keks: dict[int, bytes]
    pepper: bytes
    cookie: bytes

    @property
    def ledger_public(self) -> bytes:
        """The raw public ledger key."""
        return signing.public_raw(self.ledger)

    @property
    def ledger_digest(self) -> str:
        """What phones pin."""
        return signing.key_digest(self.ledger_public)

    @property
    def ledger_kid(self) -> str:
        """The `kid` of what the ledger key signs."""
        return signing.key_id(self.ledger_public)

    def verifiers(self) -> list[Ed25519PublicKey]:
        """Return the public ledger keys whose signatures count."""
        return [self.ledger.public_key()]

    def opening_by_kid(self, kid: str) -> OpeningKey | None:
        """Return an opening key, or None."""
        return next((key for key in self.opening if key.kid == kid), None)

    def key_list(self, *, origin: str, epoch: str, now_ms: int) -> str:
        """Return the signed key list of GET /v1/keys."""
        payload = {
            "v": 1,
            "origin": origin,
            "epoch": epoch,
            "iat": now_ms,
            "exp": now_ms + KEYS_DAYS * DAY_MS,
            "serial": len(self.opening),
            "opening": [{"kid": k.kid, "kem": k.kem, "key": lines.b64u(k.public)} for k in self.opening],
            "ledger": [lines.b64u(self.ledger_public)],
            "statements": [],
            "recovery": lines.b64u(self.recovery),
            "app": "ok",
        }
        return signing.sign(self.ledger, signing.KEYS, payload, kid=self.ledger_kid)


def create(config: Config, random: Random) -> Keyring:
    """Write the key files of a new installation; raises LedgerStopped if there are some already."""
    if (config.keys_dir / LEDGER_FILE).exists():
        raise LedgerStopped(f"{config.keys_dir} holds keys already; they are never overwritten")
    if (config.keys_dir / RECOVERY_FILE).exists() and not (config.keys_dir / RECOVERY_SECRET_FILE).exists():
        raise LedgerStopped(f"{config.keys_dir} belonged to an installation whose {LEDGER_FILE} is missing")
    config.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.secret_file.parent.mkdir(parents=True, exist_ok=True)
    _once(config.secret_file, lines.b64u(random(32)))
    seeds = [{"kem": kem, "seed": lines.b64u(random(SEED_BYTES[kem]))} for kem in (XWING, X25519)]
    _once(config.keys_dir / OPENING_FILE, json.dumps(seeds))
    recovery = _once(config.keys_dir / RECOVERY_SECRET_FILE, lines.b64u(random(32)))
    half = Ed25519PrivateKey.from_private_bytes(lines.unb64u(recovery, length=32))
    _once(config.keys_dir / RECOVERY_FILE, lines.b64u(signing.public_raw(half)))
    # The ledger key comes last: where it is, all the others are.
    _once(config.keys_dir / LEDGER_FILE, lines.b64u(random(32)))
    return read(config)


def read(config: Config) -> Keyring:
    """Return the keys of the installation; raises LedgerStopped naming the file that is missing."""
    secret = lines.unb64u(_read(config.secret_file), length=32)
    seed = lines.unb64u(_read(config.keys_dir / LEDGER_FILE), length=32)
    stored = json.loads(_read(config.keys_dir / OPENING_FILE))
    return Keyring(
        ledger=Ed25519PrivateKey.from_private_bytes(seed),
        opening=tuple(opening_key(key["kem"], lines.unb64u(key["seed"])) for key in stored),
        recovery=lines.unb64u(_read(config.keys_dir / RECOVERY_FILE), length=32),
        keks={1: _grow(secret, b"kek 1")},
        pepper=_grow(secret, b"pepper"),
        cookie=_grow(secret, b"cookie"),
    )


def _grow(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"wardledger/1 " + purpose).derive(secret)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError as error:
        raise LedgerStopped(f"the key file {path.name} is missing from {path.parent}") from error


def _once(path: Path, text: str) -> str:
    """Write a key file durably and return what stands in it; one that is there already stays as it is."""
    if not path.exists():
        made = path.with_name(f"{path.name}.new")
        handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    return _read(path)
