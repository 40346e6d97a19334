"""Kept cosignatures: each is by the key beside it over a checkpoint of this ledger. And the heads of other logs."""

from __future__ import annotations

import hashlib

from server.ledger.checks import Scope
from server.ledger.proofs import parse_verifier_key
from server.storage import ledger_scan, witness_store
from server.storage.witness_store import Contradiction, Cosignature, Witnessed
from sync import checkpoint, cosignature
from sync.cosignature import COSIGNATURE


def check_witnesses(scope: Scope) -> None:
    """Verify every cosignature of our heads, and compare what is kept of other logs with their signed notes."""
    connection, ledger = scope.connection, scope.ledger.id
    with scope.guarding("cosignature", "", ""):
        for number, line in enumerate(witness_store.all_lines(connection, ledger)):
            scope.progress("cosignatures", number, 0)
            key = f"{line.epoch}/{line.size}/{line.witness}/{line.at}"
            with scope.guarding("cosignature", key, "line"):
                _line(scope, key, line)
    with scope.guarding("witnessed", "", ""):
        for head in witness_store.all_witnessed(connection, ledger):
            with scope.guarding("witnessed", head.log, "note"):
                _head(scope, head)
    with scope.guarding("contradiction", "", ""):
        for found in witness_store.contradictions(connection, ledger):
            with scope.guarding("contradiction", f"{found.log}/{found.digest}", "note"):
                _two(scope, found)


def _line(scope: Scope, key: str, line: Cosignature) -> None:
    head = ledger_scan.checkpoint(scope.connection, scope.ledger.id, line.epoch, line.size)
    if head is None:
        scope.note("cosignature", key, "size", "no checkpoint of this ledger has this epoch and size")
        return
    name, public = parse_verifier_key(line.vkey, COSIGNATURE)
    if name != line.witness:
        scope.note("cosignature", key, "witness", f"the verifier key is that of {name}")
    stated = cosignature.verify_line(line.line, cosignature.body_of(head.note), name, public)
    if stated != line.at:
        scope.note("cosignature", key, "at", f"the line itself states {stated}")


def _head(scope: Scope, head: Witnessed) -> None:
    said = checkpoint.parse(head.note)
    if (said.name, said.size, said.root.hex()) != (head.log, head.size, head.root):
        scope.note("witnessed", head.log, "", "not what the signed note says")


def _two(scope: Scope, found: Contradiction) -> None:
    one, other = checkpoint.parse(found.note), checkpoint.parse(found.held)
    key = f"{found.log}/{found.digest}"
    if hashlib.sha256(found.note.encode()).hexdigest() != found.digest:
        scope.note("contradiction", key, "digest", "not that of the note")
    if {one.name, other.name} != {found.log} or one.size != other.size or one.root == other.root:
        scope.note("contradiction", key, "held", "the two heads do not contradict each other")
