"""No secret lies among the project's files: no private key, no token of a known form, no value that looks like one.

What is there on purpose, such as the keys of golden vectors, is named in ALLOWED with its reason.
"""

from __future__ import annotations

import base64
import math
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.house.rooms import house_files, place

SIZE_BYTES_MAX = 4 * 1024 * 1024
WORD_CHARS_MIN = 20
BITS_MIN = 3.6
"""Of entropy for each character: words of people stay below, random base64 and hex of some length lie above."""
BINARY = (
    ".ttf",
    ".png",
    ".jpg",
    ".heic",
    ".mo",
    ".ico",
    ".woff2",
    ".xlsx",
    ".pdf",
    ".gz",
    ".bin",
    ".mp4",
    ".m4a",
    ".zip",
)
FORMS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}"),
    "a key of AWS": re.compile(r"A(?:KIA|SIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})"),
    "a token of GitLab": re.compile(r"glpat-[A-Za-z0-9_-]{20}"),
    "a token of Slack": re.compile(r"xox[abprs]-[A-Za-z0-9-]{10,}"),
    "a token of PyPI": re.compile(r"pypi-AgE[A-Za-z0-9_-]{40,}"),
    "a token of npm": re.compile(r"npm_[A-Za-z0-9]{36}\b"),
    "a key of a payment service": re.compile(r"[rs]k_live_[A-Za-z0-9]{20,}"),
    "a key of Google": re.compile(r"AIza[A-Za-z0-9_-]{35}\b"),
    "a signed token": re.compile(r"eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "a password in an address": re.compile(r"://[^\s/:@\"'{}<>$%]+:([^\s/@\"'{}<>$%]{6,})@"),
}
ASSIGNED = re.compile(
    r"""(?ix)(?:password|passwd|secret|token|api_?key|private_?key|credential)[a-z0-9_-]{0,40}["']?
    \s*(?::|=|:=)\s*["']?([A-Za-z0-9+/_=-]{20,})["']?"""
)
ALLOWED = {
    "schemas/vectors/*": "golden vectors hold the keys that they are made with, and nothing is kept under them",
    "tests/corpus/*": "a frozen ledger with keys of its own, made to be read by everybody",
    "*/package-lock.json": "checksums of packages",
    "requirements*.lock": "checksums of packages",
}
"""Files in which something may look like a secret, and why it is none."""


def entropy(word: str) -> float:
    """Return how many bits each character of a word tells."""
    return -sum(n / len(word) * math.log2(n / len(word)) for n in Counter(word).values())


def found_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, what) for all in a text that looks like a secret."""
    for what, form in FORMS.items():
        for match in form.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, what
    for match in ASSIGNED.finditer(text):
        word = match[1]
        mixed = re.search(r"[0-9]", word) and re.search(r"[A-Za-z]", word)
        if mixed and entropy(word) >= BITS_MIN:
            yield text.count("\n", 0, match.start(1)) + 1, "a random value under the name of a secret"


def looked_at() -> Iterator[Path]:
    """Yield the files that are read: all that git tracks or would track and that hold text."""
    for path in house_files():
        name = place(path)
        if path.suffix in BINARY or path.stat().st_size > SIZE_BYTES_MAX:
            continue
        if not any(fnmatch(name, pattern) for pattern in ALLOWED):
            yield path


def test_no_file_of_the_project_holds_a_secret():
    found = [
        f"{place(path, line)}: {what}"
        for path in looked_at()
        for line, what in found_in(path.read_text("utf-8", "replace"))
    ]
    assert not found, "take it out and make it invalid, or say in ALLOWED why it is none:\n" + "\n".join(
        found
    )


def test_every_exception_is_about_a_file_that_is_there():
    names = [place(path) for path in house_files()]
    assert [pattern for pattern in ALLOWED if not any(fnmatch(name, pattern) for name in names)] == []


RANDOM = base64.b64encode(secrets.token_bytes(30)).decode()
PLANTED = {
    "a private key": "-----BEGIN " + "EC PRIVATE KEY-----\n" + RANDOM,
    "a key of AWS": "AKIA" + "Q3EXAMPLE0KEY234",
    "a token of GitHub": "ghp_" + "a1B2" * 9,
    "a token of GitLab": "glpat-" + "x7" * 10,
    "a token of Slack": "xoxb-" + "123456789-abc",
    "a token of PyPI": "pypi-AgE" + "x7" * 30,
    "a token of npm": "npm_" + "a1B2" * 9,
    "a key of a payment service": "sk_live_" + "a1B2" * 6,
    "a key of Google": "AIza" + "a1B2c" * 7,
    "a signed token": ".".join(("eyJ" + "a1" * 12, "eyJ" + "b2" * 12, "c3" * 12)),
    "a password in an address": "postgresql://user:" + "hunter22" + "@db.example/x",
    "a random value under the name of a secret": f'SMTP_PASSWORD = "{RANDOM}"',
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_secret_that_is_planted_is_found_on_its_line(what: str):
    assert (2, what) in list(found_in(f"first\n{PLANTED[what]}\nlast\n"))


def test_every_form_has_a_secret_that_is_planted():
    assert set(PLANTED) == {*FORMS, "a random value under the name of a secret"}


@pytest.mark.parametrize(
    "plain",
    [
        'password = "correct horse 2026"',
        "token = session.get(TOKEN_OF_THE_SESSION)",
        'url = "postgresql://localhost/wardledger"',
        "secret: a file with the master from which KEK 1 grows",
        'digest = "0000000000000000000000000000000000000000"',
    ],
)
def test_what_people_write_is_no_secret(plain: str):
    assert list(found_in(plain)) == []
