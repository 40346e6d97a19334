"""A real SMTP server on loopback that keeps what it receives, or refuses, or falls silent."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.processes import LOOPBACK, free_port

Behaviour = Literal["accept", "defer", "refuse", "hang", "keep_and_hang"]

ANSWERS: dict[Behaviour, str] = {
    "accept": "250 2.0.0 kept",
    "defer": "451 4.3.0 try again later",
    "refuse": "550 5.1.1 no such mailbox",
}


@dataclass(eq=False)
class MailServer:
    """An SMTP server in a thread; a context manager.

    behaviour: what it answers to a message, to be changed at any time. `accept` keeps it;
        `defer` says 451, `refuse` 550; `hang` never answers; `keep_and_hang` keeps the message
        and never answers, which is how a sender comes not to know whether it was sent.
    messages: what it kept, in order of arrival, each with the envelope's `X-Envelope-To`
    attempts: how often a message was offered, whatever came of it
    """

    behaviour: Behaviour = "accept"
    messages: list[EmailMessage] = field(default_factory=list)
    attempts: int = 0

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"smtp://{LOOPBACK}:{self.port}"
        self._arrived = threading.Condition()
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port, enable_SMTPUTF8=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer one message as `behaviour` says; the name is aiosmtpd's."""
        behaviour = self.behaviour
        with self._arrived:
            self.attempts += 1
            if behaviour in {"accept", "keep_and_hang"}:
                self.messages.append(_message(envelope))
            self._arrived.notify_all()
        if behaviour in ANSWERS:
            return ANSWERS[behaviour]
        never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        return await never

    def wait(self, count: int, seconds: float = 10) -> list[EmailMessage]:
        """Return the messages once there are at least `count`; raises TimeoutError after `seconds`."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.messages) >= count, seconds):
                raise TimeoutError(f"{len(self.messages)} of {count} messages arrived in {seconds:g} s")
            return list(self.messages)

    def start(self) -> Self:
        """Listen; returns once the port answers."""
        self._controller.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection, those that hang too."""
        self._controller.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _message(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    message["X-Envelope-To"] = ", ".join(str(address) for address in envelope.rcpt_tos)
    return message
