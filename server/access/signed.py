"""What a passkey's owner must sign, and whether he did: asked by the door at every act, by the audit of every entry.

Both derive the signed text from the changes themselves, so a decision that was entered by other means than its maker's
authenticator is refused by the one and named by the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticationCredential, AuthenticatorAssertionResponse

from sync import assertion
from sync.changes import Change
from sync.errors import Refusal
from sync.lines import unb64u
from sync.merkle import leaf_hash

ASSERTION, DECISION, PASSKEY = "assertion", "decision", "passkey"
UNSIGNED_ACTS = frozenset({"undo"})
"""Decisions that need no assertion: a review that is taken back within the minute leaves the item as it was before."""
STEPS = frozenset({
    ("evidence", "approved"), ("evidence", "returned"), ("evidence", "rejected"), ("evidence", "superseded"),
    ("finding", "confirmed"), ("finding", "withdrawn"),
    ("rectification_case", "verifying"), ("rectification_case", "closed"),
    ("sanction", "legal_reviewed"), ("sanction", "decided"), ("sanction", "revoked"),
})  # fmt: skip
"""Steps that are decisions too, whether or not a decision stands beside them."""
CREDENTIAL = b"known by its key"
"""Stands for the credential id, which proves nothing here: the record names the key."""
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)
"""What a parser of somebody else's bytes can raise."""


class AssertionWanted(Refusal):
    """Whoever has a passkey signs his decisions with it; sign what `options` asks for, and send it as `assertion`."""

    code = "assertion_wanted"
    next = "Hand `options` to navigator.credentials.get, and send the same request again with its answer."


class AssertionUnfit(Refusal):
    """What was signed is not this decision: another item, version or word, another key, or signed before."""

    code = "assertion_unfit"
    next = "Look at the item again and decide anew; nothing that was signed is used twice."


def is_wanted(change: Change) -> bool:
    """Return whether a change is a decision that the owner of a passkey signs."""
    values = change.sets()
    if change.type == DECISION:
        return change.op == "create" and values.get("act", ("",))[0] not in UNSIGNED_ACTS
    if change.type == "evidence" and change.op == "void":
        return True
    step = values.get("stage", (None,))[0]
    return isinstance(step, Mapping) and (change.type, str(step.get("to"))) in STEPS


def versions(changes: Sequence[Change]) -> list[int]:
    """Return the versions that the decisions among some changes are about, in order."""
    return [int(c.sets()["about_version"][0]) for c in changes if c.type == DECISION and c.op == "create"]


def said(
    *,
    origin: str,
    user: str,
    asked_at: int,
    changes: Sequence[str],
    seen: Sequence[int],
    lines: Mapping[int, bytes],
) -> bytes:
    """Return the text that a decision's assertion signs; raises AssertionUnfit for a version that is not there.

    changes: digests of its change lines; seen: the versions that it is about; lines: the ledger's entries at these
    """
    if not lines.keys() >= set(seen):
        raise AssertionUnfit("decides on a version that is not there")
    about = [(version, leaf_hash(lines[version]).hex()) for version in seen]
    return assertion.text(origin=origin, user=user, asked_at=asked_at, changes=changes, about=about)


def site_of(host: str) -> str:
    """Return the digest by which a passkey's record names its site: what the authenticator signs as `rpIdHash`."""
    return hashlib.sha256(host.encode()).hexdigest()


def check(signed: Mapping[str, Any], passkey: Mapping[str, Any], text: bytes) -> None:
    """Return if an assertion's values are a passkey's signature over a text; raises AssertionUnfit.

    signed: of a record of type assertion; passkey: of a record of type passkey; the user was verified
    """
    try:
        client = unb64u(signed["client_data"])
        origin = parse_client_data_json(client).origin
        host = urlsplit(origin).hostname or ""
        if site_of(host) != passkey["site"]:
            raise AssertionUnfit("signed at another site")
        webauthn.verify_authentication_response(
            credential=AuthenticationCredential(
                id=bytes_to_base64url(CREDENTIAL),
                raw_id=CREDENTIAL,
                response=AuthenticatorAssertionResponse(
                    client_data_json=client,
                    authenticator_data=unb64u(signed["authenticator_data"]),
                    signature=unb64u(signed["signature"]),
                ),
            ),
            expected_challenge=assertion.challenge(text),
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=unb64u(passkey["public_key"]),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise AssertionUnfit("the passkey did not sign this decision") from error


__all__ = [
    "ASSERTION", "PASSKEY", "UNREADABLE", "AssertionUnfit", "AssertionWanted", "check", "is_wanted", "said", "site_of",
    "versions",
]  # fmt: skip
