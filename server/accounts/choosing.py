"""A password that somebody chooses: long enough, and none that everybody tries first. How it is made up is free.

NIST SP 800-63B, 3.1.1.2: length and a list of known ones, no rules of composition, no dates at which it ends.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

from server.accounts.credentials import hashed, normal_login, normal_password
from sync.errors import Refusal

KNOWN = Path(__file__).with_name("known_passwords.txt")
ALIKE_CHARS_MIN = 4
"""A password of fewer different characters is guessed by its pattern."""


class WeakPassword(Refusal):
    """The password is one of the first that anybody would try."""

    code = "weak_password"
    next = "Choose another: several words that do not belong together are easy to keep in mind."


def chosen(password: str, login: str) -> str:
    """Return the Argon2id hash of a password that somebody chose; raises BadValue, WeakPassword."""
    plain = normal_password(password).casefold()
    if plain in known() or len(set(plain)) < ALIKE_CHARS_MIN or _runs(plain):
        raise WeakPassword("the password stands on the list of those that everybody tries", field="password")
    name = normal_login(login).partition("@")[0]
    # What is left beside the name is a year or a row of digits, as a rule.
    if len(name) >= ALIKE_CHARS_MIN and name in plain and plain.replace(name, "").isdecimal():
        raise WeakPassword("the password is the login with digits", field="password")
    if plain in (name, name * 2, name * 3):
        raise WeakPassword("the password is the login", field="password")
    return hashed(password)


@cache
def known() -> frozenset[str]:
    """Return the passwords that everybody tries first, in small letters."""
    rows = KNOWN.read_text("utf-8").splitlines()
    return frozenset(row for row in rows if row and not row.startswith("#"))


def _runs(plain: str) -> bool:
    """Return whether every character is the next after the one before it, upward or downward."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})
