"""Uploads on their way and the state of cipher files, as rows; the bytes lie in storage.files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from server.storage.database import add, add_if_absent, table_of
from server.storage.models import FileRow, RecordRow, UploadRow

UPLOADS, FILES, RECORDS = table_of(UploadRow), table_of(FileRow), table_of(RecordRow)
ARRIVED, VERIFIED, CORRUPT = "arrived", "verified", "corrupt"
GIVEN_UP = "given_up"
"""What an institution sent and named nowhere; its bytes are dropped a day later (`intake.unnamed`)."""


OPEN, ENDED, EXPIRED = "open", "ended", "expired"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way; token: digest of the unguessable part of its address; state: open, ended or expired."""

    token: str
    device: str
    digest: str
    size: int
    expires_at: int
    state: str = OPEN


def create(connection: Connection, ledger: int, upload: Upload) -> None:
    """Keep a new upload."""
    row = {
        "ledger": ledger,
        "token": upload.token,
        "device": upload.device,
        "digest": upload.digest,
        "size": upload.size,
        "expires_at": upload.expires_at,
        "state": upload.state,
    }
    add(connection, UPLOADS, [row])


def find(connection: Connection, ledger: int, token: str) -> Upload | None:
    """Return an upload, or None."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.token == token)
    row = connection.execute(select(UPLOADS).where(*where)).one_or_none()
    return _upload(row) if row else None


def prolong(connection: Connection, ledger: int, token: str, expires_at: int) -> None:
    """Let an upload go on until then."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.token == token)
    connection.execute(update(UPLOADS).where(*where).values(expires_at=expires_at))


def close(connection: Connection, ledger: int, token: str, state: str) -> None:
    """Note that an upload is over: ended by its phone, or expired."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.token == token)
    connection.execute(update(UPLOADS).where(*where).values(state=state))


def expired(connection: Connection, ledger: int, now: int, limit: int) -> list[Upload]:
    """Return open uploads whose time is over, the oldest first."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.state == OPEN, UPLOADS.c.expires_at < now)
    found = select(UPLOADS).where(*where).order_by(UPLOADS.c.expires_at).limit(limit)
    return [_upload(row) for row in connection.execute(found)]


def forget_older(connection: Connection, ledger: int, before: int) -> None:
    """Drop the rows of uploads that were over before then."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.state != OPEN, UPLOADS.c.expires_at < before)
    connection.execute(delete(UPLOADS).where(*where))


def on_their_way(connection: Connection, ledger: int, digests: Iterable[str], now: int) -> list[Upload]:
    """Return the open uploads of these ciphers."""
    named = UPLOADS.c.digest.in_(list(digests))
    where = (UPLOADS.c.ledger == ledger, named, UPLOADS.c.state == OPEN, UPLOADS.c.expires_at >= now)
    return [_upload(row) for row in connection.execute(select(UPLOADS).where(*where))]


def is_on_its_way(connection: Connection, ledger: int, digest: str, now: int) -> bool:
    """Return whether a cipher has an open upload."""
    return bool(on_their_way(connection, ledger, [digest], now))


def tokens(connection: Connection, ledger: int) -> set[str]:
    """Return the tokens of all open uploads."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.state == OPEN)
    return set(connection.execute(select(UPLOADS.c.token).where(*where)).scalars())


def _upload(row: Row[Any]) -> Upload:
    return Upload(row.token, row.device, row.digest, row.size, row.expires_at, row.state)


def state(connection: Connection, ledger: int, digest: str) -> str | None:
    """Return what is known of a stored cipher file, None before it has arrived."""
    where = (FILES.c.ledger == ledger, FILES.c.digest == digest)
    return connection.execute(select(FILES.c.state).where(*where)).scalar_one_or_none()


def forget_file(connection: Connection, ledger: int, digest: str) -> None:
    """Drop the row of a file that was removed because its bytes were damaged."""
    connection.execute(delete(FILES).where(FILES.c.ledger == ledger, FILES.c.digest == digest))


def arrived(connection: Connection, ledger: int, *, digest: str, size: int, at: int) -> None:
    """Note that a cipher file is stored whole; its record may come before or after."""
    add_if_absent(
        connection, FILES, {"ledger": ledger, "digest": digest, "size": size, "state": ARRIVED, "at": at}
    )


def settle(connection: Connection, ledger: int, digest: str, state: str) -> None:
    """Note what verifying a file found; a file that one record vouches for is none the worse for another's key."""
    where = (FILES.c.ledger == ledger, FILES.c.digest == digest, FILES.c.state != VERIFIED)
    connection.execute(update(FILES).where(*where).values(state=state))


def owners(connection: Connection, ledger: int, digest: str) -> set[str]:
    """Return which devices and users sent a cipher, as far as the rows of uploads still tell."""
    where = (UPLOADS.c.ledger == ledger, UPLOADS.c.digest == digest)
    return set(connection.execute(select(UPLOADS.c.device).where(*where)).scalars())


def give_up(connection: Connection, ledger: int, digest: str, at: int) -> None:
    """Give up a file that arrived and that no record names, unless it is on its way once more."""
    where = (FILES.c.ledger == ledger, FILES.c.digest == digest, FILES.c.state == ARRIVED)
    if not is_on_its_way(connection, ledger, digest, at):
        connection.execute(update(FILES).where(*where).values(state=GIVEN_UP, at=at))


def wanted_again(connection: Connection, ledger: int, digest: str, at: int) -> None:
    """Take back that a file was given up: somebody sends it anew."""
    where = (FILES.c.ledger == ledger, FILES.c.digest == digest, FILES.c.state == GIVEN_UP)
    connection.execute(update(FILES).where(*where).values(state=ARRIVED, at=at))


def given_up(connection: Connection, ledger: int, before: int, limit: int) -> list[str]:
    """Return digests of files that were given up before then, the oldest first."""
    where = (FILES.c.ledger == ledger, FILES.c.state == GIVEN_UP, FILES.c.at < before)
    return list(
        connection.execute(select(FILES.c.digest).where(*where).order_by(FILES.c.at).limit(limit)).scalars()
    )


def forget_given_up(connection: Connection, ledger: int, digest: str) -> bool:
    """Drop the row of a file that is given up still, and return whether it was."""
    where = (FILES.c.ledger == ledger, FILES.c.digest == digest, FILES.c.state == GIVEN_UP)
    return connection.execute(delete(FILES).where(*where)).rowcount == 1


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
