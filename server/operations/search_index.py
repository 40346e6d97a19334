"""The index of the desk's search, made anew from the records: after an upgrade, a restore, or under a new key."""

from __future__ import annotations

from collections.abc import Callable

from schemas.records import TYPES
from server.operations.running import alone
from server.projections.searching import NOTHING, found_by
from server.storage import data_key_store, record_store, search_store
from server.storage.ledger_store import has_ledger
from server.wiring import Services

BATCH = 500
Progress = Callable[[str, int, int], None]


def rebuild(services: Services, progress: Progress = lambda *_: None, *, new_key: bool = False) -> int:
    """Make the whole index anew while the server goes on, a batch under the lock at a time; return how many records.

    new_key: destroy the key of the hashes first, so that whoever has the old one can do nothing with it;
    raises StillRunning while a server runs, which would go on under the old one
    """
    if new_key:
        with alone(services):
            _destroy_key(services)
            return _rewrite(services, progress)
    return _rewrite(services, progress)


def _destroy_key(services: Services) -> None:
    ledger = services.ledger.id
    with services.database.writing(ledger) as connection:
        search_store.forget(connection, ledger)
        data_key_store.destroy(connection, ledger, search_store.KEY_ROOT)
    services.vault.forget(ledger, search_store.KEY_ROOT)


def _rewrite(services: Services, progress: Progress) -> int:
    ledger = services.ledger.id
    with services.database.reading() as connection:
        ids = [row.id for row in record_store.everything(connection, ledger) if row.type in TYPES]
    done = 0
    for some in _batches(ids):
        with services.database.writing(ledger) as connection:
            vault = services.vault.session(connection, ledger)
            records = record_store.load(connection, vault, some)
            search_store.rewrite(connection, vault, list(records.values()))
        vault.committed()
        done += len(some)
        progress("records", done, len(ids))
    return done


def _batches(ids: list[str]) -> list[list[str]]:
    return [ids[at : at + BATCH] for at in range(0, len(ids), BATCH)]


def fill(services: Services) -> int:
    """Make the index where there is none yet, as after an upgrade; return how many records were looked at."""
    with services.database.reading() as connection:
        if not has_ledger(connection) or not search_store.is_empty(connection, services.ledger.id):
            return 0
    return rebuild(services)


def differs(services: Services) -> int:
    """Return how many rows of the index are not those that the records lead to."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        vault = services.vault.session(connection, ledger)
        words, hashes = search_store.everything(connection, ledger)
        for row in record_store.everything(connection, ledger):
            if row.type in TYPES and row.type != "conflict":
                found = found_by(record_store.thaw(row, vault))
                if found != NOTHING:
                    words ^= {(word, row.id) for word in found.words}
                    hashes ^= {(one, row.id) for one in search_store.hashes(vault, found)}
    return len(words) + len(hashes)
