"""The demo's files reach the ledger byte for byte, over a network that breaks off, and what does not is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from mobile_stub.trouble import Offline
from server.accounts.invites import invite
from server.demo import clips, gathering, names, papers
from server.demo.gathering import Gathered
from server.demo.material import Material
from server.demo.papers import Admission
from server.demo.weak_network import WeakNetwork
from server.storage import record_store
from sync import frames
from tests.server.builders import Installation, install
from tests.server.phones import PhoneClock, Visit, visit

ABOUT = Admission("测试医院", "W11", "1101", "测试甲001")


def small_files() -> tuple[Material, ...]:
    """Return a small scan, and a clip of more than two of the phone's pieces."""
    scan = papers.scan(names.chance("scan"), ABOUT, 2, size=(310, 438), made_at=1_795_000_000)
    film = clips.video(names.chance("film"), "1101", 5)
    return (
        Material("scan.pdf", "application/pdf", scan, "documentary", "export", "小扫描件"),
        Material("walk.mp4", "video/mp4", film, "audio_visual", "video", "小录像"),
    )


@pytest.fixture(scope="module")
def files() -> tuple[Material, ...]:
    return small_files()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation on SQLite: what depends on the database is tested beside the files."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'demo.sqlite'}")
    yield made
    made.services.engine.dispose()


@pytest.fixture
def team(installation: Installation, tmp_path: Path) -> tuple[Visit, Phone, WeakNetwork]:
    """A visit, and its lead's phone behind a weak network, synced once, with a picture of a bed."""
    found = visit(installation.services)
    network = WeakNetwork(httpx.WSGITransport(app=installation.app))
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        lead = record_store.load(connection, vault, [found.lead])[found.lead]
    phone = Phone.enrol(
        tmp_path / "lead", invite(services, lead), PIN, clock=PhoneClock(installation.clock),
        client=httpx.Client(transport=network), hardness=HARDNESS,
    )  # fmt: skip
    assert phone.sync().clean
    phone.step(found.inspection, "on_site")
    phone.take_evidence(found.inspection, b"\xff\xd8 bed", kind="audio_visual", media_type="image/jpeg")
    return found, phone, network


def captured(team: tuple[Visit, Phone, WeakNetwork], files: tuple[Material, ...]) -> Gathered:
    found, phone, network = team
    return gathering.capture(phone, network, found.inspection, files, lambda ms: None)


@pytest.mark.slow
def test_an_upload_that_breaks_off_goes_on_and_every_file_arrives_as_it_was_captured(
    installation: Installation, team: tuple[Visit, Phone, WeakNetwork], files: tuple[Material, ...]
) -> None:
    _, phone, network = team
    gathered = captured(team, files)
    first = phone.sync()
    assert [(error.part, error.code) for error in first.errors] == [("files", Offline.code)]
    assert phone.show(gathered.evidence[1]).values.get("file_state") != "verified"
    second = phone.sync()
    assert second.clean
    assert gathering.troubles(installation.services, network, gathered, files) == []
    offset = network.went_on[gathered.cut]
    assert 0 < offset < frames.cipher_size(len(files[1].content))
    assert gathering.told(installation.services)[1].startswith("image/jpeg: 2 (")


@pytest.mark.slow
def test_what_has_not_arrived_or_was_not_captured_so_is_told(
    installation: Installation, team: tuple[Visit, Phone, WeakNetwork], files: tuple[Material, ...]
) -> None:
    _, phone, network = team
    gathered = captured(team, files)
    phone.sync()
    assert gathering.troubles(installation.services, network, gathered, files) == [
        "the upload that broke off was not gone on with",
        "walk.mp4 is not verified",
    ]
    assert phone.sync().clean
    others = (replace(files[0], content=b"%PDF-other"), files[1])
    assert gathering.troubles(installation.services, network, gathered, others) == [
        "scan.pdf is not what was captured"
    ]


@pytest.mark.slow
def test_a_picture_that_was_shown_once_is_told(
    installation: Installation, team: tuple[Visit, Phone, WeakNetwork], files: tuple[Material, ...]
) -> None:
    _, phone, network = team
    gathered = captured(team, files)
    for _ in range(2):
        phone.sync()
    once = replace(gathered, repeats=gathered.evidence[0])
    assert gathering.troubles(installation.services, network, once, files) == [
        "the picture that was shown twice is not found by its digest"
    ]
