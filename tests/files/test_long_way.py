"""A large file on a bad line: cut again and again, with server and phone killed, and onto a disk that is full."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mobile_stub.fleet import PIN
from mobile_stub.phone import Phone
from server.operations.doctor import OK, examine
from server.storage import file_store, record_store
from server.storage.file_store import Upload
from server.storage.files import is_intact
from sync import frames
from sync.merge import Record
from tests.files.conftest import ON_S3, in_folder, on_s3
from tests.server.builders import Installation, install
from tests.server.phones import Visit, enrol, visit
from tests.services.granian import ROOT, ServerProcess, clean_environment
from tests.services.processes import free_port

MB = 1024 * 1024
VIDEO: dict[str, str] = {"kind": "audio_visual", "media_type": "video/mp4"}
PATIENCE_SECONDS = 100
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass
class Line:
    """A server process over a store, and a phone's folder."""

    installation: Installation
    found: Visit
    server: ServerProcess
    home: Path
    phone: subprocess.Popen[bytes] | None = None

    def start_phone(self) -> None:
        """Let the phone send, in a process of its own."""
        with (self.home / "log").open("ab") as log:
            self.phone = subprocess.Popen(
                [sys.executable, "-m", "tests.files.sender", str(self.home)],
                cwd=ROOT,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill_phone(self) -> None:
        """Kill the phone in the middle of whatever it does."""
        assert self.phone is not None
        os.killpg(self.phone.pid, signal.SIGKILL)
        self.phone.wait()

    def uploads(self) -> list[Upload]:
        """Return every upload that was ever begun."""
        services = self.installation.services
        with services.database.reading() as connection:
            rows = connection.execute(file_store.UPLOADS.select())
            return [Upload(r.token, r.device, r.digest, r.size, r.expires_at, r.state) for r in rows]

    def arrived(self) -> int:
        """Return how many bytes of the one file are there."""
        begun = self.uploads()
        return max((self.installation.services.files.offset(one.token) for one in begun), default=0)

    def film(self, size: int) -> tuple[str, bytes]:
        """Let the phone record a video, and return its evidence and its bytes."""
        plain = os.urandom(size)
        with Phone.open(self.home, PIN) as phone:
            return phone.take_evidence(self.found.inspection, plain, **VIDEO), plain

    def evidence(self, key: str) -> Record:
        """Return the evidence as the ledger has it."""
        services = self.installation.services
        with services.database.reading() as connection:
            vault = services.vault.session(connection, services.ledger.id)
            return record_store.load(connection, vault, [key])[key]


@pytest.fixture(params=["folder", pytest.param("s3", marks=ON_S3)])
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    """A server over either store, and a phone that is on the spot."""
    if request.param == "folder":
        place = in_folder(tmp_path / "files")
    else:
        place = on_s3(request.getfixturevalue("s3_server"))
    home, port, database = tmp_path / "home", free_port(), f"sqlite:///{tmp_path / 'ledger.db'}"
    url = f"http://127.0.0.1:{port}"
    made = install(home, database, real_time=True, WARDLEDGER_URL=url, **place.settings)
    found = visit(made.services)
    own = {"WARDLEDGER_ORIGIN": made.services.config.origin, "WARDLEDGER_DATABASE_URL": database}
    with ServerProcess(home, port, env=own | place.settings) as server:
        phone = enrol(made, tmp_path / "phone", found.lead, real_time=True)
        assert phone.sync().clean
        phone.step(found.inspection, "on_site")
        phone.close()
        shown = Line(made, found, server, tmp_path / "phone")
        yield shown
        if shown.phone is not None and shown.phone.poll() is None:
            shown.kill_phone()
    made.services.engine.dispose()


def wait_for(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_video_that_is_cut_ten_times_over_arrives_once_and_verified(line: Line):
    size, chance = 50 * MB, random.Random(7)
    evidence, plain = line.film(size)
    line.start_phone()
    victims = ["phone", "server"] * 5
    chance.shuffle(victims)
    for number, victim in enumerate(victims, 1):
        mark = number * size // 11
        wait_for(lambda mark=mark: line.arrived() >= mark, f"the upload stands at {line.arrived()}")
        if victim == "phone":
            line.kill_phone()
            line.start_phone()
        else:
            line.server.kill()
            line.server.start()
    assert line.phone is not None
    assert line.phone.wait(PATIENCE_SECONDS) == 0
    (upload,) = line.uploads()
    item = line.evidence(evidence)
    assert (item.values["file_state"], item.stage) == ("verified", "pending_review")
    assert is_intact(line.installation.services.files, upload.digest)
    with Phone.open(line.home, PIN) as phone:
        phone.sync()
        assert phone.read_file(evidence) == plain
    assert {c.state for c in examine(line.installation.services) if c.name == "files"} == {OK}


def limit_files(server: ServerProcess, size: int) -> None:
    """Let the kernel refuse the server's processes to make a file grow beyond `size` bytes, as a full disk does."""
    assert server._process is not None
    group = server._process.pid
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and os.getpgid(int(path.name)) == group:
            resource.prlimit(int(path.name), resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.parametrize("line", ["folder"], indirect=True)
def test_a_disk_that_is_full_is_told_clearly_and_the_file_goes_on_by_itself_when_there_is_room(line: Line):
    evidence, _ = line.film(20 * MB)
    limit_files(line.server, 12 * MB)
    with Phone.open(line.home, PIN) as phone:
        first, second = phone.sync(), phone.sync()
        assert [[error.code for error in report.errors] for report in (first, second)] == [
            ["storage_full"]
        ] * 2
        assert "goes on by itself" in first.errors[0].next
        assert phone.status()["files_waiting"] == 1
        before = line.arrived()
        assert 0 < before <= 12 * MB, "what fitted is kept"
        assert line.evidence(evidence).stage == "captured", "the record itself has arrived"
        limit_files(line.server, resource.RLIM_INFINITY)
        last = phone.sync()
        assert last.clean
        assert last.uploaded.bytes == frames.cipher_size(20 * MB) - before, "and nothing came twice"
    assert line.evidence(evidence).values["file_state"] == "verified"
