"""The same over a real connection: what a network cuts, and what a real server's own limits stop."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sync.changes import SEALED_BYTES_MAX
from tests.bad_input.scene import PUSH, Scene, Stored, look
from tests.intake.caller import CHANGE_SET, caller
from tests.server.builders import install
from tests.server.pushing import City, found_city
from tests.services.granian import ServerProcess
from tests.services.processes import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[City, ServerProcess]]:
    """A city whose server is a process of its own."""
    home, port = tmp_path_factory.mktemp("served") / "home", free_port()
    url = f"sqlite:///{home.parent / 'ledger.db'}"
    made = install(home, url, real_time=True, WARDLEDGER_URL=f"http://127.0.0.1:{port}")
    city = found_city(made)
    (home / "settings.env").write_text(
        f"WARDLEDGER_ORIGIN={made.services.config.origin}\nWARDLEDGER_DATABASE_URL={url}\n"
    )
    with ServerProcess(home, port) as server:
        yield city, server
    made.services.engine.dispose()


@pytest.fixture
def scene(served: tuple[City, ServerProcess]) -> Scene:
    """A phone that nobody used before."""
    city, _ = served
    return Scene(city, caller(city.installation, city.phones[0].user))


@pytest.fixture
def server(served: tuple[City, ServerProcess]) -> ServerProcess:
    """The server's process."""
    return served[1]


def headers(scene: Scene, server: ServerProcess, kid: str, length: int) -> dict[str, str]:
    """Return the headers of a push, signed."""
    return {
        **scene.phone.proof("POST", PUSH, url=server.url + PUSH),
        "Content-Type": CHANGE_SET,
        "Content-Length": str(length),
        "Wardledger-Device": scene.phone.id,
        "Wardledger-Key": kid,
    }


def post(scene: Scene, server: ServerProcess, body: bytes, kid: str) -> tuple[int, str]:
    """Post a body; returns status, and the code if it is a problem."""
    connection = http.client.HTTPConnection(str(urlsplit(server.url).netloc), timeout=30)
    try:
        connection.request("POST", PUSH, body, headers(scene, server, kid, len(body)))
        answer = connection.getresponse()
        told = answer.read()
        problem = answer.getheader("Content-Type") == "application/problem+json"
        return answer.status, json.loads(told)["code"] if problem else ""
    finally:
        connection.close()


def is_as_before(scene: Scene, before: Stored) -> bool:
    """Return whether nothing at all is stored that was not there before."""
    after = look(scene.installation)
    return not after.moved(before) and kept_files(after) == kept_files(before)


def kept_files(stored: Stored) -> set[tuple[str, str]]:
    """Return the files without the server's own log."""
    return {(path, digest) for path, digest in stored.files if not path.endswith("server.log")}


def goes_on(scene: Scene, server: ServerProcess) -> bool:
    """Return whether a good set of this phone is taken."""
    return post(scene, server, *scene.phone.sealed(scene.phone.text(scene.city.finding()))) == (201, "")


@pytest.mark.parametrize(
    ("spoil", "answer"),
    [
        pytest.param(lambda body: body[:-1], (400, "unopenable"), id="cut short"),
        pytest.param(
            lambda body: body[:50] + bytes([body[50] ^ 1]) + body[51:], (400, "unopenable"), id="flipped"
        ),
        pytest.param(lambda body: b"", (400, "unopenable"), id="empty"),
        pytest.param(lambda body: b"x" * (SEALED_BYTES_MAX + 1), (413, "too_large"), id="1 MiB + 1"),
        pytest.param(lambda body: b"x" * (2 * SEALED_BYTES_MAX), (413, "too_large"), id="2 MiB"),
    ],
)
def test_a_real_server_answers_bad_bytes_as_documented_and_goes_on(scene, server, spoil, answer):
    body, kid = scene.phone.sealed(scene.phone.text(scene.city.finding()))
    before = look(scene.installation)
    assert post(scene, server, spoil(body), kid) == answer
    assert is_as_before(scene, before)
    assert goes_on(scene, server)


@pytest.mark.parametrize("sent", [0, 1, 200])
def test_a_connection_that_is_cut_in_the_middle_leaves_nothing(scene, server, sent):
    body, kid = scene.phone.sealed(scene.phone.text(scene.city.finding()))
    before = look(scene.installation)
    address = urlsplit(server.url)
    told = [f"{name}: {value}" for name, value in headers(scene, server, kid, len(body)).items()]
    head = "\r\n".join([f"POST {PUSH} HTTP/1.1", f"Host: {address.netloc}", *told, "", ""])
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as line:
        line.sendall(head.encode() + body[:sent])
        line.shutdown(socket.SHUT_WR)
        line.settimeout(10)
        answer = line.recv(65_536)
    assert not answer.startswith(b"HTTP/1.1 2"), "half a set is no set"
    assert b" 500 " not in answer.split(b"\r\n", 1)[0]
    assert is_as_before(scene, before)
    assert goes_on(scene, server)


def test_a_set_that_a_real_server_refused_in_part_stands_there_whole(scene, server):
    written = scene.lines(scene.city.finding(), scene.city.finding(), scene.city.finding())
    written[1] = (b"x" * (64 * 1024 + 1), ())
    scene.text = scene.phone.text_of_lines(written)
    before = look(scene.installation).size
    assert post(scene, server, *scene.phone.sealed(scene.text)) == (201, "")
    verdicts = [entry["outcome"]["verdict"] for entry in scene.entries(before)]
    assert verdicts == ["applied", "refused", "applied"]
    assert scene.kept() == [("too_large", scene.text)]
    scene.phone.moved(scene.text)
    assert goes_on(scene, server)


def test_the_log_of_a_real_server_tells_codes_and_no_traceback(served):
    _, server = served
    log = Path(server.log).read_text("utf-8")
    assert "Traceback" not in log
    assert "演示数据" not in log
