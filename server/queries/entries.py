"""The ledger's entries for whoever wants to check them: what kind of thing, when, by what role, and its proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.records import TYPES
from server.console.pages.ledger import EntriesPage, EntryPage, LedgerEntry
from server.ledger import proofs
from server.queries.reading import PAGE_SIZE, Reading, moment
from server.queries.record_cells import names
from server.storage import ledger_store, witness_store
from sync import checkpoint, entries, tiles
from sync.entries import KINDS, Entry
from sync.errors import BadProof, BadSignature, BadValue, NotFound
from sync.merkle import inclusion_proof, leaf_hash, verify_inclusion
from sync.rules import MACHINE

LOOKED_MAX = 2_000
"""Entries that one page looks through for those that are asked for; the next page goes on below."""
PHONE, NOBODY = "phone", ""


def entries_page(
    reading: Reading, *, kind: str = "", of_type: str = "", start: int | None = None
) -> EntriesPage:
    """Return entries from a place downwards, the newest unless told; raises BadValue for words that there are not."""
    if kind and kind not in KINDS:
        raise BadValue("no such kind of entry", field="kind")
    if of_type and of_type not in TYPES:
        raise BadValue("no such type of record", field="type")
    size = ledger_store.head(reading.connection, reading.services.ledger.id).size
    top = size - 1 if start is None else min(start, size - 1)
    found: list[tuple[int, Entry]] = []
    place = top
    while place >= 0 and len(found) < PAGE_SIZE and top - place < LOOKED_MAX:
        first = max(0, place - ledger_store.PAGE + 1)
        lines = ledger_store.entry_lines(
            reading.connection, reading.services.ledger.id, first, place - first + 1
        )
        for index in range(place, first - 1, -1):
            place = index - 1
            entry = entries.from_line(lines[index - first])
            if (not kind or entry.kind == kind) and (not of_type or entry.type == of_type):
                found.append((index, entry))
                if len(found) == PAGE_SIZE:
                    break
    return EntriesPage(
        size=size,
        entries=_shown(reading, found),
        kind=kind,
        type=of_type,
        kinds=KINDS,
        types=tuple(sorted(TYPES)),
        from_index=top,
        below=place if place >= 0 else None,
        looked=top - place,
    )


def _shown(reading: Reading, found: Iterable[tuple[int, Entry]]) -> tuple[LedgerEntry, ...]:
    every = list(found)
    roles = _roles(reading, [entry for _, entry in every])
    return tuple(
        LedgerEntry(
            index=index,
            at=moment(entry.at),
            kind=entry.kind,
            type=entry.type or "",
            outcome=entries.entry_outcome(entry).verdict,
            role=roles.get(entry.by, NOBODY) if entry.device is None else PHONE,
        )
        for index, entry in every
    )


def _roles(reading: Reading, some: Iterable[Entry]) -> dict[str, str]:
    """Return the first role of each user by whom entries are; never a name."""
    users = {entry.by for entry in some if entry.by != MACHINE}
    known = reading.named(users)
    found = {
        key: next(iter(user.values.get("roles") or [""]))
        for key, user in known.items()
        if user.type == "user"
    }
    return {MACHINE: MACHINE, **found}


def entry_page(reading: Reading, index: int) -> EntryPage:
    """Return one entry with its place in the tree recomputed now; raises NotFound beyond the end."""
    here = reading.services
    head = ledger_store.head(reading.connection, here.ledger.id)
    line = ledger_store.lines_at(reading.connection, here.ledger.id, [index]).get(index)
    if line is None or index >= head.size:
        raise NotFound(f"the ledger has {head.size} entries, numbered from 0")
    entry = entries.from_line(line)
    leaf = leaf_hash(line)
    path, why = _proven(reading, index, leaf)
    named = names(reading, [entry.record]).get(entry.record) if entry.record else None
    cosigned = witness_store.lines_on(reading.connection, here.ledger.id, head.epoch, head.size)
    shown = _shown(reading, [(index, entry)])[0]
    return EntryPage(
        entry=shown,
        size=head.size,
        verdict="bad" if why else "ok",
        why=why,
        leaf=leaf.hex(),
        path=tuple(step.hex() for step in path),
        root=head.root.hex(),
        checkpoint=head.note,
        change=entry.change,
        by=shown.role,
        record=entry.record if named and named.kind and entry.record else "",
        record_kind=named.kind if named else "",
        device=entry.device or "",
        set=entry.set or "",
        seq=entry.seq,
        late=entry.late,
        witnesses=tuple(row.split(" ")[1] for row in cosigned),
    )


def _proven(reading: Reading, index: int, leaf: bytes) -> tuple[list[bytes], str]:
    """Return the path from a leaf to the signed root, and why it does not hold, or ''."""
    here = reading.services
    head = ledger_store.head(reading.connection, here.ledger.id)
    nodes = tiles.nodes_from(ledger_store.tile_reader(reading.connection, here.ledger.id))
    path: list[bytes] = []
    try:
        checkpoint.verify(head.note, here.keyring.verifiers())
        path = inclusion_proof(nodes, index, head.size)
        verify_inclusion(leaf, index, head.size, path, head.root)
    except BadSignature:
        return path, "signature_invalid"
    except BadProof:
        return path, "root_mismatch"
    return path, ""


def proof_file(reading: Reading, index: int) -> dict[str, Any]:
    """Return the file of `wardledger ledger prove`; its change line only where the reader may open the record."""
    here = reading.services
    found = proofs.package(reading.connection, here.ledger, index, here.keyring.ledger_public)
    record = entries.from_line(found["entry"].encode()).record
    named = names(reading, [record]).get(record) if record else None
    if named is None or not named.kind:
        found.pop("change", None)
    return found
