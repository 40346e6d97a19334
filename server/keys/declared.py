"""The ledger's public keys as records of the ledger, so that a key that came or went has an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.drafting import Draft
from server.keys.keyring import Keyring
from server.storage import record_store
from sync import lines, signing

if TYPE_CHECKING:
    from server.wiring import Services


def declare(services: Services) -> int:
    """Enter the founding keys into a ledger that holds no key yet; returns how many there were.

    Done when a ledger is founded and at each start, so a founding that broke off in between is made whole. A
    ledger that has keys gets others by a rotation alone: a key file that was mixed up is none.
    """
    from server.commit.acts import act, new_id

    with services.database.reading() as connection:
        statement = record_store.selected(services.ledger.id, "key").with_only_columns(
            record_store.TABLE.c.id
        )
        if connection.execute(statement.limit(1)).first() is not None:
            return 0
    drafts = [Draft("create", "key", new_id(services), values) for values in public_halves(services.keyring)]
    act(services, drafts, kind="key")
    return len(drafts)


def public_halves(keyring: Keyring) -> list[dict[str, str]]:
    """Return the values of a `key` record for each key that others verify or seal with."""
    halves = [("ledger", "ed25519", keyring.ledger_public), ("recovery", "ed25519", keyring.recovery)]
    halves += [("opening", key.kem, key.public) for key in keyring.opening]
    return [public_half(*half) for half in halves]


def public_half(purpose: str, algorithm: str, public: bytes) -> dict[str, str]:
    """Return the values of a `key` record that say which key it is."""
    return {
        "purpose": purpose,
        "algorithm": algorithm,
        "kid": signing.key_id(public),
        "public": lines.b64u(public),
        "digest": signing.key_digest(public),
    }
