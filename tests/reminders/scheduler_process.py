"""`wardledger scheduler` as a real process beside a test's installation, on the test's clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.config import SETTINGS
from server.wiring import system_clock
from tests.reminders.served_case import Bureau
from tests.services.processes import kill, start

TICK_SECONDS = "0.1"


def command(*words: str) -> list[str]:
    """Return the words that start a command of the house."""
    return [sys.executable, "-m", "server", *words]


def environment(bureau: Bureau, folder: Path) -> dict[str, str]:
    """Return the environment of a process that works on the bureau's installation.

    Its clock starts where the test's clock stands, and then goes on by itself.
    """
    clock_file = folder / "clock.json"
    clock_file.write_text(json.dumps({"offset_ms": bureau.services.now_ms() - system_clock()}))
    config = bureau.services.config
    settings = {name: _written(getattr(config, field)) for name, field in SETTINGS.items()}
    return {**os.environ, **settings, "WARDLEDGER_CLOCK_FILE": str(clock_file)}


def _written(value: object) -> str:
    """Return a setting as it stands in an environment; several words beside each other."""
    return " ".join(value) if isinstance(value, tuple) else str(value)


@contextmanager
def scheduler(bureau: Bureau, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a scheduler until the block ends, then kill what is left of it."""
    words = command("scheduler", "--seconds", TICK_SECONDS)
    process = start(words, log=log, env=environment(bureau, log.parent))
    try:
        yield process
    finally:
        kill(process)
