"""What the server needs of a place for files: cipher files by their digest, uploads on their way, derivatives.

Two places keep it: a folder (`folder.py`) and an S3-compatible object store (`objects.py`). Whatever a store
says of its own about what it holds counts for nothing: the SHA-256 that the server takes itself decides.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.config import Config

CHUNK_BYTES = 256 * 1024
CHECKSUMS = ("sha1", "sha256")
"""tus asks for SHA-1, which finds what a line damages; what a file is, SHA-256 alone decides."""
NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Announced:
    """What a part's bytes must hash to, against damage on its way; algorithm: one of CHECKSUMS."""

    algorithm: str
    digest: bytes

    def running(self) -> Running:
        """Return a digest to be fed with the part's bytes."""
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def fits(self, seen: Running) -> bool:
        """Return whether what was seen is what was announced."""
        return hmac.compare_digest(seen.digest(), self.digest)


class Running(Protocol):
    """A digest that is fed piece by piece, as hashlib has them."""

    def update(self, data: bytes, /) -> None:
        """Go on with these bytes."""

    def digest(self) -> bytes:
        """Return the digest of all bytes so far."""


class FileStore(Protocol):
    """A place for files. Uploads, files and derivatives are named by 64 hex digits.

    What is written is durable when the call returns, but for the tail of an upload (see `write`). Every call
    but `has`, `size` and `offset` raises StorageFull without room, any call StorageDown without an answer.
    """

    def offset(self, upload: str) -> int:
        """Return how many bytes of an upload are kept; 0 when there are none."""

    def write(
        self,
        upload: str,
        offset: int,
        chunks: Iterable[bytes],
        size_max: int,
        announced: Announced | None = None,
    ) -> int:
        """Append to an upload and return the new offset; what arrived before a cut stays.

        announced: what all chunks hash to; then they are kept as a whole or not at all, across a kill too
        Of two that append at once the later goes on, since the earlier may hang on a dead line. A power cut
        may take back what was appended last; `offset` tells, and `finish` makes all of it durable.
        Raises UploadConflict at another offset or when another has taken over, ChecksumMismatch.
        """

    def finish(self, upload: str, digest: str) -> bool:
        """Turn an upload into a file if its bytes have that digest; False (and the bytes dropped) if not."""

    def drop(self, upload: str) -> None:
        """Forget an upload; one that is not there is no fault."""

    def uploads(self) -> Iterator[str]:
        """Yield the names of all uploads of which something is kept."""

    def has(self, digest: str) -> bool:
        """Return whether a file is there."""

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a file's bytes from start to end, in chunks; raises NotFound."""

    def size(self, digest: str) -> int:
        """Return a file's size; raises NotFound."""

    def discard(self, digest: str) -> None:
        """Remove a file whose bytes are not what its name says, so that it can arrive again."""

    def keep(self, name: str, content: bytes) -> None:
        """Keep a derivative, apart from the files; it can be made again, so it may be lost."""

    def kept(self, name: str) -> bytes | None:
        """Return a derivative, or None."""


def is_intact(files: FileStore, digest: str) -> bool:
    """Return whether a stored file still has the digest that it is named by."""
    seen = hashlib.sha256()
    for chunk in files.read(digest):
        seen.update(chunk)
    return seen.hexdigest() == digest


def open_store(config: Config) -> FileStore:
    """Return the store that the settings name: a folder's path, which is made if need be, or `s3://bucket/prefix`."""
    if config.files_url.startswith("s3://"):
        from server.storage.objects import Access, object_store

        access = Access(config.s3_endpoint, config.s3_region, config.s3_key, config.s3_secret)
        return object_store(config.files_url, access)
    from server.storage.folder import FolderStore

    return FolderStore(Path(config.files_url))
