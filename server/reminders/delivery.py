"""What came of one attempt to deliver, in words that every channel shares; and HTTP in these words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import orjson

Result = Literal["sent", "temporary", "permanent", "unknown"]
TIMEOUT_SECONDS = 30.0
"""How long one answer of a provider is waited for."""
ANSWER_BYTES_MAX = 64 * 1024
TOO_MANY, UNAVAILABLE, FAULTS = 429, 503, 500
GONE_ELSEWHERE = (307, 308)
"""Redirects that say that nothing was done here; after any other, something may have been."""
RETRY_AFTER_SECONDS_MAX = 3600
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What can go wrong before a provider has heard a word, TLS included."""


@dataclass(frozen=True)
class Delivery:
    """What came of one attempt.

    temporary: worth another attempt; permanent: never try again; unknown: it may have arrived
    reason: the provider's code, never its words, which may repeat the address
    in_trouble: the provider itself is, so asking it for others now would be in vain
    retry_seconds: the provider wants to be left alone for so long; 0: it did not say
    """

    result: Result
    reason: str = ""
    in_trouble: bool = False
    retry_seconds: int = 0


@dataclass(frozen=True)
class Answer:
    """What a provider answered. body: None where it was longer than anybody reads"""

    status: int
    retry_seconds: int
    body: bytes | None

    @property
    def refusal(self) -> Delivery | None:
        """What a status that tells of trouble means, whatever stands below it; None: read on."""
        if self.status in (TOO_MANY, UNAVAILABLE, *GONE_ELSEWHERE) or self.status >= FAULTS:
            return Delivery("temporary", str(self.status), in_trouble=True, retry_seconds=self.retry_seconds)
        return None


def client(timeout_seconds: float = TIMEOUT_SECONDS) -> httpx.Client:
    """Return what asks providers: no redirect is followed, and no proxy of the environment's sees whom we write to."""
    return httpx.Client(timeout=timeout_seconds, trust_env=False, follow_redirects=False)


def post(
    client: httpx.Client,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    read: Callable[[Mapping[str, Any]], Delivery],
) -> Delivery:
    """POST once and return what came of it; raises nothing that a network or a provider can cause.

    read: what the members of a JSON answer say; a status that tells of trouble is not read
    `unknown` where the provider had the request and no answer came that can be read: it is never sent again by itself.
    """
    answer = ask(client, url, headers, body)
    if isinstance(answer, Delivery):
        return answer
    if answer.body is None:
        return Delivery("unknown", "answer too long", in_trouble=True)
    if answer.refusal is not None:
        return answer.refusal
    told = members(answer.body)
    if told is None:
        return Delivery("unknown", f"{answer.status} unreadable", in_trouble=True)
    return read(told)


def ask(client: httpx.Client, url: str, headers: Mapping[str, str], body: bytes) -> Answer | Delivery:
    """POST once and return the answer, or what came of it where there is none."""
    try:
        with client.stream("POST", url, headers=dict(headers), content=body) as answer:
            raw: bytes | None = b""
            for part in answer.iter_bytes():
                raw = (raw or b"") + part
                if len(raw) > ANSWER_BYTES_MAX:
                    raw = None
                    break
            return Answer(answer.status_code, _seconds(answer.headers.get("Retry-After", "")), raw)
    except NEVER_LEFT as error:
        return Delivery("temporary", type(error).__name__, in_trouble=True)
    except httpx.HTTPError as error:
        return Delivery("unknown", type(error).__name__, in_trouble=True)


def _seconds(written: str) -> int:
    """Return a Retry-After in seconds; a date or nonsense says nothing, and our own wait is taken."""
    return min(int(written), RETRY_AFTER_SECONDS_MAX) if written.isdecimal() and written.isascii() else 0


def members(raw: bytes) -> Mapping[str, Any] | None:
    """Return the members of a JSON object, None where it is none."""
    try:
        told = orjson.loads(raw)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
