"""Asking over HTTP, bounded in time and size; nothing that is answered is believed here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from server.outside.refusals import NotConfigured, OutsideDown

SECONDS_MAX = 10.0


@dataclass(frozen=True)
class Answer:
    """A status, a content type and a whole body."""

    status: int
    content_type: str
    body: bytes


def post(
    url: str,
    body: bytes,
    content_type: str,
    *,
    bytes_max: int,
    seconds: float = SECONDS_MAX,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return the answer to a POST; raises OutsideDown where there is none, or none in time, or too long a one."""
    where = place(url)
    until = time.monotonic() + seconds
    parts: list[bytes] = []
    length = 0
    given = {"Content-Type": content_type, **(headers or {})}
    try:
        with (
            httpx.Client(timeout=seconds, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=given) as answer,
        ):
            for part in answer.iter_bytes():
                length += len(part)
                parts.append(part)
                if length > bytes_max:
                    raise OutsideDown(f"{where} answers more than {bytes_max} bytes")
                if time.monotonic() > until:
                    raise OutsideDown(f"{where} did not end its answer in {seconds:g} s")
            kind = answer.headers.get("content-type", "").partition(";")[0].strip()
            return Answer(answer.status_code, kind, b"".join(parts))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OutsideDown(f"{where} does not answer ({type(error).__name__})") from error


def place(url: str) -> str:
    """Return an address without what it may hold of passwords; raises NotConfigured if it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotConfigured("an address begins with https:// or http:// and names a host")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
