"""Files shown at the desk, from either store: ranges, copies for showing, and a line in the access log for each."""

from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from server.evidence import picture, verify
from server.storage import access_store
from server.storage.access_store import Access
from server.storage.files import FileStore
from sync import frames, lines
from tests.evidence.test_picture import heic
from tests.files.conftest import Place
from tests.server.builders import Installation
from tests.server.desk_client import Desk
from tests.server.world import World, build, photo

CLIP = hashlib.shake_256(b"clip").digest(2 * frames.FRAME_BYTES + 1234)


@pytest.fixture
def world(installation: Installation) -> World:
    """A world without photographs, whose files lie in either store."""
    return build(installation, beds=1, photos=0)


def filmed(world: World, plain: bytes, media_type: str) -> str:
    """Let somebody capture a file of another type than photographs have."""
    random = world.services.random
    key = random(frames.KEY_BYTES)
    cipher = b"".join(frames.encrypt([plain], key, random(frames.PREFIX_BYTES)))
    about = {
        "digest": hashlib.sha256(plain).hexdigest(),
        "size": len(plain),
        "media_type": media_type,
        "cipher_digest": hashlib.sha256(cipher).hexdigest(),
        "cipher_size": len(cipher),
        "file_key": lines.b64u(key),
    }
    record = world.photograph(sent=False, **about)
    world.deliver(about["cipher_digest"], cipher)
    return record


def read_by(world: World, record: str) -> list[Access]:
    with world.services.database.reading() as connection:
        return access_store.of_record(connection, world.services.ledger.id, record)


@pytest.fixture
def clip(world: World) -> str:
    """A clip of three frames."""
    return filmed(world, CLIP, "video/mp4")


def test_a_range_of_a_clip_is_sent_in_place_and_leaves_a_line(world: World, clip: str):
    answer = Desk(world, "supervisor").client.get(
        f"/evidence/{clip}/file", headers={"Range": "bytes=1048570-1048590"}
    )
    assert (answer.status_code, answer.data) == (206, CLIP[1048570:1048591])
    assert answer.headers["Content-Range"] == f"bytes 1048570-1048590/{len(CLIP)}"
    assert answer.headers["Content-Length"] == "21"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert [(one.act, one.user) for one in read_by(world, clip)] == [("read_file", world.users["supervisor"])]


def test_the_ranges_of_one_look_leave_one_line_and_each_whole_reading_its_own(world: World, clip: str):
    desk = Desk(world, "supervisor")
    for start in (0, 10, 20):
        desk.client.get(f"/evidence/{clip}/file", headers={"Range": f"bytes={start}-"}, buffered=True)
    assert len(read_by(world, clip)) == 1
    for _ in range(2):
        desk.get(f"/evidence/{clip}/file")
    assert len(read_by(world, clip)) == 3
    Desk(world, "city").client.get(f"/evidence/{clip}/file", headers={"Range": "bytes=0-9"})
    assert {one.user for one in read_by(world, clip)} == {
        world.users[name] for name in ("supervisor", "city")
    }


def test_the_whole_says_that_ranges_may_be_asked_for(world: World, clip: str):
    answer = Desk(world, "supervisor").get(f"/evidence/{clip}/file")
    assert (answer.status_code, answer.data) == (200, CLIP)
    assert (answer.headers["Accept-Ranges"], answer.headers["ETag"]) == (
        "bytes",
        f'"{hashlib.sha256(CLIP).hexdigest()}"',
    )


def test_only_the_frames_of_a_range_are_read(world: World, clip: str, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[int, int | None]] = []
    store: FileStore = world.services.files
    read = store.read

    def told(digest: str, start: int = 0, end: int | None = None):
        asked.append((start, end))
        return read(digest, start, end)

    monkeypatch.setattr(store, "read", told)
    Desk(world, "supervisor").client.get(f"/evidence/{clip}/file", headers={"Range": "bytes=-10"})
    step = frames.FRAME_BYTES + frames.TAG_BYTES
    assert asked == [(0, 7), (7 + 2 * step, frames.cipher_size(len(CLIP)))]


def test_a_range_outside_the_clip_is_refused_with_its_size(world: World, clip: str):
    answer = Desk(world, "supervisor").client.get(
        f"/evidence/{clip}/file", headers={"Range": f"bytes={len(CLIP)}-"}
    )
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(CLIP)}")
    assert answer.get_json()["code"] == "range_unsatisfiable"


@pytest.mark.parametrize("way", ["", "?width=320", "?width=1600"])
@pytest.mark.parametrize("login", ["neighbour", None])
def test_whoever_may_not_read_an_item_gets_no_byte_of_it_and_leaves_no_line(
    world: World, login: str | None, way: str
):
    item = world.photograph()
    answer = Desk(world, login).client.get(f"/api/evidence/{item}/file{way}", headers={"Range": "bytes=0-1"})
    assert answer.status_code == (404 if login else 401)
    assert read_by(world, item) == []


def test_a_byte_that_was_flipped_in_the_store_is_found_by_the_next_reader_of_its_frame(
    world: World, clip: str, place: Place
):
    digest = world.record(clip).values["cipher_digest"]
    spoilt = bytearray(b"".join(world.services.files.read(digest)))
    spoilt[7 + frames.FRAME_BYTES + frames.TAG_BYTES + 100] ^= 1
    place.spoil(digest, bytes(spoilt))
    desk = Desk(world, "supervisor")
    inside = desk.client.get(f"/api/evidence/{clip}/file", headers={"Range": "bytes=1048600-1048700"})
    assert (inside.status_code, inside.get_json()["code"]) == (409, "file_corrupt")
    whole = desk.client.get(f"/api/evidence/{clip}/file")
    assert (whole.status_code, whole.get_json()["code"]) == (409, "file_corrupt")
    assert not verify.is_intact(world.services, world.record(clip))


# -- copies for showing -----------------------------------------------------------------------------------


def shown(world: World, item: str, width: int) -> Image.Image:
    answer = Desk(world, "supervisor").get(f"/evidence/{item}/file", width=width)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg"), answer.text
    return Image.open(io.BytesIO(answer.data))


def test_a_marked_copy_is_upright_without_exif_and_the_original_stays_as_it_was(world: World):
    item = world.photograph()
    copy = shown(world, item, 1600)
    assert (copy.size, dict(copy.getexif())) == ((480, 640), {})
    assert Desk(world, "supervisor").get(f"/evidence/{item}/file").data == photo(0)


def test_a_marked_copy_differs_from_an_unmarked_one_in_its_lower_part_alone(world: World):
    item = world.photograph()
    copy = shown(world, item, 1600)
    plain = Image.open(io.BytesIO(picture.shrink(photo(0), "JPEG", 1600, item="x")))
    assert copy.crop((0, 0, 480, 300)).tobytes() == plain.crop((0, 0, 480, 300)).tobytes()
    assert copy.crop((0, 560, 480, 640)).tobytes() != plain.crop((0, 560, 480, 640)).tobytes()


def test_a_heic_photograph_is_shown_as_jpeg_and_sent_as_it_is(world: World):
    raw = heic((800, 600))
    item = filmed(world, raw, "image/heic")
    assert shown(world, item, 320).size == (320, 240)
    answer = Desk(world, "supervisor").get(f"/evidence/{item}/file")
    assert (answer.data, answer.content_type) == (raw, "image/heic")


def test_copies_are_kept_apart_encrypted_and_can_be_made_again(world: World, place: Place):
    item = world.photograph()
    first = shown(world, item, 320).tobytes()
    (name,) = place.names("derived")
    sealed = place.store.kept(name)
    assert sealed is not None
    assert b"\xff\xd8\xff" not in sealed
    assert len(place.names("cipher")) == 1
    place.store.keep(name, b"spoilt")
    assert shown(world, item, 320).tobytes() == first
    assert place.store.kept(name) != b"spoilt"


def test_a_copy_that_was_kept_is_shown_without_drawing_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    item = world.photograph()
    first = shown(world, item, 320).tobytes()
    monkeypatch.setattr(picture, "shrink", None)
    assert shown(world, item, 320).tobytes() == first


def test_a_copy_leaves_one_line_in_ten_minutes_for_each_reader(world: World):
    item = world.photograph()
    for _ in range(3):
        shown(world, item, 160)
    assert [one.act for one in read_by(world, item)] == ["read_derivative"]
    world.installation.clock.advance(seconds=601)
    shown(world, item, 320)
    assert [one.act for one in read_by(world, item)] == ["read_derivative"] * 2


def test_a_width_that_is_not_offered_is_refused(world: World):
    item = world.photograph()
    answer = Desk(world, "supervisor").get(f"/api/evidence/{item}/file", width=1599)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_value")
