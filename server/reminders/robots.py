"""Group robots (群机器人) of WeCom and DingTalk: one message, one group; success is `errcode` 0 of their own answer.

Written after the vendors' descriptions and tried on servers on loopback; no real robot was used.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import orjson

from server.reminders.delivery import TIMEOUT_SECONDS, Delivery, client, post
from server.reminders.messages import Message
from server.reminders.offices import DINGTALK, WECOM, Kind, Office

WECOM_BYTES_MAX = 4096
DINGTALK_BYTES_MAX = 20_000
BYTES_MAX: Mapping[str, int] = {WECOM: WECOM_BYTES_MAX, DINGTALK: DINGTALK_BYTES_MAX}
CUT = "\n\n…"
"""What a message ends in that was cut."""
PAUSE_SECONDS = 60
"""How long a robot that was asked too often is left alone."""
TOO_OFTEN = {WECOM: frozenset({45009, 45033}), DINGTALK: frozenset({130101, 90018, 660026})}
NEVER = {
    WECOM: frozenset({40008, 40058, 44004, 45002}),
    DINGTALK: frozenset({400105, 430101, 430102, 430103}),
}
"""The message is at fault: it stays so. Anything else that is refused is ours to mend, or passes."""
HEADERS = {"content-type": "application/json; charset=utf-8"}
_SPECIAL = str.maketrans({sign: "\\" + sign for sign in "\\`*_[]#<>"})


class Robots:
    """The robots of one kind, one for each region that has one."""

    def __init__(
        self, kind: Kind, offices: Mapping[str, Office], *, timeout_seconds: float = TIMEOUT_SECONDS
    ):
        assert kind in (WECOM, DINGTALK), kind
        self._kind = kind
        self._offices = offices
        self._client = client(timeout_seconds)

    def send(self, address: str, message: Message, *, name: str, at: datetime) -> Delivery:
        """Send one message to the robot of one region; `unknown` where it had the message and did not answer."""
        office = self._offices.get(address)
        if office is None:
            return Delivery("permanent", "address")
        if self._kind == WECOM:
            told = {"msgtype": "markdown", "markdown": {"content": markdown(message, WECOM_BYTES_MAX)}}
            return post(self._client, office.url, HEADERS, orjson.dumps(told), self._read)
        words = {"title": message.subject, "text": markdown(message, DINGTALK_BYTES_MAX)}
        told = {"msgtype": "markdown", "markdown": words}
        return post(self._client, signed(office, at), HEADERS, orjson.dumps(told), self._read)

    def _read(self, told: Mapping[str, Any]) -> Delivery:
        code = told.get("errcode")
        if code == 0 and not isinstance(code, bool):
            return Delivery("sent", "0")
        if not isinstance(code, int) or isinstance(code, bool):
            # Something answered that is no robot: nobody knows what it did with the message.
            return Delivery("unknown", "no errcode", in_trouble=True)
        if code in TOO_OFTEN[self._kind]:
            return Delivery("temporary", str(code), in_trouble=True, retry_seconds=PAUSE_SECONDS)
        if code in NEVER[self._kind]:
            return Delivery("permanent", str(code))
        return Delivery("temporary", str(code), in_trouble=True)


def signed(office: Office, at: datetime) -> str:
    """Return the address of a DingTalk robot with its signature (加签), which is good for an hour."""
    timestamp = str(round(at.timestamp() * 1000))
    sign = signature(timestamp, office.secret)
    return f"{office.url}{'&' if '?' in office.url else '?'}timestamp={timestamp}&sign={quote_plus(sign)}"


def signature(timestamp: str, secret: str) -> str:
    """Return base64 of HMAC-SHA256 over `timestamp LF secret`, keyed by the secret, as DingTalk wants it."""
    return base64.b64encode(
        hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), "sha256")
    ).decode()


def holds(channel: str, message: Message) -> bool:
    """Return whether a channel shows all of a message; what is no robot's is never cut."""
    most = BYTES_MAX.get(channel)
    return most is None or not markdown(message, most).endswith(CUT)


def markdown(message: Message, bytes_max: int) -> str:
    """Return a message as the markdown that both understand, cut between lines where it would be too long.

    Its signs are taken as they are: a name in a register makes no link and no heading.
    """
    lines = [f"**{message.subject.translate(_SPECIAL)}**"]
    lines += [line.strip() and _escaped(line.strip()) for line in message.body.splitlines()]
    text = ""
    for line in lines:
        # A single line break is none in markdown.
        longer = f"{text}\n\n{line}" if text and line else text + line
        if len(longer.encode()) > bytes_max - len(CUT.encode()):
            return text + CUT
        text = longer
    return text


def _escaped(line: str) -> str:
    # The address of the case stays one, so that it can be followed.
    head, found, link = line.partition("http")
    return head.translate(_SPECIAL) + found + link
