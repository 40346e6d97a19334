"""The offline bundle: one command makes it, one installs it without a network and upgrades; altered, it is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.bundle import SUMS, sums
from server.storage import schema
from tests.deploy.conftest import unpack
from tests.services.granian import ServerProcess, clean_environment
from tests.services.processes import free_port

ORIGIN, REGION, LOGIN = "ledger.test/bundle", "341500", "root01"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("bundle")]


def offline() -> list[str]:
    """Return what to put before a command so that it has no network: a namespace of its own where that is allowed."""
    given = ["unshare", "--net", "--map-root-user"]
    works = subprocess.run([*given, "true"], capture_output=True, check=False).returncode == 0
    return given if works else []


def environment() -> dict[str, str]:
    """Return an environment in which no registry can be asked, even where a namespace is not allowed."""
    clean = {
        name: value for name, value in clean_environment().items() if not name.startswith(("PIP_", "PYTHON"))
    }
    nowhere = "http://127.0.0.1:9"
    return clean | {
        "PIP_NO_INDEX": "1",
        "HTTPS_PROXY": nowhere,
        "HTTP_PROXY": nowhere,
        "PIP_CONFIG_FILE": os.devnull,
    }


def run(command: list[str | Path], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command without a network."""
    words = [*offline(), *(str(word) for word in command)]
    return subprocess.run(
        words, env=environment() | more, capture_output=True, text=True, check=False, timeout=400
    )


def install(unpacked: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Install the bundle into a folder, for whoever runs the test alone."""
    given = [
        "--prefix",
        folder / "opt",
        "--home",
        folder / "home",
        "--no-systemd",
        "--python",
        sys.executable,
    ]
    return run([unpacked / "install.sh", *given, *more])


@dataclass
class Installed:
    """What one installation left: its folder, the port that its settings name, and what the command said."""

    folder: Path
    port: int
    said: str

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the installation's own command."""
        return run([self.folder / "opt" / "bin" / "wardledger", *words])


@pytest.fixture(scope="module")
def installed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A first installation, made as the page says: it takes a minute, so its tests share it."""
    folder, port = tmp_path_factory.mktemp("installed"), free_port()
    first = ["--origin", ORIGIN, "--url", f"http://127.0.0.1:{port}", "--admin", LOGIN, "--region", REGION]
    done = install(unpack(archive, folder), folder, *first)
    assert done.returncode == 0, done.stderr + done.stdout
    return Installed(folder, port, done.stdout)


def test_a_bundle_installs_without_a_network_with_its_first_administrator(installed: Installed):
    assert f"admin     {LOGIN}" in installed.said
    assert "shown this once" in installed.said
    users = installed.run("user", "list")
    assert LOGIN in users.stdout, users.stderr
    # As the page says next: the recovery key is taken away, and then the doctor finds no problem.
    (installed.folder / "home" / "keys" / "RECOVERY-KEY-take-offline").unlink()
    healthy = installed.run("doctor")
    assert healthy.returncode == 0, healthy.stdout


def test_what_was_installed_serves_its_own_pages_and_files(installed: Installed):
    url = f"http://127.0.0.1:{installed.port}"
    command = [installed.folder / "opt" / "bin" / "wardledger", "serve", "--port", str(installed.port)]
    server = ServerProcess(installed.folder / "home", installed.port, command=command)
    # Nothing of this folder is on its path.
    server.env.pop("PYTHONPATH", None)
    with server:
        page = httpx.get(f"{url}/sign-in")
        assert "登录" in page.text
        assert httpx.get(f"{url}/static/desk/desk.css").status_code == 200
        assert httpx.get(f"{url}/v1/keys").status_code == 200


def test_installing_again_changes_nothing_and_a_newer_program_comes_beside_it(
    installed: Installed, unpacked: Path
):
    again = install(unpacked, installed.folder)
    assert again.returncode == 0, again.stderr
    assert f"at {schema.newest()} already" in again.stdout
    versions = installed.folder / "opt" / "versions"
    before = {path.name for path in versions.iterdir()}
    (unpacked / "VERSION").write_text("9.9.9-newer\n")
    (unpacked / SUMS).write_text(sums(unpacked))
    newer = install(unpacked, installed.folder)
    assert newer.returncode == 0, newer.stderr
    assert {path.name for path in versions.iterdir()} == before | {"9.9.9-newer"}
    assert (installed.folder / "opt" / "current").readlink() == Path("versions/9.9.9-newer")
    assert LOGIN in installed.run("user", "list").stdout, "nothing of the home was made anew"


def test_a_file_that_was_altered_on_its_way_is_refused_before_anything_is_done(
    unpacked: Path, tmp_path: Path
):
    with (unpacked / "requirements.lock").open("a") as lock:
        lock.write("# altered\n")
    done = install(unpacked, tmp_path)
    assert done.returncode == 1
    assert "not what was packed" in done.stderr
    assert not (tmp_path / "opt").exists()


def test_a_python_of_another_version_is_refused_with_what_to_do(unpacked: Path, tmp_path: Path):
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\necho 3.9\n")
    old.chmod(0o755)
    for given in (["--python", old], []):
        tools = {"PATH": f"{tmp_path}:/usr/bin:/bin"} if not given else {}
        only = ["--prefix", tmp_path / "opt", "--home", tmp_path / "home", "--no-systemd"]
        if not given and shutil.which(
            f"python{sys.version_info[0]}.{sys.version_info[1]}", path="/usr/bin:/bin"
        ):
            continue
        done = run([unpacked / "install.sh", *only, *given], **tools)
        assert done.returncode == 1
        assert f"{sys.version_info[0]}.{sys.version_info[1]}" in done.stderr
    assert not (tmp_path / "opt").exists()


@pytest.mark.parametrize("given", [["--prefix"], ["--paint"], ["--prefix", "/a", "extra"]])
def test_wrong_words_are_answered_with_the_usage(unpacked: Path, given: list[str]):
    done = run([unpacked / "install.sh", *given])
    assert (done.returncode, done.stderr.split(":")[0]) == (2, "usage")


@pytest.mark.parametrize("place", ["opt", "/with blank", "/a;b", "/a|b"])
def test_a_place_that_the_units_could_not_name_is_refused(unpacked: Path, place: str):
    done = run([unpacked / "install.sh", "--prefix", place, "--no-systemd"])
    assert done.returncode == 1
    assert "--prefix" in done.stderr
