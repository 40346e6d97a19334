"""The phone app is served as it was built from its sources, with leave for what a phone needs and for nothing else."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server import phone_app
from tests.interop.node import PWA, installed, node
from tests.server.builders import install

BYTES_MAX = 400 * 1024
"""What a phone loads over a village's network, all parts together, compressed."""


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """Somebody who never signed in, at an installation that has no ledger to read."""
    return install(tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite'}").app.test_client()


def built() -> dict:
    """Return what the build told of itself."""
    return json.loads((phone_app.FILES / "built.json").read_text("utf-8"))


def test_the_app_opens_without_signing_in(client: FlaskClient):
    answer = client.get("/app/")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert b'<div id="app">' in answer.data
    assert client.get("/app").headers["Location"] == "/app/"


def test_every_file_of_the_shell_is_there_with_its_digest(client: FlaskClient):
    told = built()["files"]
    assert {"app.js", "app.css", "index.html", "app.webmanifest"} <= set(told)
    for name, digest in told.items():
        answer = client.get(f"/app/{name}")
        assert answer.status_code == 200
        assert hashlib.sha256(answer.data).hexdigest() == digest
    assert client.get("/app/app.webmanifest").mimetype == "application/manifest+json"


@pytest.mark.parametrize(
    "name",
    ["nothing.js", "../desk/desk.js", "%2e%2e/portal/seal.js", "../../config.py", "a" * 5000, "."],
    ids=["unknown", "beside", "encoded", "above", "long", "itself"],
)
def test_nothing_else_lies_under_its_address(client: FlaskClient, name: str):
    assert client.get(f"/app/{name}").status_code == 404


def test_it_may_use_camera_microphone_and_place_and_run_no_foreign_word(client: FlaskClient):
    for name in ("", "sw.js", "app.js"):
        headers = client.get(f"/app/{name}").headers
        assert headers["Permissions-Policy"] == "camera=(self), microphone=(self), geolocation=(self)"
        rules = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert rules["default-src"] == "'self'"
        assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert rules["object-src"] == rules["frame-ancestors"] == "'none'"
        assert headers["Cache-Control"] == "no-cache"


def test_the_worker_keeps_all_of_the_shell():
    worker = (phone_app.FILES / "sw.js").read_text("utf-8")
    assert built()["version"] in worker
    for name in built()["files"]:
        assert f'"{name}"' in worker


def test_it_is_small_enough_for_a_villages_network():
    assert 0 < built()["start_bytes_compressed"] <= built()["bytes_compressed"] <= BYTES_MAX


@pytest.mark.slow
def test_built_anew_it_is_the_same(tmp_path: Path):
    installed(PWA)
    done = subprocess.run(
        [node(), PWA / "build.mjs", tmp_path], capture_output=True, text=True, check=False, timeout=120
    )
    assert not done.returncode, done.stderr
    there = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert there == {
        path.relative_to(phone_app.FILES) for path in phone_app.FILES.rglob("*") if path.is_file()
    }
    for name in there:
        assert (tmp_path / name).read_bytes() == (phone_app.FILES / name).read_bytes(), (
            f"{name}: node mobile_stub/pwa/build.mjs"
        )
