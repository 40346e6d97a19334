"""Verifying: the stored cipher opens frame by frame to the very bytes that were signed at capture.

Record and file arrive in either order, so whoever comes second calls `settle`; what a crash left
undone is taken up by `sweep`. The verdict is an act of the machine, so it is in the ledger.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

import structlog

from schemas.drafting import Draft
from server.commit.acts import act
from server.evidence.captured import captured
from server.storage import file_store, likeness_store, record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync import erasure, frames, lines
from sync.errors import FileCorrupt, NotCanonical, NotFound, Refusal, VersionChanged
from sync.merge import Record

SWEEP_MAX = 200
VERIFIED, CORRUPT, ABANDONED = "verified", "corrupt", "abandoned"
log = structlog.get_logger()


class FileErased(Refusal):
    """The key of the file was erased by law: nobody can read it any more."""

    code = "file_erased"
    next = "Nothing: its digests and its entries stay, and prove what was captured."


def settle(services: Services, digest: str) -> None:
    """Verify a stored cipher against every evidence record that names it and has not been verified.

    What was corrupt or abandoned is looked at again: the file may have come once more, and whole.
    """
    if not services.files.has(digest):
        return
    for record in _claims(services, digest):
        if record.values.get("file_state") != VERIFIED and not erasure.is_erased(record, "file_key"):
            _decide(services, record)


def abandon(services: Services, digest: str) -> None:
    """Note with every evidence record that waits for a file that its upload was given up; its phone begins anew."""
    for record in _claims(services, digest):
        if record.values.get("file_state") is None:
            draft = Draft("edit", "evidence", record.id, {"file_state": ABANDONED})
            with contextlib.suppress(VersionChanged):
                # Whoever moved the record meanwhile is at work on it: the next sweep looks again.
                act(services, [draft], kind="change", expect={record.id: record.version})


def sweep(services: Services) -> int:
    """Settle files that arrived and were never verified, for a crash between the two; return how many."""
    with services.database.reading() as connection:
        digests = file_store.waiting(connection, services.ledger.id, SWEEP_MAX)
    for digest in digests:
        settle(services, digest)
    return len(digests)


def plain(services: Services, record: Record) -> Iterator[bytes]:
    """Yield the original bytes of an evidence item; raises NotFound or FileCorrupt at the first bad frame."""
    return frames.decrypt(services.files.read(record.values["cipher_digest"]), key_of(record))


def plain_part(services: Services, record: Record, start: int, end: int) -> Iterator[bytes]:
    """Yield the original's bytes from start to end, of which the caller knows that the file has them."""
    digest = record.values["cipher_digest"]

    def read(since: int, until: int) -> Iterator[bytes]:
        return services.files.read(digest, since, until)

    size = services.files.size(digest)
    if frames.plain_size(size) != record.values["size"]:
        raise FileCorrupt("the stored file has another size than was signed at capture", item=record.id)
    return frames.decrypt_part(read, key_of(record), cipher_size=size, start=start, end=end)


def key_of(record: Record) -> bytes:
    """Return the key of an item's file; raises FileErased once it was erased, FileCorrupt for a text that is none."""
    if erasure.is_erased(record, "file_key"):
        raise FileErased(item=record.id)
    try:
        return lines.unb64u(record.values["file_key"], length=frames.KEY_BYTES)
    except NotCanonical as error:
        raise FileCorrupt("the file key is none", item=record.id) from error


def _claims(services: Services, digest: str) -> list[Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        statement = selected(services.ledger.id, "evidence").where(TABLE.c.natural_key == digest)
        return record_store.query(connection, vault, statement)


def is_intact(services: Services, record: Record) -> bool:
    """Return whether the stored file opens to exactly the bytes that the record committed to."""
    seen, size = hashlib.sha256(), 0
    try:
        for frame in plain(services, record):
            seen.update(frame)
            size += len(frame)
    except (FileCorrupt, FileErased, NotFound):
        return False
    return (seen.hexdigest(), size) == (record.values["digest"], record.values["size"])


def _span(services: Services, record: Record) -> dict[str, int]:
    with services.database.reading() as connection:
        span = captured(connection, services.ledger.id, record)
    return {"captured_from": span.earliest_ms, "captured_until": span.latest_ms}


def _decide(services: Services, record: Record) -> None:
    intact = is_intact(services, record)
    state = VERIFIED if intact else CORRUPT
    if state != record.values.get("file_state") and not _note(services, record, state):
        return settle(services, record.values["cipher_digest"])
    with services.database.writing(services.ledger.id) as connection:
        file_store.settle(connection, services.ledger.id, record.values["cipher_digest"], state)
        if intact:
            likeness_store.ask(connection, services.ledger.id, record.id, record.acts[0].index)
    return None


def _note(services: Services, record: Record, state: str) -> bool:
    """Enter a verdict as an act of the machine; False if somebody else moved the record meanwhile."""
    values: dict[str, object] = {"file_state": state, **_span(services, record)}
    drafts = [Draft("edit", "evidence", record.id, values)]
    if state == VERIFIED and record.stage == "captured":
        values["stage"] = {"from": "captured", "to": "uploaded"}
        ready = {"stage": {"from": "uploaded", "to": "pending_review"}}
        drafts.append(Draft("edit", "evidence", record.id, ready))
    try:
        act(services, drafts, kind="change", expect={record.id: record.version})
    except VersionChanged:
        # Somebody else moved the record: another worker verified it, or its phone amended it.
        log.info("verification repeated", record=record.id)
        return False
    return True
