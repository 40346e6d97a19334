"""Hashes of pictures by bands, what waits to be hashed, and the pairs that were found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, literal, or_, select

from server.storage.database import table_of, upsert
from server.storage.likeness_models import LikenessRow, ResemblanceRow
from server.storage.models import OriginalRow

TABLE = table_of(LikenessRow)
PAIRS = table_of(ResemblanceRow)
ORIGINALS = table_of(OriginalRow)
ASKED, HASHED, NOTHING = "asked", "hashed", "nothing"
"""nothing: no picture, or one that shows nothing that could be compared."""
FOUND_MAX = 20_000
"""Candidates that one look takes from each band: so many rooms are alike in a part only where something is wrong."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A picture's hash; made: the ledger entry that brought it."""

    evidence: str
    made: int
    hash: int


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What resembles an item. bits, turned: see ResemblanceRow; later: whether the item came after the other."""

    evidence: str
    other: str
    bits: int
    turned: int
    later: bool


def ask(connection: Connection, ledger: int, evidence: str, made: int) -> None:
    """Let a picture be looked at by the next sweep, anew if it was before."""
    upsert(connection, TABLE, [_row(ledger, evidence, made, ASKED)])


def ask_all(connection: Connection, ledger: int) -> None:
    """Let every item be looked at anew; what was found is forgotten."""
    connection.execute(delete(PAIRS).where(PAIRS.c.ledger == ledger))
    connection.execute(delete(TABLE).where(TABLE.c.ledger == ledger))
    every = select(ORIGINALS.c.ledger, ORIGINALS.c.evidence, ORIGINALS.c.made, literal(ASKED))
    names = ("ledger", "evidence", "made", "state")
    connection.execute(insert(TABLE).from_select(names, every.where(ORIGINALS.c.ledger == ledger)))


def asked(connection: Connection, ledger: int, most: int) -> dict[str, int]:
    """Return {evidence: made} of what waits to be looked at, the first of the ledger first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.state == ASKED)
    rows = connection.execute(
        select(TABLE.c.evidence, TABLE.c.made).where(*where).order_by(TABLE.c.made).limit(most)
    )
    return {row.evidence: row.made for row in rows}


def counts(connection: Connection, ledger: int) -> dict[str, int]:
    """Return how many items are in each state, and how many pairs there are."""
    grouped = select(TABLE.c.state, func.count()).where(TABLE.c.ledger == ledger).group_by(TABLE.c.state)
    found = {str(state): int(number) for state, number in connection.execute(grouped)}
    pairs = select(func.count()).select_from(PAIRS).where(PAIRS.c.ledger == ledger, PAIRS.c.later.is_(True))
    return {
        **dict.fromkeys((ASKED, HASHED, NOTHING), 0),
        **found,
        "pairs": connection.execute(pairs).scalar_one(),
    }


def note(connection: Connection, ledger: int, found: Hashed, bands: Sequence[int]) -> None:
    """Write down a picture's hash."""
    row = _row(ledger, found.evidence, found.made, HASHED)
    parts = {f"band{n}": band for n, band in enumerate(bands)}
    upsert(connection, TABLE, [{**row, "hash": f"{found.hash:016x}", **parts}])


def note_nothing(connection: Connection, ledger: int, evidence: str, made: int) -> None:
    """Write down that an item holds no picture that could be compared."""
    upsert(connection, TABLE, [_row(ledger, evidence, made, NOTHING)])


def near(connection: Connection, ledger: int, probes: Mapping[int, Iterable[int]]) -> list[Hashed]:
    """Return the hashed pictures of which one band is among the values asked for; probes: {band's number: values}."""
    found: dict[str, Hashed] = {}
    for number, values in probes.items():
        where = (TABLE.c.ledger == ledger, TABLE.c[f"band{number}"].in_(sorted(set(values))))
        named = select(TABLE.c.evidence, TABLE.c.made, TABLE.c.hash).where(*where).limit(FOUND_MAX)
        for row in connection.execute(named):
            found[row.evidence] = Hashed(row.evidence, row.made, int(row.hash, 16))
    return list(found.values())


def join(connection: Connection, ledger: int, pairs: Iterable[Resemblance]) -> None:
    """Write down pairs, each from both sides."""
    rows = [
        {"ledger": ledger, **{name: getattr(pair, name) for name in Resemblance.__slots__}} for pair in pairs
    ]
    back = [
        {**row, "evidence": row["other"], "other": row["evidence"], "later": not row["later"]} for row in rows
    ]
    upsert(connection, PAIRS, [*rows, *back])


def part(connection: Connection, ledger: int, evidence: str) -> None:
    """Forget what was found of an item, before it is looked at anew."""
    mine = or_(PAIRS.c.evidence == evidence, PAIRS.c.other == evidence)
    connection.execute(delete(PAIRS).where(PAIRS.c.ledger == ledger, mine))


def resembling(connection: Connection, ledger: int, evidence: Iterable[str]) -> dict[str, list[Resemblance]]:
    """Return {item: what resembles it, the nearest first} of some items."""
    where = (PAIRS.c.ledger == ledger, PAIRS.c.evidence.in_(sorted(set(evidence))))
    found: dict[str, list[Resemblance]] = {}
    for row in connection.execute(select(PAIRS).where(*where).order_by(PAIRS.c.bits, PAIRS.c.other)):
        pair = Resemblance(row.evidence, row.other, row.bits, row.turned, bool(row.later))
        found.setdefault(row.evidence, []).append(pair)
    return found


def repeating(connection: Connection, ledger: int, evidence: Iterable[str]) -> frozenset[str]:
    """Return which of some items resemble one that is in the ledger before them."""
    where = (PAIRS.c.ledger == ledger, PAIRS.c.evidence.in_(sorted(set(evidence))), PAIRS.c.later.is_(True))
    return frozenset(connection.execute(select(PAIRS.c.evidence).where(*where).distinct()).scalars())


def looked(connection: Connection, ledger: int, evidence: str) -> bool:
    """Return whether an item's picture was looked at."""
    where = (TABLE.c.ledger == ledger, TABLE.c.evidence == evidence)
    return connection.execute(select(TABLE.c.state).where(*where)).scalar_one_or_none() in (HASHED, NOTHING)


def _row(ledger: int, evidence: str, made: int, state: str) -> dict[str, object]:
    empty = dict.fromkeys(("hash", "band0", "band1", "band2", "band3"))
    return {"ledger": ledger, "evidence": evidence, "made": made, "state": state, **empty}
