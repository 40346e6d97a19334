"""The contents of catalogues as rows: a line each under the digest of the whole; written once, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from schemas.catalogues.content import Catalogue
from server.storage.database import add, table_of
from server.storage.ledger_store import PAGE
from server.storage.models import CatalogueLineRow
from sync import lines

TABLE = table_of(CatalogueLineRow)
BATCH = 5_000
Line = tuple[int, str | None, bytes]
"""n, code, line"""


def keep(connection: Connection, ledger: int, catalogue: Catalogue) -> None:
    """Store a catalogue's content unless it is there."""
    if header(connection, ledger, catalogue.digest) is not None:
        return
    codes: Iterable[str | None] = [None, *(row["code"] for row in catalogue.rows)]
    rows = [
        {"ledger": ledger, "digest": catalogue.digest, "n": n, "code": code, "line": line}
        for n, (code, line) in enumerate(zip(codes, catalogue.lines, strict=True))
    ]
    for at in range(0, len(rows), BATCH):
        add(connection, TABLE, rows[at : at + BATCH])


def header(connection: Connection, ledger: int, digest: str) -> Mapping[str, Any] | None:
    """Return the header of a stored content, None where there is none."""
    return headers(connection, ledger, [digest]).get(digest)


def headers(connection: Connection, ledger: int, digests: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return {digest: header} of those contents that are stored."""
    wanted = sorted(set(digests))
    found: dict[str, Mapping[str, Any]] = {}
    for at in range(0, len(wanted), PAGE):
        where = (TABLE.c.ledger == ledger, TABLE.c.digest.in_(wanted[at : at + PAGE]), TABLE.c.n == 0)
        for row in connection.execute(select(TABLE.c.digest, TABLE.c.line).where(*where)):
            found[row.digest] = lines.decode(bytes(row.line))
    return found


def text(connection: Connection, ledger: int, digest: str) -> bytes | None:
    """Return the bytes of a stored content, None where there is none; for what is small enough to be carried."""
    kept = [line for _, _, line in lines_of(connection, ledger, digest)]
    return b"\n".join(kept) + b"\n" if kept else None


def lines_of(connection: Connection, ledger: int, digest: str) -> Iterator[Line]:
    """Yield the lines of a content in their order, a page at a time."""
    after = -1
    while True:
        where = (TABLE.c.ledger == ledger, TABLE.c.digest == digest, TABLE.c.n > after)
        statement = (
            select(TABLE.c.n, TABLE.c.code, TABLE.c.line).where(*where).order_by(TABLE.c.n).limit(BATCH)
        )
        rows = connection.execute(statement).all()
        for row in rows:
            yield row.n, row.code, bytes(row.line)
        if len(rows) < BATCH:
            return
        after = rows[-1].n


def rows_of(
    connection: Connection, ledger: int, digest: str, codes: Iterable[str]
) -> dict[str, list[Mapping[str, Any]]]:
    """Return {code: its rows} of those codes that a content has; a code has several rows for several times."""
    wanted = sorted(set(codes))
    found: dict[str, list[Mapping[str, Any]]] = {}
    for at in range(0, len(wanted), PAGE):
        where = (
            TABLE.c.ledger == ledger,
            TABLE.c.digest == digest,
            TABLE.c.code.in_(wanted[at : at + PAGE]),
        )
        statement = select(TABLE.c.code, TABLE.c.line).where(*where).order_by(TABLE.c.n)
        for row in connection.execute(statement):
            found.setdefault(row.code, []).append(lines.decode(bytes(row.line)))
    return found


def digests(connection: Connection, ledger: int) -> Sequence[str]:
    """Return the digests of every stored content."""
    statement = select(TABLE.c.digest).where(TABLE.c.ledger == ledger).distinct().order_by(TABLE.c.digest)
    return list(connection.execute(statement).scalars())
