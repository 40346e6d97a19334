"""Reminders inside the application: a message that is addressed to a person stands in his own list.

Whatever channel took it: what was mailed to him is listed too. Who has no address of e-mail is reached here alone.
"""

from __future__ import annotations

from datetime import datetime

from server.reminders.delivery import Delivery
from server.reminders.messages import Message

IN_APP = "in_app"


class InApp:
    """The list itself: a row of the outbox that was sent is what its reader sees."""

    def send(self, address: str, message: Message, *, name: str, at: datetime) -> Delivery:
        """Hand a message to its reader's list, which is where its row lies already."""
        return Delivery("sent", IN_APP)
