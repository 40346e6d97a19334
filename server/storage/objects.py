"""Files in an S3-compatible object store, such as Ceph, SeaweedFS or Garage, through obstore.

Uploads lie in `uploads/<upload>/<offset>`, one object for each segment that arrived, files in `cipher/<two
digits>/`, derivatives in `derived/<two digits>/`. A segment is made only where there is none (`If-None-Match`),
so of two that append at once one wins each segment, on whatever node they run. ETags are never looked at.
"""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from server.storage.files import CHUNK_BYTES, NAME, Announced
from server.storage.room import full_is_refused
from sync.errors import ChecksumMismatch, NotFound, StorageDown, StorageFull, UploadConflict

if TYPE_CHECKING:
    from obstore import WritableFile

SEGMENT_BYTES = 8 * 1024 * 1024
"""The largest segment, and the largest piece of a file; with two at a time under way they bound the memory."""
PIECES_AT_ONCE = 2
OFFSET_DIGITS = 14
TIMEOUT = timedelta(seconds=60)
CONNECT_TIMEOUT = timedelta(seconds=5)
RETRIES_MAX = 4
RETRY_TIMEOUT = timedelta(seconds=20)
FULL_WORDS = ("StorageFull", "QuotaExceeded", "InsufficientCapacity", "507 ")
log = structlog.get_logger()


@dataclass(frozen=True)
class Access:
    """Where an object store answers and by which key; without a key, by what the machine itself is given."""

    endpoint: str = ""
    region: str = ""
    key: str = ""
    secret: str = ""


class ObjectStore:
    """A FileStore in a bucket."""

    def __init__(self, bucket: S3Store):
        self._bucket = bucket

    # -- uploads ---------------------------------------------------------------------------------------

    def offset(self, upload: str) -> int:
        """Return where the segments end that join each other from the beginning."""
        at = 0
        for start, size in self._segments(upload):
            if start != at:
                break
            at += size
        return at

    def write(
        self,
        upload: str,
        offset: int,
        chunks: Iterable[bytes],
        size_max: int,
        announced: Announced | None = None,
    ) -> int:
        """Append segment by segment what arrives; see FileStore. An announced part is checked before it is kept."""
        self._check_stands(upload, offset)
        if announced is None:
            return self._append(upload, offset, _segmented(_bounded(chunks, size_max - offset)))
        with tempfile.SpooledTemporaryFile(max_size=SEGMENT_BYTES) as spool:
            seen = announced.running()
            for chunk in _bounded(chunks, size_max - offset):
                seen.update(chunk)
                with full_is_refused():
                    spool.write(chunk)
            if not announced.fits(seen):
                raise ChecksumMismatch("the part's bytes do not match its checksum", offset=offset)
            spool.seek(0)
            return self._append(upload, offset, _pieces(spool))

    def finish(self, upload: str, digest: str) -> bool:
        """Join the segments to a file while hashing them; where the digest differs the file never comes to be."""
        seen = hashlib.sha256()
        path = _sorted("cipher", digest)
        segments = list(self._segments(upload))
        try:
            # Left by an exception, the writer aborts: nothing of what it sent becomes an object.
            with _answered(), self._writer(path) as file:
                for start, _ in segments:
                    for chunk in self._stream(_segment(upload, start), None):
                        seen.update(chunk)
                        file.write(chunk)
                if seen.hexdigest() != digest:
                    raise _OtherDigest
        except _OtherDigest:
            self.drop(upload)
            return False
        self.drop(upload)
        return True

    def drop(self, upload: str) -> None:
        """Remove the upload's segments, the last ones first: what is left after a crash still joins."""
        paths = [_segment(upload, start) for start, _ in self._segments(upload)]
        with _answered():
            for path in reversed(paths):
                obstore.delete(self._bucket, path)

    def uploads(self) -> Iterator[str]:
        """Yield the names of uploads with segments."""
        with _answered():
            found = obstore.list_with_delimiter(self._bucket, "uploads")["common_prefixes"]
        names = (str(prefix).rstrip("/").rpartition("/")[2] for prefix in found)
        yield from sorted(name for name in names if NAME.fullmatch(name))

    def _append(self, upload: str, offset: int, segments: Iterable[bytes]) -> int:
        for segment in segments:
            try:
                with _answered():
                    path = _segment(upload, offset)
                    obstore.put(self._bucket, path, segment, mode="create", use_multipart=False)
            except AlreadyExistsError as error:
                stands = self.offset(upload)
                raise UploadConflict("another request goes on with this upload", offset=stands) from error
            offset += len(segment)
        return offset

    def _check_stands(self, upload: str, offset: int) -> None:
        """Raise UploadConflict unless the segments end at `offset`; looks only at those that could."""
        since = max(0, offset - SEGMENT_BYTES)
        ends = [start + size for start, size in self._segments(upload, since)]
        if (ends[-1] if ends else 0) != offset:
            stands = self.offset(upload)
            raise UploadConflict(f"the upload stands at {stands}", offset=stands)

    def _segments(self, upload: str, since: int = 0) -> Iterator[tuple[int, int]]:
        """Yield (offset, size) of the segments that begin at `since` or later, in order."""
        assert NAME.fullmatch(upload), "uploads are named by a digest"
        before = _segment(upload, since - 1) if since else None
        found: list[tuple[int, int]] = []
        with _answered():
            for page in obstore.list(self._bucket, f"uploads/{upload}", offset=before):
                found += [(int(one["path"].rpartition("/")[2]), int(one["size"])) for one in page]
        yield from sorted(found)

    def _writer(self, path: str) -> WritableFile:
        return obstore.open_writer(
            self._bucket, path, buffer_size=SEGMENT_BYTES, max_concurrency=PIECES_AT_ONCE
        )

    # -- files -----------------------------------------------------------------------------------------

    def has(self, digest: str) -> bool:
        """Return whether the file is there."""
        try:
            self.size(digest)
        except NotFound:
            return False
        return True

    def read(self, digest: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from start to end as they come; only those are asked for."""
        wanted = (start, self.size(digest) if end is None else end)
        if wanted[0] < wanted[1]:
            yield from self._stream(_sorted("cipher", digest), wanted)

    def size(self, digest: str) -> int:
        """Return the file's size."""
        with _answered():
            return int(obstore.head(self._bucket, _sorted("cipher", digest))["size"])

    def discard(self, digest: str) -> None:
        """Remove the file."""
        with _answered():
            obstore.delete(self._bucket, _sorted("cipher", digest))

    # -- derivatives -----------------------------------------------------------------------------------

    def keep(self, name: str, content: bytes) -> None:
        """Keep a derivative."""
        with _answered():
            obstore.put(self._bucket, _sorted("derived", name), content, use_multipart=False)

    def kept(self, name: str) -> bytes | None:
        """Return a derivative's bytes, or None."""
        try:
            return b"".join(self._stream(_sorted("derived", name), None))
        except NotFound:
            return None

    def _stream(self, path: str, wanted: tuple[int, int] | None) -> Iterator[bytes]:
        with _answered():
            got = obstore.get(self._bucket, path, options={"range": wanted} if wanted else None)
            for chunk in got.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)


def object_store(url: str, access: Access) -> ObjectStore:
    """Return the store at `s3://bucket/prefix`; asks nobody yet."""
    parts = urlsplit(url)
    given = {
        "endpoint": access.endpoint,
        "region": access.region,
        "access_key_id": access.key,
        "secret_access_key": access.secret,
    }
    bucket = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        # Stores on one's own machines answer below their address, not below a name of the bucket.
        virtual_hosted_style_request=not access.endpoint,
        client_options={
            "allow_http": access.endpoint.startswith("http://"),
            "timeout": TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
        },
        retry_config={"max_retries": RETRIES_MAX, "retry_timeout": RETRY_TIMEOUT},
        **{name: value for name, value in given.items() if value},  # type: ignore[arg-type]
    )
    return ObjectStore(bucket)


class _OtherDigest(Exception):
    """The segments are not the file that was announced."""


def _segment(upload: str, offset: int) -> str:
    return f"uploads/{upload}/{offset:0{OFFSET_DIGITS}d}"


def _sorted(folder: str, name: str) -> str:
    assert NAME.fullmatch(name), "files are named by a digest"
    return f"{folder}/{name[:2]}/{name}"


def _bounded(chunks: Iterable[bytes], left: int) -> Iterator[bytes]:
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise UploadConflict("the part goes beyond the upload's end")
        yield chunk


def _segmented(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks as segments; what came before a fault of the line is yielded before the fault is told."""
    held = bytearray()
    fault: BaseException | None = None
    source = iter(chunks)
    while fault is None:
        try:
            held += next(source)
        except StopIteration:
            break
        except (OSError, UploadConflict) as error:
            fault = error
        while len(held) >= SEGMENT_BYTES:
            yield bytes(held[:SEGMENT_BYTES])
            del held[:SEGMENT_BYTES]
    if held:
        yield bytes(held)
    if fault is not None:
        raise fault


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(SEGMENT_BYTES):
        yield piece


@contextlib.contextmanager
def _answered() -> Iterator[None]:
    """Turn what the store says into refusals; its own words go to the log alone, they may name keys and hosts."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("the file has not arrived") from error
    except AlreadyExistsError:
        raise
    except (BaseError, OSError) as error:
        # A writer tells its failures as errors of input and output.
        if any(word in str(error) for word in FULL_WORDS):
            raise StorageFull from error
        log.warning("the object store refuses or does not answer", kind=type(error).__name__)
        raise StorageDown from error
