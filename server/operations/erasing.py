"""Erasing from outside a commit: look first, erase, then leave nothing behind in the database's own files."""

from __future__ import annotations

from sqlalchemy import text

from schemas.records import TYPES
from server.commit import erasing
from server.commit.erasing import Plan
from server.commit.signer import ERASED
from server.commit.submission import Erase, Result
from server.storage import erased_store, ledger_store, record_store
from server.wiring import Services
from sync import lines
from sync.errors import UnknownField
from sync.rules import MACHINE

AGAIN_MAX = 50
"""Records in one act of erasing again."""
VACUUMED = ("private_line", "record", "quarantine")


def look(services: Services, asked: Erase) -> Plan:
    """Return what an erasure would destroy; raises NotFound, NothingToErase, or UnknownField."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        known = record_store.places(connection, services.ledger.id, asked.records).values()
        types = [TYPES[kind] for kind in {record.type for record in known}]
        for name in sorted(asked.fields):
            if known and not any(name in kind.by_name and kind.by_name[name].private for kind in types):
                raise UnknownField(f"no private field {name} in these records", field=name)
        return erasing.plan(connection, vault, asked)


def erase(services: Services, asked: Erase) -> Result:
    """Erase through the one door, then overwrite what the database keeps of deleted rows; raises a Refusal."""
    look(services, asked)
    result = services.door.submit(asked)
    scrub(services)
    return result


def brought_back(services: Services) -> dict[str, set[str]]:
    """Return {record: digests} of what the signer's record says was erased and the database holds all the same.

    So it is after a backup from before an erasure was put back.
    """
    noted = {note["digest"] for note in services.signer.notes() if note["state"] == ERASED}
    found: dict[str, set[str]] = {}
    if not noted:
        return found
    with services.database.reading() as connection:
        ledger = services.ledger.id
        for held in erased_store.standing(connection, ledger, noted):
            for body in ledger_store.bodies(connection, ledger, held.index):
                if body.n == held.n and body.line:
                    record = lines.decode(body.line)["record"]
                    found.setdefault(record, set()).add(held.digest)
    return found


def erase_again(services: Services) -> int:
    """Erase once more what a restored backup brought back, by acts of the server; return how many lines.

    Call it before anything is served, as soon as the ledger signs again; it does nothing where nothing came back.
    """
    found = sorted(brought_back(services).items())
    for at in range(0, len(found), AGAIN_MAX):
        some = dict(found[at : at + AGAIN_MAX])
        services.door.submit(
            Erase(
                user=MACHINE,
                records=tuple(some),
                basis="restored",
                at=services.now_ms(),
                digests=frozenset(digest for digests in some.values() for digest in digests),
            )
        )
    if found:
        scrub(services)
    return sum(len(digests) for _, digests in found)


def scrub(services: Services) -> None:
    """Overwrite what is left of deleted rows in the database's files: they are encrypted, but under living keys.

    SQLite: the write-ahead log is emptied and the free pages are given up; PostgreSQL: dead rows are vacuumed away.
    Takes as long as copying the database once on SQLite; nothing depends on it, and it can be done again.
    """
    with services.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.dbapi_connection
            assert raw is not None, "the connection is open"
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in VACUUMED:
            connection.execute(text(f"VACUUM {table}"))
