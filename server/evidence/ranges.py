"""Which part of a file a request asks for (RFC 9110, section 14): one range of bytes, or the whole."""

from __future__ import annotations

import re

from sync.errors import RangeUnsatisfiable

ONE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def wanted(header: str | None, if_range: str | None, *, etag: str, size: int) -> tuple[int, int] | None:
    """Return (start, end) of the part, end behind its last byte, or None for the whole.

    header, if_range: as they came; etag: with its quotes. Several ranges, other units and what is no range
    at all are answered with the whole, as the RFC allows. Raises RangeUnsatisfiable.
    """
    found = ONE.fullmatch((header or "").strip())
    if found is None or found.groups() == ("", "") or (if_range is not None and if_range.strip() != etag):
        return None
    first, last = found.groups()
    if first == "":
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), size if last == "" else min(size, int(last) + 1)
        if last != "" and int(last) < int(first):
            return None
    if start >= end:
        raise RangeUnsatisfiable(f"the file has {size} bytes", size=size)
    return start, end
