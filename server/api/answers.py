"""What the API gives: the queries' nouns as JSON, and lists a page at a time behind a cursor."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from flask import request
from sqlalchemy import Select, and_, or_

from server.api.operations import number, text
from server.queries.reading import PAGE_SIZE, TABLE, Reading, oldest_first
from sync.errors import BadValue, Refusal
from sync.merge import Record

LIMIT_MAX = 200
Rows = Callable[[Reading, Sequence[Record]], Sequence[Any]]
LIMIT = number("limit", f"每页条数，默认 {PAGE_SIZE}", f"How many; {PAGE_SIZE} unless told", 1, LIMIT_MAX)
PAGE_WORDS = (LIMIT, text("after", "上一页返回的 next", "The `next` of the page before"))


class UnknownFilter(Refusal):
    """The list cannot be narrowed by a word of this name."""

    code = "unknown_filter"
    next = "Ask by the words that /api/openapi.json names for this address."


def plain(value: Any) -> Any:
    """Return a noun as JSON takes it: times as ISO 8601 in UTC, days as YYYY-MM-DD, money in fen."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain(member) for member in value]
    return value


def listing(reading: Reading, statement: Select[Any], rows: Rows) -> dict[str, Any]:
    """Return one page of a list: `items`, and `next`, the cursor to ask for more with, or null.

    By `?limit=` (PAGE_SIZE, at most LIMIT_MAX) and `?after=`; what moved least recently comes first, so
    nothing is missed that moves while somebody reads on.
    """
    limit = page_limit()
    if after := request.args.get("after"):
        version, key = _cursor(after)
        later = and_(TABLE.c.version == version, TABLE.c.id > key)
        statement = statement.where(or_(TABLE.c.version > version, later))
    records = reading.records(statement.order_by(*oldest_first()).limit(limit + 1))
    shown = records[:limit]
    last = shown[-1] if len(records) > limit else None
    return {
        "items": plain(list(rows(reading, shown))),
        "next": f"{last.version}.{last.id}" if last else None,
    }


def page_limit() -> int:
    """Return how many items are asked for, PAGE_SIZE unless told; raises BadValue."""
    words = request.args.get("limit") or str(PAGE_SIZE)
    if not words.isascii() or not words.isdigit() or not 1 <= int(words[:9]) <= LIMIT_MAX:
        raise BadValue(f"limit is a number from 1 to {LIMIT_MAX}", field="limit")
    return int(words)


def _cursor(words: str) -> tuple[int, str]:
    version, _, key = words.partition(".")
    if not version.isascii() or not version.isdigit() or len(version) > 15 or not key:
        raise BadValue("not a cursor of this list", field="after")
    return int(version), key
