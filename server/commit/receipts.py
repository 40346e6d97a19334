"""Receipts: made at the end of a commit, stored without their entry lines, put together again to the byte."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.storage import ledger_store
from server.storage.ledger_store import StoredSet
from sync import lines, signing
from sync.changes import Manifest
from sync.checkpoint import Checkpoint
from sync.epochs import Epochs
from sync.merkle import Nodes, consistency_proof
from sync.receipt import Receipt

Sign = Callable[[dict[str, Any]], str]


@dataclass(frozen=True, slots=True)
class Pending:
    """An accepted set that waits for the commit's checkpoint; edge: the tree's compact range at `first`."""

    manifest: Manifest
    first: int
    entries: tuple[bytes, ...]
    edge: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """A receipt's token and the row that keeps it."""

    token: str
    row: dict[str, Any]


def finish(
    pending: Sequence[Pending], head: Checkpoint, nodes: Nodes, sign: Sign, epochs: Epochs
) -> dict[str, Finished]:
    """Return {manifest digest: receipt} for the sets of a commit."""
    return {one.manifest.digest: _finish(one, head, nodes, sign, epochs) for one in pending}


def _finish(one: Pending, head: Checkpoint, nodes: Nodes, sign: Sign, epochs: Epochs) -> Finished:
    manifest, seen = one.manifest, one.manifest.seen
    start = epochs.carried(seen, head.epoch) if seen is not None else None
    known = start.size if start is not None and start.size <= one.first else 0
    after = one.first + len(one.entries)
    receipt = Receipt(
        origin=manifest.origin,
        device=manifest.device,
        seq=manifest.seq,
        manifest=manifest.digest,
        first=one.first,
        entries=one.entries,
        range=one.edge,
        checkpoint=head.note,
        seen_size=seen.size if seen else 0,
        from_seen=tuple(consistency_proof(nodes, known, one.first)) if known else (),
        to_checkpoint=tuple(consistency_proof(nodes, after, head.size)),
    )
    token = sign(receipt.payload())
    header, _, signature = token.split(".")
    bare = lines.encode({**receipt.payload(), "entries": []})
    row = {
        "device": manifest.device,
        "seq": manifest.seq,
        "digest": manifest.digest,
        "manifest": manifest.jws,
        "first": one.first,
        "count": len(one.entries),
        "receipt": zlib.compress(b"\n".join([header.encode(), signature.encode(), bare])),
    }
    return Finished(token, row)


def stored(connection: Connection, ledger: int, one: StoredSet) -> str:
    """Return the receipt of an accepted set: the same bytes as the first time."""
    entries = ledger_store.entry_lines(connection, ledger, one.first, one.count)
    return assemble(one.receipt, entries)


def assemble(kept: bytes, entries: Sequence[bytes]) -> str:
    """Return the token of a kept receipt and the entry lines it was made with."""
    header, signature, bare = zlib.decompress(kept).split(b"\n", 2)
    payload = lines.decode(bare, bytes_max=signing.TOKEN_BYTES_MAX)
    payload["entries"] = [line.decode() for line in entries]
    return f"{header.decode()}.{lines.b64u(lines.encode(payload))}.{signature.decode()}"
