"""Kept timestamps: each is over the note of a checkpoint of this ledger, and its authority is one that is trusted.

That the checkpoint itself is one with the tree is found where the checkpoints are walked.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from server.ledger.checks import Scope
from server.ledger.checks_heads import CLOCK_SLACK_MS
from server.outside import tsa
from server.outside.refusals import NotConfigured
from server.storage import ledger_scan, timestamp_store
from server.storage.timestamp_store import Stamp

TABLE = "time_token"


def check_timestamps(scope: Scope, certs: Path | None) -> None:
    """Compare every kept timestamp with its checkpoint, and verify it up to the roots; certs: their file."""
    trusted: tsa.Trust | None = None
    lacking = ""
    with scope.guarding(TABLE, "", ""):
        for number, kept in enumerate(timestamp_store.all_of(scope.connection, scope.ledger.id)):
            scope.progress("timestamps", number, 0)
            key = f"{kept.epoch}/{kept.size}/{kept.at}"
            if trusted is None and not lacking:
                try:
                    trusted = tsa.trust(certs)
                except NotConfigured as missing:
                    lacking = missing.detail
                    scope.note(TABLE, "", "", f"no timestamp can be verified: {lacking}")
            with scope.guarding(TABLE, key, "response"):
                _check(scope, key, kept, trusted)


def _check(scope: Scope, key: str, kept: Stamp, trusted: tsa.Trust | None) -> None:
    if kept.digest != hashlib.sha256(kept.response).hexdigest():
        scope.note(TABLE, key, "digest", "not that of the answer beside it")
    head = ledger_scan.checkpoint(scope.connection, scope.ledger.id, kept.epoch, kept.size)
    if head is None:
        scope.note(TABLE, key, "size", "no checkpoint of this ledger has this epoch and size")
        return
    note = head.note.encode()
    tsa.check_imprint(kept.response, note)
    stated = tsa.time_of(kept.response)
    if stated != kept.at:
        scope.note(TABLE, key, "at", f"the timestamp itself states {stated}")
    if stated < head.at - CLOCK_SLACK_MS:
        scope.note(TABLE, key, "at", "before the checkpoint that it is over was made")
    if trusted is not None:
        tsa.check(kept.response, note, trusted)
