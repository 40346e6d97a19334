"""The key files of one installation, opened.

`keys/` holds, each readable by its owner alone:

    secret                the master from which KEK 1, the pepper of logins and the cookies' key grow
    ledger.key            the Ed25519 seed that signs
    ledger-next.key       the seed that a rotation is about to bring in
    ledger-before.key     the seed that signs checkpoints beside the newest one, while phones change over
    opening.json          the HPKE seeds that change-sets are opened with, each with its times
    opening-next.json     the seeds that a rotation is about to bring in
    kek                   the KEKs after the first, a line each (WARDLEDGER_KEK_FILE)
    recovery.pub          the public half of the recovery key, whose secret `init` writes once to be taken offline

What a file holds is read anew when the file changes, so that running processes follow a rotation.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.config import Config
from sync import lines, signing
from sync.envelope import SEED_BYTES, X25519, XWING, OpeningKey, opening_key
from sync.errors import LedgerStopped, Malformed, NotCanonical

LEDGER_FILE, OPENING_FILE, RECOVERY_FILE = "ledger.key", "opening.json", "recovery.pub"
NEXT_LEDGER_FILE, BEFORE_LEDGER_FILE = "ledger-next.key", "ledger-before.key"
NEXT_OPENING_FILE = "opening-next.json"
RECOVERY_SECRET_FILE = "RECOVERY-KEY-take-offline"  # noqa: S105 - a file's name
KEK_BYTES = SEED = 32
FIRST_KEK = 1
"""The KEK that grows from the master secret; every later one is a secret of its own."""
RESTORE = "restore it from the keys' own backup"
Random = Callable[[int], bytes]


@dataclass(frozen=True)
class Opening:
    """An opening key in its file; since: Unix ms, 0 for a founding key; until: when it retires, None: not planned."""

    key: OpeningKey
    since: int = 0
    until: int | None = None

    def opens_at(self, now_ms: int) -> bool:
        """Return whether envelopes under it are opened."""
        return self.until is None or now_ms < self.until

    def stored(self) -> dict[str, Any]:
        """Return the form in which its file holds it."""
        told: dict[str, Any] = {"kem": self.key.kem, "seed": lines.b64u(self.key.seed)}
        told |= {"since": self.since} if self.since else {}
        return told if self.until is None else {**told, "until": self.until}


@dataclass(frozen=True)
class Keyring:
    """The opened keys: what the server signs, opens and encrypts with.

    beside: ledger keys that sign checkpoints too, behind `ledger`
    """

    ledger: Ed25519PrivateKey
    openings: tuple[Opening, ...]
    recovery: bytes
    keks: dict[int, bytes] = field(repr=False)
    pepper: bytes = field(repr=False)
    cookie: bytes = field(repr=False)
    beside: tuple[Ed25519PrivateKey, ...] = ()

    @property
    def opening(self) -> tuple[OpeningKey, ...]:
        """Every opening key that is kept, the retired ones too."""
        return tuple(one.key for one in self.openings)

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

    @property
    def signers(self) -> tuple[Ed25519PrivateKey, ...]:
        """The keys that sign a checkpoint; the first signs receipts too."""
        return (self.ledger, *self.beside)

    def verifiers(self) -> list[Ed25519PublicKey]:
        """Return the public ledger keys whose signatures count now."""
        return [self.ledger.public_key()]

    def opening_by_kid(self, kid: str, now_ms: int) -> OpeningKey | None:
        """Return the opening key of this name if it opens at a time, or None."""
        return next((one.key for one in self.openings if one.key.kid == kid and one.opens_at(now_ms)), None)


def create(config: Config, random: Random) -> Keyring:
    """Write the key files of a new installation; raises LedgerStopped if there are some already."""
    if (config.keys_dir / LEDGER_FILE).exists():
        raise LedgerStopped(f"{config.keys_dir} holds keys already; they are never overwritten")
    if (config.keys_dir / RECOVERY_FILE).exists() and not (config.keys_dir / RECOVERY_SECRET_FILE).exists():
        raise LedgerStopped(f"{config.keys_dir} belonged to an installation whose {LEDGER_FILE} is missing")
    config.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    config.secret_file.parent.mkdir(parents=True, exist_ok=True)
    _once(config.secret_file, lines.b64u(random(SEED)))
    _once(config.keys_dir / OPENING_FILE, written(fresh_openings(random)))
    recovery = _once(config.keys_dir / RECOVERY_SECRET_FILE, lines.b64u(random(SEED)))
    half = Ed25519PrivateKey.from_private_bytes(lines.unb64u(recovery, length=SEED))
    _once(config.keys_dir / RECOVERY_FILE, lines.b64u(signing.public_raw(half)))
    # The ledger key comes last: where it is, all the others are.
    _once(config.keys_dir / LEDGER_FILE, lines.b64u(random(SEED)))
    return read(config)


def fresh_openings(random: Random, since: int = 0) -> list[Opening]:
    """Return a new opening key for each KEM, the hybrid one first."""
    return [Opening(opening_key(kem, random(SEED_BYTES[kem])), since) for kem in (XWING, X25519)]


def written(openings: Iterable[Opening]) -> str:
    """Return opening keys as their file holds them."""
    return json.dumps([one.stored() for one in openings])


# -- reading ---------------------------------------------------------------------------------------------


def read(config: Config) -> Keyring:
    """Return the keys of the installation; raises LedgerStopped naming the file that is missing or no key."""
    folder = config.keys_dir
    secret = secret_of(config.secret_file)
    current = signing_key(folder / LEDGER_FILE)
    beside = [folder / name for name in (NEXT_LEDGER_FILE, BEFORE_LEDGER_FILE)]
    others = {signing.public_raw(key): key for path in beside if path.exists() for key in [signing_key(path)]}
    others.pop(signing.public_raw(current), None)
    return Keyring(
        ledger=current,
        openings=openings_of(folder / OPENING_FILE),
        recovery=secret_of(folder / RECOVERY_FILE),
        keks={FIRST_KEK: _grow(secret, b"kek 1"), **later_keks(config.kek_file)},
        pepper=_grow(secret, b"pepper"),
        cookie=_grow(secret, b"cookie"),
        beside=tuple(others.values()),
    )


def secret_of(path: Path) -> bytes:
    """Return the 32 bytes of a key file; raises LedgerStopped naming it."""
    try:
        return lines.unb64u(_read(path), length=SEED)
    except NotCanonical as error:
        raise LedgerStopped(
            f"the key file {path} holds no key: 43 characters of base64url are wanted; {RESTORE}"
        ) from error


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the Ed25519 key of a file; raises LedgerStopped naming it."""
    return Ed25519PrivateKey.from_private_bytes(secret_of(path))


def openings_of(path: Path) -> tuple[Opening, ...]:
    """Return the opening keys of a file; raises LedgerStopped naming it."""
    try:
        stored = json.loads(_read(path))
        found = [
            Opening(opening_key(one["kem"], lines.unb64u(one["seed"])), one.get("since", 0), one.get("until"))
            for one in stored
        ]
    except (ValueError, LookupError, TypeError, AttributeError, Malformed, NotCanonical) as error:
        raise LedgerStopped(f"the key file {path} holds no opening keys; {RESTORE}") from error
    if not found:
        raise LedgerStopped(f"the key file {path} holds no opening keys; {RESTORE}")
    return tuple(found)


def later_keks(path: Path) -> dict[int, bytes]:
    """Return the KEKs after the first, {version: key}; a file that is not there holds none. Raises LedgerStopped."""
    if not path.exists():
        return {}
    found: dict[int, bytes] = {}
    for row in _read(path).splitlines():
        version, _, key = row.partition(" ")
        try:
            number, raw = int(version), lines.unb64u(key.strip(), length=KEK_BYTES)
        except (ValueError, NotCanonical) as error:
            raise LedgerStopped(
                f"the key file {path} holds a line that is not a version, a blank and 43 characters of base64url; "
                f"{RESTORE}"
            ) from error
        if number <= FIRST_KEK or number in found:
            raise LedgerStopped(f"the key file {path} names version {number} twice; {RESTORE}")
        found[number] = raw
    return found


def stand(config: Config) -> tuple[tuple[int, int, int] | None, ...]:
    """Return what changes whenever a key file does: a rename gives it another inode."""
    names = (LEDGER_FILE, NEXT_LEDGER_FILE, BEFORE_LEDGER_FILE, OPENING_FILE, RECOVERY_FILE)
    return tuple(
        _stat(path)
        for path in (config.secret_file, config.kek_file, *(config.keys_dir / name for name in names))
    )


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


class Keyrings:
    """The keyring of an installation, read again when one of its files has changed."""

    def __init__(self, config: Config):
        self._config = config
        self._stand: tuple[Any, ...] | None = None
        self._keyring: Keyring | None = None

    def now(self) -> Keyring:
        """Return the keys as the files stand; raises LedgerStopped naming what is missing."""
        stands = stand(self._config)
        if self._keyring is None or stands != self._stand:
            # What changes while it is read is read again at the next call: its stand was taken before.
            self._keyring, self._stand = read(self._config), stands
        return self._keyring


def _grow(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"wardledger/1 " + purpose).derive(secret)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError as error:
        raise LedgerStopped(f"the key file {path} is missing; {RESTORE}") from error
    except UnicodeDecodeError as error:
        raise LedgerStopped(f"the key file {path} holds no key; {RESTORE}") from error
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise LedgerStopped(f"the key file {path} cannot be read: {words}") from error


# -- writing ---------------------------------------------------------------------------------------------


def _once(path: Path, text: str) -> str:
    """Write a key file durably and return what stands in it; one that is there already stays as it is."""
    if not path.exists():
        keep(path, text)
    return _read(path)


def keep(path: Path, text: str) -> None:
    """Write a key file durably, whole or not at all, readable by its owner alone."""
    made = path.with_name(f"{path.name}.new")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    settle(path.parent)


def drop(path: Path) -> None:
    """Remove a key file, if it is there, durably."""
    path.unlink(missing_ok=True)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Make renames and removals in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


__all__ = [
    "BEFORE_LEDGER_FILE", "FIRST_KEK", "LEDGER_FILE", "NEXT_LEDGER_FILE", "NEXT_OPENING_FILE", "OPENING_FILE",
    "RECOVERY_FILE", "RECOVERY_SECRET_FILE", "Keyring", "Keyrings", "Opening", "create", "drop", "fresh_openings",
    "keep", "later_keks", "openings_of", "read", "secret_of", "settle", "signing_key", "written",
]  # fmt: skip
