"""Whether the ledger proves an evidence item, recomputed from what is stored each time it is asked.

From the bytes outward: the file opens to the digest that was signed at capture, the record is the one
that its last entry commits to, that entry and the one of its capture carry the digests of their changes,
and both stand in the tree whose root the ledger's key has signed.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from server.evidence import verify
from server.storage import ledger_store
from server.storage.ledger_store import Head
from server.wiring import Services
from sync import checkpoint, entries, erasure, lines, merge, tiles
from sync.entries import Entry
from sync.errors import BadProof, BadSignature, FileCorrupt, Malformed, NotCanonical
from sync.merge import Record
from sync.merkle import HASH_BYTES, inclusion_proof, leaf_hash, verify_inclusion

OK, BAD, UNKNOWN = "ok", "bad", "unknown"
FILE_BYTES_AT_VIEW_MAX = 64 * 1024 * 1024
"""A larger file is read again when somebody decides on it, not whenever its page is opened."""
FILE_CORRUPT, FILE_LARGE, FILE_MISSING = "file_corrupt", "file_large", "file_missing"
FILE_ERASED = "file_erased"


@dataclass(frozen=True)
class Proven:
    """What came of recomputing; why: the code of what does not hold, empty for `ok`.

    index: of the record's last entry; leaf, path, root: hex, the path from the leaf upwards
    """

    verdict: str
    why: str = ""
    index: int | None = None
    leaf: str = ""
    path: tuple[str, ...] = ()
    size: int | None = None
    root: str = ""


class _Fault(Exception):
    """What does not hold, by its code."""


def recompute(services: Services, connection: Connection, record: Record) -> Proven:
    """Return whether record, entries, tree, signature and file hold together; raises no Refusal.

    connection: one snapshot, of which `record` was read
    """
    found = of_ledger(services, connection, record)
    return found if found.verdict == BAD else _with_file(services, record, found)


def of_ledger(services: Services, connection: Connection, record: Record) -> Proven:
    """Return whether record, entries, tree and signature hold together, without a look at the file."""
    head = ledger_store.head(connection, services.ledger.id)
    index = record.version
    shown = Proven(OK, index=index, size=head.size, root=head.root.hex())
    try:
        _check_head(services, head)
        captured = record.acts[0].index
        path: list[bytes] = []
        leaf = b""
        for place in sorted({captured, index}):
            entry, leaf, path = _entry(connection, services.ledger.id, head, place)
            if place == index and entry.after != merge.after_digest(record, entry.salt):
                raise _Fault("record_mismatch")
    except _Fault as fault:
        return _with(shown, BAD, str(fault))
    return Proven(OK, "", index, leaf.hex(), tuple(step.hex() for step in path), head.size, head.root.hex())


def check(services: Services, connection: Connection, record: Record) -> None:
    """Raise FileCorrupt or BadProof unless everything holds now, the file whatever its size."""
    found = recompute(services, connection, record)
    if found.why == FILE_CORRUPT:
        raise FileCorrupt(item=record.id)
    if found.verdict == BAD:
        raise BadProof(f"the ledger does not prove this item: {found.why}", item=record.id)
    if found.why == FILE_LARGE and not verify.is_intact(services, record):
        raise FileCorrupt(item=record.id)


def _with_file(services: Services, record: Record, shown: Proven) -> Proven:
    if record.values.get("file_state") not in (verify.VERIFIED, verify.CORRUPT):
        return _with(shown, UNKNOWN, FILE_MISSING)
    if erasure.is_erased(record, "file_key"):
        return _with(shown, UNKNOWN, FILE_ERASED)
    if record.values["size"] > FILE_BYTES_AT_VIEW_MAX:
        return _with(shown, UNKNOWN, FILE_LARGE)
    if not verify.is_intact(services, record):
        return _with(shown, BAD, FILE_CORRUPT)
    return shown


def _with(shown: Proven, verdict: str, why: str) -> Proven:
    return Proven(verdict, why, shown.index, shown.leaf, shown.path, shown.size, shown.root)


def _check_head(services: Services, head: Head) -> None:
    try:
        signed = checkpoint.verify(head.note, services.keyring.verifiers())
    except (BadSignature, BadProof) as error:
        raise _Fault("signature_invalid") from error
    if (signed.origin, signed.size, signed.root) != (services.ledger.origin, head.size, head.root):
        raise _Fault("root_mismatch")


def _entry(connection: Connection, ledger: int, head: Head, index: int) -> tuple[Entry, bytes, list[bytes]]:
    """Return (entry, leaf, path) at an index, once its leaf leads to the root and its change is the stored one."""
    line = ledger_store.lines_at(connection, ledger, [index]).get(index)
    if line is None or index >= head.size:
        raise _Fault("not_in_ledger")
    leaf = leaf_hash(line)
    read = ledger_store.tile_reader(connection, ledger)
    number, place = divmod(index, tiles.WIDTH)
    if read(0, number)[place * HASH_BYTES : (place + 1) * HASH_BYTES] != leaf:
        raise _Fault("leaf_mismatch")
    try:
        path = inclusion_proof(tiles.nodes_from(read), index, head.size)
        verify_inclusion(leaf, index, head.size, path, head.root)
    except BadProof as error:
        raise _Fault("root_mismatch") from error
    try:
        entry = entries.from_line(line)
    except (Malformed, NotCanonical) as error:
        raise _Fault("leaf_mismatch") from error
    body = ledger_store.bodies(connection, ledger, index)
    if not body or lines.digest(body[0].line) != entry.change:
        raise _Fault("change_mismatch")
    return entry, leaf, path
