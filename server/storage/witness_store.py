"""Cosignatures of our heads, how our witnesses answered, and the heads of other logs that are cosigned here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, func, select

from server.storage.database import add_if_absent, table_of, upsert
from server.storage.ledger_scan import pages
from server.storage.witness_models import ContradictionRow, CosignatureRow, WitnessedRow, WitnessRow

LINES = table_of(CosignatureRow)
WITNESSES = table_of(WitnessRow)
WITNESSED = table_of(WitnessedRow)
CONTRADICTIONS = table_of(ContradictionRow)
CONTRADICTIONS_MAX = 100
"""Of one log: the first proves it, the others only fill the disk."""
COSIGNED, AHEAD, FORKED, REFUSED, AWAY = "cosigned", "ahead", "forked", "refused", "away"
"""How an exchange ended; ahead: the witness knows a larger head than we have; forked: another tree than ours."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's line on one of our heads; at: Unix seconds; vkey: by which it was accepted."""

    epoch: str
    size: int
    witness: str
    at: int
    vkey: str
    line: str


@dataclass(frozen=True, slots=True)
class Contact:
    """How the last exchange with a witness ended, when (Unix ms), and the size it said to know."""

    witness: str
    state: str
    tried_at: int
    known: int
    words: str


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The last head of another log that was cosigned here; at: Unix ms."""

    log: str
    size: int
    root: str
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A head that another log signed, of the size and not of the root that it had shown before."""

    log: str
    digest: str
    note: str
    held: str
    at: int


# -- our own heads ----------------------------------------------------------------------------------------------


def keep(connection: Connection, ledger: int, found: Cosignature) -> None:
    """Keep a line that was verified; the same one is there already."""
    row = {name: getattr(found, name) for name in Cosignature.__slots__}
    add_if_absent(connection, LINES, {"ledger": ledger, **row})


def lines_on(connection: Connection, ledger: int, epoch: str, size: int) -> list[str]:
    """Return the newest line of each witness on one head, by the witnesses' names."""
    where = (LINES.c.ledger == ledger, LINES.c.epoch == epoch, LINES.c.size == size)
    rows = connection.execute(select(LINES).where(*where).order_by(LINES.c.witness, LINES.c.at))
    return list({row.witness: row.line for row in rows}.values())


def newest_size(connection: Connection, ledger: int, epoch: str) -> int | None:
    """Return the largest size of an epoch that any witness cosigned."""
    where = (LINES.c.ledger == ledger, LINES.c.epoch == epoch)
    found = connection.execute(select(func.max(LINES.c.size)).where(*where)).scalar_one_or_none()
    return None if found is None else int(found)


def cosigned_sizes(connection: Connection, ledger: int, epoch: str) -> dict[str, int]:
    """Return {witness: the largest size of an epoch that it cosigned}."""
    where = (LINES.c.ledger == ledger, LINES.c.epoch == epoch)
    statement = select(LINES.c.witness, func.max(LINES.c.size)).where(*where).group_by(LINES.c.witness)
    return {str(witness): int(size) for witness, size in connection.execute(statement)}


def newest_of(connection: Connection, ledger: int, epoch: str, witness: str) -> Cosignature | None:
    """Return a witness's last line on the largest head of an epoch that it cosigned."""
    where = (LINES.c.ledger == ledger, LINES.c.epoch == epoch, LINES.c.witness == witness)
    statement = select(LINES).where(*where).order_by(LINES.c.size.desc(), LINES.c.at.desc()).limit(1)
    row = connection.execute(statement).mappings().one_or_none()
    return _cosignature(row) if row else None


def all_lines(connection: Connection, ledger: int) -> Iterator[Cosignature]:
    """Yield every kept line as it stands."""
    for row in pages(connection, LINES, ledger, "epoch", "size", "witness", "at"):
        yield _cosignature(row)


def _cosignature(row: RowMapping) -> Cosignature:
    return Cosignature(**{name: row[name] for name in Cosignature.__slots__})


def contact(connection: Connection, ledger: int, witness: str) -> Contact | None:
    """Return how the last exchange with a witness ended, or None before the first."""
    where = (WITNESSES.c.ledger == ledger, WITNESSES.c.witness == witness)
    row = connection.execute(select(WITNESSES).where(*where)).mappings().one_or_none()
    return Contact(**{name: row[name] for name in Contact.__slots__}) if row else None


def note_contact(connection: Connection, ledger: int, found: Contact) -> None:
    """Write down how an exchange ended."""
    row = {name: getattr(found, name) for name in Contact.__slots__}
    upsert(connection, WITNESSES, [{"ledger": ledger, **row}])


# -- other logs --------------------------------------------------------------------------------------------------


def witnessed(connection: Connection, ledger: int, log: str) -> Witnessed | None:
    """Return the head of a log that was cosigned last, or None; hold the ledger's lock to act upon it."""
    where = (WITNESSED.c.ledger == ledger, WITNESSED.c.log == log)
    row = connection.execute(select(WITNESSED).where(*where)).mappings().one_or_none()
    return Witnessed(**{name: row[name] for name in Witnessed.__slots__}) if row else None


def all_witnessed(connection: Connection, ledger: int) -> Iterator[Witnessed]:
    """Yield the last head of every log."""
    for row in pages(connection, WITNESSED, ledger, "log"):
        yield Witnessed(**{name: row[name] for name in Witnessed.__slots__})


def advance(connection: Connection, ledger: int, head: Witnessed) -> None:
    """Let a head take the place of the one before; the caller compared them under the same lock."""
    row = {name: getattr(head, name) for name in Witnessed.__slots__}
    upsert(connection, WITNESSED, [{"ledger": ledger, **row}])


def keep_contradiction(connection: Connection, ledger: int, found: Contradiction) -> None:
    """Keep the proof that a log signed two trees, unless enough of them are kept."""
    where = (CONTRADICTIONS.c.ledger == ledger, CONTRADICTIONS.c.log == found.log)
    count = connection.execute(select(func.count()).select_from(CONTRADICTIONS).where(*where)).scalar_one()
    if count < CONTRADICTIONS_MAX:
        row = {name: getattr(found, name) for name in Contradiction.__slots__}
        add_if_absent(connection, CONTRADICTIONS, {"ledger": ledger, **row})


def contradictions(connection: Connection, ledger: int) -> Iterator[Contradiction]:
    """Yield every kept proof that a log signed two trees."""
    for row in pages(connection, CONTRADICTIONS, ledger, "log", "digest"):
        yield Contradiction(**{name: row[name] for name in Contradiction.__slots__})
