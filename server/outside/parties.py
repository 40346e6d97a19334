"""Who witnesses this ledger, whose heads are witnessed here, and the key to do it with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.config import Config
from server.keys.keyring import keep
from server.ledger.proofs import parse_verifier_key
from server.outside.asking import place
from server.outside.refusals import NotConfigured
from sync import checkpoint, lines
from sync.cosignature import COSIGNATURE
from sync.errors import Malformed
from sync.signing import public_raw

KEY_FILE = "witness.key"
PARTIES_MAX = 16
"""Witnesses of one ledger: with all their lines a note stays below the limit that phones read."""
LOGS_MAX = 10_000
FILE_BYTES_MAX = 4 * 1024 * 1024
NAME_MAX = 200


@dataclass(frozen=True)
class Witness:
    """Somebody who cosigns our heads: where it answers, its name, its key, and the verifier key that says both."""

    url: str
    name: str
    key: Ed25519PublicKey
    vkey: str


def witnesses(config: Config) -> tuple[Witness, ...]:
    """Return the witnesses of WARDLEDGER_WITNESSES_FILE, none without that file; raises NotConfigured."""
    rows = _rows(config.witnesses_file, "witnesses", PARTIES_MAX)
    found: dict[str, Witness] = {}
    for row in rows:
        if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("url", "vkey")):
            raise _fault(config.witnesses_file, 'a witness is {"url": ..., "vkey": ...}')
        name, key = _vkey(config.witnesses_file, row["vkey"], COSIGNATURE)
        place(row["url"])
        if name in found:
            raise _fault(config.witnesses_file, f"{name} is there twice")
        found[name] = Witness(row["url"].rstrip("/"), name, key, row["vkey"])
    return tuple(found.values())


def logs(config: Config) -> dict[str, list[Ed25519PublicKey]]:
    """Return {origin line: its keys} of the logs in WARDLEDGER_WITNESSED_FILE; raises NotConfigured."""
    found: dict[str, list[Ed25519PublicKey]] = {}
    for row in _rows(config.witnessed_file, "logs", LOGS_MAX):
        if not isinstance(row, str):
            raise _fault(config.witnessed_file, "a log is its verifier key, name+hash+base64")
        name, key = _vkey(config.witnessed_file, row, checkpoint.ED25519)
        found.setdefault(name, []).append(key)
    return found


def _rows(path: Path, member: str, most: int) -> list[Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return []
    try:
        rows = json.loads(raw)[member]
    except (ValueError, LookupError, TypeError) as error:
        raise _fault(path, f'it must be {{"{member}": [...]}}') from error
    if not isinstance(rows, list) or len(rows) > most:
        raise _fault(path, f'"{member}" is a list of at most {most}')
    return rows


def _vkey(path: Path, text: str, kind: bytes) -> tuple[str, Ed25519PublicKey]:
    try:
        name, key = parse_verifier_key(text, kind)
    except Malformed as error:
        what = "a witness's key is of type 4" if kind == COSIGNATURE else "a log's key is of type 1"
        raise _fault(path, f"{error.detail}; {what}") from error
    if len(name) > NAME_MAX or any(letter.isspace() for letter in name):
        raise _fault(path, f"a name has no blanks and at most {NAME_MAX} characters")
    return name, key


def _fault(path: Path, words: str) -> NotConfigured:
    return NotConfigured(f"{path}: {words}", field=path.name)


# -- our own part -------------------------------------------------------------------------------------------------


def own_name(origin: str) -> str:
    """Return the name under which this installation cosigns."""
    return f"{origin}/witness"


def own_key(config: Config) -> Ed25519PrivateKey | None:
    """Return the key with which this installation cosigns, None before it was made."""
    path = config.keys_dir / KEY_FILE
    if not path.exists():
        return None
    return Ed25519PrivateKey.from_private_bytes(lines.unb64u(path.read_text().strip(), length=32))


def make_key(config: Config, random: Callable[[int], bytes]) -> str:
    """Return the verifier key of this installation as a witness; its key file is made if there is none."""
    if own_key(config) is None:
        keep(config.keys_dir / KEY_FILE, lines.b64u(random(32)))
    key = own_key(config)
    assert key is not None
    return checkpoint.verifier_key(own_name(config.origin), public_raw(key), COSIGNATURE)
