"""Who the phone is: its keys, what it pinned, its device and user; on disk only under a key from the PIN.

The file holds the Argon2id parameters in the clear and everything else in one AES-256-GCM box, whose
additional data are those parameters. The journal's key lies inside, so that a new PIN re-writes one file.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from mobile_stub.clock import Random
from mobile_stub.trouble import AlreadyEnrolled, NotEnrolled, WeakPin, WrongPin
from schemas.wire.enrol import Invite
from sync import lines, signing
from sync.envelope import SEED_BYTES, XWING, OpeningKey, opening_key
from sync.errors import NotCanonical

FILE = "identity.json"
PIN_CHARS_MIN = 6
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12
APP = "mobile_stub/0.1.0"


@dataclass(frozen=True, slots=True)
class Hardness:
    """What guessing a PIN costs: Argon2id's memory, passes and lanes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True)
class Identity:
    """A phone's identity; device, user, origin and ledger key are empty until it is enrolled.

    ledger_pin, recovery_pin: SHA-256 of the ledger's and the recovery key, as scanned from the invite
    next_sign, next_seal: keys of the device that this phone is becoming; until the server has taken them it stays
    the one that it is. former: the device that it was before, whose unsent work it carries
    """

    url: str
    ledger_pin: str
    recovery_pin: str
    sign_seed: str
    seal_seed: str
    journal_key: str
    kem: str = XWING
    app: str = APP
    origin: str = ""
    device: str = ""
    user: str = ""
    ledger_key: str = ""
    next_sign: str = ""
    next_seal: str = ""
    former: str = ""

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The device's signing key; it never leaves the phone."""
        return Ed25519PrivateKey.from_private_bytes(lines.unb64u(self.sign_seed, length=32))

    @property
    def kid(self) -> str:
        """The `kid` of the signing key."""
        return signing.key_id(signing.public_raw(self.signing_key))

    @property
    def receiving_key(self) -> OpeningKey:
        """The HPKE key that feeds are sealed to."""
        return opening_key(self.kem, lines.unb64u(self.seal_seed))

    @property
    def ledger_keys(self) -> list[Ed25519PublicKey]:
        """The ledger keys whose signatures count; one that the pin does not name never gets here."""
        return [signing.public_key(lines.unb64u(self.ledger_key, length=32))]

    def enrolled(self) -> Identity:
        """Return the identity if it is that of an enrolled phone; raises NotEnrolled."""
        if not self.device:
            raise NotEnrolled
        return self


def begin(invite: Invite, random: Random) -> Identity:
    """Return the identity of a phone that has scanned an invite: new keys, not enrolled yet."""
    return Identity(
        url=invite.url,
        ledger_pin=invite.ledger,
        recovery_pin=invite.recovery,
        sign_seed=lines.b64u(random(32)),
        seal_seed=lines.b64u(random(SEED_BYTES[XWING])),
        journal_key=lines.b64u(random(KEY_BYTES)),
    )


def renew(known: Identity, invite: Invite, random: Random) -> Identity:
    """Return an enrolled identity with the keys of the device that it is to become; those it has once stay."""
    # The ledger key may have been followed by another since this phone pinned it; the recovery key never changes.
    if known.recovery_pin != invite.recovery:
        raise AlreadyEnrolled("this phone holds the work of another ledger, which must not get into this one")
    if known.next_sign:
        return known
    return replace(
        known, next_sign=lines.b64u(random(32)), next_seal=lines.b64u(random(SEED_BYTES[known.kem]))
    )


def becoming(known: Identity, url: str) -> Identity:
    """Return the identity that asks to be enrolled: with its next keys, and naming the device that it was."""
    if not known.next_sign:
        return known
    return replace(
        known,
        url=url,
        sign_seed=known.next_sign,
        seal_seed=known.next_seal,
        next_sign="",
        next_seal="",
        former=known.device,
        app=APP,
    )


def rescan(known: Identity, invite: Invite) -> Identity:
    """Return a not yet enrolled identity with another invite's address and pins, its keys kept."""
    if known.device:
        raise AlreadyEnrolled
    return replace(known, url=invite.url, ledger_pin=invite.ledger, recovery_pin=invite.recovery)


def save(
    home: Path, identity: Identity, pin: str, *, random: Random, hardness: Hardness | None = None
) -> None:
    """Write the identity durably under the PIN; an older file is replaced whole or not at all."""
    if len(pin) < PIN_CHARS_MIN:
        raise WeakPin
    cost = hardness or Hardness()
    head: dict[str, Any] = {"v": 1, "kdf": "argon2id", "salt": lines.b64u(random(SALT_BYTES)), **asdict(cost)}
    nonce = random(NONCE_BYTES)
    text = lines.encode(asdict(identity))
    box = AESGCM(_grow(pin, head)).encrypt(nonce, text, lines.encode(head))
    body = {**head, "nonce": lines.b64u(nonce), "box": lines.b64u(box)}
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(home / FILE, lines.encode(body) + b"\n")


def exists(home: Path) -> bool:
    """Return whether the folder holds a phone."""
    return (home / FILE).exists()


def load(home: Path, pin: str) -> Identity:
    """Return the phone's identity; raises NotEnrolled without a file, WrongPin if the PIN does not open it."""
    try:
        body = json.loads((home / FILE).read_bytes())
        nonce, box = lines.unb64u(body.pop("nonce")), lines.unb64u(body.pop("box"))
        text = AESGCM(_grow(pin, body)).decrypt(nonce, box, lines.encode(body))
    except FileNotFoundError as error:
        raise NotEnrolled from error
    except (InvalidTag, ValueError, KeyError, TypeError, AttributeError, NotCanonical) as error:
        raise WrongPin from error
    return Identity(**lines.decode(text))


def _grow(pin: str, head: dict[str, Any]) -> bytes:
    return Argon2id(
        salt=lines.unb64u(head["salt"]),
        length=KEY_BYTES,
        iterations=head["passes"],
        lanes=head["lanes"],
        memory_cost=head["memory_kib"],
    ).derive(pin.encode())


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that a crash leaves the old or the new one: temporary, fsync, rename, fsync of the folder."""
    new = path.with_name(f"{path.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    settle(path.parent)


def settle(folder: Path) -> None:
    """Make a rename in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
