"""A real SMTP server on loopback for the demo: it keeps every message as a file."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.1


class Mailbox:
    """An SMTP server in a thread; use as a context manager."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self.messages: list[EmailMessage] = []
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"smtp://{LOOPBACK}:{self.port}"
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port, enable_SMTPUTF8=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep one message."""
        content = (
            envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        )
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage), "the default policy makes EmailMessages"
        with self._lock:
            self.messages.append(message)
            (self._folder / f"{len(self.messages):04d}.eml").write_bytes(content)
        return "250 2.0.0 kept"

    def wait(self, words: str, seconds: float) -> list[EmailMessage]:
        """Return the messages whose subject holds `words`, once there is one; none after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            with self._lock:
                found = [one for one in self.messages if words in str(one["Subject"])]
            if found or time.monotonic() >= deadline:
                return found
            time.sleep(POLL_SECONDS)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
