"""Canonical lines: one JSON object a line, RFC 8785 narrowed to integers, and their digests.

What is hashed or signed is hashed as the bytes that travelled; decoding re-encodes what it
parsed and compares bytes, so duplicate keys, floats and exponents cannot pass. orjson writes strings
as RFC 8785 asks (short escapes, \\u00xx in lower case, everything else raw); a test compares it with json.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

import orjson

from sync.errors import NotCanonical, TooLarge

LINE_BYTES_MAX = 64 * 1024
INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 16
KEY_CHARS_MAX = 128
KEY = re.compile(r"[A-Za-z0-9_.:\-]{1,128}")
KNOWN_KEYS_MAX = 4096
ZERO_DIGEST = "0" * 64
OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_known_keys: set[str] = set()
"""Keys that were found to have their form: the same few hundred names come in every line."""


def encode(value: Any) -> bytes:
    """Return the canonical bytes of `value`, without a final LF.

    Keys are ASCII (so sorting by code point is RFC 8785's order); raises NotCanonical for
    floats, integers of 2^53 and beyond, other keys, lone surrogates and nesting over DEPTH_MAX.
    """
    _check(value, 0)
    try:
        return orjson.dumps(value, option=OPTIONS)
    except orjson.JSONEncodeError as error:
        raise NotCanonical("the text is not encodable as UTF-8 JSON") from error


def _check(value: Any, depth: int) -> None:
    """Raise NotCanonical for what may not travel; most members are texts, which need no call of their own."""
    if depth > DEPTH_MAX:
        raise NotCanonical(f"nested deeper than {DEPTH_MAX}")
    kind = type(value)
    if kind is dict:
        for key, member in value.items():
            if key not in _known_keys:
                _check_key(key)
            if type(member) is not str or depth == DEPTH_MAX:
                _check(member, depth + 1)
    elif kind is list or kind is tuple:
        for member in value:
            if type(member) is not str or depth == DEPTH_MAX:
                _check(member, depth + 1)
    elif kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise NotCanonical("an integer is 2^53 or beyond")
    elif kind is not str and kind is not bool and value is not None:
        raise NotCanonical("only objects, arrays, strings, integers, true, false and null may travel")


def _check_key(key: Any) -> None:
    if type(key) is not str or len(key) > KEY_CHARS_MAX or not KEY.fullmatch(key):
        raise NotCanonical("a key is not plain ASCII")
    if len(_known_keys) >= KNOWN_KEYS_MAX:
        # Anybody can send names that nobody else uses: those in use come back, the others do not stay for ever.
        _known_keys.clear()
    _known_keys.add(key)


def decode(line: bytes, *, bytes_max: int = LINE_BYTES_MAX) -> dict[str, Any]:
    """Return the object that `line` holds; raises NotCanonical or TooLarge.

    line: the bytes without their LF, at most bytes_max
    """
    if len(line) > bytes_max:
        raise TooLarge(f"a line has {len(line)} bytes, {bytes_max} are allowed")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise NotCanonical("a line is not JSON in UTF-8") from error
    if type(value) is not dict:
        raise NotCanonical("a line must hold one object")
    if encode(value) != line:
        raise NotCanonical("the line is not in canonical form")
    return value


def digest(line: bytes) -> str:
    """Return the SHA-256 of a line's bytes in lower-case hex."""
    return hashlib.sha256(line).hexdigest()


def b64u(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def unb64u(text: str, *, length: int | None = None) -> bytes:
    """Return the bytes of unpadded base64url; raises NotCanonical unless re-encoding gives `text`."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise NotCanonical("not base64url") from error
    if b64u(raw) != text or (length is not None and len(raw) != length):
        raise NotCanonical("not base64url without padding, or of the wrong length")
    return raw
