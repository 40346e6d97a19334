"""Fixtures of the tests of files: both stores, and something to look into them with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.storage.files import FileStore
from server.storage.folder import FolderStore
from server.storage.objects import Access, object_store
from tests.server.builders import Installation, install
from tests.server.pushing import City, found_city
from tests.services.s3 import KEY, REGION, SECRET, S3Server

# One server and therefore one worker for all tests that ask for it.
ON_S3 = pytest.mark.xdist_group("s3")
STORES = ["folder", pytest.param("s3", marks=ON_S3)]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """An S3-compatible store for this worker's tests."""
    with S3Server() as server:
        yield server


@dataclass
class Place:
    """A store and what is behind it; settings: of an installation on the same place.

    spoil: replace a stored file's bytes; names: what lies under a folder or prefix; open: the store once more
    """

    store: FileStore
    settings: dict[str, str]
    spoil: Callable[[str, bytes], None]
    names: Callable[[str], list[str]]
    open: Callable[[], FileStore]


@pytest.fixture(params=STORES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty store: the test runs on a folder and on S3."""
    if request.param == "folder":
        return in_folder(tmp_path / "files")
    return on_s3(request.getfixturevalue("s3_server"))


def in_folder(folder: Path) -> Place:
    """Return a store in a folder."""

    def spoil(digest: str, content: bytes) -> None:
        (folder / "cipher" / digest[:2] / digest).write_bytes(content)

    def names(under: str) -> list[str]:
        return sorted(path.name for path in (folder / under).rglob("*") if path.is_file())

    settings = {"WARDLEDGER_FILES_URL": str(folder)}
    return Place(FolderStore(folder), settings, spoil, names, lambda: FolderStore(folder))


def on_s3(server: S3Server) -> Place:
    """Return a store in a bucket of its own."""
    bucket, client = server.new_bucket(), server.client()

    def spoil(digest: str, content: bytes) -> None:
        client.put_object(Bucket=bucket, Key=f"luan/cipher/{digest[:2]}/{digest}", Body=content)

    def names(under: str) -> list[str]:
        found = client.list_objects_v2(Bucket=bucket, Prefix=f"luan/{under}/").get("Contents", [])
        return sorted(one["Key"].rpartition("/")[2] for one in found)

    def open_it() -> FileStore:
        return object_store(f"s3://{bucket}/luan", Access(server.url, REGION, KEY, SECRET))

    return Place(open_it(), server.settings(bucket), spoil, names, open_it)


@pytest.fixture
def installation(tmp_path: Path, place: Place) -> Iterator[Installation]:
    """An installation on SQLite whose files lie in either store."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}", **place.settings)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def city(installation: Installation) -> City:
    """People, an inspection under way, two phones of its members."""
    return found_city(installation)
