"""No room left: what a disk, a quota or a database says then, in our words."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError

from sync.errors import StorageFull

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FULL = "53100"
"""The SQLSTATE by which PostgreSQL says that it could not write for want of room."""


@contextlib.contextmanager
def full_is_refused() -> Iterator[None]:
    """Raise StorageFull where a disk, a quota, a limit of the process or the database leaves no room."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull from error
        raise
    except DBAPIError as error:
        if _is_full(error.orig):
            raise StorageFull("the database has no room; nothing was changed") from error
        raise


def _is_full(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == DISK_FULL
