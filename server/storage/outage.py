"""A database that is locked or gone: what its drivers say then, in our words."""

from __future__ import annotations

import sqlite3

from sync.errors import Busy, DatabaseDown, Refusal

LOCKED_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
GONE_SQLITE = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY})
LOCKED_STATES = frozenset({"55P03", "40001", "40P01", "57014"})
"""SQLSTATEs of PostgreSQL: lock not available, serialization failure, deadlock, statement cancelled."""
GONE_STATES = frozenset({"57P01", "57P02", "57P03", "53300", "25006"})
"""Shut down, crashed, starting up, too many connections, read-only: a standby, or a primary that no longer is one."""
GONE_CLASSES = ("08", "58")
"""Connection exceptions and system errors."""
RETRY_SECONDS = 5


def refusal_of(error: BaseException | None, *, disconnected: bool) -> Refusal | None:
    """Return Busy where a driver's error says that a lock was not to be had, DatabaseDown where the database is gone.

    disconnected: the connection is of no use any more. Any other error is nobody's outage: None
    """
    if isinstance(error, sqlite3.Error):
        # The extended codes have the plain one in their last byte.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return _locked() if code in LOCKED_SQLITE else gone() if code in GONE_SQLITE else None
    state = getattr(error, "sqlstate", None)
    if state in LOCKED_STATES:
        return _locked()
    if disconnected or state in GONE_STATES or (state or "").startswith(GONE_CLASSES):
        return gone()
    # psycopg tells of a connection that could not be made by an OperationalError without a state.
    if state is None and type(error).__name__ in ("OperationalError", "ConnectionTimeout"):
        return gone()
    return None


def gone() -> DatabaseDown:
    """Return the refusal of a database that does not answer."""
    return DatabaseDown(retry_seconds=RETRY_SECONDS)


def _locked() -> Busy:
    return Busy("the database is locked by another process; nothing was done", retry_seconds=RETRY_SECONDS)
