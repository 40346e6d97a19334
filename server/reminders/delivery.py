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
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What can go wrong before a provider has heard a word, TLS included."""


@dataclass(frozen=True)
class Delivery:
    """What came of one attempt.

    temporary: worth another attempt; permanent: never try again; unknown: it may have arrived
    reason: the provider's code, never its words, which may repeat the address
    in_trouble: the provider itself is, so asking it for others now would be in vain
    """

    result: Result
    reason: str = ""
    in_trouble: bool = False


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
    try:
        with client.stream("POST", url, headers=dict(headers), content=body) as answer:
            status, raw = answer.status_code, b""
            for part in answer.iter_bytes():
                raw += part
                if len(raw) > ANSWER_BYTES_MAX:
                    return Delivery("unknown", "answer too long", in_trouble=True)
    except NEVER_LEFT as error:
        return Delivery("temporary", type(error).__name__, in_trouble=True)
    except httpx.HTTPError as error:
        return Delivery("unknown", type(error).__name__, in_trouble=True)
    if status in (TOO_MANY, UNAVAILABLE) or status >= FAULTS:
        return Delivery("temporary", str(status), in_trouble=True)
    told = _members(raw)
    if told is None:
        return Delivery("unknown", f"{status} unreadable", in_trouble=True)
    return read(told)


def _members(raw: bytes) -> Mapping[str, Any] | None:
    try:
        told = orjson.loads(raw)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
