"""The question after known weaknesses: asked of all locked packages, answered, or told plainly that nobody answered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.advisories.__main__ import FOUND, LOCKS, NO_ANSWER, NOTHING, ROOT, main
from tests.advisories.locked import Package, locked
from tests.services.processes import POLL_S, free_port

LOCK = """
sound-one==1.0 \\
    --hash=sha256:00
Weak.One[extra]==2.1 ; python_version < "3.12" \\
    --hash=sha256:00
    # via sound-one
"""


class Publisher(ThreadingHTTPServer):
    """A source of advisories on loopback. down: paths that it does not serve; odd: whether it answers nonsense."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.down: tuple[str, ...] = ()
        self.odd = False
        self.asked: list[str] = []


class _Answers(BaseHTTPRequestHandler):
    server: Publisher

    def do_POST(self) -> None:
        queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        weak = [{"vulns": [{"id": "OSV-1"}]} if q["package"]["name"] == "weak-one" else {} for q in queries]
        self._tell({"results": weak[:1] if self.server.odd else weak})

    def do_GET(self) -> None:
        weak = "weak-one/2.1" in self.path
        told = [{"id": "PYSEC-1", "summary": "It breaks."}, {"id": "PYSEC-2", "withdrawn": "2026-01-01"}]
        self._tell({"vulnerabilities": told if weak else []})

    def _tell(self, told: object) -> None:
        self.server.asked.append(self.path)
        gone = self.path.startswith(self.server.down or ("/never",))
        body = json.dumps(told).encode()
        self.send_response(503 if gone else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read what the command prints."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A source of advisories that answers."""
    with Publisher() as server:
        threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock with a weak package and a sound one."""
    path = tmp_path / "made-up.lock"
    path.write_text(LOCK)
    return path


def ask(publisher: Publisher, lock: Path) -> int:
    return main(["--osv", publisher.url, "--pypi", publisher.url, str(lock)])


def test_the_locks_of_the_project_pin_every_package_that_is_asked_for():
    for name in LOCKS:
        text = (ROOT / name).read_text("utf-8")
        found = locked(text)
        assert len(found) == sum(line[:1].isalnum() for line in text.splitlines()) > 20
        assert Package("flask", dict(found)["flask"]) in found


def test_a_package_is_named_as_the_registry_names_it():
    assert locked(LOCK) == [("sound-one", "1.0"), ("weak-one", "2.1")]


def test_a_known_weakness_is_told_with_its_package_and_ends_with_1(publisher, lock, capsys):
    assert ask(publisher, lock) == FOUND
    assert "weak-one 2.1: OSV-1" in capsys.readouterr().out
    assert publisher.asked == ["/v1/querybatch"], "all at once"


def test_where_none_is_known_it_ends_with_0(publisher, tmp_path, capsys):
    sound = tmp_path / "sound.lock"
    sound.write_text("sound-one==1.0\n")
    assert ask(publisher, sound) == NOTHING
    assert "1 locked packages, 0 known weaknesses, by OSV" in capsys.readouterr().out


def test_the_second_source_is_asked_where_the_first_does_not_answer(publisher, lock, capsys):
    publisher.down = ("/v1/",)
    assert ask(publisher, lock) == FOUND
    out = capsys.readouterr().out
    assert "weak-one 2.1: PYSEC-1 It breaks." in out
    assert "PYSEC-2" not in out, "it was withdrawn"
    assert "by PyPI" in out


def test_half_an_answer_is_none(publisher, lock, capsys):
    publisher.odd, publisher.down = True, ("/pypi/",)
    assert ask(publisher, lock) == NO_ANSWER
    assert "1 answers to 2 questions" in capsys.readouterr().err


def test_where_nobody_answers_it_says_so_and_who_was_asked_and_ends_with_2(lock, capsys):
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert main(["--osv", nowhere, "--pypi", nowhere, str(lock)]) == NO_ANSWER
    told = capsys.readouterr()
    assert "nothing was checked" in told.err
    assert told.err.count(nowhere) == 2
    assert "0 known weaknesses" not in told.out
