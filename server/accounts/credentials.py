"""Passwords: hashed with Argon2id, kept beside the ledger and never in it."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection

from server.storage import account_store
from sync.errors import BadValue, RecordExists, Refusal

if TYPE_CHECKING:
    from server.wiring import Services

FAILURES_MAX = 5
LOCKED_MS = 15 * 60 * 1000
PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX = 12, 200
# OWASP's second choice of parameters: 19 MiB, so that sixteen sign-ins at once fit into a small server.
TIME_COST, MEMORY_KIB, LANES = 2, 19 * 1024, 1
HASHER = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)
NOBODYS_BYTES = 32
ACTIVE = "active"


class WrongPassword(Refusal):
    """Login and password do not fit together, or the login rests after too many failures."""

    code = "wrong_password"
    next = "Check login and password. After five failures a login rests for 15 minutes."


def login_hash(pepper: bytes, login: str) -> str:
    """Return HMAC-SHA256 of the login in its normal form (NFKC, no blanks around it, case folded) as hex."""
    return hmac.new(pepper, normal_login(login).encode(errors="replace"), hashlib.sha256).hexdigest()


def normal_login(login: str) -> str:
    """Return the one form of a login, however it was typed."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def normal_password(password: str) -> str:
    """Return a password in the form that is hashed (NFC); raises BadValue when it is too short or too long."""
    normal = unicodedata.normalize("NFC", password)
    if any("\ud800" <= sign <= "\udfff" for sign in normal):
        raise BadValue("a password is text; half a character is none", field="password")
    if not PASSWORD_CHARS_MIN <= len(normal) <= PASSWORD_CHARS_MAX:
        words = f"a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters"
        raise BadValue(words, field="password")
    return normal


def hashed(password: str) -> str:
    """Return the Argon2id hash of a password; raises BadValue."""
    return HASHER.hash(normal_password(password))


def nobodys_password(services: Services) -> str:
    """Return the hash of a password that nobody has: who is to choose one cannot sign in until then."""
    return HASHER.hash(services.random(NOBODYS_BYTES))


def add_password(connection: Connection, ledger: int, *, login: str, user: str, password_hash: str) -> None:
    """Give a new user a password, in the transaction that makes the user; raises RecordExists.

    login: its keyed hash
    """
    if not account_store.add(connection, ledger, login=login, user=user, password=password_hash):
        raise RecordExists("the login is taken", field="login")


def check_password(services: Services, login: str, password: str) -> str:
    """Return the id of the active user whose login and password these are; raises WrongPassword.

    The refusal is the same, and takes the same hashing, for a wrong password, a login that nobody has,
    one that rests and a disabled user. An attempt counts as a failure until it has succeeded.
    """
    key = login_hash(services.keyring.pepper, login)
    ledger = services.ledger.id
    with services.database.reading() as connection:
        known = account_store.find(connection, ledger, key)
    # Not the ledger's lock: a sign-in must not wait for a commit.
    with services.engine.execution_options(immediate=True).begin() as connection:
        now = services.now_ms()
        free = account_store.count_attempt(
            connection, ledger, key, now=now, failures_max=FAILURES_MAX, locked_ms=LOCKED_MS
        )
    fits = _verify(known.password if known else _nobodys_hash(), password)
    if not (fits and free and known and known.stage == ACTIVE):
        raise WrongPassword
    with services.engine.execution_options(immediate=True).begin() as connection:
        if HASHER.check_needs_rehash(known.password):
            # Not `hashed`: a password from before the least length was raised goes on.
            again = HASHER.hash(unicodedata.normalize("NFC", password))
            account_store.replace(connection, ledger, login=key, password=again)
        else:
            account_store.forget_attempts(connection, ledger, key)
    return known.user


def _verify(secret: str, password: str) -> bool:
    try:
        tried = unicodedata.normalize("NFC", password)[: PASSWORD_CHARS_MAX + 1]
        # JSON can bring half a character, which fits no password and is to be refused like any other.
        return HASHER.verify(secret, tried.encode(errors="replace"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """Return a hash that no password is known for: checking it costs what checking a real one costs."""
    return HASHER.hash("the password of a login that nobody has")
