"""The second factor: time-based codes (RFC 6238) and one-time recovery codes.

The secret is sealed under the user's data key; recovery codes are kept as keyed digests. A code counts once:
whoever looked over a shoulder, or wrote a request down, opens nothing with it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyotp

from server.accounts import access_log, passkey_records, sessions
from server.accounts.credentials import FAILURES_MAX, LOCKED_MS
from server.accounts.invitations import check_administrator, typed
from server.commit.acts import MACHINE
from server.storage import factor_store, grant_store, passkey_store, session_store
from server.storage.factor_store import Factor
from sync.errors import BadTransition, NotFound, Refusal

if TYPE_CHECKING:
    from server.wiring import Services
    from sync.merge import Record

SECRET_BYTES = 20
STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A phone's clock may be half a minute off, and typing takes time."""
CODES = 10
CODE_BYTES = 10
PURPOSE = b"second factor"
ISSUER = "Wardledger"


class WrongCode(Refusal):
    """The code is not right, was used already, or the second factor rests after too many failures."""

    code = "wrong_code"
    next = "Wait for the next code and type that. After five failures the second factor rests for 15 minutes."


class SecondStepRequired(Refusal):
    """The password is right, and a code is wanted besides."""

    code = "second_step_required"
    next = "Send the sign-in again with `code`: the six digits of the moment, or a recovery code."


class SecondFactorMissing(Refusal):
    """The role asks for a second factor, and this user has none yet."""

    code = "second_factor_missing"
    next = "Sign in at the desk, which leads to where the second factor is set up."


@dataclass(frozen=True)
class Setup:
    """A factor that waits for its first code: the secret for typing, and the address that a QR code holds."""

    secret: str
    uri: str


@dataclass(frozen=True)
class Standing:
    """Whether a user has a second factor, since when (Unix ms), and how many recovery codes are good."""

    since: int | None = None
    codes_left: int = 0

    @property
    def on(self) -> bool:
        """Whether sign-in asks for a code."""
        return self.since is not None


def standing(services: Services, user: str) -> Standing:
    """Return how a user's second factor stands."""
    with services.database.reading() as connection:
        found = factor_store.find(connection, services.ledger.id, user)
        if found is None or found.confirmed_at is None:
            return Standing()
        return Standing(found.confirmed_at, factor_store.codes_left(connection, services.ledger.id, user))


def is_strong(services: Services, user: str) -> bool:
    """Return whether a user has a second factor that counts, or a passkey."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        factor = factor_store.confirmed(connection, ledger, [user])
        return bool(factor or passkey_store.of_user(connection, ledger, user))


def is_required(services: Services, user: str) -> bool:
    """Return whether one of a user's roles asks for a second factor, by WARDLEDGER_SECOND_FACTOR_ROLES."""
    wanted = services.config.second_factor_roles
    if not wanted:
        return False
    with services.database.reading() as connection:
        roles = {grant.role for grant in grant_store.standing(connection, services.ledger.id, user)}
    return bool(roles & set(wanted))


def begin(services: Services, user: Record) -> Setup:
    """Make a fresh secret that counts once a first code was right; raises BadTransition where one counts already."""
    raw, ledger = services.random(SECRET_BYTES), services.ledger.id
    with services.engine.execution_options(immediate=True).begin() as connection:
        known = factor_store.find(connection, ledger, user.id)
        if known is not None and known.confirmed_at is not None:
            raise BadTransition("the second factor is on already", item=user.id)
        vault = services.vault.session(connection, ledger)
        sealed = vault.seal(user.root, PURPOSE, raw)
        factor_store.keep(connection, ledger, Factor(user.id, user.root, sealed, services.now_ms()))
    return _setup(raw, str(user.values.get("login", "")))


def pending(services: Services, user: Record) -> Setup | None:
    """Return the factor that waits for its first code, or None."""
    known, raw = _open(services, user.id)
    if known is None or known.confirmed_at is not None:
        return None
    return _setup(raw, str(user.values.get("login", "")))


def _setup(raw: bytes, login: str) -> Setup:
    secret = base64.b32encode(raw).decode()
    return Setup(secret, pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER))


def confirm(services: Services, user: str, code: str, *, token: str = "") -> list[str]:
    """Switch a factor on by its first code and return ten recovery codes, which nobody can read again.

    Every other session of the user ends. token: that of the session that stays. Raises WrongCode, NotFound.
    """
    known, raw = _open(services, user)
    if known is None or known.confirmed_at is not None:
        raise NotFound("no second factor waits for its first code")
    free = _count(services, user)
    step = _step(raw, code, services.now_ms())
    if not free or step is None:
        raise WrongCode(field="code")
    fresh, ledger = _fresh_codes(services), services.ledger.id
    with services.engine.execution_options(immediate=True).begin() as connection:
        if not factor_store.confirm(connection, ledger, user, step=step, at=services.now_ms()):
            raise NotFound("no second factor waits for its first code")
        factor_store.keep_codes(connection, ledger, user, [_digest(services, one) for one in fresh])
    sessions.end_all(services, user, but=token)
    access_log.note(services, user, access_log.FACTOR_ON)
    return fresh


def check(services: Services, user: str, code: str) -> bool:
    """Use up a code, or a recovery code, and return whether it was a recovery code; raises WrongCode.

    An attempt counts as a failure until it has succeeded, and five let the factor rest: not the password, so that
    nobody can be kept out by whoever merely knows his login.
    """
    known, raw = _open(services, user)
    if known is None or known.confirmed_at is None:
        raise WrongCode(field="code")
    free = _count(services, user)
    ledger, now = services.ledger.id, services.now_ms()
    step, spent = _step(raw, code, now), False
    with services.engine.execution_options(immediate=True).begin() as connection:
        used = free and step is not None and factor_store.use_step(connection, ledger, user, step)
        if free and not used:
            spent = factor_store.use_code(connection, ledger, user, _digest(services, code), now)
        if spent:
            factor_store.forget_attempts(connection, ledger, user)
    if not (used or spent):
        raise WrongCode(field="code")
    if spent:
        access_log.note(services, user, access_log.CODE_SPENT)
    return spent


def renew_codes(services: Services, user: str, code: str) -> list[str]:
    """Return ten new recovery codes for a code; those of before open nothing. Raises WrongCode."""
    check(services, user, code)
    fresh = _fresh_codes(services)
    with services.engine.execution_options(immediate=True).begin() as connection:
        digests = [_digest(services, one) for one in fresh]
        factor_store.keep_codes(connection, services.ledger.id, user, digests)
    access_log.note(services, user, access_log.CODES_RENEWED)
    return fresh


def switch_off(services: Services, user: str, code: str, *, token: str = "") -> None:
    """Take the factor away by one of its own codes; raises WrongCode, BadTransition where the role asks for it."""
    if is_required(services, user):
        raise BadTransition("your role asks for a second factor; an administrator can reset it")
    check(services, user, code)
    with services.engine.execution_options(immediate=True).begin() as connection:
        factor_store.remove(connection, services.ledger.id, user)
    sessions.end_all(services, user, but=token)
    access_log.note(services, user, access_log.FACTOR_OFF)


def reset(services: Services, user: str, *, by: str = MACHINE) -> bool:
    """Take somebody's second factor and passkeys away: the phone is lost; return whether there were any.

    All his sessions end. by: an administrator, or "machine" at the command line, else NotAllowed; the access log has
    a line
    """
    check_administrator(services, by)
    ledger = services.ledger.id
    with services.database.reading() as connection:
        keys = passkey_store.of_user(connection, ledger, user)
    if keys:
        passkey_records.end(services, keys, reason=passkey_records.RESET, by=by)
    with services.engine.execution_options(immediate=True).begin() as connection:
        gone = factor_store.remove(connection, ledger, user) or bool(keys)
        session_store.end_all(connection, ledger, user, services.now_ms())
    access_log.note(services, by, access_log.FACTOR_RESET, user)
    return gone


def _open(services: Services, user: str) -> tuple[Factor | None, bytes]:
    """Return a user's factor and its secret."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        known = factor_store.find(connection, ledger, user)
        if known is None:
            return None, b""
        vault = services.vault.session(connection, ledger)
        return known, vault.open(known.root, PURPOSE, known.sealed)


def _count(services: Services, user: str) -> bool:
    with services.engine.execution_options(immediate=True).begin() as connection:
        return factor_store.count_attempt(
            connection,
            services.ledger.id,
            user,
            now=services.now_ms(),
            failures_max=FAILURES_MAX,
            locked_ms=LOCKED_MS,
        )


def _step(raw: bytes, code: str, now_ms: int) -> int | None:
    """Return the time step whose code this is, the present one or a neighbour, or None."""
    made = pyotp.HOTP(base64.b32encode(raw).decode())
    present = now_ms // 1000 // STEP_SECONDS
    near = range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1)
    plain = "".join(code.split()).encode(errors="replace")
    fits = [step for step in near if hmac.compare_digest(made.at(step).encode(), plain)]
    return max(fits, default=None)


def _fresh_codes(services: Services) -> list[str]:
    texts = [base64.b32encode(services.random(CODE_BYTES)).decode() for _ in range(CODES)]
    return ["-".join(text[at : at + 4] for at in range(0, 16, 4)) for text in texts]


def _digest(services: Services, code: str) -> str:
    plain = b"recovery\n" + typed(code).encode()
    return hmac.new(services.keyring.pepper, plain, hashlib.sha256).hexdigest()
