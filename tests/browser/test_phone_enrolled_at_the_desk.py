"""A phone is enrolled by the code on the screen, read from a picture of the screen; it syncs, and is reported lost."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from server.accounts.users import NewUser, enlist
from tests.browser.test_phone_to_desk import PASSWORD, sign_in
from tests.server.builders import Installation, install
from tests.server.phones import REGION, Visit, visit
from tests.services.browser import DESK, fresh_page
from tests.services.granian import ROOT, ServerProcess
from tests.services.processes import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PIN = "246813"


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[tuple[Installation, Visit]]:
    """An installation served by its own process, in real time, with an administrator."""
    port, home = free_port(), tmp_path / "home"
    url, database = f"http://127.0.0.1:{port}", f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    made = install(home, database, real_time=True, WARDLEDGER_URL=url)
    (home / "settings.env").write_text(
        f"WARDLEDGER_ORIGIN={made.services.config.origin}\nWARDLEDGER_DATABASE_URL={database}\n"
    )
    found = visit(made.services)
    enlist(made.services, NewUser("keeper", "测试管理001", ("admin",), REGION), PASSWORD)
    with ServerProcess(home, port):
        yield made, found
    made.services.engine.dispose()


def phone(home: Path, *words: str) -> tuple[int, dict]:
    """Run the reference phone's command as its user does; return its exit status and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "mobile_stub", "--home", str(home), *words, "--json"],
        cwd=ROOT,
        env={**os.environ, "WARDLEDGER_PIN": PIN},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, json.loads(done.stdout or "{}")


def read_code(page: Page) -> str:
    """Return what a camera in front of the screen reads."""
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    return str(code.text)


def show_code(page: Page, url: str, user: str, supersedes: str = "") -> str:
    page.goto(f"{url}/devices/enrol?user={user}&supersedes={supersedes}")
    page.get_by_role("button", name="显示登记码").click()
    expect(page.locator("svg.qr")).to_be_visible()
    expect(page.locator("[data-left]")).to_contain_text(":")
    return read_code(page)


@pytest.mark.timeout(240)
def test_a_phone_reads_the_code_from_the_screen_syncs_and_is_shut_out_when_it_is_lost(
    bureau: tuple[Installation, Visit], browser: Browser, tmp_path: Path
):
    installation, found = bureau
    url, home = installation.services.config.url, tmp_path / "phone"
    with fresh_page(browser, DESK) as page:
        sign_in(page, url, "keeper")
        code = show_code(page, url, found.lead)
        assert code.startswith(f"wardledger:{url}#")
        status, told = phone(home, "enrol", code)
        assert status == 0
        expect(page.locator("[data-state=used]")).to_contain_text("手机已登记")
        assert phone(home, "sync")[0] == 0
        page.get_by_role("link", name="查看这部手机").click()
        page.wait_for_url(f"**/devices/{told['device']}")
        expect(page.locator(".facts")).to_contain_text("0 项改动")
        page.get_by_role("button", name="报失这部手机").click()
        page.wait_for_url("**/loss")
        expect(page.locator("h1")).to_have_text("手机上可能存有的内容")
        expect(page.locator("main")).to_contain_text("检查 1")
        status, told = phone(home, "sync")
        assert status == 1
        assert "lost" in json.dumps(told)
        page.goto(f"{url}/devices?state=lost")
        expect(page.locator("[data-row]")).to_have_count(1)
