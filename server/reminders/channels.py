"""Channels: how a message leaves the house, and what the provider answered. E-mail here; the others beside it."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from server.config import Config
from server.reminders import offices, sms
from server.reminders.delivery import TIMEOUT_SECONDS, Delivery, Result
from server.reminders.in_app import IN_APP, InApp
from server.reminders.messages import Message
from server.reminders.offices import WEBHOOK, Offices
from server.reminders.robots import Robots
from server.reminders.sms import SMS, SmsChannel
from server.reminders.templates import Language
from server.reminders.webhook import Webhooks

EMAIL = "email"
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")
_READY_FOR_DATA = 354


class BadChannel(ValueError):
    """A setting of a channel cannot be understood; the message names it."""


class Channel(Protocol):
    """One way to reach people."""

    def send(self, address: str, message: Message, *, name: str, at: datetime) -> Delivery:
        """Hand over a message, once; raises nothing that a provider or a network can cause.

        name: the same for every attempt at one reminder, so that a provider can tell a repetition
        """


def names(config: Config) -> frozenset[str]:
    """Return the channels that reminders take here: the application's own; e-mail waits for its server."""
    # Whether its settings are good is for the scheduler to say, which sends; a page need not fail over them.
    texts = {SMS} if config.sms_file.exists() else set[str]()
    return frozenset({EMAIL, IN_APP, *texts, *offices.known(config.channels_file)})


def open_channels(
    config: Config, language: Language, random: Callable[[int], bytes] = os.urandom
) -> Mapping[str, Channel]:
    """Return the application's own channel and those that are configured, by name; raises BadChannel."""
    found: dict[str, Channel] = {IN_APP: InApp()}
    if config.smtp_url:
        found[EMAIL] = SmtpChannel(config.smtp_url, sender=config.mail_from, language=language)
    if (given := _sms(config)) is not None:
        found[SMS] = SmsChannel(given, random=random)
    for kind, by_region in _offices(config).items():
        found[kind] = Webhooks(by_region) if kind == WEBHOOK else Robots(kind, by_region)
    return found


def _sms(config: Config) -> sms.Settings | None:
    try:
        return sms.settings(config.sms_file)
    except sms.BadSms as error:
        raise BadChannel(str(error)) from error


def _offices(config: Config) -> Offices:
    try:
        return offices.offices(config.channels_file)
    except offices.BadOffices as error:
        raise BadChannel(str(error)) from error


@dataclass(frozen=True)
class _Server:
    host: str
    port: int
    over_tls: bool
    user: str
    password: str


def _server(url: str) -> _Server:
    """Return what `smtp://<user>:<password>@<host>:<port>` or `smtps://...` names; raises BadChannel."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise BadChannel("the port of WARDLEDGER_SMTP_URL is no number below 65536") from error
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadChannel(
            "WARDLEDGER_SMTP_URL has the form smtp://<user>:<password>@<host>:<port> or smtps://..."
        )
    over_tls = parts.scheme == "smtps"
    return _Server(
        host=parts.hostname,
        port=port or (smtplib.SMTP_SSL_PORT if over_tls else smtplib.SMTP_PORT),
        over_tls=over_tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


class SmtpChannel:
    """E-mail through one mail server; STARTTLS whenever it is offered, one connection a message."""

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        language: Language = "zh_CN",
        timeout_seconds: float = TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ):
        self._server = _server(url)
        if not _is_address(sender):
            raise BadChannel("WARDLEDGER_MAIL_FROM is no e-mail address")
        self._domain = Address(addr_spec=sender).domain
        self._sender = sender
        self._language = language.replace("_", "-")
        self._timeout = timeout_seconds
        self._tls = tls or ssl.create_default_context()

    def send(self, address: str, message: Message, *, name: str, at: datetime) -> Delivery:
        """Send one message to one address; `unknown` if the server had all of it and did not answer."""
        if not _is_address(address):
            return Delivery("permanent", "address")
        mail = self._mail(address, message, name, at)
        try:
            client = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            # A login that is refused is our own fault, and mending it is worth another attempt.
            return Delivery("temporary", type(error).__name__, in_trouble=True)
        with closing(client):
            delivery = self._hand_over(client, address, mail)
            with suppress(OSError, smtplib.SMTPException):
                if delivery.result != "unknown":
                    client.quit()
        return delivery

    def _mail(self, address: str, message: Message, name: str, at: datetime) -> bytes:
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = Address(addr_spec=self._sender)
        mail["To"] = Address(addr_spec=address)
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<{name}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body, charset="utf-8", cte="base64")
        mail["Content-Language"] = self._language
        return mail.as_bytes()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.over_tls:
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host,
                server.port,
                local_hostname=self._domain,
                timeout=self._timeout,
                context=self._tls,
            )
        else:
            client = smtplib.SMTP(
                server.host, server.port, local_hostname=self._domain, timeout=self._timeout
            )
        try:
            self._greet(client)
        except BaseException:
            client.close()
            raise
        return client

    def _greet(self, client: smtplib.SMTP) -> None:
        secret = self._server.over_tls
        client.ehlo_or_helo_if_needed()
        if not secret and client.has_extn("starttls"):
            client.starttls(context=self._tls)
            client.ehlo()
            secret = True
        if self._server.user:
            if not secret and not _on_this_machine(self._server.host):
                raise smtplib.SMTPNotSupportedError("no password is sent over a line that is not encrypted")
            client.login(self._server.user, self._server.password)

    def _hand_over(self, client: smtplib.SMTP, address: str, mail: bytes) -> Delivery:
        try:
            code, words = client.mail(self._sender)
            if code // 100 != 2:
                # The sender is ours: that the server does not like it says nothing of the recipient.
                return Delivery("temporary", _reason(code, words), in_trouble=True)
            code, words = client.rcpt(address)
            if code // 100 == 2:
                code, words = client.docmd("DATA")
            if code != _READY_FOR_DATA:
                return _answered(code, words)
        except (OSError, smtplib.SMTPException) as error:
            # The end of the message was never sent, so the server must not deliver it (RFC 5321, 4.1.1.4).
            return Delivery("temporary", type(error).__name__, in_trouble=True)
        try:
            client.send(_stuffed(mail))
            return _answered(*client.getreply())
        except (OSError, smtplib.SMTPException) as error:
            return Delivery("unknown", type(error).__name__, in_trouble=True)


def _answered(code: int, words: bytes) -> Delivery:
    results: dict[int, Result] = {2: "sent", 4: "temporary", 5: "permanent"}
    # An answer that SMTP does not know ends nothing; 421 says that the server is about to go.
    return Delivery(results.get(code // 100, "temporary"), _reason(code, words), in_trouble=code == 421)


def _reason(code: int, words: bytes) -> str:
    enhanced = _ENHANCED.match(words)
    return f"{code} {enhanced[0].decode()}" if enhanced else str(code)


def _stuffed(mail: bytes) -> bytes:
    """Return a mail as it travels after DATA: dots at the start of a line doubled, a dot at the end."""
    body = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", body) + b".\r\n"


def _is_address(text: str) -> bool:
    """Return whether a mail can be addressed to `text`; ASCII, for not every server speaks SMTPUTF8."""
    if not text.isascii() or any(letter.isspace() for letter in text):
        return False
    try:
        parsed = Address(addr_spec=text)
    except (ValueError, MessageError, IndexError):
        return False
    return bool(parsed.username and parsed.domain)


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
