"""A phone that sends its files in a process of its own, made to be killed: `python -m tests.files.sender HOME`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from mobile_stub.fleet import PIN
from mobile_stub.phone import Phone


def send(home: Path) -> None:
    """Sync until no file and no change waits any more."""
    with Phone.open(home, PIN) as phone:
        while True:
            report, status = phone.sync(), phone.status()
            if report.clean and not status["outbox"] and not status["files_waiting"]:
                return
            time.sleep(0.1)


if __name__ == "__main__":
    send(Path(sys.argv[1]))
