"""What every store promises, a folder and an object store alike."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator

import pytest

from server.storage import objects
from server.storage.files import CHECKSUMS, CHUNK_BYTES, Announced, FileStore, is_intact
from sync.errors import ChecksumMismatch, NotFound, UploadConflict
from tests.files.conftest import Place

UPLOAD = "a" * 64
OTHER = "b" * 64


def content(size: int) -> bytes:
    return hashlib.shake_256(b"file").digest(size)


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def stored(store: FileStore, raw: bytes, upload: str = UPLOAD) -> str:
    store.write(upload, 0, [raw], len(raw))
    assert store.finish(upload, digest(raw))
    return digest(raw)


def cut_after(*chunks: bytes) -> Iterator[bytes]:
    """Yield what arrives before the line is cut."""
    yield from chunks
    raise ConnectionResetError("cut")


def test_a_file_comes_back_as_it_went_in(place: Place):
    raw = content(3 * CHUNK_BYTES + 5)
    name = stored(place.store, raw)
    assert b"".join(place.store.read(name)) == raw
    assert (place.store.has(name), place.store.size(name)) == (True, len(raw))
    assert is_intact(place.store, name)


def test_an_empty_file_is_a_file(place: Place):
    name = stored(place.store, b"")
    assert (place.store.size(name), b"".join(place.store.read(name))) == (0, b"")


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (5, 5), (7, CHUNK_BYTES + 9), (CHUNK_BYTES - 1, CHUNK_BYTES), (3, None)]
)
def test_a_part_of_a_file_is_read_alone(place: Place, start: int, end: int | None):
    raw = content(2 * CHUNK_BYTES)
    name = stored(place.store, raw)
    assert b"".join(place.store.read(name, start, end)) == raw[start:end]


def test_what_has_not_arrived_is_not_found(place: Place):
    assert not place.store.has(OTHER)
    for ask in (place.store.size, lambda name: list(place.store.read(name, 0, 1))):
        with pytest.raises(NotFound):
            ask(OTHER)


def test_parts_join_to_one_file_whoever_opens_the_store(place: Place):
    raw = content(100_000)
    for at in range(0, len(raw), 30_000):
        again = place.open()
        assert again.offset(UPLOAD) == at
        again.write(UPLOAD, at, [raw[at : at + 30_000]], len(raw))
    assert list(place.store.uploads()) == [UPLOAD]
    assert place.store.finish(UPLOAD, digest(raw))
    assert b"".join(place.store.read(digest(raw))) == raw


def test_nothing_is_left_of_an_upload_once_it_is_a_file(place: Place):
    name = stored(place.store, content(50_000))
    assert place.names("uploads") == []
    assert place.names("cipher") == [name]
    assert list(place.store.uploads()) == []


def test_a_whole_file_of_another_digest_never_becomes_one(place: Place):
    raw = content(50_000)
    place.store.write(UPLOAD, 0, [raw], len(raw))
    assert not place.store.finish(UPLOAD, OTHER)
    assert not place.store.has(OTHER)
    assert place.store.offset(UPLOAD) == 0
    assert place.names("uploads") == place.names("cipher") == []


@pytest.mark.parametrize("at", [0, 999, 1001, 10**9])
def test_a_part_at_another_offset_is_told_the_right_one(place: Place, at: int):
    place.store.write(UPLOAD, 0, [content(1000)], 5000)
    with pytest.raises(UploadConflict) as refused:
        place.store.write(UPLOAD, at, [b"x"], 5000)
    assert refused.value.facts["offset"] == 1000
    assert place.store.offset(UPLOAD) == 1000


def test_what_arrived_before_a_cut_is_kept(place: Place):
    with pytest.raises(ConnectionResetError):
        place.store.write(UPLOAD, 0, cut_after(b"one", b"two"), 100)
    assert place.store.offset(UPLOAD) == 6


def test_an_announced_part_that_was_cut_is_not_kept(place: Place):
    place.store.write(UPLOAD, 0, [b"before"], 100)
    announced = Announced("sha256", hashlib.sha256(b"onetwo").digest())
    with pytest.raises(ConnectionResetError):
        place.store.write(UPLOAD, 6, cut_after(b"one", b"two"), 100, announced)
    assert place.store.offset(UPLOAD) == 6


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_an_announced_part_of_other_bytes_is_not_kept_and_may_come_again(place: Place, algorithm: str):
    announced = Announced(algorithm, hashlib.new(algorithm, b"right").digest())
    with pytest.raises(ChecksumMismatch):
        place.store.write(UPLOAD, 0, [b"wrong"], 5, announced)
    assert place.store.offset(UPLOAD) == 0
    assert place.store.write(UPLOAD, 0, [b"ri", b"ght"], 5, announced) == 5
    assert place.store.finish(UPLOAD, digest(b"right"))


def test_a_part_that_goes_beyond_the_end_is_refused(place: Place):
    with pytest.raises(UploadConflict):
        place.store.write(UPLOAD, 0, [b"x" * 11], 10)
    assert place.store.offset(UPLOAD) == 0


def test_of_two_that_append_at_once_one_is_told_that_the_other_goes_on(place: Place):
    """The earlier one hangs on a dead line; whoever comes later goes on from the same offset."""
    raw = content(40_000)
    begun, go_on = threading.Event(), threading.Event()
    told: list[object] = []

    def slowly() -> Iterator[bytes]:
        begun.set()
        assert go_on.wait(20)
        yield raw

    def hang() -> None:
        try:
            told.append(place.store.write(UPLOAD, 0, slowly(), len(raw)))
        except UploadConflict as refused:
            told.append(refused.facts["offset"])

    thread = threading.Thread(target=hang)
    thread.start()
    assert begun.wait(20)
    assert place.open().write(UPLOAD, 0, [raw[:30_000]], len(raw)) == 30_000
    go_on.set()
    thread.join(20)
    assert told == [30_000]
    place.store.write(UPLOAD, 30_000, [raw[30_000:]], len(raw))
    assert place.store.finish(UPLOAD, digest(raw))


def test_many_that_append_at_once_leave_one_sound_file(place: Place):
    raw = content(60_000)
    start = threading.Barrier(6)
    outcomes: list[str] = []

    def append() -> None:
        store = place.open()
        start.wait(20)
        try:
            store.write(UPLOAD, 0, (raw[at : at + 10_000] for at in range(0, len(raw), 10_000)), len(raw))
        except UploadConflict:
            outcomes.append("refused")
        else:
            outcomes.append("done")

    threads = [threading.Thread(target=append) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 6
    assert outcomes.count("done") <= 1
    at = place.store.offset(UPLOAD)
    place.store.write(UPLOAD, at, [raw[at:]], len(raw))
    assert place.store.finish(UPLOAD, digest(raw)), "what was kept is the file's beginning, whoever wrote it"


def test_a_dropped_upload_begins_anew_and_dropping_twice_is_no_fault(place: Place):
    place.store.write(UPLOAD, 0, [b"abc"], 10)
    for _ in range(2):
        place.store.drop(UPLOAD)
        assert place.store.offset(UPLOAD) == 0


def test_a_spoilt_file_is_not_intact_and_can_be_replaced(place: Place):
    raw = content(50_000)
    name = stored(place.store, raw)
    place.spoil(name, raw[:-1] + bytes([raw[-1] ^ 1]))
    assert not is_intact(place.store, name)
    place.store.discard(name)
    assert not place.store.has(name)
    stored(place.store, raw)
    assert is_intact(place.store, name)


def test_a_derivative_is_kept_apart_and_may_be_lost(place: Place):
    assert place.store.kept(OTHER) is None
    for words in (b"first", b"second"):
        place.store.keep(OTHER, words)
        assert place.store.kept(OTHER) == words
    assert place.names("derived") == [OTHER]
    assert not place.store.has(OTHER)


def test_a_large_part_is_kept_in_segments_that_join(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(objects, "SEGMENT_BYTES", 6 * 1024 * 1024)
    raw = content(1024 * 1024)
    whole = raw * 13
    announced = Announced("sha256", hashlib.sha256(whole[: 7 * len(raw)]).digest())
    at = place.store.write(UPLOAD, 0, [raw] * 7, len(whole), announced)
    assert place.store.write(UPLOAD, at, [raw] * 6, len(whole)) == len(whole)
    assert place.store.finish(UPLOAD, digest(whole))
    assert is_intact(place.store, digest(whole))
