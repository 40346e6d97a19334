"""Files in a folder: temp, fsync, rename; never rewritten.

Uploads lie in `uploads/`, files in `cipher/<two digits>/`, derivatives in `derived/<two digits>/`. Beside an
upload that is being appended to lies its claim: who appends, and up to where its bytes are certain.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from server.storage.files import CHUNK_BYTES, NAME, Announced
from server.storage.room import full_is_refused
from sync.errors import ChecksumMismatch, NotFound, StorageDown, StorageFull, UploadConflict

CLAIM = ".claim"
CLAIM_FORM = struct.Struct(">16sQ")
"""Who appends, and the offset up to which the bytes are certain; beyond lies a part that was announced."""
ALL = 2**64 - 1
SYNC_BYTES = 8 * 1024 * 1024
"""An upload is flushed to the disk this often and at its end: a power cut costs as much to send again at most."""
AWAY = (errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.EROFS, errno.EHOSTDOWN, errno.ETIMEDOUT)
"""What a disk says that was taken away, or a server of folders that does not answer."""
FREE_BYTES_KEPT = 64 * 1024 * 1024
"""Files leave so much of their disk free: the ledger, which may lie on it too, stops without any room."""


class FolderStore:
    """A FileStore in a folder.

    free_bytes_kept: how much of the disk uploads leave free
    """

    def __init__(self, folder: Path, *, free_bytes_kept: int = FREE_BYTES_KEPT):
        self._uploads, self._files, self._derived = (
            folder / name for name in ("uploads", "cipher", "derived")
        )
        self._free_bytes_kept = free_bytes_kept
        for made in (self._uploads, self._files, self._derived):
            made.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _check_there(self) -> None:
        """Raise StorageDown where the folders are gone: an empty place where a disk was mounted is no empty store."""
        if not (self._uploads.is_dir() and self._files.is_dir()):
            raise StorageDown

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        """Raise StorageFull where there is no room, StorageDown where the disk is gone or does not answer."""
        self._check_there()
        try:
            with full_is_refused():
                yield
        except OSError as error:
            if error.errno in AWAY:
                raise StorageDown from error
            raise

    # -- uploads ---------------------------------------------------------------------------------------

    def offset(self, upload: str) -> int:
        """Return the upload's size on disk, without the tail of a part that was announced and never ended."""
        self._check_there()
        path = _in(self._uploads, upload)
        try:
            return min(path.stat().st_size, _certain(path))
        except FileNotFoundError:
            return 0

    def write(
        self,
        upload: str,
        offset: int,
        chunks: Iterable[bytes],
        size_max: int,
        announced: Announced | None = None,
    ) -> int:
        """Append what arrives, up to size_max; see FileStore."""
        path = _in(self._uploads, upload)
        with self._answering():
            if shutil.disk_usage(self._uploads).free < self._free_bytes_kept:
                raise StorageFull
            with _Appending.begin(path, offset, announced=announced is not None) as appending:
                seen = announced.running() if announced is not None else None
                for chunk in chunks:
                    appending.add(chunk, size_max)
                    if seen is not None:
                        seen.update(chunk)
                if announced is not None and seen is not None and not announced.fits(seen):
                    appending.take_back()
                    raise ChecksumMismatch("the part's bytes do not match its checksum", offset=offset)
                appending.end()
                return appending.at

    def finish(self, upload: str, digest: str) -> bool:
        """Rename the upload to its digest after hashing it whole."""
        path, target = _in(self._uploads, upload), _sorted(self._files, digest)
        seen = hashlib.sha256()
        with self._answering(), path.open("ab+") as file:
            _close_to_all(path, file.fileno())
            file.seek(0)
            while chunk := file.read(CHUNK_BYTES):
                seen.update(chunk)
            os.fsync(file.fileno())
            if seen.hexdigest() != digest:
                self.drop(upload)
                return False
            target.parent.mkdir(exist_ok=True, mode=0o700)
            path.rename(target)
        _claim_path(path).unlink(missing_ok=True)
        for folder in (target.parent, self._files, self._uploads):
            _sync_folder(folder)
        return True

    def drop(self, upload: str) -> None:
        """Remove the upload's bytes."""
        path = _in(self._uploads, upload)
        for one in (path, _claim_path(path)):
            one.unlink(missing_ok=True)

    def uploads(self) -> Iterator[str]:
        """Yield the names in the folder of uploads."""
        names = {path.name.removesuffix(CLAIM) for path in self._uploads.iterdir()}
        yield from sorted(name for name in names if NAME.fullmatch(name))

    # -- files -----------------------------------------------------------------------------------------

    def has(self, digest: str) -> bool:
        """Return whether the file is there."""
        self._check_there()
        return _sorted(self._files, digest).exists()

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from start to end in chunks."""
        left = (end if end is not None else self.size(digest)) - start
        try:
            file = _sorted(self._files, digest).open("rb")
        except FileNotFoundError as error:
            raise NotFound("the file has not arrived") from error
        with file:
            file.seek(start)
            while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
                left -= len(chunk)
                yield chunk

    def size(self, digest: str) -> int:
        """Return the file's size."""
        try:
            return _sorted(self._files, digest).stat().st_size
        except FileNotFoundError as error:
            raise NotFound("the file has not arrived") from error

    def discard(self, digest: str) -> None:
        """Remove the file."""
        path = _sorted(self._files, digest)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _sync_folder(path.parent)

    # -- derivatives -----------------------------------------------------------------------------------

    def keep(self, name: str, content: bytes) -> None:
        """Write a derivative beside its place, then rename it; not flushed, since it can be made again."""
        path = _sorted(self._derived, name)
        with self._answering():
            path.parent.mkdir(exist_ok=True, mode=0o700)
            new = path.with_name(f"{name}.{secrets.token_hex(4)}")
            try:
                new.write_bytes(content)
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)

    def kept(self, name: str) -> bytes | None:
        """Return a derivative's bytes, or None."""
        try:
            return _sorted(self._derived, name).read_bytes()
        except FileNotFoundError:
            return None


@dataclass
class _Appending:
    """One request's turn to append to an upload, until another takes over; a context manager."""

    path: Path
    handle: int
    claim: int
    who: bytes
    began: int
    at: int
    announced: bool

    @classmethod
    def begin(cls, path: Path, offset: int, *, announced: bool) -> _Appending:
        """Take the upload over at `offset`; raises UploadConflict if it stands elsewhere."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        claim = -1
        try:
            claim = os.open(_claim_path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            made = cls(path, handle, claim, secrets.token_bytes(16), offset, offset, announced)
            with made._alone():
                stands = min(os.fstat(handle).st_size, _written_claim(claim)[1])
                if stands != offset:
                    raise UploadConflict(f"the upload stands at {stands}", offset=stands)
                # What a part that was announced left behind when its request died is not vouched for.
                os.ftruncate(handle, offset)
                os.pwrite(claim, CLAIM_FORM.pack(made.who, offset if announced else ALL), 0)
        except BaseException:
            for opened in (handle, claim):
                if opened >= 0:
                    os.close(opened)
            raise
        return made

    def add(self, chunk: bytes, size_max: int) -> None:
        """Append a chunk; raises UploadConflict beyond size_max, or once another has taken over."""
        if self.at + len(chunk) > size_max:
            raise UploadConflict(f"the upload has {size_max} bytes at most", offset=self._conflict_offset())
        with self._alone():
            self._check_mine()
            view = memoryview(chunk)
            before = self.at // SYNC_BYTES
            while view:
                written = os.pwrite(self.handle, view, self.at)
                self.at += written
                view = view[written:]
        if self.at // SYNC_BYTES != before:
            os.fsync(self.handle)

    def end(self) -> None:
        """Vouch for what was appended."""
        if self.announced:
            with self._alone():
                self._check_mine()
                os.pwrite(self.claim, CLAIM_FORM.pack(self.who, ALL), 0)

    def take_back(self) -> None:
        """Remove what was appended, unless another has taken over, who sees to it."""
        with self._alone():
            if self._is_mine():
                os.ftruncate(self.handle, self.began)
                os.pwrite(self.claim, CLAIM_FORM.pack(self.who, ALL), 0)

    def __enter__(self) -> _Appending:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is not None and self.announced:
                self.take_back()
        finally:
            os.close(self.handle)
            os.close(self.claim)

    def _conflict_offset(self) -> int:
        return self.began if self.announced else self.at

    def _is_mine(self) -> bool:
        return _written_claim(self.claim)[0] == self.who

    def _check_mine(self) -> None:
        # An upload that was ended meanwhile has no name any more: what would be written is lost with it.
        if not self._is_mine() or os.fstat(self.handle).st_nlink == 0:
            stands = min(os.fstat(self.handle).st_size, _written_claim(self.claim)[1])
            raise UploadConflict("another request goes on with this upload", offset=stands)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        fcntl.flock(self.claim, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self.claim, fcntl.LOCK_UN)


def _close_to_all(path: Path, handle: int) -> None:
    """Take an upload over from whoever appends, without what nobody vouches for: its bytes move no more."""
    with _claim_path(path).open("ab+") as claim:
        fcntl.flock(claim.fileno(), fcntl.LOCK_EX)
        _, certain = _written_claim(claim.fileno())
        os.ftruncate(handle, min(os.fstat(handle).st_size, certain))
        claim.truncate(0)
        claim.write(CLAIM_FORM.pack(secrets.token_bytes(16), ALL))


def _claim_path(path: Path) -> Path:
    return path.with_name(path.name + CLAIM)


def _written_claim(handle: int) -> tuple[bytes, int]:
    raw = os.pread(handle, CLAIM_FORM.size, 0)
    if len(raw) != CLAIM_FORM.size:
        return b"", ALL
    who, certain = CLAIM_FORM.unpack(raw)
    return bytes(who), int(certain)


def _certain(path: Path) -> int:
    """Return the offset up to which an upload's bytes are certain."""
    try:
        handle = os.open(_claim_path(path), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return ALL
    try:
        return _written_claim(handle)[1]
    finally:
        os.close(handle)


def _in(folder: Path, name: str) -> Path:
    assert NAME.fullmatch(name), "uploads are named by a digest"
    return folder / name


def _sorted(folder: Path, name: str) -> Path:
    assert NAME.fullmatch(name), "files are named by a digest"
    return folder / name[:2] / name


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
