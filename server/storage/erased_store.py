"""What was erased: the digests that are never taken in again, and the destruction of every copy in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, select, tuple_, update

from server.storage.database import add, table_of
from server.storage.ledger_store import PAGE
from server.storage.models import ErasedRow, PrivateRow, QuarantineRow
from sync import erasure
from sync.changes import PrivateLine

TABLE = table_of(ErasedRow)
PRIVATE = table_of(PrivateRow)
QUARANTINE = table_of(QuarantineRow)
_ANY = select(TABLE.c.ledger).where(TABLE.c.ledger == bindparam("ledger")).limit(1)


@dataclass(frozen=True, slots=True)
class Erased:
    """A line that was erased: by which entry, and its form with the order of its erasure."""

    digest: str
    index: int
    form: Mapping[str, Any]

    def stand_in(self) -> PrivateLine:
        """Return what is read in its place."""
        return erasure.stand_in({**self.form, "digest": self.digest}, self.form["order"])


@dataclass(frozen=True, slots=True)
class Held:
    """Where a private line stands."""

    index: int
    n: int
    kind: str
    digest: str
    sealed: bytes


def row_of(ledger: int, index: int, form: Mapping[str, Any], order: int) -> dict[str, Any]:
    """Return the row of one erased line; form: as the entry's change line has it."""
    kept = {name: part for name, part in form.items() if name != "digest"} | {"order": order}
    text = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
    return {"ledger": ledger, "digest": form["digest"], "index": index, "form": text}


def find(connection: Connection, ledger: int, digests: Iterable[str]) -> dict[str, PrivateLine]:
    """Return {digest: what is read in its place} of those that were erased; one small read where none ever was."""
    wanted = sorted(set(digests))
    if not wanted or connection.execute(_ANY, {"ledger": ledger}).first() is None:
        return {}
    found: dict[str, PrivateLine] = {}
    for at in range(0, len(wanted), PAGE):
        where = (TABLE.c.ledger == ledger, TABLE.c.digest.in_(wanted[at : at + PAGE]))
        for row in connection.execute(select(TABLE).where(*where)):
            found[row.digest] = _erased(row).stand_in()
    return found


def _erased(row: Any) -> Erased:
    return Erased(row.digest, row.index, orjson.loads(row.form))


def everything(connection: Connection, ledger: int) -> Iterator[Erased]:
    """Yield all that was erased, by digest."""
    after = ""
    while True:
        where = (TABLE.c.ledger == ledger, TABLE.c.digest > after)
        rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.digest).limit(PAGE)).all()
        yield from map(_erased, rows)
        if len(rows) < PAGE:
            return
        after = rows[-1].digest


def note(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Remember erased lines; the caller has asked which are known already."""
    add(connection, TABLE, rows)


def standing(connection: Connection, ledger: int, digests: Iterable[str]) -> list[Held]:
    """Return every place at which one of some lines stands, whatever record it is about; reads the whole table."""
    wanted = sorted(set(digests))
    found: list[Held] = []
    for at in range(0, len(wanted), PAGE):
        where = (PRIVATE.c.ledger == ledger, PRIVATE.c.digest.in_(wanted[at : at + PAGE]))
        found += [_held(row) for row in connection.execute(select(PRIVATE).where(*where))]
    return found


def lines_at(connection: Connection, ledger: int, places: Collection[tuple[int, int]]) -> list[Held]:
    """Return the private lines of some changes, by (index, n)."""
    wanted = sorted(places)
    found: list[Held] = []
    for at in range(0, len(wanted), PAGE):
        some = wanted[at : at + PAGE]
        where = (PRIVATE.c.ledger == ledger, tuple_(PRIVATE.c.index, PRIVATE.c.n).in_(some))
        found += [_held(row) for row in connection.execute(select(PRIVATE).where(*where))]
    return found


def _held(row: Any) -> Held:
    return Held(row.index, row.n, row.kind, row.digest, bytes(row.sealed))


def destroy(connection: Connection, ledger: int, lines: Iterable[Held]) -> None:
    """Delete private lines."""
    for one in lines:
        where = (PRIVATE.c.index == one.index, PRIVATE.c.n == one.n, PRIVATE.c.kind == one.kind)
        connection.execute(delete(PRIVATE).where(PRIVATE.c.ledger == ledger, *where))


def rewrite_text(connection: Connection, ledger: int, key: str, sealed: bytes) -> None:
    """Put a quarantined text in the place of one that held what is erased."""
    where = (QUARANTINE.c.ledger == ledger, QUARANTINE.c.id == key)
    connection.execute(update(QUARANTINE).where(*where).values(sealed=sealed))
