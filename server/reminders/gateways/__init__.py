"""SMS gateways (短信网关): how an approved template and its words become one signed request, and what the answer means.

Pure: the clock, the nonce and the secret are arguments. A gateway in this country sends approved templates alone, so a
message here is the code of a template and the words that fill it, never free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from server.reminders.delivery import Delivery


@dataclass(frozen=True)
class Text:
    """What one phone gets. words: in the order of the template, by the names that it gives them.

    name: the same for every attempt at one reminder; the gateway gives it back, and it tells a stranger nothing
    """

    phone: str
    template: str
    words: Mapping[str, str]
    name: str


@dataclass(frozen=True)
class Call:
    """A POST that is ready to be sent. path: behind the endpoint, with its query"""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Receipt:
    """What became of a text on its way to the phone. at: aware, None where nobody says; reason: the gateway's code"""

    result: Literal["delivered", "failed"]
    at: datetime | None
    reason: str


class Gateway(Protocol):
    """One vendor's interface."""

    def call(self, text: Text, *, at: datetime, nonce: str) -> Call:
        """Return the signed request that sends a text; at: aware; nonce: another one at every call."""

    def answer(self, told: Mapping[str, Any]) -> Delivery:
        """Return what came of it by the members of a JSON answer: success is the vendor's own word for it alone."""

    def question(self, phone: str, *, sent_at: datetime, at: datetime, nonce: str) -> Call:
        """Return the signed request that asks what became of the texts to a phone; sent_at, at: aware."""

    def receipt(self, told: Mapping[str, Any], name: str) -> Receipt | None:
        """Return what the members of a JSON answer say of the text of this name; None: nothing yet."""
