"""A row of an import proven: it lies under the Merkle root that the import's entry commits to."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields
from sqlalchemy import Connection

from schemas.wire.parts import Strict, whole
from server.keys.vault import VaultSession
from server.storage import ledger_store, record_store
from sync import lines
from sync.errors import BadProof, NotCanonical, NotFound
from sync.merkle import HASH_BYTES, Nodes, inclusion_proof, leaf_hash, node_hash, verify_inclusion

PATH_MAX = 64


class RowSchema(Strict):
    """A row in the file of `wardledger ledger prove`: its number from 1, its change line, its path."""

    n = whole(1, required=True)
    line = fields.String(required=True)
    path = fields.List(fields.String(), required=True)


def row_of(connection: Connection, ledger: int, index: int, n: int) -> dict[str, Any]:
    """Return a row of the import at `index` with its path to the import's root; n: from 1. Raises NotFound."""
    rows = [body for body in ledger_store.bodies(connection, ledger, index) if body.n > 0]
    if not 1 <= n <= len(rows):
        raise NotFound(f"entry {index} has {len(rows)} rows, numbered from 1", field="row")
    path = inclusion_proof(nodes_of([row.line for row in rows]), n - 1, len(rows))
    return {
        "n": n,
        "line": rows[n - 1].line.decode(),
        "path": [b64encode(node).decode() for node in path],
    }


def place_of(connection: Connection, vault: VaultSession, record: str) -> tuple[int, int | None]:
    """Return (index, row) of what last wrote a record; row: None unless that was an import. Raises NotFound."""
    found = record_store.load(connection, vault, [record]).get(record)
    if found is None:
        raise NotFound("the ledger holds no such record", item=record)
    act = found.acts[-1]
    bodies = ledger_store.bodies(connection, vault.ledger, act.index)
    return act.index, next((body.n for body in bodies if body.n and body.change == act.change), None)


def nodes_of(rows: Sequence[bytes]) -> Nodes:
    """Return a reader of the perfect subtrees over lines."""
    levels = [[leaf_hash(row) for row in rows]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = range(0, len(below) - 1, 2)
        levels.append([node_hash(below[at], below[at + 1]) for at in pairs])
    return lambda level, index: levels[level][index]


def check_row(row: Mapping[str, Any], change: str | None, kind: str) -> None:
    """Return if the row lies under the root that an import's change line states; kind: the entry's. Raises BadProof."""
    said = lines.decode(change.encode()).get("set", {}) if change and kind == "import" else {}
    root, count = said.get("root"), said.get("rows")
    if not isinstance(root, str) or type(count) is not int:
        raise BadProof("a row is proven by the change line of its import", field="row")
    try:
        path = [b64decode(node, validate=True) for node in row["path"]]
        wanted = bytes.fromhex(root)
    except ValueError as error:
        raise NotCanonical("a row's path is hashes in base64", field="row") from error
    if len(path) > PATH_MAX or len(wanted) != HASH_BYTES:
        raise BadProof("the row's path has the wrong shape", field="row")
    verify_inclusion(leaf_hash(row["line"].encode()), row["n"] - 1, count, path, wanted)
