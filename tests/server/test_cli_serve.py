"""`wardledger serve` as a process: ready, killed and started again, ended in order, silent about people."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from server.config import load
from server.operations.installation import initialise, services
from tests.services.granian import ROOT, SERVE, ServerProcess
from tests.services.processes import LOOPBACK, free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of a demo installation."""
    made = tmp_path / "home"
    app = initialise(load({"WARDLEDGER_HOME": str(made)}), demo=True)
    services(app).engine.dispose()
    return made


def get(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_server_is_ready_killed_and_ready_again(home: Path):
    with ServerProcess(home) as server:
        assert get(f"{server.url}/readyz") == 200
        server.kill()
        assert not server.is_ready()
        server.start()
        assert get(f"{server.url}/v1/keys") == 200


def test_a_server_with_two_workers_ends_in_order_when_told_to(home: Path):
    server = ServerProcess(home, env={"WARDLEDGER_WORKERS": "2"})
    with server:
        assert get(f"{server.url}/healthz") == 200
        deadline = time.monotonic() + 30
        while server.log.read_text().count("Started worker") < 2:
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.1)
        assert server.stop() == 0
    assert "Killing" not in server.log.read_text()


def test_the_log_is_json_and_names_routes_but_no_address_and_no_query(home: Path):
    with ServerProcess(home) as server:
        get(f"{server.url}/readyz?name=secret-query")
        get(f"{server.url}/secret-path")
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    requests = [(line["route"], line["status"]) for line in lines if line["event"] == "request"]
    assert ("/readyz", 200) in requests
    assert (None, 404) in requests
    assert "secret" not in server.log.read_text()


def test_a_port_in_use_is_told_plainly(home: Path):
    with socket.create_server((LOOPBACK, 0)) as taken:
        server = ServerProcess(home, taken.getsockname()[1])
        ended = subprocess.run(
            [*SERVE, "--port", str(server.port)],
            cwd=ROOT,
            env=server.env,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[0] == f"port_taken: 127.0.0.1 port {server.port}: Address already in use"


def test_a_home_without_an_installation_is_not_served(tmp_path: Path):
    server = ServerProcess(tmp_path, free_port())
    ended = subprocess.run(server.command, cwd=ROOT, env=server.env, capture_output=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(b"not_found: ")
