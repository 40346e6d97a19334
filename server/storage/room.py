"""No room left: what a disk, a quota or a database says then, in our words."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator

from sync.errors import StorageFull

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FULL = "53100"
"""The SQLSTATE by which PostgreSQL says that it could not write for want of room."""


@contextlib.contextmanager
def full_is_refused() -> Iterator[None]:
    """Raise StorageFull where a disk, a quota or a limit of the process leaves no room."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull from error
        raise


def full_database() -> StorageFull:
    """Return the refusal of a database that has no room."""
    return StorageFull("the database has no room; nothing was changed")


def is_full(error: BaseException | None) -> bool:
    """Return whether a driver's error says that its database has no room."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == DISK_FULL
