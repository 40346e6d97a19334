"""The shipped nginx configuration in front of a real server: phones, slow senders, addresses, headers."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from server.accounts.invites import invite
from server.limits.bodies import BODIES_AT_ONCE, WAITING_MAX
from server.storage import record_store
from tests.server.builders import ORIGIN, Installation, install
from tests.server.phones import Visit, visit
from tests.services.granian import ServerProcess
from tests.services.nginx import Nginx
from tests.services.processes import LOOPBACK, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
MB = 1024 * 1024
OUTSIDE = "203.0.113.7"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation whose public address is that of the proxy; an outside address may ask sixty times at once."""
    port = free_port()
    made = install(
        tmp_path / "home",
        f"sqlite:///{tmp_path / 'ledger.db'}",
        real_time=True,
        WARDLEDGER_URL=f"https://{LOOPBACK}:{port}",
        WARDLEDGER_RATE_ADDRESS="1",
    )
    yield made
    made.services.engine.dispose()


@pytest.fixture
def nginx(installation: Installation, tmp_path: Path) -> Iterator[Nginx]:
    """nginx in front of a server process."""
    config, behind = installation.services.config, free_port()
    env = {
        "WARDLEDGER_ORIGIN": ORIGIN,
        "WARDLEDGER_DATABASE_URL": config.database_url,
        "WARDLEDGER_URL": config.url,
        "WARDLEDGER_RATE_ADDRESS": "1",
    }
    port = int(config.url.rpartition(":")[2])
    with ServerProcess(config.home, behind, env=env), Nginx(tmp_path / "nginx", behind, port=port) as running:
        yield running


def trusting(nginx: Nginx, **more: object) -> httpx.Client:
    """Return a client that trusts the proxy's certificate."""
    context = ssl.create_default_context(cafile=str(nginx.certificate))
    return httpx.Client(base_url=nginx.url, verify=context, timeout=30, **more)  # type: ignore[arg-type]


def test_nginx_takes_the_shipped_configuration(tmp_path: Path):
    assert "test is successful" in Nginx(tmp_path / "nginx", free_port()).check()


def test_a_phone_enrols_syncs_and_uploads_through_the_proxy(
    installation: Installation, nginx: Nginx, tmp_path: Path
):
    there = visit(installation.services)
    with enrolled(installation, nginx, there, tmp_path / "phone") as phone:
        assert phone.sync().clean
        phone.step(there.inspection, "on_site")
        film = bytes(range(256)) * (6 * MB // 256)
        evidence = phone.take_evidence(there.inspection, film, kind="audio_visual", media_type="video/mp4")
        report = phone.sync()
        assert report.clean, [error.code for error in report.errors]
        assert report.uploaded.files == 1
        assert phone.read_file(evidence) == film


@contextmanager
def enrolled(installation: Installation, nginx: Nginx, there: Visit, home: Path) -> Iterator[Phone]:
    """Enrol the lead's phone over the proxy."""
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        record = record_store.load(connection, vault, [there.lead])[there.lead]
    ticket = invite(services, record)
    with trusting(nginx) as client, Phone.enrol(home, ticket, PIN, client=client, hardness=HARDNESS) as phone:
        yield phone


def test_security_headers_come_once_and_plain_http_leads_to_tls(nginx: Nginx):
    with trusting(nginx) as client:
        page = client.get("/sign-in")
        for name in (
            "strict-transport-security",
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
        ):
            assert len(page.headers.get_list(name)) == 1, name
        assert "Secure" in page.headers["set-cookie"]
        assert page.headers["server"] in ("nginx", "granian")
    moved = httpx.get(f"http://{LOOPBACK}:{nginx.plain_port}/sign-in?x=1")
    assert (moved.status_code, moved.headers["location"].partition("/sign-in")[2]) == (301, "?x=1")


def test_what_a_sender_says_of_its_own_address_does_not_count(nginx: Nginx):
    with trusting(nginx, headers={"X-Forwarded-For": OUTSIDE}) as client:
        # This machine is not counted; believed, the header would have been refused from the 61st on.
        assert {client.get("/v1/keys").status_code for _ in range(70)} == {200}


def test_a_body_beyond_the_limit_ends_at_the_proxy(nginx: Nginx):
    with trusting(nginx) as client:
        assert client.post("/v1/change-sets", content=b"x" * (2 * MB + 1)).status_code == 413
        assert client.post("/v1/files", content=b"x" * (3 * MB)).status_code == 412, (
            "parts have no limit there"
        )


def test_slow_senders_do_not_reach_the_server(nginx: Nginx):
    count = BODIES_AT_ONCE + WAITING_MAX + 4
    with trickling(nginx, count), trusting(nginx) as client:
        # Each is answered within the client's own patience, or it raises.
        for _ in range(10):
            assert client.post("/v1/devices", content=b"x").status_code == 401


@contextmanager
def trickling(nginx: Nginx, count: int) -> Iterator[None]:
    """Let so many clients send a byte a second through the proxy."""
    context = ssl.create_default_context(cafile=str(nginx.certificate))
    head = b"POST /v1/devices HTTP/1.1\r\nHost: audit.bureau.example\r\nContent-Length: 9000\r\n\r\n"
    lines = [
        context.wrap_socket(socket.create_connection((LOOPBACK, nginx.port)), server_hostname=LOOPBACK)
        for _ in range(count)
    ]
    ended = threading.Event()

    def send() -> None:
        for line in lines:
            line.sendall(head)
        while not ended.wait(1):
            for line in lines:
                line.sendall(b"x")

    sender = threading.Thread(target=send)
    sender.start()
    time.sleep(1)
    yield
    ended.set()
    sender.join()
    for line in lines:
        line.close()
