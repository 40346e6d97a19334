"""What is committed is the project and nothing else: no secrets, no leftovers, everything pinned."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

from tests.house.rooms import ROOT, house_files, is_generated, place

TOP_LEVEL_ALLOWED = {
    "server", "sync", "schemas", "mobile_stub", "deploy", "tests", "docs", ".ci",
    "setup.cfg", "pyproject.toml", "README.md", "Makefile", "CHANGELOG.md", "LICENSE",
    "requirements.lock", "requirements-dev.lock", ".gitignore",
}  # fmt: skip
BINARY = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".woff", ".woff2", ".ttf", ".mo", ".pdf", ".gz"}

# Each pattern is written so that it does not match its own line.
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]"),
    "a cloud access key": re.compile(r"\b(?:AKIA|ASIA|LTAI)[A-Z0-9]{12,}\b"),
    "a forge or chat token": re.compile(
        r"\b(?:gh[po]_|github_pat_|glpat-|xox[abp]-|pypi-)[A-Za-z0-9_-]{16,}"
    ),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "a robot's address": re.compile(r"(?:send\?access_token|webhook/send\?key)=[0-9a-f-]{16,}"),
    "a password in an address": re.compile(
        r"\b[a-z][a-z0-9+.-]*://[^\s/:@{}<>\"'`]+:[^\s/@{}<>\"'`]{3,}@[^\s\"'`]"
    ),
}
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|work)/[A-Za-z0-9_.-]+")
LEFTOVER = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X|HAC[K])\b")
CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)
LOCKS = ("requirements.lock", "requirements-dev.lock")


@cache
def texts() -> list[tuple[Path, str]]:
    return [
        (path, path.read_text("utf-8"))
        for path in house_files()
        if path.suffix.lower() not in BINARY and not is_generated(path)
    ]


def findings(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{place(path, text.count(chr(10), 0, match.start()) + 1)}: {match[0][:60]}"
        for path, text in texts()
        for match in pattern.finditer(text)
    ]


def lock_faults(text: str) -> list[str]:
    """Return what keeps a lock from pinning every package by hash, wherever it is fetched from."""
    faults = [line for line in text.splitlines() if re.match(r"\s*(?:-|--)(?!hash)[a-z]", line)]
    faults += [line for line in text.splitlines() if "://" in line]
    for requirement in re.split(r"\n(?=[A-Za-z0-9])", "\n" + text):
        name = requirement.strip().split("\n")[0]
        if re.match(r"[A-Za-z0-9]", name) and ("==" not in name or "--hash=sha256:" not in requirement):
            faults.append(name)
    return faults


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_is_committed(kind):
    assert not findings(SECRETS[kind])


@pytest.mark.parametrize(
    ("kind", "planted"),
    [
        ("a private key", "-----BEGIN " + "PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI"),
        ("a cloud access key", "AKIA" + "IOSFODNN7EXAMPLE"),
        ("a forge or chat token", "ghp_" + "0123456789abcdefghij"),
        ("a signed token", ".".join(["eyJ" + "a" * 20, "eyJ" + "b" * 20, "c" * 20])),
        ("a robot's address", "send?access_token" + "=0123456789abcdef"),
        ("a password in an address", "smtp://user" + ":secret@mail.example"),
    ],
)
def test_a_planted_secret_is_found(kind, planted):
    assert SECRETS[kind].search(planted)


def test_no_path_of_one_machine_is_committed():
    assert not findings(MACHINE_PATH)


def test_a_path_of_one_machine_is_found_and_a_path_of_an_address_is_not():
    assert MACHINE_PATH.search("see /ho" + "me/li/notes.txt")
    assert not MACHINE_PATH.search("GET https://ledger.example/work/rounds")


def test_nothing_is_left_to_be_done_in_a_comment():
    assert not findings(LEFTOVER), "an open point belongs into docs/progress.md or is done at once"


def test_no_merge_was_left_half_done():
    assert not findings(CONFLICT)


def test_only_the_house_stands_at_the_top_level():
    strangers = {path.relative_to(ROOT).parts[0] for path in house_files()} - TOP_LEVEL_ALLOWED
    assert not strangers, f"find these a room: {sorted(strangers)}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash_and_names_no_index(lock):
    text = (ROOT / lock).read_text("utf-8")
    assert PINNED.findall(text), f"{lock} pins nothing"
    assert not lock_faults(text)


@pytest.mark.parametrize(
    "line",
    ["flask", "flask==3.1.3", "--index-url packages.example", "flask @ https://packages.example/flask.whl"],
)
def test_a_package_that_is_not_pinned_by_hash_is_found(line):
    good = "anyio==4.0 \\\n    --hash=sha256:00\n    # via httpx\n"
    assert not lock_faults(good)
    assert lock_faults(f"{good}{line}\n")


def test_the_tests_run_on_the_versions_that_the_demo_runs_on():
    run, dev = (dict(PINNED.findall((ROOT / lock).read_text("utf-8"))) for lock in LOCKS)
    assert {name: dev.get(name) for name in run} == run


def test_the_script_that_is_called_by_name_may_be_executed():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
