"""Two servers of the same trade beside ours: Kinto on PostgreSQL and PouchDB's server, with the same records.

They take plain JSON: no encryption, signature, ledger, proof, rights or merge, so they are a measure of the
machine and not a contest. Each is installed into an environment of its own under var/bench/peers, and gets
the values of a bed check, 25 records a request, from 8 connections at once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
import uuid
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.benchmarks.scene import TOLD
from tests.services.granian import ROOT, clean_environment
from tests.services.postgres import PostgresServer
from tests.services.processes import LOOPBACK, ServiceFailed, free_port, start, stop, wait_until

PLACE = ROOT / "var" / "bench" / "peers"
KINTO, POUCHDB = "Kinto on PostgreSQL", "PouchDB server"
KINTO_PACKAGES = ("kinto[postgresql]==26.5.0", "waitress==3.0.2")
POUCHDB_PACKAGE = "pouchdb-server@4.2.0"
PHONES, BATCH, SETS = 8, 25, 20
READY_SECONDS_MAX = 60
RETRIES_MAX = 20
INSTALL_SECONDS_MAX = 600
TIMEOUT_SECONDS = 60
JSON = {"Content-Type": "application/json"}
INI = """\
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = bench
kinto.bucket_create_principals = system.Everyone
kinto.bucket_write_principals = system.Everyone
kinto.batch_max_requests = {batch}
[server:main]
use = egg:waitress#main
host = {host}
port = {port}
threads = {phones}
"""
Send = Callable[[HTTPConnection, list[dict[str, Any]]], None]


@dataclass(frozen=True)
class Peer:
    """A running peer: its port, and how one request of records is sent to it."""

    port: int
    send: Send


def measure(told: Callable[[str], None]) -> dict[str, float | str]:
    """Return {peer: records/s, or why it was not measured}."""
    found: dict[str, float | str] = {}
    for name, running in ((KINTO, kinto), (POUCHDB, pouchdb)):
        told(f"peer: {name}")
        try:
            with running() as peer:
                _push(peer, 2)
                found[name] = _push(peer, SETS)
        except (ServiceFailed, OSError, HTTPException, subprocess.SubprocessError) as error:
            found[name] = f"not measured: {error}"
    return found


def record(number: int) -> dict[str, Any]:
    """Return the values of a bed check, as the phones of the benchmark write them."""
    return {
        "ward_round": "0" * 36, "encounter": "1" * 36, "bed_listed": str(number), "presence": "in_bed",
        "identity_method": "electronic_voucher", "conclusion": "normal", "answers": TOLD,
        "position": {
            "lat_e7": 317_500_000, "lon_e7": 1_165_000_000, "accuracy_m": 12, "provider": "gps", "mock": False,
        },
    }  # fmt: skip


def _push(peer: Peer, sets: int) -> float:
    """Return the records/s of all connections together."""
    bodies = [[record(number) for number in range(BATCH)] for _ in range(sets)]
    begin = threading.Barrier(PHONES + 1)
    failed: list[str] = []

    def run() -> None:
        connection = HTTPConnection(LOOPBACK, peer.port, timeout=TIMEOUT_SECONDS)
        connection.connect()
        begin.wait(TIMEOUT_SECONDS)
        try:
            for body in bodies:
                peer.send(connection, body)
        except (ServiceFailed, OSError, HTTPException) as error:
            failed.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(PHONES)]
    for thread in threads:
        thread.start()
    begin.wait(TIMEOUT_SECONDS)
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if failed:
        raise ServiceFailed(failed[0])
    return PHONES * sets * BATCH / seconds


def _ask(connection: HTTPConnection, method: str, path: str, body: Any) -> Any:
    connection.request(method, path, json.dumps(body), JSON)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status >= 300:
        raise ServiceFailed(f"{method} {path}: {answer.status} {said[:200]!r}")
    return json.loads(said)


@contextmanager
def kinto() -> Iterator[Peer]:
    """Yield Kinto on a PostgreSQL of its own, installed at the first call."""
    python = PLACE / "kinto" / "bin" / "python"
    if not (PLACE / "kinto" / "installed").exists():
        venv.create(PLACE / "kinto", with_pip=True, clear=True)
        _run(str(python), "-m", "pip", "install", "--quiet", *KINTO_PACKAGES)
        (PLACE / "kinto" / "installed").touch()
    port, program = free_port(), str(python.parent / "kinto")
    with PostgresServer() as server:
        url = server.create_database().replace("+psycopg", "", 1)
        ini = PLACE / "kinto.ini"
        ini.write_text(INI.format(url=url, batch=BATCH, host=LOOPBACK, port=port, phones=PHONES))
        _run(program, "migrate", "--ini", str(ini))

        def send(connection: HTTPConnection, records: list[dict[str, Any]]) -> None:
            requests = [
                {
                    "method": "PUT",
                    "path": f"/buckets/bench/collections/checks/records/{uuid.uuid4()}",
                    "body": {"data": one},
                }
                for one in records
            ]
            # Two writers of one collection may meet; what it answers with "please retry" is sent again.
            for _ in range(RETRIES_MAX):
                answered = _ask(connection, "POST", "/v1/batch", {"requests": requests})["responses"]
                requests = [
                    sent for sent, one in zip(requests, answered, strict=True) if one["status"] >= 400
                ]
                if not requests:
                    return
            raise ServiceFailed(f"{len(requests)} records were not taken in {RETRIES_MAX} attempts")

        with _running([program, "start", "--ini", str(ini), "--port", str(port)], port, "/v1/"):
            connection = HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_SECONDS)
            open_to_all = {"permissions": {"write": ["system.Everyone"]}}
            _ask(connection, "PUT", "/v1/buckets/bench", open_to_all)
            _ask(connection, "PUT", "/v1/buckets/bench/collections/checks", open_to_all)
            yield Peer(port, send)


@contextmanager
def pouchdb() -> Iterator[Peer]:
    """Yield PouchDB's server on LevelDB, installed at the first call."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise ServiceFailed("Node.js and npm are not on this machine")
    home = PLACE / "pouchdb"
    program = home / "node_modules" / "pouchdb-server" / "bin" / "pouchdb-server"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        _run(
            npm,
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            POUCHDB_PACKAGE,
            "--prefix",
            str(home),
        )
    data = home / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    port = free_port()

    def send(connection: HTTPConnection, records: list[dict[str, Any]]) -> None:
        docs = [{"_id": str(uuid.uuid4()), **one} for one in records]
        if any("error" in one for one in _ask(connection, "POST", "/bench/_bulk_docs", {"docs": docs})):
            raise ServiceFailed("a record was not taken")

    command = [node, str(program), "--host", LOOPBACK, "--port", str(port), "--dir", str(data)]
    command += ["--no-stdout-logs", "--config", str(data / "config.json"), "--level-backend", "leveldown"]
    with _running(command, port, "/", cwd=data):
        _ask(HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_SECONDS), "PUT", "/bench", {})
        yield Peer(port, send)


@contextmanager
def _running(command: list[str], port: int, path: str, *, cwd: Path | None = None) -> Iterator[None]:
    log = PLACE / "peer.log"
    process = start(command, log=log, env=clean_environment(), cwd=cwd)

    def is_ready() -> bool:
        connection = HTTPConnection(LOOPBACK, port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    try:
        wait_until(is_ready, process, log=log, seconds=READY_SECONDS_MAX, what=command[0])
        yield
    finally:
        stop(process)


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS_MAX,
        env=clean_environment(),
    )
    if done.returncode != 0:
        raise ServiceFailed(f"{Path(command[0]).name} failed: {(done.stdout + done.stderr)[-400:]}")


if __name__ == "__main__":
    for peer_name, figure in measure(lambda words: print(words, file=sys.stderr)).items():
        print(peer_name, f"{figure:,.0f} records/s" if isinstance(figure, float) else figure)
