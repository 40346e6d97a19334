"""SMS (短信) by a gateway: which template a message takes, what fills it, and one request for each text.

The settings stand in a file of the operator, as keys do: `sms.json` in the home, described in docs/operating.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate

from schemas.wire.parts import Strict
from server.reminders.delivery import TIMEOUT_SECONDS, Delivery, ask, client, members, post
from server.reminders.gateways import Gateway, Receipt, Text
from server.reminders.gateways.aliyun import Aliyun
from server.reminders.gateways.tencent import Tencent
from server.reminders.messages import WORDS, Message
from server.reminders.templates import Phase

SMS = "sms"
PHASES: tuple[Phase, ...] = ("served", "changed", "before", "today", "overdue")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_SEPARATORS = re.compile(r"[\s-]")
NONCE_BYTES = 16


class BadSms(ValueError):
    """The settings of the gateway cannot be understood; the message names what."""


class SmsBody(Strict):
    """`sms.json`."""

    gateway = fields.String(required=True, validate=validate.OneOf(("aliyun", "tencent")))
    endpoint = fields.String(required=True, validate=validate.Length(8, 200))
    key_id = fields.String(required=True, validate=validate.Length(1, 200))
    key_secret = fields.String(required=True, validate=validate.Length(1, 200))
    sign_name = fields.String(required=True, validate=validate.Length(1, 40))
    app_id = fields.String(load_default="", validate=validate.Length(max=40))
    words = fields.List(
        fields.String(validate=validate.OneOf(WORDS)), required=True, validate=validate.Length(1, len(WORDS))
    )
    templates = fields.Dict(
        keys=fields.String(validate=validate.OneOf(PHASES)),
        values=fields.String(validate=validate.Length(1, 60)),
        required=True,
    )


@dataclass(frozen=True)
class Settings:
    """What `sms.json` says. words: those that the templates take, in their order; templates: by phase"""

    endpoint: str
    gateway: Gateway
    words: tuple[str, ...]
    templates: Mapping[str, str]


def settings(path: Path) -> Settings | None:
    """Return the gateway of a file, None where there is no file; raises BadSms."""
    try:
        told = SmsBody().load(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        words = error.messages if isinstance(error, ValidationError) else "it is no JSON"
        raise BadSms(f"{path.name}: {words}") from error
    if missing := [phase for phase in PHASES if phase not in told["templates"]]:
        raise BadSms(f"{path.name}: no template for {missing[0]}")
    endpoint = _endpoint(path, told["endpoint"])
    return Settings(endpoint, _gateway(path, told, endpoint), tuple(told["words"]), told["templates"])


def _endpoint(path: Path, written: str) -> str:
    parts = urlsplit(written)
    if parts.scheme != "https" and not (parts.scheme == "http" and _on_this_machine(parts.hostname or "")):
        raise BadSms(f"{path.name}: the endpoint is an https address")
    if not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadSms(f"{path.name}: the endpoint is a scheme and a host alone")
    return f"{parts.scheme}://{parts.netloc}"


def _gateway(path: Path, told: Mapping[str, Any], endpoint: str) -> Gateway:
    host = urlsplit(endpoint).netloc
    given = (host, told["key_id"], told["key_secret"], told["sign_name"])
    if told["gateway"] == "aliyun":
        return Aliyun(*given)
    if not told["app_id"]:
        raise BadSms(f"{path.name}: Tencent's gateway wants an app_id")
    return Tencent(*given, told["app_id"])


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def mobile(written: object) -> str | None:
    """Return a mobile number of the mainland as its eleven digits, None for anything else."""
    found = _MOBILE.fullmatch(_SEPARATORS.sub("", written)) if isinstance(written, str) else None
    return found[1] if found else None


class SmsChannel:
    """SMS through one gateway, one request a text."""

    def __init__(
        self,
        given: Settings,
        *,
        random: Callable[[int], bytes],
        timeout_seconds: float = TIMEOUT_SECONDS,
    ):
        self._given = given
        self._random = random
        self._client = client(timeout_seconds)

    def send(self, address: str, message: Message, *, name: str, at: datetime) -> Delivery:
        """Send one text to one number; `unknown` where the gateway had it and did not answer."""
        phone = mobile(address)
        if phone is None:
            return Delivery("permanent", "address")
        words = {word: message.words[word] for word in self._given.words}
        text = Text(phone, self._given.templates[message.phase], words, name)
        call = self._given.gateway.call(text, at=at, nonce=self._random(NONCE_BYTES).hex())
        url = f"{self._given.endpoint}{call.path}"
        return post(self._client, url, call.headers, call.body, self._given.gateway.answer)

    def receipt(self, address: str, *, name: str, sent_at: datetime, at: datetime) -> Receipt | None:
        """Ask what became of a text; None where the gateway does not know yet, or does not answer."""
        phone = mobile(address)
        if phone is None:
            return None
        nonce = self._random(NONCE_BYTES).hex()
        call = self._given.gateway.question(phone, sent_at=sent_at, at=at, nonce=nonce)
        answer = ask(self._client, f"{self._given.endpoint}{call.path}", call.headers, call.body)
        if isinstance(answer, Delivery) or answer.refusal is not None or answer.body is None:
            return None
        told = members(answer.body)
        return self._given.gateway.receipt(told, name) if told is not None else None
