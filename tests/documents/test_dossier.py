"""A dossier on paper: PDF/A with Chinese text, the same bytes from the same head, only for whom it is meant."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask_babel import force_locale

from server.accounts import access_log
from server.documents import dossier as paper
from server.queries.reading import reading
from server.storage import access_store
from sync.errors import NotAllowed, NotFound
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import World, build


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A world whose finding cites two photographs."""
    made = build(install(tmp_path / "home", database_url))
    yield made
    made.services.engine.dispose()


def made(world: World, login: str, locale: str = "zh_CN") -> bytes:
    """Return the dossier of the hospital as somebody gets it."""
    app = world.installation.app
    with (
        app.test_request_context("/"),
        force_locale(locale),
        reading(world.services, world.users[login], locale) as look,
    ):
        return paper.dossier_pdf(look, world.hospital)


def text(raw: bytes, tmp_path: Path) -> str:
    """Return what stands in a PDF."""
    path = tmp_path / "dossier.pdf"
    path.write_bytes(raw)
    return subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout


def test_it_holds_seven_parts_what_is_missing_and_the_signed_head(world: World, tmp_path: Path):
    said = text(made(world, "supervisor"), tmp_path)
    for part in ("基本信息", "证件与协议", "违规证据", "约谈记录", "整改通知书", "整改报告", "处理意见书"):
        assert part in said
    assert "测试市第001医院" in said.replace(" ", ""), "Chinese and figures stand apart on paper"
    assert "没有服务协议" in said
    assert world.services.ledger.origin in said
    assert "—" in said, "the signature line of a checkpoint"


def test_it_says_that_it_is_an_archive_paper(world: World):
    raw = made(world, "supervisor")
    assert raw.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in raw
    assert b"pdfaid:conformance>B<" in raw


def test_made_twice_from_one_head_it_is_the_same_to_the_byte(world: World):
    assert made(world, "supervisor") == made(world, "supervisor")


def test_another_entry_makes_another_paper(world: World):
    before = made(world, "supervisor")
    world.photograph(7)
    assert made(world, "supervisor") != before


def test_evidence_that_a_confirmed_finding_cites_is_shown_with_its_digest(world: World, tmp_path: Path):
    answer = Desk(world, "supervisor").send(
        f"/api/findings/{world.finding}/confirm",
        {
            "version": world.record(world.finding).version,
            "served_on": world.services.today().isoformat(),
            "working_days": 15,
        },
    )
    assert answer.status_code == 201, answer.text
    raw = made(world, "supervisor")
    digests = [world.record(each).values["digest"] for each in world.evidence[:2]]
    said = text(raw, tmp_path).replace("\n", "").replace(" ", "")
    assert all(digest in said for digest in digests)
    assert raw.count(b"/Subtype /Image") + raw.count(b"/Subtype/Image") >= 2


def test_english_readers_get_english(world: World, tmp_path: Path):
    said = text(made(world, "supervisor", "en"), tmp_path)
    assert "Rectification notices" in said
    assert "How to check this" in said


def test_nobody_takes_it_whose_region_or_office_it_is_not(world: World):
    with pytest.raises(NotFound):
        made(world, "neighbour")
    assert Desk(world, "neighbour").get(f"/institutions/{world.hospital}/dossier.pdf").status_code == 404
    assert Desk(world).get(f"/api/institutions/{world.hospital}/dossier").status_code == 401


def test_a_role_that_does_not_read_dossiers_is_refused(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paper, "may_download", lambda *_: False)
    with pytest.raises(NotAllowed):
        made(world, "supervisor")


@pytest.mark.parametrize("path", ["/institutions/{}/dossier.pdf", "/api/institutions/{}/dossier"])
def test_taking_it_is_logged(world: World, path: str):
    answer = Desk(world, "supervisor").get(path.format(world.hospital))
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/pdf"
    assert io.BytesIO(answer.data).read(5) == b"%PDF-"
    with world.services.database.reading() as connection:
        wanted = access_store.TABLE.select().where(access_store.TABLE.c.act == access_log.READ_DOSSIER)
        (row,) = connection.execute(wanted).all()
    assert (row.user, row.record) == (world.users["supervisor"], world.hospital)
