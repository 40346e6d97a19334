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
    """Enter every key of the installation that the ledger does not hold yet; returns how many there were.

    Done when a ledger is founded and at each start, so a founding that broke off in between is made whole.
    """
    from server.commit.acts import act, new_id

    wanted = {values["digest"]: values for values in public_halves(services.keyring)}
    ledger = services.ledger.id
    with services.database.reading() as connection:
        statement = record_store.selected(ledger, "key").with_only_columns(record_store.TABLE.c.natural_key)
        known = set(connection.execute(statement).scalars())
    drafts = [
        Draft("create", "key", new_id(services), values)
        for digest, values in wanted.items()
        if digest not in known
    ]
    if drafts:
        act(services, drafts, kind="key")
    return len(drafts)


def public_halves(keyring: Keyring) -> list[dict[str, str]]:
    """Return the values of a `key` record for each key that others verify or seal with."""
    halves = [("ledger", "ed25519", keyring.ledger_public), ("recovery", "ed25519", keyring.recovery)]
    halves += [("opening", key.kem, key.public) for key in keyring.opening]
    return [
        {
            "purpose": purpose,
            "algorithm": algorithm,
            "kid": signing.key_id(public),
            "public": lines.b64u(public),
            "digest": signing.key_digest(public),
        }
        for purpose, algorithm, public in halves
    ]
