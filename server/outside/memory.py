"""What this witness cosigned last, outside the database: a backup that is put back must not make a witness forget.

One small file for each log under `witnessed/` in the home, replaced whole and flushed before the database commits.
Like the signer's own record it never goes back together with a database.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from server.keys.keyring import settle
from server.storage.witness_store import Witnessed
from sync import checkpoint
from sync.errors import BadProof, LedgerStopped

FOLDER = "witnessed"


def recall(home: Path, log: str) -> Witnessed | None:
    """Return the head of a log that was cosigned last, None where none was; raises LedgerStopped for a spoilt file."""
    path = _path(home, log)
    try:
        written = json.loads(path.read_text("utf-8"))
        head = checkpoint.parse(written["note"])
        at = int(written["at"])
    except FileNotFoundError:
        return None
    except (ValueError, LookupError, TypeError, BadProof) as error:
        raise LedgerStopped(
            f"{path} cannot be read; bring it back before this witness cosigns {log}"
        ) from error
    if head.name != log:
        raise LedgerStopped(f"{path} is of another log, {head.name}")
    return Witnessed(log, head.size, head.root.hex(), head.note, at)


def remember(home: Path, head: Witnessed) -> None:
    """Write a head durably in the place of the one before; the caller holds the ledger's lock."""
    path = _path(home, head.log)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    made = path.with_suffix(".new")
    with made.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"log": head.log, "note": head.note, "at": head.at}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)
    settle(path.parent)


def _path(home: Path, log: str) -> Path:
    return home / FOLDER / f"{hashlib.sha256(log.encode()).hexdigest()[:32]}.json"
