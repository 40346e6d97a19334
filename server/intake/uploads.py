"""Uploads: resumable after days, on another network, after an app restart; see tus.py for how phones call them.

The creation is signed by the device; after that the unguessable address is all that is needed. Only
its digest is stored, and it is never logged. A body that is cut keeps what arrived before the cut.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace

from schemas.declare import DIGEST
from server.evidence import verify
from server.intake import unnamed
from server.storage import file_store
from server.storage.file_store import CORRUPT, ENDED, EXPIRED, OPEN, Upload
from server.storage.files import CHECKSUMS, Announced, is_intact
from server.wiring import Services
from sync import lines
from sync.errors import (
    ChecksumMismatch,
    Malformed,
    NotFound,
    StorageFull,
    TooLarge,
    UploadConflict,
    UploadGone,
)

TOKEN_BYTES = 16
EXPIRES_DAYS = 30
DAY_MS = 86_400_000
FILE_BYTES_MAX = 21 * 1024**3
SWEEP_MAX = 200


def create(services: Services, owner: str, *, size: int, metadata: str) -> tuple[str, Upload]:
    """Return (the address's secret part, the upload); raises Malformed or TooLarge.

    owner: the device that signed the creation, or the institution's user who is signed in

    metadata: the header Upload-Metadata, in which `digest` is the cipher's SHA-256 in hex, base64
    """
    if not 0 <= size <= FILE_BYTES_MAX:
        raise TooLarge(f"a file has at most {FILE_BYTES_MAX} bytes", limit=FILE_BYTES_MAX)
    digest = _digest_in(metadata)
    _make_way(services, digest)
    secret = lines.b64u(services.random(TOKEN_BYTES))
    upload = Upload(_name(secret), owner, digest, size, _until(services))
    with services.database.writing(services.ledger.id) as connection:
        file_store.create(connection, services.ledger.id, upload)
        file_store.wanted_again(connection, services.ledger.id, digest, services.now_ms())
    return secret, upload


def _name(secret: str) -> str:
    return lines.digest(secret.encode())


def _until(services: Services) -> int:
    return services.now_ms() + EXPIRES_DAYS * DAY_MS


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


def _make_way(services: Services, digest: str) -> None:
    """Remove a stored file that was found corrupt and whose bytes are not its digest's: it comes again now."""
    with services.database.reading() as connection:
        state = file_store.state(connection, services.ledger.id, digest)
    if state == CORRUPT and services.files.has(digest) and not is_intact(services.files, digest):
        services.files.discard(digest)
        with services.database.writing(services.ledger.id) as connection:
            file_store.forget_file(connection, services.ledger.id, digest)


def find(services: Services, secret: str) -> Upload:
    """Return the upload at an address; raises NotFound where there never was one, UploadGone once it is over."""
    with services.database.reading() as connection:
        upload = file_store.find(connection, services.ledger.id, _name(secret))
    if upload is None:
        raise NotFound("this upload is not known; create it anew")
    if upload.state != OPEN:
        raise UploadGone("this upload was ended" if upload.state == ENDED else "this upload has expired")
    if upload.expires_at < services.now_ms():
        raise UploadGone("this upload has expired")
    return upload


def offset(services: Services, upload: Upload) -> int:
    """Return how many bytes are kept; all of them only once the file is stored, which is made sure of here."""
    if services.files.has(upload.digest):
        reached = upload.size
    else:
        reached = services.files.offset(upload.token)
    if reached == upload.size:
        # Whoever is told so sends nothing more: what a crash left undone must not be left to a further part.
        try:
            _store(services, upload)
        except ChecksumMismatch:
            return 0
    return reached


def append(
    services: Services, upload: Upload, *, at: int, body: Iterable[bytes], checksum: str | None
) -> tuple[int, Upload]:
    """Append a part and return (the new offset, the upload); at the last byte the file is stored and verified.

    checksum: the header Upload-Checksum (such as "sha256 <base64>") or None
    Raises UploadConflict for another offset, or where another request has taken over; ChecksumMismatch when a
    part's bytes are not those that were announced, and StorageFull; of an announced part nothing is kept then.
    """
    announced = _announced(checksum)
    if services.files.has(upload.digest):
        reached = upload.size
        if at != reached:
            raise UploadConflict("the file is there already", offset=reached)
    else:
        try:
            reached = services.files.write(upload.token, at, body, upload.size, announced)
        except (UploadConflict, ChecksumMismatch, StorageFull) as refused:
            refused.facts.setdefault("offset", services.files.offset(upload.token))
            raise
    if reached == upload.size:
        _store(services, upload)
    return reached, _longer(services, upload)


def _longer(services: Services, upload: Upload) -> Upload:
    """Let an upload that goes on live on; a row is written once in half its time at most."""
    if upload.expires_at - services.now_ms() > EXPIRES_DAYS * DAY_MS // 2:
        return upload
    longer = replace(upload, expires_at=_until(services))
    with services.database.writing(services.ledger.id) as connection:
        file_store.prolong(connection, services.ledger.id, upload.token, longer.expires_at)
    return longer


def _announced(checksum: str | None) -> Announced | None:
    """Return what Upload-Checksum announces, None without one; raises Malformed."""
    if checksum is None:
        return None
    name, _, value = checksum.partition(" ")
    if name not in CHECKSUMS:
        raise Malformed(f"Upload-Checksum must be one of {', '.join(CHECKSUMS)}", field="Upload-Checksum")
    try:
        return Announced(name, base64.b64decode(value, validate=True))
    except binascii.Error as error:
        raise Malformed("Upload-Checksum is not base64", field="Upload-Checksum") from error


def _store(services: Services, upload: Upload) -> None:
    ledger = services.ledger.id
    if services.files.has(upload.digest):
        services.files.drop(upload.token)
    elif not services.files.finish(upload.token, upload.digest) and not services.files.has(upload.digest):
        raise ChecksumMismatch("the whole file does not have the announced digest", offset=0)
    with services.database.reading() as connection:
        known = file_store.state(connection, ledger, upload.digest)
    if known is None:
        size = services.files.size(upload.digest)
        with services.database.writing(ledger) as connection:
            file_store.arrived(connection, ledger, digest=upload.digest, size=size, at=services.now_ms())
    if known in (None, file_store.ARRIVED):
        verify.settle(services, upload.digest)


def terminate(services: Services, upload: Upload) -> None:
    """End an upload and forget what arrived of it; a stored file stays."""
    # The row first: a part that comes at the same time finds the upload over, whatever it can still write.
    with services.database.writing(services.ledger.id) as connection:
        file_store.close(connection, services.ledger.id, upload.token, ENDED)
    services.files.drop(upload.token)


def sweep(services: Services) -> int:
    """Drop what arrived of uploads that nobody goes on with; return how many, at most SWEEP_MAX at a time.

    The evidence that waits for such a file reads `abandoned` from then on: its phone, which still has the
    file, begins anew. A whole file that people sent and no record names
    is given up. Rows are kept as long again, so that a late phone hears that its upload is gone.
    """
    ledger, now = services.ledger.id, services.now_ms()
    with services.database.reading() as connection:
        over = file_store.expired(connection, ledger, now, SWEEP_MAX)
    for upload in over:
        services.files.drop(upload.token)
        with services.database.writing(ledger) as connection:
            file_store.close(connection, ledger, upload.token, EXPIRED)
            file_store.forget_older(connection, ledger, now - EXPIRES_DAYS * DAY_MS)
            waiting = file_store.is_on_its_way(connection, ledger, upload.digest, now)
        if not waiting and not services.files.has(upload.digest):
            verify.abandon(services, upload.digest)
        unnamed.give_up(services, upload)
    return len(over)
