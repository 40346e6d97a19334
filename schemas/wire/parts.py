"""Building blocks of the wire: ids, digests, salts, whole numbers, and a schema that refuses in our words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from schemas import compiled
from schemas.values import CODE, DIGEST, KEY, TIME_MS_MAX, UUID, Matching, WholeNumber
from sync.errors import Malformed
from sync.lines import INTEGER_MAX

EPOCH = re.compile(r"[0-9a-f]{32}")
SALT = re.compile(r"[A-Za-z0-9_\-]{22}")
ORIGIN = re.compile(r"[a-z0-9.\-]+(:[0-9]+)?(/[a-z0-9.\-]+)+")


class Strict(Schema):
    """A schema that refuses members it does not know."""

    class Meta:
        """Unknown members are refused."""

        unknown = RAISE


def matching(pattern: re.Pattern[str], **more: Any) -> fields.String:
    """A string that matches a pattern whole."""
    return fields.String(validate=Matching(pattern, "does not have its form"), **more)


def uuid(**more: Any) -> fields.String:
    """A lower-case UUID."""
    return matching(UUID, **more)


def digest(**more: Any) -> fields.String:
    """64 hex digits."""
    return matching(DIGEST, **more)


def salt(**more: Any) -> fields.String:
    """16 bytes in base64url."""
    return matching(SALT, **more)


def epoch(**more: Any) -> fields.String:
    """32 hex digits."""
    return matching(EPOCH, **more)


def key(**more: Any) -> fields.String:
    """Key material in base64url."""
    return matching(KEY, **more)


def token(**more: Any) -> fields.String:
    """A short code."""
    return matching(CODE, **more)


def whole(low: int = 0, high: int = INTEGER_MAX, **more: Any) -> WholeNumber:
    """A whole number in a range."""
    return WholeNumber(validate=validate.Range(low, high), **more)


def instant(**more: Any) -> WholeNumber:
    """Unix ms."""
    return whole(0, TIME_MS_MAX, **more)


def first_fault(found: Any, path: str = "") -> tuple[str, str]:
    """Return (path, words) of the first message in marshmallow's tree of errors."""
    if isinstance(found, dict):
        name, inner = min(found.items(), key=lambda pair: str(pair[0]))
        step = "" if name == "_schema" else str(name)
        return first_fault(inner, f"{path}.{step}".strip("."))
    if isinstance(found, list) and found:
        return first_fault(found[0], path)
    return path, str(found)


def load(schema: Schema, body: Any, refuse: Callable[[str, str], Exception] | None = None) -> dict[str, Any]:
    """Return what the schema makes of `body`; raises Malformed naming the member at fault."""
    if compiled.takes(schema, body):
        return dict(body)
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as error:
        path, words = first_fault(error.messages)
        raise (refuse(path, words) if refuse else Malformed(words, field=path or None)) from error
    return loaded
