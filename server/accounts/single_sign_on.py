"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce; nobody comes into being by it.

An administrator links the subject that a provider knows a person by to a user who is there. What the record holds is
a digest of issuer and subject, so that a subject of one provider never opens anything by another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from schemas.drafting import Draft
from server.accounts import administration
from server.accounts.credentials import ACTIVE
from server.commit.acts import act
from server.config import Config
from server.storage import record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync.errors import NotFound, RecordExists, Refusal
from sync.lines import b64u
from sync.merge import Record

FIELD = "sso_identity"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""How a provider may sign: never by a shared secret, and never not at all."""
BACK = "/sign-in/oidc/back"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LEEWAY_SECONDS = 60
OK = 200
TIMEOUT_SECONDS = 5.0
FRESH_MS = 10 * 60 * 1000
"""How long somebody may take at the provider's."""
SUBJECT_CHARS_MAX = 255


class ProviderDown(Refusal):
    """The provider of single sign-on does not answer, or not as it should."""

    code = "provider_down"
    next = "Sign in with user name and password, or try again in a minute."


class SignOnRefused(Refusal):
    """What came back from the provider of single sign-on proves nobody."""

    code = "sign_on_refused"
    next = "Begin again on the page for signing in."


class SignOnUnknown(Refusal):
    """Nobody who may sign in is linked to this person of the provider."""

    code = "sign_on_unknown"
    next = "Give an administrator the identifier that is shown."


@dataclass(frozen=True)
class Begun:
    """What a browser keeps while its person is at the provider's; at: Unix ms."""

    state: str
    nonce: str
    verifier: str
    next: str
    at: int


def is_on(config: Config) -> bool:
    """Return whether single sign-on is set up."""
    return bool(config.oidc_issuer and config.oidc_client_id)


def begin(services: Services, wanted: str) -> tuple[str, dict[str, Any]]:
    """Return (the provider's address to go to, what the browser keeps); raises ProviderDown, NotFound where it is off.

    wanted: the page to come back to
    """
    if not is_on(services.config):
        raise NotFound
    state, nonce, verifier = (b64u(services.random(32)) for _ in range(3))
    begun = Begun(state, nonce, verifier, wanted, services.now_ms())
    config = services.config
    with _client() as client:
        known = _discovered(client, config)
    words = {
        "response_type": "code",
        "client_id": config.oidc_client_id,
        "redirect_uri": f"{config.url}{BACK}",
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    address = httpx.URL(known["authorization_endpoint"]).copy_merge_params(words)
    return str(address), asdict(begun)


def finish(services: Services, kept: Mapping[str, Any] | None, answer: Mapping[str, str]) -> tuple[str, str]:
    """Return (the user's id, the page to go to); raises SignOnRefused, SignOnUnknown, ProviderDown.

    kept: from `begin`, as the same browser brings it; answer: the words of the address that the provider sent it to
    """
    if not is_on(services.config):
        raise NotFound
    begun = Begun(**kept) if kept else None
    if begun is None or answer.get("state") != begun.state:
        raise SignOnRefused("the answer is not one to a question of this browser")
    if services.now_ms() - begun.at > FRESH_MS:
        raise SignOnRefused("signing on took too long")
    if answer.get("iss", services.config.oidc_issuer) != services.config.oidc_issuer:
        raise SignOnRefused("another provider answers")
    if "error" in answer or not answer.get("code"):
        raise SignOnRefused("the provider let nobody in")
    subject = _subject(services, begun, answer["code"])
    return linked(services, subject), begun.next


def _subject(services: Services, begun: Begun, code: str) -> str:
    """Return whom the provider's token proves, checked by its keys, issuer, audience, nonce and times."""
    config = services.config
    with _client() as client:
        known = _discovered(client, config)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{config.url}{BACK}",
            "code_verifier": begun.verifier,
        }
        # RFC 6749, section 2.3.1: both are form-encoded before they are joined for Basic.
        who = httpx.BasicAuth(quote_plus(config.oidc_client_id), quote_plus(config.oidc_secret))
        try:
            answer = client.post(known["token_endpoint"], data=form, auth=who)
            keys = KeySet.import_key_set(_asked(client, known["jwks_uri"]))
            token = answer.json()
        except httpx.HTTPError as error:
            raise ProviderDown(type(error).__name__) from error
        except (JoseError, ValueError) as error:
            raise SignOnRefused(type(error).__name__) from error
    if answer.status_code != OK or not isinstance(token, dict):
        raise SignOnRefused("the provider gives no token for this code")
    return verified(
        config, keys, str(token.get("id_token", "")), nonce=begun.nonce, now=services.now_ms() // 1000
    )


def verified(config: Config, keys: KeySet, token: str, *, nonce: str, now: int) -> str:
    """Return the subject of an ID token (OpenID Connect Core 1.0, section 3.1.3.7); raises SignOnRefused."""
    checks = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": config.oidc_issuer},
        aud={"essential": True, "value": config.oidc_client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        checks.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise SignOnRefused(type(error).__name__) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", "" if several else config.oidc_client_id) != config.oidc_client_id:
        raise SignOnRefused("the token was given to another program")
    return str(claims["sub"])


def identity(config: Config, subject: str) -> str:
    """Return the digest under which a record holds who somebody is at the provider."""
    return hashlib.sha256(f"{config.oidc_issuer}\n{subject}".encode()).hexdigest()


def nobody(user: str) -> str:
    """Return the digest that a user's record holds once his link was taken away: no provider has an empty name."""
    return hashlib.sha256(f"\n{user}".encode()).hexdigest()


def is_linked(user: Record) -> bool:
    """Return whether a user may sign in through a provider."""
    return user.values.get(FIELD) not in (None, nobody(user.id))


def linked(services: Services, subject: str) -> str:
    """Return the active user whom an administrator linked to a subject; raises SignOnUnknown, which names it."""
    found = _holder(services, identity(services.config, subject))
    if found is None or found.stage != ACTIVE:
        raise SignOnUnknown("nobody is linked to this person", subject=subject)
    return found.id


def link(services: Services, by: str, user: str, subject: str) -> None:
    """Link a user to a provider's subject, '' to take the link away; raises NotAllowed, NotFound, RecordExists."""
    if not is_on(services.config):
        raise NotFound
    known = administration.one(services, by, user)
    wanted = identity(services.config, subject) if subject else nobody(user)
    holder = _holder(services, wanted)
    if holder is not None and holder.id != user:
        raise RecordExists("another user is linked to this person", field="subject")
    if known.values.get(FIELD) != wanted:
        draft = Draft("edit", "user", user, {FIELD: wanted})
        act(services, [draft], user=by, kind="setting", expect={user: known.version})


def _holder(services: Services, wanted: str) -> Record | None:
    ledger = services.ledger.id
    with services.database.reading() as connection:
        vault = services.vault.session(connection, ledger)
        statement = selected(ledger, "user").where(TABLE.c.natural_key == wanted)
        found = record_store.query(connection, vault, statement)
    return found[0] if found else None


def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)


def _discovered(client: httpx.Client, config: Config) -> Mapping[str, Any]:
    """Return what the provider says of itself (OpenID Connect Discovery 1.0); raises ProviderDown."""
    try:
        found: dict[str, Any] = _asked(client, f"{config.oidc_issuer}/.well-known/openid-configuration")
        places = [str(found[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ProviderDown(type(error).__name__) from error
    if found.get("issuer") != config.oidc_issuer:
        raise ProviderDown("the provider goes by another name")
    for place in places:
        parts = urlsplit(place)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise ProviderDown("the provider's addresses are not https")
    return found


def _asked(client: httpx.Client, address: str) -> Any:
    answer = client.get(address)
    answer.raise_for_status()
    return answer.json()
