"""The desk's libraries are those of the lock: bundled anew they are the same, byte by byte, and nobody altered them."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from tests.console.sample_desk import SERVER
from tests.interop.node import TOOLS, installed, node

VENDOR = SERVER / "static" / "vendor"


def integrity(path: Path) -> str:
    """Return a file's digest in the words of a page's `integrity`."""
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()


def test_each_library_has_the_digest_that_its_manifest_names():
    told = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    assert {path.name for path in VENDOR.glob("*.js")} == set(told)
    for name, facts in told.items():
        assert integrity(VENDOR / name) == facts["integrity"]


def test_each_library_is_of_the_version_that_the_lock_names():
    packages = json.loads((TOOLS / "package-lock.json").read_text("utf-8"))["packages"]
    for facts in json.loads((VENDOR / "manifest.json").read_text("utf-8")).values():
        for name, version in facts["made_of"].items():
            assert packages[f"node_modules/{name}"]["version"] == version
            assert (VENDOR / f"{name}.LICENSE.txt").exists()


@pytest.mark.slow
def test_bundled_anew_they_are_the_same(tmp_path: Path):
    installed(TOOLS)
    done = subprocess.run(
        [node(), TOOLS / "vendor.mjs", tmp_path], capture_output=True, text=True, check=False, timeout=120
    )
    assert not done.returncode, done.stderr
    for path in VENDOR.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), (
            f"{path.name}: node tests/node/vendor.mjs"
        )
