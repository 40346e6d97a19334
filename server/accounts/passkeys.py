"""Passkeys (WebAuthn): signing in without a password, by a key that never leaves its authenticator.

The authenticator proves that it is there and that its user was verified (a finger, a face, a number), and signs only
for this site. A challenge is kept on the server, good for one browser, once, for five minutes.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers import parse_registration_credential_json as parse_registration
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from server.accounts import access_log, passkey_records
from server.accounts.credentials import ACTIVE
from server.storage import passkey_store, record_store
from server.storage.passkey_store import Challenge, Passkey
from sync.errors import BadTransition, BadValue, NotFound, Refusal

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication

    from server.wiring import Services
    from sync.merge import Record

CHALLENGE_BYTES = 32
CHALLENGE_MS = 5 * 60 * 1000
PASSKEYS_MAX = 20
NAME_CHARS_MAX = 60
REGISTER, SIGN_IN, DECIDE = "register", "sign_in", "decide"
RP_NAME = "Wardledger"
# What a parser of somebody else's bytes can raise besides its own errors.
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


class PasskeyRefused(Refusal):
    """The authenticator's answer proves nothing here: not this site, not this challenge, or no passkey known."""

    code = "passkey_refused"
    next = "Ask for a new challenge and try again; a passkey that was removed signs nobody in."


class PasskeyWanted(Refusal):
    """The role asks for more than a password, and this user has a passkey."""

    code = "passkey_wanted"
    next = "Sign in with the passkey; if it is lost, an administrator resets the second factor."


class PasskeyDoubted(Refusal):
    """The passkey's counter went back: there may be a copy of it."""

    code = "passkey_doubted"
    next = "Sign in with the password, remove this passkey, and tell an administrator."


@dataclass(frozen=True)
class Site:
    """What a passkey is bound to: the host that browsers know, and the origin of its pages."""

    host: str
    origin: str


def site(services: Services) -> Site:
    """Return the site, by WARDLEDGER_URL."""
    parts = urlsplit(services.config.url)
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


def are_possible(services: Services) -> bool:
    """Return whether browsers make passkeys for this site: it has a name, not an address, and comes by https."""
    here = site(services)
    try:
        ipaddress.ip_address(here.host)
    except ValueError:
        return here.host == "localhost" or here.origin.startswith("https://")
    return False


def of_user(services: Services, user: str) -> list[Passkey]:
    """Return a user's passkeys, the oldest first."""
    with services.database.reading() as connection:
        return passkey_store.of_user(connection, services.ledger.id, user)


def ask_to_register(services: Services, user: Record, browser: str) -> str:
    """Return the options with which a browser makes a passkey, as JSON; raises BadTransition where there are too many.

    browser: what only this browser can bring again
    """
    known = of_user(services, user.id)
    if len(known) >= PASSKEYS_MAX:
        raise BadTransition(f"a user has {PASSKEYS_MAX} passkeys at most; remove one first", item=user.id)
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=site(services).host,
            rp_name=RP_NAME,
            user_id=UUID(user.id).bytes,
            user_name=str(user.values.get("login", "")),
            user_display_name=str(user.values.get("display_name", "")),
            challenge=_challenge(services, REGISTER, browser, user.id),
            timeout=CHALLENGE_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one.credential) for one in known],
        )
    )


def register(services: Services, user: str, browser: str, name: str, answer: Mapping[str, Any]) -> Passkey:
    """Keep the passkey that an authenticator made; raises PasskeyRefused, BadValue."""
    chosen = name.strip()
    if not 1 <= len(chosen) <= NAME_CHARS_MAX or not chosen.isprintable():
        raise BadValue(f"a passkey has a name of 1 to {NAME_CHARS_MAX} characters", field="name")
    here = site(services)
    try:
        read = parse_registration(dict(answer))
        challenge, _ = _taken(services, REGISTER, browser, read.response.client_data_json)
        made = webauthn.verify_registration_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=here.host,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused("the authenticator's answer does not fit") from error
    fresh = Passkey(
        id=_id(made.credential_id),
        user=user,
        credential=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=chosen,
        transports=",".join(one.value for one in read.response.transports or ())[:100],
        synced=made.credential_backed_up,
        made_at=services.now_ms(),
    )
    with services.engine.execution_options(immediate=True).begin() as connection:
        if not passkey_store.keep(connection, services.ledger.id, fresh):
            raise PasskeyRefused("the passkey is registered already")
    passkey_records.enter(services, fresh, here.host)
    access_log.note(services, user, access_log.PASSKEY_ADDED)
    return fresh


def ask_to_sign_in(services: Services, browser: str) -> str:
    """Return the options with which a browser asks for any passkey of this site, as JSON."""
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=site(services).host,
            challenge=_challenge(services, SIGN_IN, browser, None),
            timeout=CHALLENGE_MS,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def sign_in(services: Services, browser: str, answer: Mapping[str, Any]) -> str:
    """Return the id of the active user whose passkey signed; raises PasskeyRefused, PasskeyDoubted."""
    passkey, verified, read, _ = _asserted(services, SIGN_IN, browser, answer)
    handle = read.response.user_handle
    if handle is not None and handle != UUID(passkey.user).bytes:
        raise PasskeyRefused("the passkey is another user's")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        user = record_store.load(connection, vault, [passkey.user]).get(passkey.user)
    if user is None or user.stage != ACTIVE:
        raise PasskeyRefused("no active user has this passkey")
    note_use(services, passkey, verified.new_sign_count)
    if passkey.record is None:
        # Made before passkeys stood in the ledger, or its entry was cut off: from now on it signs decisions too.
        passkey_records.enter(services, passkey, site(services).host)
    return passkey.user


def _asserted(
    services: Services, purpose: str, browser: str, answer: Mapping[str, Any]
) -> tuple[Passkey, VerifiedAuthentication, AuthenticationCredential, Challenge]:
    """Return (the passkey that signed, what was verified, what it said, what was asked); the challenge is used up."""
    here = site(services)
    try:
        read = parse_authentication_credential_json(dict(answer))
        challenge, asked = _taken(services, purpose, browser, read.response.client_data_json)
        with services.database.reading() as connection:
            passkey = passkey_store.find(connection, services.ledger.id, _id(read.raw_id))
        if passkey is None:
            raise PasskeyRefused("the passkey is not known here")
        verified = webauthn.verify_authentication_response(
            credential=read,
            expected_challenge=challenge,
            expected_rp_id=here.host,
            expected_origin=here.origin,
            credential_public_key=passkey.public_key,
            # The counter is judged by `note_use`, in one statement with its keeping.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused("the authenticator's answer does not fit") from error
    return passkey, verified, read, asked


def note_use(services: Services, passkey: Passkey, count: int) -> None:
    """Keep the counter that a passkey showed; raises PasskeyDoubted, and tells it, where it went back."""
    ledger, now = services.ledger.id, services.now_ms()
    with services.engine.execution_options(immediate=True).begin() as connection:
        onward = passkey_store.use(connection, ledger, passkey.id, count=count, at=now)
        if not onward:
            passkey_store.doubt(connection, ledger, passkey.id, now)
    if not onward:
        access_log.note(services, passkey.user, access_log.PASSKEY_DOUBTED)
        raise PasskeyDoubted


def remove(services: Services, user: str, key: str) -> None:
    """Remove one of one's own passkeys; raises NotFound."""
    mine = [one for one in of_user(services, user) if one.id == key]
    if not mine:
        raise NotFound("no passkey of yours stands under this name")
    passkey_records.end(services, mine, reason=passkey_records.OWN)
    access_log.note(services, user, access_log.PASSKEY_REMOVED)


def ask_to_decide(
    services: Services, user: str, browser: str, challenge: bytes, about: str
) -> Mapping[str, Any]:
    """Return the options with which a browser asks the user's own passkeys to sign a decision.

    challenge: the digest of what is decided (`sync.assertion`); about: what the server needs to write the same again
    """
    _challenge(services, DECIDE, browser, user, raw=challenge, about=about)
    asked = webauthn.generate_authentication_options(
        rp_id=site(services).host,
        challenge=challenge,
        timeout=CHALLENGE_MS,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=one.credential) for one in of_user(services, user)
        ],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    found: Mapping[str, Any] = json.loads(webauthn.options_to_json(asked))
    return found


def decided(
    services: Services, user: str, browser: str, answer: Mapping[str, Any]
) -> tuple[Passkey, AuthenticatorAssertionResponse, Challenge]:
    """Return (the passkey, what it signed, what it was asked) of a decision; raises PasskeyRefused, PasskeyDoubted.

    The challenge is used up, whatever becomes of the decision.
    """
    passkey, verified, read, asked = _asserted(services, DECIDE, browser, answer)
    if passkey.user != user or asked.user != user:
        raise PasskeyRefused("the passkey is another user's")
    note_use(services, passkey, verified.new_sign_count)
    return passkey, read.response, asked


def _challenge(
    services: Services,
    purpose: str,
    browser: str,
    user: str | None,
    *,
    raw: bytes = b"",
    about: str = "",
) -> bytes:
    """Return a challenge, a fresh one unless one is given, kept by its digest."""
    raw, now = raw or services.random(CHALLENGE_BYTES), services.now_ms()
    kept = Challenge(_id(raw), purpose, _id(browser.encode()), user, about, now + CHALLENGE_MS)
    with services.engine.execution_options(immediate=True).begin() as connection:
        passkey_store.ask(connection, services.ledger.id, kept, now)
    return raw


def _taken(services: Services, purpose: str, browser: str, client_data: bytes) -> tuple[bytes, Challenge]:
    """Return the challenge that an answer signs and use it up; raises PasskeyRefused where it does not stand."""
    raw = parse_client_data_json(client_data).challenge
    with services.engine.execution_options(immediate=True).begin() as connection:
        found = passkey_store.take(
            connection,
            services.ledger.id,
            _id(raw),
            purpose=purpose,
            browser=_id(browser.encode()),
            now=services.now_ms(),
        )
    if found is None:
        raise PasskeyRefused("the challenge was used, has expired, or was another browser's")
    return raw, found


def _id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


__all__ = [
    "CHALLENGE_MS", "PASSKEYS_MAX", "Passkey", "PasskeyDoubted", "PasskeyRefused", "PasskeyWanted", "are_possible",
    "ask_to_decide", "ask_to_register", "ask_to_sign_in", "decided", "note_use", "of_user", "register", "remove",
    "sign_in", "site",
]  # fmt: skip
