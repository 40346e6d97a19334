"""A signed webhook: a reminder as JSON to another system of the bureau, in the form of Standard Webhooks.

`webhook-id` is the same for every attempt at one reminder, so the receiver takes it once however often it comes; that
is why an answer that never came is asked for again here, as nowhere else.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import orjson

from server.reminders.delivery import TIMEOUT_SECONDS, Answer, Delivery, ask, client
from server.reminders.messages import Message
from server.reminders.offices import SECRET_PREFIX, WEBHOOK, Office

SUCCESSES = range(200, 300)
REDIRECTS = range(300, 400)
OURS = (401, 403, 404, 408, 425)
"""The address or the secret is at fault, or the moment: mending it is worth another attempt."""


class Webhooks:
    """The webhooks of the offices, one for each region that has one."""

    def __init__(self, offices: Mapping[str, Office], *, timeout_seconds: float = TIMEOUT_SECONDS):
        self._offices = offices
        self._client = client(timeout_seconds)

    def send(self, address: str, message: Message, *, name: str, at: datetime) -> Delivery:
        """Send one event to one office's system; whatever is in doubt is sent again under the same id."""
        office = self._offices.get(address)
        if office is None:
            return Delivery("permanent", "address")
        body = orjson.dumps(event(message, name, at))
        answer = ask(self._client, office.url, headers(office.secret, name, at, body), body)
        return _delivery(answer)


def event(message: Message, name: str, at: datetime) -> dict[str, object]:
    """Return what is sent: what the message says, as words and in full, and nothing of a person."""
    return {
        "type": "reminder",
        "id": name,
        "timestamp": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "data": {"phase": message.phase, **message.words, "subject": message.subject, "body": message.body},
    }


def headers(secret: str, name: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the header fields of an event, its signature among them."""
    timestamp = str(int(at.timestamp()))
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature(secret, name, timestamp, body)}",
    }


def signature(secret: str, name: str, timestamp: str, body: bytes) -> str:
    """Return base64 of HMAC-SHA256 over `id.timestamp.body`, keyed by what `whsec_...` encodes."""
    signed = f"{name}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()


def _key(secret: str) -> bytes:
    written = secret.removeprefix(SECRET_PREFIX[WEBHOOK])
    try:
        return base64.b64decode(written, validate=True)
    except binascii.Error:
        return written.encode()


def _delivery(answer: Answer | Delivery) -> Delivery:
    if isinstance(answer, Delivery):
        return replace(answer, result="temporary")
    if answer.status in SUCCESSES:
        # The status is the whole answer: what stands below it is not asked for, however long.
        return Delivery("sent", str(answer.status))
    if answer.refusal is not None:
        return answer.refusal
    ours = answer.status in OURS or answer.status in REDIRECTS
    return Delivery("temporary" if ours else "permanent", str(answer.status), in_trouble=ours)
