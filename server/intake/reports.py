"""What a phone tells of itself with each request for what is new: how much it holds that has no receipt yet."""

from __future__ import annotations

import threading
from collections import OrderedDict

from flask import request

from server.storage import device_report_store, device_store
from server.storage.device_report_store import Told
from server.storage.device_store import Device
from server.wiring import Services

HEADER = "Wardledger-Unsent"
UNSENT_DIGITS_MAX = 9
CONTACT_MS = 10 * 60 * 1000
"""How stale the note of a phone's last contact may be: reading must not cost a durable write."""
REMEMBERED_MAX = 4096


class Remembered:
    """What each phone told last, in this process: only what is new is written at once."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, int | None] = OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, device: str, unsent: int | None) -> bool:
        """Return whether a phone tells something else than before, and remember it; the oldest are forgotten."""
        with self._lock:
            known = self._told.get(device, -1)
            self._told[device] = unsent
            self._told.move_to_end(device)
            while len(self._told) > REMEMBERED_MAX:
                self._told.popitem(last=False)
        return known != unsent


REMEMBERED = Remembered()


def note(services: Services, device: Device, *, given: str) -> None:
    """Note that a phone was heard of and what it told, where that is new or the note is stale.

    given: the checkpoint's note that it is answered with, up to which it knows the ledger from now on
    """
    now, unsent = services.now_ms(), _unsent()
    changed = REMEMBERED.is_new(device.id, unsent)
    if not changed and now - device.contact_at <= CONTACT_MS:
        return
    told = Told(device.id, now, unsent, int(given.split("\n")[1]))
    with services.database.writing(services.ledger.id) as connection:
        device_store.contact(connection, services.ledger.id, device.id, now)
        device_report_store.save(connection, services.ledger.id, told)


def _unsent() -> int | None:
    text = request.headers.get(HEADER, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= UNSENT_DIGITS_MAX else None
