"""Before a verdict the desk tells whether a file has begun to arrive, on its page, in lists and by the API."""

from __future__ import annotations

import hashlib

import pytest

from server.evidence.file_state import arriving
from server.intake import uploads
from tests.intake.caller import caller
from tests.intake.test_files import open_upload, patch
from tests.server.builders import Installation
from tests.server.desk_client import Desk, words
from tests.server.world import World, build

CIPHER = b"cipher" * 1000


@pytest.fixture
def world(installation: Installation) -> World:
    """A world without photographs."""
    return build(installation, beds=1, photos=0)


def begin(world: World, sent: int) -> str:
    """Let a phone create an upload and send some bytes of it; return its secret."""
    phone = caller(world.installation, world.users["member"])
    path = open_upload(phone, hashlib.sha256(CIPHER).hexdigest(), len(CIPHER))
    if sent:
        assert patch(phone, path, 0, CIPHER[:sent]).status_code == 204
    return path.rpartition("/")[2]


def declared(world: World) -> str:
    digest = hashlib.sha256(CIPHER).hexdigest()
    return world.photograph(sent=False, cipher_digest=digest, cipher_size=len(CIPHER))


def told(world: World, item: str) -> set[str]:
    """Return what page and list of the API say of an item's file."""
    desk = Desk(world, "supervisor")
    one = desk.get(f"/api/evidence/{item}").json
    (row,) = [row for row in desk.get("/api/evidence").json["items"] if row["id"] == item]
    return {one["file"]["state"], one["item"]["file_state"], row["file_state"]}


def test_a_file_of_which_nothing_has_come_is_declared(world: World):
    item = declared(world)
    begin(world, 0)
    assert told(world, item) == {"declared"}


def test_a_file_of_which_something_has_come_is_partial_until_its_upload_is_over(world: World):
    item = declared(world)
    secret = begin(world, 1000)
    assert told(world, item) == {"partial"}
    assert "上传中" in words(Desk(world, "supervisor").get(f"/evidence/{item}"))
    uploads.terminate(world.services, uploads.find(world.services, secret))
    assert told(world, item) == {"declared"}


def test_what_was_abandoned_reads_so_until_it_begins_anew(world: World):
    item = declared(world)
    begin(world, 1000)
    world.installation.clock.advance(days=uploads.EXPIRES_DAYS + 1)
    uploads.sweep(world.services)
    assert told(world, item) == {"abandoned"}
    begin(world, 1)
    assert told(world, item) == {"partial"}


def test_a_file_that_has_its_verdict_is_asked_about_nowhere(world: World):
    item = world.photograph()
    assert told(world, item) == {"verified"}
    with world.services.database.reading() as connection:
        assert arriving(world.services, connection, [world.record(item)]) == frozenset()
