"""What a test compares before and after: every table's rows, and a second door on the same database."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from sqlalchemy import select

from schemas.drafting import Draft
from schemas.wire.change_set import read_set
from server.commit.acts import items_of
from server.commit.queue import Committer, Waiting
from server.commit.signer import Signer
from server.commit.submission import Act, Push, Result, Submission
from server.keys.vault import Vault
from server.ledger.audit import audit
from server.storage import ledger_store, record_store, waiting_store
from server.storage.models import db
from server.storage.waiting_store import Waiting as WaitingRow
from sync import changes, lines
from sync.entries import RELEASE, Entry, from_line
from sync.errors import Refusal
from sync.merge import Record
from tests.server.builders import Installation
from tests.server.pushing import City, Phone


def everything(installation: Installation) -> dict[str, list[Any]]:
    """Return all rows of all tables, by table."""
    with installation.services.database.reading() as connection:
        return {
            table.name: sorted(repr(row) for row in connection.execute(select(table)))
            for table in db.metadata.sorted_tables
        }


def door(installation: Installation) -> Committer:
    """Return another door to the same ledger, as a second process has: its own signer and vault."""
    services = installation.services
    return Committer(
        services.database,
        services.ledger,
        signer=Signer(lambda: services.keyring.signers, services.config.signer_file),
        vault=Vault(lambda: services.keyring.keks, services.random),
        now_ms=services.now_ms,
    )


def together(at: Committer, submissions: Sequence[Submission]) -> list[Any]:
    """Let some submissions share one batch; return what each was answered, exceptions as values."""
    batch: list[Waiting] = [(submission, Future()) for submission in submissions]
    at._serve(batch)
    return [future.exception(0) or future.result(0) for _, future in batch]


def push_of(phone: Phone, *drafts: Draft) -> Push:
    """Return a phone's next set, and go on in its chain."""
    services = phone.installation.services
    written = [phone.line(draft) for draft in drafts]
    jws = phone.manifest(written)
    text = changes.text_of(jws, written)
    phone.seq, phone.prev = phone.seq + 1, lines.digest(jws.encode("ascii"))
    return Push(phone.id, read_set(*changes.split_text(text)), services.now_ms(), text)


def act_of(installation: Installation, user: str, *drafts: Draft, **more: Any) -> Act:
    """Return an act of a person."""
    services = installation.services
    return Act(user, "decision", items_of(services, drafts), services.now_ms(), **more)


def is_sound(installation: Installation) -> bool:
    """Return whether the audit finds the ledger in order."""
    report = audit(installation.services)
    assert report.ok, report.text()
    return True


def waiting(city: City) -> list[WaitingRow]:
    """Return every change that waits or waited."""
    services = city.installation.services
    with services.database.reading() as connection:
        return list(waiting_store.everything(connection, services.ledger.id))


def entries(city: City, kind: str = RELEASE) -> list[tuple[int, Entry]]:
    """Return the entries of a kind with their places."""
    services = city.installation.services
    with services.database.reading() as connection:
        every = ledger_store.all_entries(connection, services.ledger.id)
        found = [(index, from_line(line)) for index, line, _ in every]
    return [(index, entry) for index, entry in found if entry.kind == kind]


def loaded(city: City, key: str) -> Record | None:
    """Return a record with what its private lines say."""
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, [key]).get(key)


__all__ = [
    "Refusal", "Result", "act_of", "door", "entries", "everything", "is_sound", "loaded", "push_of", "together",
    "waiting",
]  # fmt: skip
