"""tuspy and tus-js-client, as they are, upload against a running server, go on after a break, and are verified."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tusclient import client as tuspy
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from schemas.drafting import Draft
from server.commit.acts import act
from sync import frames, lines, signing
from tests.intake.caller import Caller, caller
from tests.intake.test_files import record
from tests.interop import node
from tests.server.builders import Installation, install
from tests.server.pushing import City, found_city
from tests.services.granian import ROOT, ServerProcess
from tests.services.processes import free_port

UPLOAD_JS = ROOT / "tests" / "files" / "tus_js_upload.mjs"
PLAIN = hashlib.shake_256(b"clip").digest(3 * frames.FRAME_BYTES + 77)
pytestmark = pytest.mark.slow


@dataclass
class Running:
    """A server process with an inspection under way, and a phone of its own."""

    city: City
    server: ServerProcess
    phone: Caller
    folder: Path

    @property
    def endpoint(self) -> str:
        """Where uploads are created."""
        return f"{self.server.url}/v1/files"

    def proof(self) -> dict[str, str]:
        """Return the header by which a phone signs the creation; everything after it goes by the address."""
        now = self.city.installation.services.now_ms()
        said: dict[str, Any] = {
            "device": self.phone.id,
            "method": "POST",
            "url": self.endpoint,
            "now_ms": now,
        }
        return {"Authorization": f"Bearer {signing.request_proof(self.phone.key, **said)}"}

    def capture(self) -> tuple[Path, str, str]:
        """Return (the cipher's file, its digest, the evidence record that waits for it)."""
        key, prefix = os.urandom(frames.KEY_BYTES), os.urandom(frames.PREFIX_BYTES)
        cipher = b"".join(frames.encrypt([PLAIN], key, prefix))
        digest = hashlib.sha256(cipher).hexdigest()
        path = self.folder / digest
        path.write_bytes(cipher)
        values = {
            "inspection": self.city.inspection,
            "kind": "audio_visual",
            "digest": hashlib.sha256(PLAIN).hexdigest(),
            "size": len(PLAIN),
            "media_type": "video/mp4",
            "cipher_digest": digest,
            "cipher_size": len(cipher),
            "file_key": lines.b64u(key),
        }
        draft = Draft("create", "evidence", self.city.id(), values)
        act(self.city.installation.services, [draft], user=self.phone.user, kind="change")
        return path, digest, draft.record

    def state(self, evidence: str) -> str | None:
        """Return what the ledger says of a file."""
        found = record(self.city, evidence).values.get("file_state")
        return None if found is None else str(found)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for the tests of this module."""
    folder = tmp_path_factory.mktemp("clients")
    home, database = folder / "home", f"sqlite:///{folder / 'ledger.db'}"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    made: Installation = install(home, database, real_time=True, WARDLEDGER_URL=url)
    settings = {"WARDLEDGER_ORIGIN": made.services.config.origin, "WARDLEDGER_DATABASE_URL": database}
    city = found_city(made)
    with ServerProcess(home, port, env=settings) as server:
        yield Running(city, server, caller(made, city.phones[0].user), folder)
    made.services.engine.dispose()


# -- tuspy --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("checksum", [True, False])
@pytest.mark.parametrize("chunk", [500_000, None])
def test_tuspy_uploads(running: Running, chunk: int | None, checksum: bool):
    path, digest, evidence = running.capture()
    client = tuspy.TusClient(running.endpoint, headers=running.proof())
    options = {"chunk_size": chunk} if chunk else {}
    up = client.uploader(
        file_stream=BytesIO(path.read_bytes()),
        metadata={"digest": digest},
        upload_checksum=checksum,
        **options,
    )
    up.upload()
    assert up.offset == path.stat().st_size
    assert running.state(evidence) == "verified"


def test_tuspy_goes_on_after_the_server_was_killed(running: Running):
    path, digest, evidence = running.capture()
    client = tuspy.TusClient(running.endpoint, headers=running.proof())
    up = client.uploader(
        file_stream=BytesIO(path.read_bytes()), metadata={"digest": digest}, chunk_size=700_000
    )
    up.upload_chunk()
    up.upload_chunk()
    running.server.kill()
    running.server.start()
    again = client.uploader(file_stream=BytesIO(path.read_bytes()), url=up.url, chunk_size=700_000)
    assert again.offset == 1_400_000
    again.upload()
    assert running.state(evidence) == "verified"


def test_tuspy_hears_that_nobody_signed(running: Running):
    path, digest, evidence = running.capture()
    up = tuspy.TusClient(running.endpoint).uploader(
        file_stream=BytesIO(path.read_bytes()), metadata={"digest": digest}
    )
    with pytest.raises(TusCommunicationError) as refused:
        up.upload()
    assert refused.value.status_code == 401
    assert running.state(evidence) is None


def test_tuspy_hears_that_a_file_is_not_what_was_announced(running: Running):
    path, digest, evidence = running.capture()
    raw = bytearray(path.read_bytes())
    raw[1000] ^= 1
    path.write_bytes(raw)
    client = tuspy.TusClient(running.endpoint, headers=running.proof())
    with pytest.raises(TusUploadFailed) as refused:
        client.uploader(file_stream=BytesIO(path.read_bytes()), metadata={"digest": digest}).upload()
    assert refused.value.status_code == 460
    assert running.state(evidence) is None


# -- tus-js-client ------------------------------------------------------------------------------------------


def javascript(running: Running, path: Path, digest: str, **job: Any) -> dict[str, Any]:
    """Let tus-js-client upload, and return what it tells; an error of its fails the test."""
    about = {"endpoint": running.endpoint, "headers": running.proof(), "path": str(path), "digest": digest}
    done = node.run([UPLOAD_JS, json.dumps(about | job)])
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    ("job", "requests"),
    [
        pytest.param({}, ["POST", "PATCH"], id="whole"),
        pytest.param({"chunkSize": 1_000_000}, ["POST"] + ["PATCH"] * 4, id="parts"),
        pytest.param({"duringCreation": True}, ["POST"], id="with creation"),
    ],
)
def test_tus_js_client_uploads(running: Running, job: dict[str, Any], requests: list[str]):
    path, digest, evidence = running.capture()
    told = javascript(running, path, digest, **job)
    assert (told["status"], told["requests"]) == ("done", requests)
    assert running.state(evidence) == "verified"


def test_tus_js_client_goes_on_where_it_was_broken_off(running: Running):
    path, digest, evidence = running.capture()
    told = javascript(running, path, digest, chunkSize=1_000_000, abortAfter=2_000_000)
    assert (told["status"], told["offset"]) == ("aborted", 2_000_000)
    again = javascript(running, path, digest, chunkSize=1_000_000, url=told["url"])
    assert (again["status"], again["requests"]) == ("done", ["HEAD", "PATCH", "PATCH"])
    assert running.state(evidence) == "verified"


def test_tus_js_client_finds_a_file_that_is_there_already(running: Running):
    path, digest, evidence = running.capture()
    javascript(running, path, digest)
    again = javascript(running, path, digest)
    assert again["status"] == "done", "the part is refused with 409, and HEAD tells that all is there"
    assert running.state(evidence) == "verified"
