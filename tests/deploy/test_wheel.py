"""The project's wheel, written by hand: all that the program reads is in it, and the same files give the same bytes."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest

from deploy import wheel
from tests.house.rooms import ROOT

READ = (".html", ".css", ".js", ".json", ".svg", ".ttf", ".mo", ".mako", ".py")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    return wheel.make(ROOT, tmp_path_factory.mktemp("wheel"))


def names(made: Path) -> set[str]:
    """Return the names in the wheel."""
    with zipfile.ZipFile(made) as archive:
        return set(archive.namelist())


def test_whatever_the_program_reads_is_in_the_wheel(made: Path):
    tracked = {name for name in wheel.tracked(ROOT) if name.endswith(READ)}
    assert tracked <= names(made)
    for part in (
        "server/templates/console/base.html", "server/static/desk/desk.css",
        "server/static/fonts/NotoSansSC-Regular.ttf",
        "server/translations/zh/LC_MESSAGES/messages.mo", "server/storage/migrations/versions/0001_the_first_tables.py",
        "server/storage/migrations/script.py.mako", "server/reminders/calendars/CN.json", "server/rounds/rules.json",
        "schemas/data/regions.json", "schemas/catalogues/data/violations-2026.11.json",
        "mobile_stub/pwa/generated/records.json", "wardledger-0.1.0.dist-info/entry_points.txt",
    ):  # fmt: skip
        assert part in names(made), part


def test_nothing_else_is_in_it(made: Path):
    assert {name.partition("/")[0] for name in names(made)} == {*wheel.ROOMS, "wardledger-0.1.0.dist-info"}
    assert not [name for name in names(made) if "__pycache__" in name or "node_modules" in name]


def test_the_record_names_every_file_with_its_digest(made: Path):
    with zipfile.ZipFile(made) as archive:
        rows = [
            line.rsplit(",", 2) for line in archive.read("wardledger-0.1.0.dist-info/RECORD").decode().split()
        ]
        assert {row[0] for row in rows} == names(made)
        for name, digest, size in rows[:-1]:
            content = archive.read(name)
            found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            assert (digest, size) == (f"sha256={found}", str(len(content)))


def test_the_same_files_give_the_same_bytes(made: Path, tmp_path: Path):
    assert wheel.make(ROOT, tmp_path).read_bytes() == made.read_bytes()


def test_it_asks_for_what_the_project_asks_for(made: Path):
    text = wheel.metadata(ROOT)
    assert "Requires-Dist: flask>=3.1\n" in text
    assert "Requires-Python: >=3.11\n" in text
    assert "pytest" not in text
