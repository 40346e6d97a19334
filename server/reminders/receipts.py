"""Receipts: what a gateway knows of texts after it took them. Asked less and less often, for three days.

A text of which nobody knew may turn out to have arrived: then it has, and nothing is sent again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from server.reminders import standings
from server.reminders.channels import Channel
from server.reminders.facts import instant_of, unix_ms
from server.reminders.following import follow
from server.reminders.gateways import Receipt
from server.reminders.parcels import name_of
from server.reminders.sms import SMS, SmsChannel
from server.storage import outbox_store
from server.storage.outbox_store import DELIVERED, FAILED, Posted
from server.wiring import Services

ASKED_MAX = 20
"""So many texts are asked about in one tick: vendors take twenty questions a second."""
FIRST_MS, LAST_MS = 30_000, 3 * 86_400_000
"""How old a text is when it is first asked about, and when no longer."""
INTERVAL_MS_MIN = 60_000
_NO_CODE = re.compile(r"[^A-Za-z0-9_.\-/]")


def sweep(services: Services, channels: Mapping[str, Channel], now: datetime) -> Counter[str]:
    """Ask about the texts whose turn it is; return how many were delivered, and how many have failed."""
    tally: Counter[str] = Counter()
    channel = channels.get(SMS)
    if not isinstance(channel, SmsChannel):
        return tally
    ledger, at = services.ledger.id, unix_ms(now)
    with services.database.reading() as connection:
        rows = outbox_store.to_look_at(
            connection, ledger, SMS, since=at - LAST_MS, until=at - FIRST_MS, now=at, limit=ASKED_MAX
        )
    for row in rows:
        if (receipt := _ask(services, channel, row, now)) is not None:
            tally[_enter(services, row, receipt, at)] += 1
    return +tally


def _ask(services: Services, channel: SmsChannel, row: Posted, now: datetime) -> Receipt | None:
    """Ask about one text, unless another scheduler does; the next time after half its age again."""
    ledger, at = services.ledger.id, unix_ms(now)
    assert row.sent_at is not None, "it is asked about by when it was sent"
    look_at = at + max(INTERVAL_MS_MIN, (at - row.sent_at) // 2)
    with outbox_store.claiming(services.database) as connection:
        if not outbox_store.look_again(connection, ledger, row, now=at, look_at=look_at):
            return None
        standing = standings.find(connection, services, row.key.case)
    address = standing.addresses.get((row.key.recipient, SMS)) if standing is not None else None
    if address is None:
        return None
    name = name_of(services, row.key)
    return channel.receipt(address, name=name, sent_at=instant_of(row.sent_at), at=now)


def _enter(services: Services, row: Posted, receipt: Receipt, now: int) -> str:
    """Enter a receipt; return it as a word of the tally, '' where somebody else had entered something."""
    if receipt.result == "delivered":
        at = unix_ms(receipt.at) if receipt.at is not None else now
        return DELIVERED if follow(services, row, DELIVERED, at) else ""
    failure = _NO_CODE.sub("_", receipt.reason)[:60] or "undelivered"
    return FAILED if follow(services, row, FAILED, now, failure) else ""
