"""A PDF is shown inside the page, as pictures of its pages, on any screen; what cannot be shown is told."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image, ImageDraw

from server.evidence.paper_drawing import HEIGHT_PIXELS_MAX, WIDTH_PIXELS
from server.storage import access_store
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.world import World, build


def pdf(count: int, size: tuple[int, int] = (620, 877)) -> bytes:
    """Return a PDF of some pages; the background tells which is which."""
    sheets = []
    for number in range(1, count + 1):
        sheet = Image.new("RGB", size, (255, 250 - 40 * number, 200))
        ImageDraw.Draw(sheet).text((20, 20), f"DEMO {number}", fill="black")
        sheets.append(sheet)
    made = io.BytesIO()
    sheets[0].save(made, "PDF", save_all=True, append_images=sheets[1:], resolution=75)
    return made.getvalue()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with an inspection."""
    home = tmp_path_factory.mktemp("papers")
    made = build(install(home, f"sqlite:///{home / 'desk.sqlite'}"), beds=1, photos=0)
    yield made
    made.services.engine.dispose()


def scanned(world: World, plain: bytes) -> str:
    return world.photograph(plain=plain, media_type="application/pdf", kind="documentary")


def test_every_page_stands_in_the_page_as_a_picture(world: World):
    item = scanned(world, pdf(3))
    desk = Desk(world, "supervisor")
    shown = desk.get(f"/evidence/{item}")
    assert re.findall(rf'<img src="/evidence/{item}/pages/(\d)"', shown.text) == ["1", "2", "3"]
    assert "文书，共 3 页" in shown.text
    assert f'href="/evidence/{item}/file"' in shown.text, "the original is a click away"
    for number in (1, 3):
        answer = desk.get(f"/evidence/{item}/pages/{number}")
        assert answer.content_type == "image/jpeg"
        with Image.open(io.BytesIO(answer.data)) as image:
            assert abs(image.width - WIDTH_PIXELS) < 3
            _, green, _ = image.getpixel((700, 900))
            assert abs(green - (250 - 40 * number)) < 8, "each address shows its own page"
    assert desk.get(f"/api/evidence/{item}").json["file"]["pages"] == 3
    assert desk.get(f"/api/evidence/{item}/pages/2").content_type == "image/jpeg"
    with world.services.database.reading() as connection:
        noted = access_store.of_record(connection, world.services.ledger.id, item)
    assert [one.act for one in noted] == ["read_file"], "seeing the pages is reading the file, noted once"


@pytest.mark.parametrize("page", ["0", "4", "9999", "99999", "x", "-1"])
def test_a_page_that_is_not_there_is_not_found(world: World, page: str):
    item = scanned(world, pdf(3))
    assert Desk(world, "supervisor").get(f"/evidence/{item}/pages/{page}").status_code == 404


@pytest.mark.parametrize("plain", [b"%PDF-1.7 junk", b"no paper at all", pdf(2)[:400]])
def test_what_is_no_readable_pdf_is_told_and_can_still_be_saved(world: World, plain: bytes):
    item = scanned(world, plain)
    desk = Desk(world, "supervisor")
    shown = desk.get(f"/evidence/{item}")
    assert "无法在此显示" in words(shown)
    assert f'href="/evidence/{item}/file"' in shown.text
    assert desk.get(f"/api/evidence/{item}").json["file"]["pages"] == 0
    refused = desk.get(f"/api/evidence/{item}/pages/1")
    assert refused.json["code"] == "file_corrupt"
    assert desk.get(f"/evidence/{item}/file").data == plain


def test_an_endless_page_does_not_become_an_endless_picture(world: World):
    item = scanned(world, pdf(1, (60, 9_000)))
    answer = Desk(world, "supervisor").get(f"/evidence/{item}/pages/1")
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.height <= HEIGHT_PIXELS_MAX + 2


def test_a_picture_has_no_pages(world: World):
    item = world.photograph(7)
    desk = Desk(world, "supervisor")
    assert desk.get(f"/api/evidence/{item}").json["file"]["pages"] is None
    assert desk.get(f"/evidence/{item}/pages/1").status_code == 404


def test_out_of_scope_no_page_is_shown(world: World):
    item = scanned(world, pdf(1))
    neighbour = Desk(world, "neighbour")
    for path in (f"/evidence/{item}/pages/1", f"/api/evidence/{item}/pages/1"):
        assert neighbour.get(path).status_code == 404
