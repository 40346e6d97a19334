"""Uploads on their way and the state of cipher files, as rows; the bytes lie in storage.files."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update

from server.storage.database import add, add_if_absent, table_of
from server.storage.models import FileRow, RecordRow, UploadRow

UPLOADS, FILES, RECORDS = table_of(UploadRow), table_of(FileRow), table_of(RecordRow)
ARRIVED, VERIFIED, CORRUPT = "arrived", "verified", "corrupt"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way; token: digest of the unguessable part of its address."""

    token: str
    device: str
    digest: str
    size: int
    expires_at: int


def create(connection: Connection, ledger: int, upload: Upload) -> None:
    """Keep a new upload."""
    row = {
        "ledger": ledger,
        "token": upload.token,
        "device": upload.device,
        "digest": upload.digest,
        "size": upload.size,
        "expires_at": upload.expires_at,
    }
    add(connection, UPLOADS, [row])


def find(connection: Connection, ledger: int, token: str) -> Upload | None:
    """Return an upload, or None."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.token == token)
    row = connection.execute(select(UPLOADS).where(*where)).one_or_none()
    return Upload(row.token, row.device, row.digest, row.size, row.expires_at) if row else None


def forget(connection: Connection, ledger: int, token: str) -> None:
    """Drop an upload's row."""
    connection.execute(delete(UPLOADS).where(UPLOADS.c.ledger == ledger, UPLOADS.c.token == token))


def arrived(connection: Connection, ledger: int, *, digest: str, size: int, at: int) -> None:
    """Note that a cipher file is stored whole; its record may come before or after."""
    add_if_absent(
        connection, FILES, {"ledger": ledger, "digest": digest, "size": size, "state": ARRIVED, "at": at}
    )


def settle(connection: Connection, ledger: int, digest: str, state: str) -> None:
    """Note what verifying a file found."""
    where = (FILES.c.ledger == ledger, FILES.c.digest == digest)
    connection.execute(update(FILES).where(*where).values(state=state))


def waiting(connection: Connection, ledger: int, limit: int) -> list[str]:
    """Return digests of files that arrived, that a record names, and that were not verified yet, oldest first."""
    named = (
        select(RECORDS.c.id)
        .where(
            RECORDS.c.ledger == ledger, RECORDS.c.type == "evidence", RECORDS.c.natural_key == FILES.c.digest
        )
        .exists()
    )
    where = (FILES.c.ledger == ledger, FILES.c.state == ARRIVED, named)
    return list(
        connection.execute(select(FILES.c.digest).where(*where).order_by(FILES.c.at).limit(limit)).scalars()
    )


def every(connection: Connection, ledger: int) -> list[tuple[str, int, str]]:
    """Return (digest, size, state) of every stored file."""
    rows = connection.execute(select(FILES).where(FILES.c.ledger == ledger).order_by(FILES.c.digest))
    return [(row.digest, row.size, row.state) for row in rows]
