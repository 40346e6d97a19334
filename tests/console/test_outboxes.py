"""A phone's outbox that is brought to the desk as a file: streamed, taken part by part, by whoever may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from mobile_stub.outbox_file import export
from mobile_stub.phone import Phone
from schemas.wire.outbox_file import MEDIA_TYPE
from server.accounts import users
from server.app import BODY_BYTES_MAX
from tests.server.desk_client import Desk, words
from tests.server.phones import enrol
from tests.server.world import PASSWORD, World


@pytest.fixture(scope="module", autouse=True)
def keeper(world: World) -> None:
    """Let an administrator of the county and one of another county in."""
    for login, region in (("keeper", "341502"), ("far", "341503")):
        new = users.check(login=login, name=f"测试{login}", roles=("admin",), region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)


@pytest.fixture
def phone(world: World, tmp_path: Path) -> Iterator[Phone]:
    """The member's phone, synced."""
    made = enrol(world.installation, tmp_path / "phone", world.users["member"])
    assert made.sync().clean
    yield made
    made.close()


@pytest.fixture
def content(phone: Phone, tmp_path: Path) -> bytes:
    """A file of its work: a photo longer than any form, and the record of it."""
    (inspection, *_) = phone.show_all("inspection")
    photo = bytes(range(256)) * (2 * BODY_BYTES_MAX // 256)
    phone.take_evidence(inspection.id, photo, kind="audio_visual", media_type="image/jpeg")
    export(phone.kit, tmp_path / "phone.wlo")
    return (tmp_path / "phone.wlo").read_bytes()


def bring(desk: Desk, content: bytes, kind: str = MEDIA_TYPE) -> TestResponse:
    return desk.client.post(
        "/api/outboxes", data=content, content_type=kind, headers={"X-CSRFToken": desk.token()}
    )


@pytest.mark.parametrize("login", ["keeper", "supervisor"])
def test_a_long_file_is_taken_and_told_part_by_part(world: World, phone: Phone, content: bytes, login: str):
    desk = Desk(world, login)
    told = bring(desk, content).json
    assert [(one["kind"], one["became"]) for one in told["parts"]] == [("set", "taken"), ("file", "taken")]
    assert (told["whole"], told["device"], told["broken"]) == (True, phone.kit.identity.device, None)
    again = bring(desk, content).json
    assert [one["became"] for one in again["parts"]] == ["known", "known"]
    cut = bring(desk, content[:-50]).json
    assert (cut["whole"], cut["broken"]) == (False, "the file was cut off here, or is none of this kind")
    synced = phone.sync()
    assert (synced.clean, synced.uploaded.bytes) == (True, 0)


@pytest.mark.parametrize(
    ("login", "status"), [("far", 404), ("lead", 403), ("member", 403), ("auditor", 403)]
)
def test_who_brings_an_outbox(world: World, phone: Phone, content: bytes, login: str, status: int):
    desk = Desk(world, login)
    assert bring(desk, content).status_code == status
    assert desk.get("/devices/outbox").status_code == (200 if login == "far" else 403)
    assert phone.kit.journal.unacknowledged()
    answer = world.installation.app.test_client().post("/api/outboxes", data=content, content_type=MEDIA_TYPE)
    assert answer.status_code in (400, 401, 403)


@pytest.mark.parametrize("login", ["keeper", "supervisor"])
def test_the_page_tells_how_and_names_where_the_file_goes(world: World, login: str):
    answer = Desk(world, login).get("/devices/outbox")
    assert "/devices/outbox" in Desk(world, login).get("/devices").text
    assert "导入手机待发文件" in words(answer)
    assert 'data-outbox="/api/outboxes"' in answer.text
    assert f'data-media="{MEDIA_TYPE}"' in answer.text


def test_what_is_no_outbox_is_refused_and_nothing_else_may_be_as_long(world: World, content: bytes):
    desk = Desk(world, "keeper")
    assert bring(desk, b"{}\n").json["code"] == "malformed"
    assert bring(desk, b"\xff" * 5000).json["code"] == "malformed"
    assert bring(desk, content, kind="application/octet-stream").status_code in (400, 413)
    long = desk.client.post("/api/censuses/preview", data=content, content_type=MEDIA_TYPE,
                            headers={"X-CSRFToken": desk.token()})  # fmt: skip
    assert long.status_code in (400, 413)
