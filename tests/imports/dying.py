"""An import in a process of its own that is killed at a step of the commit: `python -m tests.imports.dying ...`.

Arguments: the home, the database's address, the file, the step as module:name, `before` or `after`.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from server.app import create_app
from server.config import load
from server.imports.census import import_census
from server.operations.installation import services


def die_at(step: str, when: str) -> None:
    """Let this process be killed at the first call of a function, before or after it did its work."""
    module, _, name = step.partition(":")
    room = importlib.import_module(module)
    work = getattr(room, name)

    def dying(*args: Any, **more: Any) -> None:
        if when == "after":
            work(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(room, name, dying)


def main(home: str, url: str, file: str, step: str, when: str) -> None:
    """Import the file until the kill."""
    here = services(create_app(load({"WARDLEDGER_HOME": home, "WARDLEDGER_DATABASE_URL": url})))
    die_at(step, when)
    import_census(here, Path(file))


if __name__ == "__main__":
    main(*sys.argv[1:])
