"""A form that decides: the first time it is answered with a challenge, the second time it brings the assertion."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from server.accounts import cookie
from server.wiring import Services
from sync.errors import BadValue

FIELD = "assertion"
ASKING = "Wardledger-Sign"
"""The header by which a page says that it can ask for a passkey (static/desk/signing.js): it reads problems."""
ANSWER_CHARS_MAX = 8192


def deciding() -> Services:
    """Return the services by which the reader decides, with what his form brings of his passkey; raises BadValue."""
    return cookie.deciding(_answer(request.form.get(FIELD, "")))


def is_asking() -> bool:
    """Return whether a page sends its form to learn what is to be signed."""
    return ASKING in request.headers


def _answer(given: str) -> Mapping[str, Any] | None:
    if not given:
        return None
    try:
        answer = json.loads(given) if len(given) <= ANSWER_CHARS_MAX else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise BadValue("what a passkey says is a JSON object", field=FIELD)
    return answer
