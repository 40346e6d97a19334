"""The described API against a running server, by Schemathesis: whatever is sent, the answer is as described."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.server.world import PASSWORD, World
from tests.services.granian import ServerProcess, clean_environment

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)
SERIALIZERS = Path(__file__).with_name("fuzz_serializers.py")
SIGNING = "/api/session"
"""Left out of a run of somebody who is signed in: it would sign him out; nobody's run has it."""


@dataclass(frozen=True)
class Run:
    """What a run said, and how it ended: 0 where nothing was found."""

    status: int
    told: str


def fuzz(
    world: World,
    server: ServerProcess,
    folder: Path,
    *,
    login: str | None,
    seconds: int,
    examples: int,
    seed: int = 1,
) -> Run:
    """Ask a running server for all that its description names, for so many seconds at most.

    login: who is signed in, None for nobody; ids of real records stand in the addresses beside made-up ones
    """
    with httpx.Client(base_url=server.url) as client:
        told = client.get("/api/openapi.json").json()
        heads = _session(client, login)
    described = folder / f"described-{login}.json"
    described.write_text(json.dumps(_with_records(told, world)), "utf-8")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", described, "--url", server.url),
        *("--checks", ",".join(CHECKS), "--phases", "coverage,fuzzing", "--max-time", str(seconds)),
        *("--max-examples", str(examples), "--generation-database", "none", "--warnings", "off"),
        *("--suppress-health-check", "all", "--no-color", "--continue-on-failure", "--seed", str(seed)),
        *(part for name, value in heads.items() for part in ("--header", f"{name}: {value}")),
        *(("--exclude-path", SIGNING) if login else ()),
    ]
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=clean_environment()
        | {"PYTHONPATH": "", "COLUMNS": "160", "SCHEMATHESIS_HOOKS": str(SERIALIZERS)},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds * 4 + 120,
    )
    return Run(done.returncode, done.stdout + done.stderr)


def _session(client: httpx.Client, login: str | None) -> dict[str, str]:
    """Return the header fields of a session: its cookie and its token."""
    token = client.get(SIGNING).json()["csrf_token"]
    if login is not None:
        body = {"login": login, "password": PASSWORD}
        answer = client.post(SIGNING, json=body, headers={"X-CSRFToken": token})
        assert answer.status_code == 201, answer.text
        token = answer.json()["csrf_token"]
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return {"Cookie": cookies, "X-CSRFToken": token}


def _with_records(told: dict[str, Any], world: World) -> dict[str, Any]:
    """Return the description with real ids beside any text, wherever an address names a record."""
    known = [
        *(world.inspection, world.hospital, world.ward_round, world.finding),
        *(*world.encounters[:2], *world.checks[:2], *world.evidence[:2]),
    ]
    for methods in told["paths"].values():
        for operation in methods.values():
            for each in operation["parameters"]:
                if each["in"] == "path" and "enum" not in each["schema"]:
                    each["schema"] = {"anyOf": [{"enum": known}, dict(each["schema"])]}
    return told
