"""The index of the desk's search: written with each commit, asked by selects over records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select

from server.keys.vault import VaultSession
from server.projections.searching import NOTHING, Found, found_by
from server.storage.database import add, table_of
from server.storage.ledger_store import PAGE
from server.storage.record_store import TABLE
from server.storage.search_models import SearchHashRow, SearchWordRow
from sync.merge import Record

WORDS, HASHES = table_of(SearchWordRow), table_of(SearchHashRow)
HASH_BYTES = 8
KEY_ROOT = "search"
"""The data key by which names and numbers are hashed; it lies with the others, wrapped under the KEK."""
PAIR, PERSON = b"pair of characters", b"person number"
LAST_CHARACTER = "\U0010ffff"
Refound = Sequence[tuple[str, Found, Found]]
"""(record, what it was found by, what it is found by now)"""


def moved(before: dict[str, Record], after: Iterable[Record]) -> Refound:
    """Return the records by which something else is found than before; most changes move nothing.

    after: as the commit leaves them; of one that stands there twice, the last
    """
    last = {each.id: each for each in after}
    pairs = ((key, found_by(before.get(key)), found_by(each)) for key, each in last.items())
    return [(key, old, new) for key, old, new in pairs if old != new]


def project(connection: Connection, vault: VaultSession, changes: Refound) -> None:
    """Take out what records are no longer found by, and put in what they are found by now."""
    ledger = vault.ledger
    for key, old, new in changes:
        gone = sorted(hashes(vault, old) - hashes(vault, new))
        if words := sorted(old.words - new.words):
            connection.execute(_gone(WORDS, ledger, key).where(WORDS.c.word.in_(words)))
        if gone:
            connection.execute(_gone(HASHES, ledger, key).where(HASHES.c.hash.in_(gone)))
    add(
        connection,
        WORDS,
        [
            {"ledger": ledger, "word": word, "record": key}
            for key, old, new in changes
            for word in sorted(new.words - old.words)
        ],
    )
    add(
        connection,
        HASHES,
        [
            {"ledger": ledger, "hash": one, "record": key}
            for key, old, new in changes
            for one in sorted(hashes(vault, new) - hashes(vault, old))
        ],
    )


def rewrite(connection: Connection, vault: VaultSession, records: Sequence[Record]) -> None:
    """Make the rows of some records anew, whatever stands there."""
    ids = [record.id for record in records]
    for table in (WORDS, HASHES):
        for at in range(0, len(ids), PAGE):
            some = ids[at : at + PAGE]
            connection.execute(delete(table).where(table.c.ledger == vault.ledger, table.c.record.in_(some)))
    project(connection, vault, [(one.id, NOTHING, found_by(one)) for one in records])


def forget(connection: Connection, ledger: int) -> None:
    """Empty the index."""
    for table in (WORDS, HASHES):
        connection.execute(delete(table).where(table.c.ledger == ledger))


def is_empty(connection: Connection, ledger: int) -> bool:
    """Return whether nothing at all is found by the index."""
    statement = select(WORDS.c.record).where(WORDS.c.ledger == ledger).limit(1)
    return connection.execute(statement).first() is None


def everything(connection: Connection, ledger: int) -> tuple[set[tuple[str, str]], set[tuple[int, str]]]:
    """Return all rows, for a comparison with what the records lead to."""
    words = connection.execute(select(WORDS.c.word, WORDS.c.record).where(WORDS.c.ledger == ledger))
    hashed = connection.execute(select(HASHES.c.hash, HASHES.c.record).where(HASHES.c.ledger == ledger))
    return {(w, r) for w, r in words}, {(h, r) for h, r in hashed}


def begins_with(ledger: int, word: str) -> ColumnElement[bool]:
    """Return the condition on records that a public number of theirs begins with a plain word, or has it inside."""
    stretch = select(WORDS.c.record).where(
        WORDS.c.ledger == ledger, WORDS.c.word >= word, WORDS.c.word < word + LAST_CHARACTER
    )
    return TABLE.c.id.in_(stretch)


def is_word(ledger: int, words: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition on records that one of these plain words is a whole word of theirs."""
    return TABLE.c.id.in_(
        select(WORDS.c.record).where(WORDS.c.ledger == ledger, WORDS.c.word.in_(sorted(words)))
    )


def has_pairs(vault: VaultSession, some: Iterable[str]) -> ColumnElement[bool] | None:
    """Return the condition on records that their name has all these pairs; None while no name was ever hashed."""
    wanted = [one for each in sorted(some) if (one := _hash(vault, PAIR, each, make=False)) is not None]
    if not wanted:
        return None
    with_all = (
        select(HASHES.c.record)
        .where(HASHES.c.ledger == vault.ledger, HASHES.c.hash.in_(wanted))
        .group_by(HASHES.c.record)
        .having(func.count() == len(set(wanted)))
    )
    return TABLE.c.id.in_(with_all)


def is_person(vault: VaultSession, number: str) -> ColumnElement[bool] | None:
    """Return the condition on records that they are about the person of a plain number; None as above."""
    found = _hash(vault, PERSON, number, make=False)
    if found is None:
        return None
    return TABLE.c.id.in_(
        select(HASHES.c.record).where(
            HASHES.c.ledger == vault.ledger, HASHES.c.hash == bindparam("person", found)
        )
    )


def _gone(table: Any, ledger: int, record: str) -> Any:
    return delete(table).where(table.c.ledger == ledger, table.c.record == record)


def hashes(vault: VaultSession, found: Found) -> set[int]:
    """Return the keyed hashes of what a record is found by; the key is made if there is none."""
    made = {_hash(vault, PAIR, each) for each in found.pairs} | {
        _hash(vault, PERSON, each) for each in found.persons
    }
    return {one for one in made if one is not None}


def _hash(vault: VaultSession, purpose: bytes, text: str, *, make: bool = True) -> int | None:
    raw = vault.mac(KEY_ROOT, purpose, text.encode(), make=make)
    return int.from_bytes(raw[:HASH_BYTES], "big", signed=True) if raw is not None else None
