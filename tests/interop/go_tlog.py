"""Another implementation's verdict on a ledger: Go's sumdb/note and sumdb/tlog, asked over JSON."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("verify_tlog.go")
LIBRARY = Path("/usr/share/gocode")
MISSING = "Go's own verifier is needed: apt-get install golang-go golang-golang-x-mod-dev"


def verify(request: dict[str, Any]) -> dict[str, Any]:
    """Return what Go says about a ledger.

    request: `verifier_key` and `note` (a checkpoint and the key it must be signed by); as wanted
    `records` [{index, line, proof}], `consistency` [{size, root, proof}], `tiles` and `bundles`
    {C2SP path: bytes}; bytes may be given as bytes
    Answers {"ok": true, name, size, root, records, proofs, entries} (how many of each were verified),
    or {"ok": false, "at": the step that failed, "error"}.
    """
    body = json.dumps(request, default=_base64).encode()
    done = subprocess.run([_program()], input=body, capture_output=True, check=True, timeout=60)
    found: dict[str, Any] = json.loads(done.stdout)
    if found.get("root"):
        found["root"] = base64.b64decode(found["root"])
    return found


def _base64(value: object) -> str:
    assert isinstance(value, bytes | bytearray), f"{type(value)} does not travel"
    return base64.b64encode(value).decode()


@functools.cache
def _program() -> str:
    """Return the path of the verifier, built once for each state of its source."""
    go = shutil.which("go")
    assert go, MISSING
    assert (LIBRARY / "src/golang.org/x/mod/sumdb/tlog").is_dir(), MISSING
    folder = Path(tempfile.gettempdir()) / f"wardledger-go-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    assert folder.stat().st_uid == os.getuid(), f"{folder} belongs to somebody else"
    program = folder / f"verify_tlog-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]}"
    if not program.exists():
        # Built aside and renamed, as several test processes may build at once.
        made = folder / f"{program.name}.{os.getpid()}"
        settings = {
            "GO111MODULE": "off",
            "GOPATH": str(LIBRARY),
            "GOFLAGS": "",
            "GOCACHE": str(folder / "cache"),
        }
        subprocess.run(
            [go, "build", "-o", str(made), str(SOURCE)],
            env={**os.environ, **settings},
            cwd=folder,
            check=True,
            timeout=300,
        )
        made.rename(program)
    return str(program)
