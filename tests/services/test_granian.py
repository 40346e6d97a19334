"""A server process is waited for, killed, started again, and its last words are told when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.services import granian
from tests.services.granian import ServerProcess
from tests.services.processes import ServiceFailed, free_port

STAND_IN = Path(__file__).with_name("stand_in.py")


def stand_in(home: Path, status: int = 200) -> ServerProcess:
    port = free_port()
    return ServerProcess(home, port, command=[sys.executable, STAND_IN, str(port), str(status)])


def test_a_started_server_answers_and_a_stopped_one_does_not(tmp_path):
    with stand_in(tmp_path) as server:
        assert server.is_running
        assert server.is_ready()
    assert not server.is_running
    assert not server.is_ready()


def test_a_killed_server_starts_again_on_its_port(tmp_path):
    with stand_in(tmp_path) as server:
        server.kill()
        assert not server.is_ready()
        server.start()
        assert server.is_ready()


def test_a_server_that_runs_is_not_started_twice(tmp_path):
    with stand_in(tmp_path) as server, pytest.raises(ServiceFailed, match="already"):
        server.start()


def test_a_server_that_ends_while_it_starts_says_why(tmp_path):
    with pytest.raises(ServiceFailed, match="the settings name no ledger"), stand_in(tmp_path, status=0):
        pass


def test_a_server_that_never_gets_ready_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(granian, "READY_SECONDS_MAX", 0.5)
    server = stand_in(tmp_path, status=503)
    with pytest.raises(ServiceFailed, match="not ready"), server:
        pass
    assert not server.is_running


def test_a_server_does_not_inherit_the_settings_of_an_installation_at_hand(tmp_path, monkeypatch):
    monkeypatch.setenv("WARDLEDGER_DATABASE_URL", "postgresql://the-real-one")
    server = ServerProcess(tmp_path, env={"WARDLEDGER_LANGUAGE": "en"})
    settings = {name: value for name, value in server.env.items() if name.startswith("WARDLEDGER_")}
    assert settings == {
        "WARDLEDGER_HOME": str(tmp_path),
        "WARDLEDGER_URL": server.url,
        "WARDLEDGER_LANGUAGE": "en",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the promise is Linux's own")
def test_a_server_ends_with_the_test_run_that_was_killed(tmp_path):
    port = free_port()
    script = (
        "import sys, time; from pathlib import Path\n"
        "from tests.services.granian import ServerProcess\n"
        f"command = [sys.executable, {str(STAND_IN)!r}, '{port}', '200']\n"
        f"server = ServerProcess(Path({str(tmp_path)!r}), {port}, command=command).start()\n"
        "print('ready', flush=True); time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script], cwd=granian.ROOT, stdout=subprocess.PIPE)
    with run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        os.kill(run.pid, signal.SIGKILL)
    watched = ServerProcess(tmp_path, port)
    deadline = time.monotonic() + 5
    while watched.is_ready() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not watched.is_ready()
