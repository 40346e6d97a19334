"""Writing the access log: reading evidence is itself recorded, and never queues for the ledger's head."""

from __future__ import annotations

import threading
from collections import OrderedDict

from server.commit.acts import new_id
from server.storage import access_store
from server.storage.access_store import Access
from server.wiring import Services

SIGN_IN, SIGN_OUT = "sign_in", "sign_out"
READ_FILE, READ_SMALL, READ_CIPHER = "read_file", "read_derivative", "read_cipher"
READ_LATE = "read_late_change"
INVITED, RESET, CHOSEN = "invited", "reset_password", "chose_password"
FACTOR_ON, FACTOR_OFF, FACTOR_RESET = "factor_on", "factor_off", "factor_reset"
PASSKEY_ADDED, PASSKEY_REMOVED, PASSKEY_DOUBTED = "passkey_added", "passkey_removed", "passkey_doubted"
CODES_RENEWED, CODE_SPENT, SIGNED_OUT = "codes_renewed", "code_spent", "sessions_ended"
"""What was done to an account: the line's record is the user whom it was done to, where that is another."""
TAKE_TABLE = "take_table"
SEARCH_PERSON = "search_person"
READ_DOSSIER = "read_dossier"
READ_NOTICE = "read_notice"
EXPORT_BUNDLE, EXPORT_PRIVATE = "export_bundle", "export_private_bundle"
"""Taking a bundle away, without private lines and originals or with them."""
AGAIN_MS = 10 * 60 * 1000
"""A list shows fifty small pictures at once, a player asks for a clip in dozens of ranges: one line holds so long."""
NOTED_MAX = 4096


def note(services: Services, user: str, act: str, record: str | None = None) -> None:
    """Record an access durably before what it asks for is answered."""
    access = Access(services.now_ms(), user, act, record)
    with services.engine.execution_options(immediate=True).begin() as connection:
        access_store.add(connection, services.ledger.id, new_id(services), access)


class Noted:
    """Who was noted of late to have read what and how, in this process."""

    def __init__(self) -> None:
        self._at: OrderedDict[tuple[str, str, str], int] = OrderedDict()
        self._lock = threading.Lock()

    def is_due(self, what: tuple[str, str, str], now_ms: int) -> bool:
        """Return whether a line is due."""
        with self._lock:
            before = self._at.get(what)
        return before is None or not 0 <= now_ms - before < AGAIN_MS

    def done(self, what: tuple[str, str, str], now_ms: int) -> None:
        """Remember a line that was written; the oldest are forgotten."""
        with self._lock:
            self._at[what] = now_ms
            self._at.move_to_end(what)
            while len(self._at) > NOTED_MAX:
                self._at.popitem(last=False)


NOTED = Noted()


def note_once(services: Services, user: str, act: str, record: str) -> None:
    """Record an access that comes in many requests, once in AGAIN_MS for each user, act and item."""
    now, what = services.now_ms(), (user, act, record)
    if NOTED.is_due(what, now):
        note(services, user, act, record)
        NOTED.done(what, now)
