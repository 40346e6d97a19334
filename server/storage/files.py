"""Cipher files in a folder, named by their digest: temp, fsync, rename; never rewritten."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from sync.errors import NotFound, UploadConflict

CHUNK_BYTES = 256 * 1024
NAME = re.compile(r"[0-9a-f]{64}")


class FileStore(Protocol):
    """What the server needs of a place for cipher files and unfinished uploads."""

    def offset(self, upload: str) -> int:
        """Return how many bytes of an upload are durable; 0 when there are none."""

    def write(self, upload: str, offset: int, chunks: Iterable[bytes], size_max: int) -> int:
        """Append to an upload and return the new durable offset; raises UploadConflict at another offset."""

    def finish(self, upload: str, digest: str) -> bool:
        """Turn an upload into a file if its bytes have that digest; False (and the bytes dropped) if not."""

    def truncate(self, upload: str, offset: int) -> None:
        """Take back what a faulty part had appended."""

    def drop(self, upload: str) -> None:
        """Forget an upload."""

    def has(self, digest: str) -> bool:
        """Return whether a file is there."""

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a file's bytes; raises NotFound."""

    def size(self, digest: str) -> int:
        """Return a file's size; raises NotFound."""


class FolderStore:
    """A FileStore in a folder; uploads lie in `uploads/`, files in `cipher/<two digits>/`."""

    def __init__(self, folder: Path):
        self._uploads = folder / "uploads"
        self._files = folder / "cipher"
        for made in (self._uploads, self._files):
            made.mkdir(parents=True, exist_ok=True, mode=0o700)

    def offset(self, upload: str) -> int:
        """Return the upload's size on disk."""
        path = self._upload(upload)
        return path.stat().st_size if path.exists() else 0

    def write(self, upload: str, offset: int, chunks: Iterable[bytes], size_max: int) -> int:
        """Append what arrives, up to size_max, and fsync; what arrived before a cut stays."""
        with self._upload(upload).open("ab") as file:
            at = file.tell()
            if at != offset:
                raise UploadConflict(f"the upload stands at {at}", offset=at)
            try:
                for chunk in chunks:
                    if at + len(chunk) > size_max:
                        raise UploadConflict(f"the upload has {size_max} bytes at most", offset=at)
                    file.write(chunk)
                    at += len(chunk)
            finally:
                file.flush()
                os.fsync(file.fileno())
        return at

    def truncate(self, upload: str, offset: int) -> None:
        """Take back what a faulty part had appended."""
        os.truncate(self._upload(upload), offset)

    def finish(self, upload: str, digest: str) -> bool:
        """Rename the upload to its digest after hashing it whole."""
        path, target = self._upload(upload), self._file(digest)
        seen = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                seen.update(chunk)
            os.fsync(file.fileno())
        if seen.hexdigest() != digest:
            path.unlink()
            return False
        target.parent.mkdir(exist_ok=True, mode=0o700)
        path.rename(target)
        for folder in (target.parent, self._uploads):
            _sync_folder(folder)
        return True

    def drop(self, upload: str) -> None:
        """Remove the upload's bytes."""
        with contextlib.suppress(FileNotFoundError):
            self._upload(upload).unlink()

    def has(self, digest: str) -> bool:
        """Return whether the file is there."""
        return self._file(digest).exists()

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from start to end in chunks."""
        left = (end if end is not None else self.size(digest)) - start
        with self._file(digest).open("rb") as file:
            file.seek(start)
            while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
                left -= len(chunk)
                yield chunk

    def size(self, digest: str) -> int:
        """Return the file's size."""
        try:
            return self._file(digest).stat().st_size
        except FileNotFoundError as error:
            raise NotFound("the file has not arrived") from error

    def _upload(self, upload: str) -> Path:
        assert NAME.fullmatch(upload), "uploads are named by a digest"
        return self._uploads / upload

    def _file(self, digest: str) -> Path:
        assert NAME.fullmatch(digest), "files are named by a digest"
        return self._files / digest[:2] / digest


def folder_store(folder: Path) -> FolderStore:
    """Return the store in a folder, which is made if it is not there."""
    return FolderStore(folder)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
