"""Clients that send a byte a second, against a running server: it goes on answering the others."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from server.limits.bodies import BODIES_AT_ONCE, FILE_PARTS_AT_ONCE, SEAT_SECONDS
from tests.server.builders import ORIGIN, install
from tests.services.granian import ServerProcess
from tests.services.processes import free_port

pytestmark = pytest.mark.slow
TRICKLING = 2 * BODIES_AT_ONCE


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server process over an empty ledger."""
    port, database = free_port(), f"sqlite:///{tmp_path / 'ledger.db'}"
    url = f"http://127.0.0.1:{port}"
    install(tmp_path / "home", database, real_time=True, WARDLEDGER_URL=url).services.engine.dispose()
    own = {"WARDLEDGER_ORIGIN": ORIGIN, "WARDLEDGER_DATABASE_URL": database}
    with ServerProcess(tmp_path / "home", port, env=own) as running:
        yield running


@contextmanager
def trickling(port: int, path: str, count: int) -> Iterator[None]:
    """Let so many clients send a byte a second of a body that would take hours."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\nContent-Length: 9000\r\n\r\n"
    )
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    ended = threading.Event()

    def send() -> None:
        for line in lines:
            line.sendall(head.encode())
        while not ended.wait(1):
            for line in lines:
                try:
                    line.sendall(b"x")
                except OSError:
                    continue

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(1)
    try:
        yield
    finally:
        ended.set()
        sender.join()
        for line in lines:
            line.close()


def test_a_byte_a_second_does_not_occupy_the_server(server: ServerProcess) -> None:
    with trickling(server.port, "/v1/devices", TRICKLING), httpx.Client(base_url=server.url) as client:
        # Each is answered within the client's own five seconds, or it raises.
        for _ in range(20):
            assert client.get("/readyz").status_code == 200
            assert client.get("/ledger/checkpoint").status_code == 200
        # File parts have seats of their own; whoever else sends is told to come back, and has lost nothing.
        # On a line of their own: the server may end one on which it did not read a body to its end.
        part = httpx.post(f"{server.url}/v1/files", content=b"x", headers={"Content-Type": "text/plain"})
        assert part.json()["code"] == "tus_version"
        sent = httpx.post(f"{server.url}/v1/devices", content=b"x", timeout=SEAT_SECONDS + 5)
        assert (sent.status_code, sent.json()["code"], sent.headers["retry-after"]) == (503, "busy", "5")
    again = httpx.post(f"{server.url}/v1/devices", content=b"x", timeout=SEAT_SECONDS + 5)
    assert again.status_code == 401


def test_whoever_is_refused_and_sends_on_keeps_no_phones_files_out(server: ServerProcess) -> None:
    """A stranger needs no key to send a byte a second; what is refused unread must not cost a phone its seat."""
    with trickling(server.port, "/v1/files", 3 * FILE_PARTS_AT_ONCE):
        for _ in range(3):
            part = httpx.post(f"{server.url}/v1/files", content=b"x", headers={"Content-Type": "text/plain"})
            assert part.json()["code"] == "tus_version"
        assert httpx.get(f"{server.url}/readyz").status_code == 200
