"""Keys that a database put back is too old to know: the signer's record has them, and a recovery enters them again.

Each comes in as it was, with the very statement that phones have followed, so their chain goes on unbroken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.outliving import KEY, VALUES
from server.keys.history import ACTIVE, LEDGER, KnownKey
from server.keys.served import known_keys
from sync import lines, signing

if TYPE_CHECKING:
    from server.wiring import Services

TIMES = ("until", "ended")


@dataclass(frozen=True)
class Noted:
    """A key as the signer's record last told of it; values: the public fields of its record."""

    record: str
    stage: str
    values: Mapping[str, Any]

    @property
    def kid(self) -> str:
        """Its name."""
        return str(self.values["kid"])


def noted(services: Services) -> list[Noted]:
    """Return every key that the signer's record tells of, in the order in which they came."""
    found: dict[str, Noted] = {}
    for note in services.signer.notes():
        if KEY in note:
            values = lines.decode(note[VALUES].encode("utf-8"))
            found[note[KEY]] = Noted(note[KEY], note["state"], values)
    return list(found.values())


def missing(services: Services) -> list[Noted]:
    """Return the keys that the ledger once knew and its database does not know, or not as they stood last."""
    there = {key.record: key for key in known_keys(services).keys}
    return [one for one in noted(services) if one.record not in there or _edits(one, there[one.record])]


def ledger_keys(services: Services) -> list[Ed25519PublicKey]:
    """Return the ledger keys that the signer's record tells of: who signed what lies in older backups."""
    mine = (one.values for one in noted(services) if one.values["purpose"] == LEDGER)
    return [signing.public_key(lines.unb64u(str(values["public"]), length=32)) for values in mine]


def reenter(services: Services) -> int:
    """Enter again what the database is too old to know of the keys; returns how many keys that concerned.

    Done right behind the entry that opens an epoch: the audit counts them from that entry on.
    """
    if not (found := missing(services)):
        return 0
    there = {key.record for key in known_keys(services).keys}
    fresh = [one for one in found if one.record not in there]
    if fresh:
        drafts = [
            Draft("create", "key", one.record, {k: v for k, v in one.values.items() if k != "ended"})
            for one in fresh
        ]
        act(services, drafts, kind="key")
    known = {key.record: key for key in known_keys(services).keys}
    edits = [
        Draft("edit", "key", one.record, values)
        for one in found
        if (values := _edits(one, known[one.record]))
    ]
    if edits:
        act(services, edits, kind="key")
    return len(found)


def _edits(one: Noted, known: KnownKey) -> dict[str, Any]:
    """Return what has to be written for a key of the database to stand as it was noted last."""
    stands = {"until": known.until, "ended": known.ended}
    values = {name: one.values[name] for name in TIMES if one.values.get(name) not in (None, stands[name])}
    if one.stage not in (known.stage, ACTIVE):
        values["stage"] = {"from": known.stage, "to": one.stage}
    return values
