"""Node.js for the tests: finds it, and installs what the JavaScript needs, once for each state of its lock."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.services.granian import ROOT, clean_environment
from tests.services.processes import ServiceFailed

PWA = ROOT / "mobile_stub" / "pwa"
TOOLS = ROOT / "tests" / "node"
"""What the tests drive from npm, and the libraries that are copied into the desk."""
VERSION_MIN = (18, 19)
MISSING = "the JavaScript is tested with Node.js 18.19 or newer and npm: apt-get install nodejs npm"
INSTALL_SECONDS_MAX = 300
RUN_SECONDS_MAX = 110


@functools.cache
def node() -> str:
    """Return the path of Node.js with the packages of the lock installed; raises ServiceFailed."""
    found = shutil.which("node")
    if found is None:
        raise ServiceFailed(MISSING)
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < VERSION_MIN:
        raise ServiceFailed(f"{MISSING}; here it is {version.strip()}")
    installed(PWA)
    return found


@functools.cache
def installed(folder: Path) -> Path:
    """Return a folder's node_modules, brought to the state of its lock; raises ServiceFailed."""
    with _alone():
        _install(folder)
    return folder / "node_modules"


def _install(folder: Path) -> None:
    """Install what a lock names; a mark beside it names the lock that it was made from."""
    lock = (folder / "package-lock.json").read_bytes() + (folder / "package.json").read_bytes()
    mark = folder / "node_modules" / f".lock-{hashlib.sha256(lock).hexdigest()[:16]}"
    if mark.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise ServiceFailed(MISSING)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_SECONDS_MAX,
    )
    if done.returncode:
        raise ServiceFailed(f"npm ci failed in {folder.relative_to(ROOT)}:\n{done.stdout}{done.stderr}")
    mark.touch()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock: several test processes may want to install at once."""
    # node_modules itself is removed by npm; the lock lies where git looks at nothing and npm removes nothing.
    (ROOT / "var").mkdir(exist_ok=True)
    handle = os.open(ROOT / "var" / "npm.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def run(
    words: Sequence[str | Path], *, text: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Node.js to its end and return what it said, whatever its status; text: what it reads."""
    return subprocess.run(
        [node(), *map(str, words)],
        cwd=ROOT,
        env=clean_environment() | (env or {}),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS_MAX,
    )


if __name__ == "__main__":
    # Before the tests, so that none of them spends its time on it.
    node()
    installed(TOOLS)
