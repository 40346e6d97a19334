"""In a real Chromium: an institution is found and opened by the keyboard, and its dossier and bundle are taken away."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect

from server.documents import verify_bundle
from tests.browser.test_desk_journey import desk_of
from tests.server.builders import install
from tests.server.world import World, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hospital with an inspection and two photos."""
    home = tmp_path_factory.mktemp("taken")
    made = build(install(home / "home", f"sqlite:///{home / 'desk.sqlite'}"), photos=2)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(browser: Browser, world: World) -> Iterator[Page]:
    """A supervisor's browser, signed in."""
    with desk_of(browser, world) as page:
        yield page


def saved(page: Page, button: str, folder: Path) -> Path:
    """Press a button that takes something away and return what was saved."""
    with page.expect_download() as waiting:
        page.get_by_text(button, exact=True).click()
    download: Download = waiting.value
    assert download.failure() is None
    place = folder / download.suggested_filename
    download.save_as(place)
    return place


def proven(place: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the verify.py of a bundle as a stranger does, without this project."""
    with zipfile.ZipFile(place) as archive:
        (folder / "verify.py").write_bytes(archive.read("verify.py"))
    command = [sys.executable, "-I", "-S", "verify.py", place.name]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_name_is_typed_an_arrow_goes_to_it_and_enter_opens_it(world: World, desk: Page):
    desk.goto("/")
    desk.wait_for_load_state("load")
    desk.keyboard.press("/")
    expect(desk.locator("header input[type=search]")).to_be_focused()
    desk.keyboard.type("第001医院")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_contain_text("第001医院")
    desk.wait_for_load_state("load")
    expect(desk.locator(".hits [data-row]").first).to_contain_text("测试市第001医院")
    desk.keyboard.press("ArrowDown")
    expect(desk.locator(".hits [data-row] a").first).to_be_focused()
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/institutions/{world.hospital}")
    expect(desk.locator("h1")).to_have_text("测试市第001医院")


def test_a_name_that_nobody_has_is_said_to_be_none(desk: Page):
    desk.goto("/search?q=没有这家医院")
    expect(desk.locator("main")).to_contain_text("没有找到")
    expect(desk.locator("[data-row]")).to_have_count(0)


def test_the_dossier_is_saved_as_pdf(world: World, desk: Page, tmp_path: Path):
    desk.goto(f"/institutions/{world.hospital}")
    place = saved(desk, "下载卷宗 PDF", tmp_path)
    assert place.suffix == ".pdf"
    assert place.read_bytes().startswith(b"%PDF-1.7")


@pytest.mark.parametrize("kind", ["institutions", "inspections"])
def test_a_bundle_is_saved_and_its_own_check_proves_it(world: World, desk: Page, tmp_path: Path, kind: str):
    desk.goto(f"/{kind}/{world.hospital if kind == 'institutions' else world.inspection}")
    place = saved(desk, "下载证据包（不含个人信息）", tmp_path)
    done = proven(place, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nPROVEN\n")
    assert not [name for name in zipfile.ZipFile(place).namelist() if name.startswith("files/")]


def test_with_originals_it_is_saved_by_the_form_and_an_altered_one_is_not_proven(
    world: World, desk: Page, tmp_path: Path
):
    desk.goto(f"/inspections/{world.inspection}")
    place = saved(desk, "下载证据包（含个人信息和原件）", tmp_path)
    assert proven(place, tmp_path).returncode == 0
    raw = bytearray(place.read_bytes())
    with zipfile.ZipFile(place) as archive:
        original = next(info for info in archive.infolist() if info.filename.startswith("files/"))
    raw[original.header_offset + 200] ^= 1
    place.write_bytes(bytes(raw))
    assert not all(check.ok for check in verify_bundle.check_bundle(place))
    assert proven(place, tmp_path).returncode == 1
