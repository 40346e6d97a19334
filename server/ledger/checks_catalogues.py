"""The contents of catalogues: each is what its digest names, and every one that a record names is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from server.ledger.checks import Scope
from server.storage import catalogue_store
from sync import lines
from sync.merge import Record

NAMED = {"catalogue": ("digest",), "inspection": ("checklist_digest", "violations_digest")}
"""Fields that name a content, by record type."""
TABLE = "catalogue_line"


def check_catalogues(scope: Scope, records: Mapping[str, Record]) -> None:
    """Compare every stored content with its digest, and the records that name one with what is stored."""
    rows: dict[str, int] = {}
    with scope.guarding(TABLE, "", ""):
        for digest in catalogue_store.digests(scope.connection, scope.ledger.id):
            with scope.guarding(TABLE, digest, "line"):
                rows[digest] = _content(scope, digest)
    for record in records.values():
        for name in NAMED.get(record.type, ()):
            digest = str(record.values.get(name, ""))
            if digest and digest not in rows:
                scope.note(TABLE, digest, "", f"missing; {record.type} {record.id} names it")
            elif digest and record.type == "catalogue" and record.values.get("rows") != rows[digest]:
                scope.note(TABLE, digest, "n", "not as many rows as the catalogue's record says")


def _content(scope: Scope, digest: str) -> int:
    """Return the number of rows of a content, noting where it is not what its digest names."""
    found, count = hashlib.sha256(), 0
    for n, code, line in catalogue_store.lines_of(scope.connection, scope.ledger.id, digest):
        if n != count:
            scope.note(TABLE, digest, "n", f"line {count} is missing")
        count = n + 1
        found.update(line + b"\n")
        with scope.guarding(TABLE, f"{digest}/{n}", "line"):
            body = lines.decode(line)
            if code != (body["code"] if n else None):
                scope.note(TABLE, f"{digest}/{n}", "code", "not the code in the line")
    if found.hexdigest() != digest:
        scope.note(TABLE, digest, "line", "the lines are not those that the digest names")
    return count - 1
