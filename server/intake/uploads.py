"""Files by tus 1.0.0: resumable after days, on another network, after an app restart.

The creation is signed by the device; after that the unguessable address is all that is needed. Only
its digest is stored, and it is never logged. A body that is cut keeps what arrived before the cut.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Iterator

from schemas.declare import DIGEST
from server.evidence import verify
from server.storage import file_store
from server.storage.device_store import Device
from server.storage.file_store import Upload
from server.wiring import Services
from sync import lines
from sync.errors import Malformed, NotFound, TooLarge, UploadConflict

TOKEN_BYTES = 16
EXPIRES_DAYS = 30
DAY_MS = 86_400_000
FILE_BYTES_MAX = 21 * 1024**3
PART_BYTES_MAX = 64 * 1024**2


def create(services: Services, device: Device, *, size: int, metadata: str) -> tuple[str, Upload]:
    """Return (the address's secret part, the upload); raises Malformed or TooLarge.

    metadata: the header Upload-Metadata, in which `digest` is the cipher's SHA-256 in hex, base64
    """
    if not 0 <= size <= FILE_BYTES_MAX:
        raise TooLarge(f"a file has at most {FILE_BYTES_MAX} bytes", limit=FILE_BYTES_MAX)
    secret = lines.b64u(services.random(TOKEN_BYTES))
    expires = services.now_ms() + EXPIRES_DAYS * DAY_MS
    upload = Upload(_name(secret), device.id, _digest_in(metadata), size, expires)
    with services.database.writing(services.ledger.id) as connection:
        file_store.create(connection, services.ledger.id, upload)
    return secret, upload


def _name(secret: str) -> str:
    return lines.digest(secret.encode())


def _digest_in(metadata: str) -> str:
    for pair in metadata.split(","):
        name, _, value = pair.strip().partition(" ")
        if name == "digest":
            try:
                digest = base64.b64decode(value, validate=True).decode("ascii")
            except (binascii.Error, ValueError) as error:
                raise Malformed("Upload-Metadata: digest is not base64", field="digest") from error
            if not DIGEST.fullmatch(digest):
                raise Malformed("Upload-Metadata: digest is not 64 hex digits", field="digest")
            return digest
    raise Malformed("Upload-Metadata lacks the digest of the cipher", field="digest")


def find(services: Services, secret: str) -> Upload:
    """Return the upload at an address; raises NotFound when there is none or it has expired."""
    with services.database.reading() as connection:
        upload = file_store.find(connection, services.ledger.id, _name(secret))
    if upload is None or upload.expires_at < services.now_ms():
        raise NotFound("this upload is not known any more; create it anew")
    return upload


def offset(services: Services, upload: Upload) -> int:
    """Return how many bytes are durable; all of them once the file is stored."""
    return upload.size if services.files.has(upload.digest) else services.files.offset(upload.token)


def append(
    services: Services, upload: Upload, *, at: int, body: Iterable[bytes], checksum: str | None
) -> int:
    """Append a part and return the new offset; at the last byte the file is stored and verified.

    checksum: the header Upload-Checksum ("sha256 <base64>") or None
    Raises UploadConflict for another offset, or with `checksum=True` among its facts when a part's bytes
    are not those that were announced: then nothing of it is kept.
    """
    if offset(services, upload) != at:
        raise UploadConflict(
            f"the upload stands at {offset(services, upload)}", offset=offset(services, upload)
        )
    announced = _announced(checksum)
    if at < upload.size:
        reached = _write(services, upload, at=at, body=body, announced=announced)
    else:
        reached = at
    if reached == upload.size:
        _store(services, upload)
    return reached


def _write(
    services: Services, upload: Upload, *, at: int, body: Iterable[bytes], announced: bytes | None
) -> int:
    """Return the new offset; a part whose digest was announced is kept as a whole or not at all."""
    seen = hashlib.sha256()
    begun = whole = False

    def passing() -> Iterator[bytes]:
        nonlocal begun
        begun = True
        for chunk in body:
            seen.update(chunk)
            yield chunk

    try:
        reached = services.files.write(upload.token, at, passing(), upload.size)
        whole = announced is None or hmac.compare_digest(announced, seen.digest())
    finally:
        # Not begun: another request stands where this one wanted to write, and its bytes are not ours to take.
        if announced is not None and begun and not whole:
            services.files.truncate(upload.token, at)
    if not whole:
        raise UploadConflict("the part's bytes do not match its checksum", checksum=True, offset=at)
    return reached


def _announced(checksum: str | None) -> bytes | None:
    """Return the SHA-256 that Upload-Checksum announces, None without one; raises Malformed."""
    if checksum is None:
        return None
    name, _, value = checksum.partition(" ")
    if name != "sha256":
        raise Malformed("Upload-Checksum must be sha256", field="Upload-Checksum")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise Malformed("Upload-Checksum is not base64", field="Upload-Checksum") from error


def _store(services: Services, upload: Upload) -> None:
    if not services.files.has(upload.digest):
        if upload.size == 0:
            services.files.write(upload.token, 0, (), 0)
        if not services.files.finish(upload.token, upload.digest):
            raise UploadConflict("the whole file does not have the announced digest", checksum=True, offset=0)
    else:
        services.files.drop(upload.token)
    with services.database.writing(services.ledger.id) as connection:
        ledger = services.ledger.id
        file_store.arrived(connection, ledger, digest=upload.digest, size=upload.size, at=services.now_ms())
    verify.settle(services, upload.digest)


def terminate(services: Services, upload: Upload) -> None:
    """Forget an upload and what arrived of it; a stored file stays."""
    services.files.drop(upload.token)
    with services.database.writing(services.ledger.id) as connection:
        file_store.forget(connection, services.ledger.id, upload.token)
