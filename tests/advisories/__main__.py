"""Ask for known weaknesses of every locked package: `python -m tests.advisories`.

Ends with 0 where none is known, 1 where one is, 2 where no source of advisories answered, and says why.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import httpx

from tests.advisories.locked import locked
from tests.advisories.sources import OSV, PYPI, SECONDS_MAX, NoSource, known_weaknesses

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
NOTHING, FOUND, NO_ANSWER = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Print what is known of the locked packages and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.advisories", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--osv", default=OSV, help="where OSV answers; default: %(default)s")
    parser.add_argument(
        "--pypi", default=PYPI, help="where PyPI answers if OSV does not; default: %(default)s"
    )
    parser.add_argument(
        "locks", nargs="*", type=Path, default=[ROOT / name for name in LOCKS], help="lock files"
    )
    asked = parser.parse_args(arguments)
    packages = sorted({package for lock in asked.locks for package in locked(lock.read_text("utf-8"))})
    with httpx.Client(timeout=SECONDS_MAX, follow_redirects=False) as client:
        try:
            source, weaknesses = known_weaknesses(client, packages, osv=asked.osv, pypi=asked.pypi)
        except NoSource as failure:
            print(f"no source of advisories answered, so nothing was checked: {failure}", file=sys.stderr)
            return NO_ANSWER
    for weakness in weaknesses:
        print(f"{weakness.package} {weakness.version}: {weakness.id} {weakness.words}")
    print(f"{len(packages)} locked packages, {len(weaknesses)} known weaknesses, by {source}")
    return FOUND if weaknesses else NOTHING


if __name__ == "__main__":
    sys.exit(main())
