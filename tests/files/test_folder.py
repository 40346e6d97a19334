"""What a folder promises beyond every store: kills in the middle of a part, and disks without room."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.storage import folder
from server.storage.files import Announced
from server.storage.folder import FolderStore
from sync.errors import StorageFull
from tests.services.granian import ROOT, clean_environment

UPLOAD = "a" * 64
RAW = hashlib.shake_256(b"file").digest(100_000)

DYING = """
import os, sys
from pathlib import Path
from server.storage.files import Announced
from server.storage.folder import FolderStore

def chunks():
    yield b"half of a part"
    os.kill(os.getpid(), 9)

announced = Announced("sha256", bytes(32)) if sys.argv[2] == "announced" else None
FolderStore(Path(sys.argv[1])).write("a" * 64, 6, chunks(), 1000, announced)
"""


def store_in(path: Path, **more: int) -> FolderStore:
    return FolderStore(path, **more)


def killed_while_writing(path: Path, way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(path), way], cwd=ROOT, env=clean_environment(), check=False
    )
    assert done.returncode == -9


def test_a_kill_in_the_middle_of_an_announced_part_leaves_nothing_of_it(tmp_path: Path):
    store = store_in(tmp_path)
    store.write(UPLOAD, 0, [b"before"], 1000)
    killed_while_writing(tmp_path, "announced")
    assert store.offset(UPLOAD) == 6
    assert store.write(UPLOAD, 6, [b" and after"], 1000) == 16
    assert store.finish(UPLOAD, hashlib.sha256(b"before and after").hexdigest())


def test_a_kill_in_the_middle_of_any_other_part_keeps_what_had_come(tmp_path: Path):
    store = store_in(tmp_path)
    store.write(UPLOAD, 0, [b"before"], 1000)
    killed_while_writing(tmp_path, "not announced")
    assert store.offset(UPLOAD) == len(b"beforehalf of a part")


def test_a_file_is_made_without_the_tail_that_nobody_vouches_for(tmp_path: Path):
    store = store_in(tmp_path)
    store.write(UPLOAD, 0, [b"before"], 1000)
    killed_while_writing(tmp_path, "announced")
    assert store.finish(UPLOAD, hashlib.sha256(b"before").hexdigest())


# -- no room ----------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A disk that takes so many bytes more, and then says ENOSPC in the middle of a write, as disks do."""
    left = [40_000]
    write = os.pwrite

    def limited(handle: int, raw: bytes, at: int) -> int:
        if len(raw) > 100:
            if left[0] == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            raw = raw[: left[0]]
            left[0] -= len(raw)
        return write(handle, raw, at)

    monkeypatch.setattr(folder.os, "pwrite", limited)
    return left


def test_a_disk_that_fills_up_keeps_what_it_took_and_goes_on_when_there_is_room(
    tmp_path: Path, small_disk: list[int]
):
    store = store_in(tmp_path)
    with pytest.raises(StorageFull):
        store.write(UPLOAD, 0, [RAW[:30_000], RAW[30_000:]], len(RAW))
    assert store.offset(UPLOAD) == 40_000
    with pytest.raises(StorageFull):
        store.write(UPLOAD, 40_000, [RAW[40_000:]], len(RAW))
    small_disk[0] = 10**6
    assert store.write(UPLOAD, 40_000, [RAW[40_000:]], len(RAW)) == len(RAW)
    assert store.finish(UPLOAD, hashlib.sha256(RAW).hexdigest())


def test_an_announced_part_for_which_there_is_no_room_leaves_nothing(tmp_path: Path, small_disk: list[int]):
    store = store_in(tmp_path)
    announced = Announced("sha256", hashlib.sha256(RAW).digest())
    with pytest.raises(StorageFull):
        store.write(UPLOAD, 0, [RAW], len(RAW), announced)
    assert store.offset(UPLOAD) == 0
    small_disk[0] = 10**6
    assert store.write(UPLOAD, 0, [RAW], len(RAW), announced) == len(RAW)


def test_uploads_leave_room_for_the_ledger(tmp_path: Path):
    with pytest.raises(StorageFull):
        store_in(tmp_path, free_bytes_kept=2**60).write(UPLOAD, 0, [RAW], len(RAW))
    assert store_in(tmp_path).write(UPLOAD, 0, [RAW], len(RAW)) == len(RAW)


@pytest.mark.parametrize("number", [errno.EBADF, errno.EACCES])
def test_another_fault_of_the_disk_is_no_want_of_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    def faulty(*_: object) -> int:
        raise OSError(number, "fault")

    store = store_in(tmp_path)
    monkeypatch.setattr(folder.os, "fsync", faulty)
    store.write(UPLOAD, 0, [RAW], len(RAW))
    with pytest.raises(OSError, match="fault"):
        store.finish(UPLOAD, hashlib.sha256(RAW).hexdigest())
    assert store.offset(UPLOAD) == len(RAW)
