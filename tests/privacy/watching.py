"""Watches a whole run of the tests: no log line, address, message, leaf or public answer names a person or a key.

What names somebody is not guessed: it is what the tests themselves write into private lines, in fields that are
declared as masked or as keys. Everything that leaves by a watched channel is then searched for it.
"""

from __future__ import annotations

import html
import re
import smtplib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import flask
import httpx
import structlog

from schemas.declare import FILE_KEY, Field
from schemas.records import TYPES
from sync import changes, entries

NAME = re.compile(r"测试[^\s\d，。、：,.:\"'<>（）()]{1,4}\d{3}")
NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dX](?![0-9A-Za-z])")
KEY = re.compile(r"(?<![A-Za-z0-9_\-])[A-Za-z0-9_\-]{43}(?![A-Za-z0-9_\-])")
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
PUBLIC = ("/ledger/", "/healthz", "/readyz", "/v1/keys", "/add-checkpoint")
"""Where answers are for everybody; problems are looked at wherever they are answered."""
EXCERPT = 160


def _every_field(fields: Iterable[Field]) -> Iterator[Field]:
    for one in fields:
        yield one
        yield from _every_field(one.parts)


DECLARED = [one for kind in TYPES.values() for one in _every_field(kind.fields)]
MASKED = frozenset(one.name for one in DECLARED if one.masked)
KEYS = frozenset(one.name for one in DECLARED if one.kind == "key" and one.private == FILE_KEY)
KEYS |= frozenset(
    part.name for one in DECLARED if one.private == FILE_KEY for part in one.parts if part.kind == "key"
)


@dataclass
class Watch:
    """What names persons, and what was found where it must not stand. watched: how much was looked at, by channel."""

    secrets: set[str] = field(default_factory=set)
    found: list[str] = field(default_factory=list)
    watched: dict[str, int] = field(default_factory=dict)

    def learn(self, *parts: Mapping[str, Any] | None) -> None:
        """Remember what a private line says of persons, and the keys of files."""
        for part in parts:
            for name, value in (part or {}).items():
                self._learn(name, value)

    def _learn(self, name: str, value: Any) -> None:
        if isinstance(value, Mapping):
            self.learn(value)
        elif isinstance(value, list | tuple):
            for member in value:
                self._learn(name, member)
        elif isinstance(value, str) and (name in MASKED or name in KEYS):
            if NAME.fullmatch(value) or NUMBER.fullmatch(value) or KEY.fullmatch(value):
                self.secrets.add(value)

    def look(self, channel: str, text: str | bytes) -> None:
        """Search what leaves by a channel."""
        words = readable(text)
        self.watched[channel] = self.watched.get(channel, 0) + 1
        for pattern in (NAME, NUMBER, KEY):
            for hit in pattern.finditer(words):
                if hit.group() in self.secrets:
                    start = max(0, hit.start() - EXCERPT // 2)
                    self.found.append(f"{channel}: ...{words[start : start + EXCERPT]}...")

    def take(self) -> list[str]:
        """Return what was found since the last time."""
        found, self.found = self.found, []
        return found


def readable(text: str | bytes) -> str:
    """Return what a reader makes of a text: the escapes of JSON and of HTML taken back."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if "\\u" in words:
        words = ESCAPED.sub(lambda hit: chr(int(hit.group(1), 16)), words)
    return html.unescape(words) if "&#" in words else words


WATCH = Watch()


@contextmanager
def unwatched() -> Iterator[Watch]:
    """Let a test plant a leak: what is found inside counts for the test alone, and is yielded."""
    before, WATCH.found = WATCH.found, []
    try:
        yield WATCH
    finally:
        WATCH.found = before


def install() -> None:
    """Watch this process from now on."""
    _before(changes, "private_line", lambda *args, **more: WATCH.learn(*args[2:], *more.values()))
    for renderer in (structlog.processors.JSONRenderer, structlog.dev.ConsoleRenderer):
        _after(renderer, "__call__", lambda made: WATCH.look("log", made))
    _after(entries.Entry, "line", lambda made: WATCH.look("leaf", made))
    _before(httpx.Client, "send", lambda _self, request, **_: WATCH.look("address", str(request.url)))
    _before(smtplib.SMTP, "send_message", lambda _self, message, *_, **__: _look_at_message(message))
    _before(flask.Flask, "process_response", lambda _self, response: _look_at_answer(response))


def _look_at_message(message: Message) -> None:
    WATCH.look("message", str(message["Subject"]))
    for part in message.walk():
        if part.get_content_maintype() == "text":
            WATCH.look("message", part.get_payload(decode=True) or b"")


def _look_at_answer(response: flask.Response) -> None:
    WATCH.look("address", flask.request.full_path)
    WATCH.look("answer", "\n".join(f"{name}: {value}" for name, value in response.headers))
    public = flask.request.path.startswith(PUBLIC) or response.mimetype == "application/problem+json"
    if public and not response.is_streamed and not response.direct_passthrough:
        WATCH.look("answer", response.get_data())


def _before(owner: Any, name: str, look: Callable[..., None]) -> None:
    real = getattr(owner, name)

    def watched(*args: Any, **more: Any) -> Any:
        look(*args, **more)
        return real(*args, **more)

    setattr(owner, name, watched)


def _after(owner: Any, name: str, look: Callable[[Any], None]) -> None:
    real = getattr(owner, name)

    def watched(*args: Any, **more: Any) -> Any:
        made = real(*args, **more)
        look(made)
        return made

    setattr(owner, name, watched)
