"""The ledger's own keys: each ledger key after the first was introduced by the one before, in one chain."""

from __future__ import annotations

from itertools import pairwise

from server.keys.history import ACTIVE, LEDGER
from server.ledger.checks import Scope
from sync import key_chain, signing
from sync.errors import Refusal


def check_keys(scope: Scope) -> None:
    """Check the chain of statements, and that the newest is one of those at hand."""
    chain = scope.known.of(LEDGER)
    if not chain:
        return
    for older, key in pairwise(chain):
        statement = key.statement(scope.ledger.origin)
        try:
            led = key_chain.follow(older.public, [statement] if statement else [], origin=scope.ledger.origin)
        except Refusal as error:
            scope.note("record", key.record, "signature", error.detail)
            continue
        if led[-1] != key.public:
            scope.note("record", key.record, "before", "the ledger key before did not introduce this one")
    newest = chain[-1]
    if newest.stage != ACTIVE:
        scope.note("record", newest.record, "stage", f"the newest ledger key is {newest.stage}")
    if newest.digest not in {signing.key_digest(signing.public_raw(key)) for key in scope.keys}:
        scope.note("record", newest.record, "public", "not a key that this installation signs with")
