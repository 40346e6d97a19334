"""Encryption at rest: a data key for each scope root, wrapped under a versioned KEK.

Rotating the KEK re-wraps the data keys and touches no data. AES-256-GCM throughout; the ledger, the
root and the purpose are authenticated, so a blob cannot be moved to another place.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select

from server.storage.database import add
from server.storage.models import DataKeyRow
from sync.errors import FileCorrupt

NONCE_BYTES = 12
CACHE_MAX = 10_000
Random = Callable[[int], bytes]
Keks = Callable[[], Mapping[int, bytes]]


class Vault:
    """Wraps data keys under the newest KEK, and holds a bounded cache of opened ones.

    keks: gives {version: KEK} as it stands now, so that a running process follows a rotation
    """

    def __init__(self, keks: Keks, random: Random):
        self._keks = keks
        self.random = random
        self._cache: dict[tuple[int, str], bytes] = {}
        self._lock = threading.Lock()

    def session(self, connection: Connection, ledger: int) -> VaultSession:
        """Return the vault as seen by one transaction."""
        return VaultSession(self, connection, ledger)

    def cached(self, ledger: int, root: str) -> bytes | None:
        """Return an opened data key, if it was used before."""
        return self._cache.get((ledger, root))

    def remember(self, ledger: int, keys: Mapping[str, bytes]) -> None:
        """Keep opened data keys that are known to be committed."""
        with self._lock:
            if len(self._cache) + len(keys) > CACHE_MAX:
                self._cache.clear()
            self._cache.update({(ledger, root): key for root, key in keys.items()})

    def forget(self, ledger: int, root: str) -> None:
        """Drop an opened data key that was destroyed."""
        with self._lock:
            self._cache.pop((ledger, root), None)

    def wrap(self, ledger: int, root: str, key: bytes) -> tuple[int, bytes]:
        """Return (KEK version, wrapped data key)."""
        nonce = self.random(NONCE_BYTES)
        version, kek = max(self._keks().items())
        return version, nonce + AESGCM(kek).encrypt(nonce, key, _about(ledger, root, b"key"))

    def unwrap(self, ledger: int, root: str, version: int, wrapped: bytes) -> bytes:
        """Return the data key; raises FileCorrupt when the KEK is missing or the key was altered."""
        kek = self._keks().get(version)
        if kek is None:
            raise FileCorrupt(f"the KEK of version {version} is missing")
        try:
            return AESGCM(kek).decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _about(ledger, root, b"key")
            )
        except (InvalidTag, ValueError) as error:
            raise FileCorrupt(f"the data key of {root} does not open") from error


def _about(ledger: int, root: str, purpose: bytes) -> bytes:
    return b"wardledger/1 at rest\n%d\n%s\n%s" % (ledger, root.encode(), purpose)


class VaultSession:
    """The vault inside one transaction: data keys made here are kept only once it has committed."""

    def __init__(self, vault: Vault, connection: Connection, ledger: int):
        self.vault = vault
        self.ledger = ledger
        self._connection = connection
        self._made: dict[str, bytes] = {}
        self._read: dict[str, bytes] = {}
        self._ciphers: dict[str, AESGCM] = {}
        self._mac_keys: dict[tuple[str, bytes], bytes] = {}

    def seal(self, root: str, purpose: bytes, plain: bytes) -> bytes:
        """Return nonce | ciphertext of `plain` under the root's data key, which is made if there is none."""
        nonce = self.vault.random(NONCE_BYTES)
        cipher = self._cipher(root)
        if cipher is None:
            cipher = self._ciphers[root] = AESGCM(self._make(root))
        return nonce + cipher.encrypt(nonce, plain, _about(self.ledger, root, purpose))

    def open(self, root: str, purpose: bytes, sealed: bytes) -> bytes:
        """Return the plain bytes; raises FileCorrupt if they were altered or moved."""
        cipher = self._cipher(root)
        if cipher is None:
            raise FileCorrupt(f"the data key of {root} is missing")
        try:
            return cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _about(self.ledger, root, purpose)
            )
        except (InvalidTag, ValueError) as error:
            # A blob that was cut has too short a nonce, which is a ValueError.
            raise FileCorrupt(f"data at rest of {root} does not open") from error

    def mac(self, root: str, purpose: bytes, plain: bytes, *, make: bool = True) -> bytes | None:
        """Return the keyed hash (HMAC-SHA256) of `plain` under a key that grows from the root's data key.

        make: whether a root without a data key gets one; None is returned where it has none and gets none
        """
        mac_key = self._mac_keys.get((root, purpose))
        if mac_key is None:
            data_key = self._key(root) or (self._make(root) if make else None)
            if data_key is None:
                return None
            about = _about(self.ledger, root, b"hash " + purpose)
            mac_key = self._mac_keys[(root, purpose)] = hmac.digest(data_key, about, "sha256")
        return hmac.digest(mac_key, plain, "sha256")

    def committed(self) -> None:
        """Let the keys of this transaction serve later ones; call after its commit."""
        self.vault.remember(self.ledger, {**self._read, **self._made})

    def _cipher(self, root: str) -> AESGCM | None:
        """Return the cipher under a root's data key, made once in a transaction; None where there is no key."""
        cipher = self._ciphers.get(root)
        if cipher is None and (key := self._key(root)) is not None:
            cipher = self._ciphers[root] = AESGCM(key)
        return cipher

    def _key(self, root: str) -> bytes | None:
        key = self._made.get(root) or self._read.get(root) or self.vault.cached(self.ledger, root)
        if key is None:
            table = DataKeyRow.__table__
            where = (table.c.ledger == self.ledger, table.c.root == root)
            row = self._connection.execute(select(table).where(*where)).one_or_none()
            if row is None:
                return None
            key = self._read[root] = self.vault.unwrap(self.ledger, root, row.kek_version, bytes(row.wrapped))
        return key

    def _make(self, root: str) -> bytes:
        key = self._made[root] = self.vault.random(32)
        version, wrapped = self.vault.wrap(self.ledger, root, key)
        row = {"ledger": self.ledger, "root": root, "kek_version": version, "wrapped": wrapped}
        add(self._connection, DataKeyRow.__table__, [row])
        return key
