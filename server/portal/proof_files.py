"""Proof that an institution hands in: sealed in the browser, checked here against what was announced, read back.

A file comes by the same resumable upload as a phone's (`/api/files` creates it, `/v1/files/uploads/...` takes the
parts); its key travels in the private line of the report that names it, and its bytes are the announced ones or none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from schemas.declare import DIGEST
from server.casework.proofs import FILE_BYTES_MAX, ProofFile
from server.commit.submission import After, Result
from server.storage import file_store
from server.wiring import Services
from sync import frames, lines
from sync.errors import BadValue, FileCorrupt, NotCanonical, NotFound, UnsupportedType
from sync.merge import Record

MAGIC = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "application/pdf": b"%PDF-"}
CIPHER_BYTES_MAX = frames.cipher_size(FILE_BYTES_MAX)


def checked(services: Services, given: ProofFile) -> ProofFile:
    """Return a file whose stored cipher opens to exactly the bytes that were announced.

    Raises BadValue for what cannot be, NotFound before the upload is complete, FileCorrupt or UnsupportedType for
    bytes that are others than those announced.
    """
    if not DIGEST.fullmatch(given.digest) or not DIGEST.fullmatch(given.cipher_digest):
        raise BadValue("a digest is 64 hex digits", field="digest")
    if not services.files.has(given.cipher_digest) or _is_given_up(services, given.cipher_digest):
        raise NotFound("the file has not arrived as a whole", field="cipher_digest")
    if services.files.size(given.cipher_digest) > CIPHER_BYTES_MAX:
        raise BadValue(f"a file has at most {FILE_BYTES_MAX} bytes", field="size")
    seen, size, head = hashlib.sha256(), 0, b""
    for part in _opened(services, given.cipher_digest, given.file_key):
        head = head or part[:16]
        seen.update(part)
        size += len(part)
    if (seen.hexdigest(), size) != (given.digest, given.size):
        raise FileCorrupt("the file is another than the one that was announced", field="digest")
    if not head.startswith(MAGIC.get(given.media_type, b"\x00")):
        raise UnsupportedType("the file is not what its type says", field="media_type")
    return given


def named(services: Services, files: Sequence[ProofFile]) -> After:
    """Return what an act does in its own transaction for the files that it names: they are kept from then on."""

    def keep(connection: Connection, _: Result) -> None:
        for file in files:
            file_store.settle(connection, services.ledger.id, file.cipher_digest, file_store.VERIFIED)

    return keep


def _is_given_up(services: Services, digest: str) -> bool:
    with services.database.reading() as connection:
        return file_store.state(connection, services.ledger.id, digest) == file_store.GIVEN_UP


def content(services: Services, record: Record, digest: str) -> tuple[str, Iterator[bytes]]:
    """Return (media type, the bytes) of a file that a record names; raises NotFound or FileCorrupt."""
    for one in record.values.get("files") or ():
        if one["digest"] == digest:
            return str(one["media_type"]), _opened(services, one["cipher_digest"], one["file_key"])
    raise NotFound(item=record.id)


def _opened(services: Services, cipher: str, key: str) -> Iterator[bytes]:
    try:
        opened = lines.unb64u(key, length=frames.KEY_BYTES)
    except NotCanonical as error:
        raise BadValue("the key of a file is 32 bytes in base64url", field="file_key") from error
    return frames.decrypt(services.files.read(cipher), opened)
