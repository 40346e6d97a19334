"""A bundle, made once for all tests of a run, and unpacked as a hospital's technician would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.granian import ROOT


def made_in(folder: Path) -> Path:
    """Make a bundle by its one command and return the archive."""
    command = [sys.executable, "-m", "deploy.bundle", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    (archive,) = folder.glob("*.tar.gz")
    return archive


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle."""
    return made_in(tmp_path_factory.mktemp("bundle"))


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a bundle and return the folder that was in it."""
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(folder)], check=True)
    return folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Path:
    """The folder in the bundle, unpacked."""
    return unpack(archive, tmp_path)
