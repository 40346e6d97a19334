"""Deciding by passkey: what would be written is signed first, then written as it was signed.

A decision is asked for twice. The first time it is prepared to the last byte, and instead of the door a challenge
over its lines is answered; the second time, with the authenticator's answer, the same lines are made again from the
same seed and go through the door with the assertion behind them. Whatever differs by then (another item, version or
word, or a record that moved) makes other lines, which nobody signed.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from schemas.drafting import Draft
from server.access import signed
from server.access.signed import ASSERTION, AssertionUnfit, AssertionWanted
from server.accounts import passkeys
from server.commit.acts import items_of, new_id
from server.commit.submission import Act
from server.storage import ledger_store
from sync import assertion
from sync.lines import b64u, digest, unb64u

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticatorAssertionResponse

    from server.commit.submission import Result, Submission
    from server.storage.passkey_store import Passkey
    from server.wiring import Services

SEED_BYTES = 32


def deciding(
    services: Services, user: str, browser: str, answer: Mapping[str, Any] | None = None
) -> Services:
    """Return the services by which a user decides: as they are for who has no passkey, else with a door that asks.

    browser: what only this browser can bring again; answer: the authenticator's, None at the first attempt
    The door raises AssertionWanted with `options`, or AssertionUnfit; an answer raises PasskeyRefused, PasskeyDoubted.
    """
    if answer is None:
        if not any(one.record for one in passkeys.of_user(services, user)):
            return services
        seed, asked_at = services.random(SEED_BYTES), services.now_ms()
        return _prepared(services, seed, asked_at, _Asking(services, user, browser, seed, asked_at))
    passkey, said, asked = passkeys.decided(services, user, browser, answer)
    about = json.loads(asked.about)
    door = _Signing(services, user, int(about["asked_at"]), passkey, said, asked.id)
    return _prepared(services, unb64u(about["seed"]), door.asked_at, door)


def _prepared(services: Services, seed: bytes, asked_at: int, door: Any) -> Services:
    """Return the services with a clock that stands, randomness from a seed, and another door."""
    # What holds clock or randomness for good is made before, so that it keeps the true ones.
    for name in ("ledger", "signer", "vault", "door"):
        getattr(services, name)
    found = copy.copy(services)
    found.now_ms = lambda: asked_at
    found.random = _Seeded(seed)
    found.__dict__["door"] = door
    return found


class _Seeded:
    """Bytes that follow from a seed: the salts and ids of lines that are made twice."""

    def __init__(self, seed: bytes):
        self._seed, self._calls = seed, 0

    def __call__(self, count: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._seed + self._calls.to_bytes(8, "big")).digest(count)


@dataclass
class _Asking:
    """A door that lets through what needs no assertion, and answers the rest with a challenge."""

    services: Services
    user: str
    browser: str
    seed: bytes
    asked_at: int

    def submit(self, submission: Submission) -> Result:
        """Commit what needs no assertion; raises AssertionWanted for a decision."""
        if not isinstance(submission, Act) or not _is_decision(submission):
            return self.services.door.submit(submission)
        said = _text(self.services, self.user, self.asked_at, submission)
        about = json.dumps({"seed": b64u(self.seed), "asked_at": self.asked_at})
        options = passkeys.ask_to_decide(
            self.services, self.user, self.browser, assertion.challenge(said), about
        )
        raise AssertionWanted("sign this decision with your passkey", options=options)


@dataclass
class _Signing:
    """A door that hands a decision on with the assertion behind it, if that signs exactly this decision."""

    services: Services
    user: str
    asked_at: int
    passkey: Passkey
    signed: AuthenticatorAssertionResponse
    challenge: str

    def submit(self, submission: Submission) -> Result:
        """Commit the decision with its assertion; raises AssertionUnfit for another one than was signed."""
        if not isinstance(submission, Act) or not _is_decision(submission):
            return self.services.door.submit(submission)
        said = _text(self.services, self.user, self.asked_at, submission)
        if hashlib.sha256(assertion.challenge(said)).hexdigest() != self.challenge:
            raise AssertionUnfit("what was signed is another decision, or the item has moved since")
        values = {
            "about": _about(submission),
            "passkey": self.passkey.record,
            "count": len(submission.items),
            "asked_at": self.asked_at,
            "authenticator_data": b64u(self.signed.authenticator_data),
            "client_data": b64u(self.signed.client_data_json),
            "signature": b64u(self.signed.signature),
        }
        last = items_of(self.services, [Draft("create", ASSERTION, new_id(self.services), values)])
        return self.services.door.submit(
            replace(submission, items=(*submission.items, *last), at=self.services.now_ms())
        )


def _is_decision(act: Act) -> bool:
    return bool(act.late) or any(item.change and signed.is_wanted(item.change) for item in act.items)


def _about(act: Act) -> str:
    """Return the first item that an act decides on."""
    changes = [item.change for item in act.items if item.change is not None]
    decisions = [str(one.sets()["about"][0]) for one in changes if one.type == signed.DECISION]
    return decisions[0] if decisions else changes[0].record


def _text(services: Services, user: str, asked_at: int, act: Act) -> bytes:
    """Return the text that a decision's assertion signs; raises AssertionUnfit for a version that is not there."""
    seen = signed.versions([item.change for item in act.items if item.change is not None])
    with services.database.reading() as connection:
        lines = ledger_store.lines_at(connection, services.ledger.id, seen)
    return signed.said(
        origin=services.ledger.origin,
        user=user,
        asked_at=asked_at,
        changes=[digest(item.line) for item in act.items],
        seen=seen,
        lines=lines,
    )


__all__ = ["deciding"]
