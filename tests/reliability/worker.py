"""A phone at work in a process of its own, made to be killed: `python -m tests.reliability.worker HOME ROUND ...`.

After each bed it appends the record's id to `recorded`, after each clean sync the number of ids that were
acknowledged by then to `acknowledged`; both durably, so that the killer can hold the ledger to them.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from mobile_stub.fleet import PIN
from mobile_stub.phone import Phone

BEDS_PER_SYNC = 3
FILES_WAITING_MAX = 20
"""With more than that waiting the phone only sends: a long dead server must not pile up work for ever."""


def note(path: Path, words: str) -> None:
    """Append a line and make it durable."""
    with path.open("a") as file:
        file.write(words + "\n")
        file.flush()
        os.fsync(file.fileno())


def count(path: Path) -> int:
    """Return how many whole lines there are."""
    return path.read_text().count("\n") if path.exists() else 0


def work(home: Path, inspection: str, ward_round: str) -> None:
    """Record and sync until the file `stop` appears; then sync until nothing waits any more."""
    recorded, acknowledged, stop = home / "recorded", home / "acknowledged", home / "stop"
    with Phone.open(home, PIN) as phone:
        while not stop.exists():
            if phone.status()["files_waiting"] > FILES_WAITING_MAX:
                phone.sync()
                continue
            for _ in range(BEDS_PER_SYNC):
                made = phone.check_bed(ward_round, bed_listed="1101", presence="in_bed", note="测试备注")
                note(recorded, made)
            phone.take_evidence(inspection, os.urandom(40_000), kind="audio_visual", media_type="image/jpeg")
            known = count(recorded)
            phone.sync()
            if not phone.status()["outbox"]:
                note(acknowledged, str(known))
        while not settled(phone):
            time.sleep(0.2)


def settled(phone: Phone) -> bool:
    """Sync once and return whether nothing waits any more."""
    report, status = phone.sync(), phone.status()
    done = report.clean and not status["outbox"] and not status["files_waiting"]
    if not done:
        left = {name: status[name] for name in ("outbox", "sets_unacknowledged", "files_waiting", "alarm")}
        print("not settled yet:", left, report.errors, flush=True)
    return done


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
