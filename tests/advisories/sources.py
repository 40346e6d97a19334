"""Where weaknesses of packages are published: OSV for all at once, PyPI for one after the other where OSV is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.advisories.locked import Package

OSV, PYPI = "https://api.osv.dev", "https://pypi.org"
SECONDS_MAX = 20.0
BATCH_MAX = 500
WORDS_CHARS_MAX = 100


class NoSource(Exception):
    """No source answered; the words say what each did instead."""


@dataclass(frozen=True, order=True)
class Weakness:
    """A published weakness of a package in the version that is pinned."""

    package: str
    version: str
    id: str
    words: str = ""


def known_weaknesses(
    client: httpx.Client, packages: Sequence[Package], *, osv: str, pypi: str
) -> tuple[str, list[Weakness]]:
    """Return (who answered, what is known of the packages, in order); raises NoSource."""
    failures = []
    for name, address, ask in (("OSV", osv, _by_osv), ("PyPI", pypi, _by_pypi)):
        try:
            return name, sorted(set(ask(client, address.rstrip("/"), packages)))
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            failures.append(f"{name} at {address}: {type(error).__name__}: {error}")
    raise NoSource("; ".join(failures))


def _by_osv(client: httpx.Client, address: str, packages: Sequence[Package]) -> list[Weakness]:
    found = []
    for start in range(0, len(packages), BATCH_MAX):
        some = packages[start : start + BATCH_MAX]
        queries = [
            {"package": {"name": each.name, "ecosystem": "PyPI"}, "version": each.version} for each in some
        ]
        answer = client.post(f"{address}/v1/querybatch", json={"queries": queries}).raise_for_status().json()
        results = answer["results"]
        if len(results) != len(some):
            raise ValueError(f"{len(results)} answers to {len(some)} questions")
        for package, result in zip(some, results, strict=True):
            found += [Weakness(*package, str(each["id"])) for each in (result or {}).get("vulns", ())]
    return found


def _by_pypi(client: httpx.Client, address: str, packages: Sequence[Package]) -> list[Weakness]:
    found = []
    for package in packages:
        answer = client.get(f"{address}/pypi/{package.name}/{package.version}/json").raise_for_status().json()
        found += [_told(package, each) for each in answer["vulnerabilities"] if not each.get("withdrawn")]
    return found


def _told(package: Package, told: dict[str, Any]) -> Weakness:
    words = " ".join(str(told.get("summary") or told.get("details") or "").split())[:WORDS_CHARS_MAX]
    return Weakness(*package, str(told["id"]), words)
