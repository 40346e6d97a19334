"""A long video over a bad line, a phone that never has a network, a new phone, a ledger that was recovered."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.intake.outbox_file import bring
from server.keys.keyring import RECOVERY_SECRET_FILE
from server.operations import backup, restore
from server.operations.recover import recover
from server.storage import record_store
from sync.merge import Record
from tests.interop.line import Cut, Exchange, cut
from tests.interop.town import Town
from tests.phone_app.handset import Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
VIDEO_BYTES = 50 * 1024 * 1024
CUTS = 6


@pytest.fixture
def here(own_town: Town) -> Town:
    return own_town


def record(town: Town, one: str) -> Record:
    """Return a record as the ledger has it."""
    services = town.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, [one])[one]


def arrive(page: Page) -> None:
    """Record the day's first act."""
    page.get_by_role("button", name="到达现场").click()
    page.get_by_role("button", name="确认到达").click()


def kept_file(phone: Handset, path: Path) -> str:
    """Choose a file as evidence and return its record's id."""
    phone.go("/evidence")
    page = phone.page
    page.get_by_role("button", name="选取文件", exact=True).click()
    page.locator("#file").set_input_files(path)
    page.get_by_role("button", name="保存到本机").click()
    page.wait_for_selector(".gallery a")
    found: str = page.locator(".gallery a").first.evaluate("one => one.hash.split('/').pop()")
    return found


def test_fifty_megabytes_cut_six_times_over_two_restarts_arrive_once_and_verified(
    phone: Handset, here: Town, tmp_path: Path
):
    video = tmp_path / "video.mp4"
    video.write_bytes(bytes(range(256)) * (VIDEO_BYTES // 256))
    phone.enrol(here.found.lead)
    arrive(phone.page)
    phone.sync()
    here.line.before = cut
    evidence = kept_file(phone, video)
    tries, cuts = [0], [0]

    def bad(exchange: Exchange) -> None:
        if exchange.method != "PATCH":
            return
        tries[0] += 1
        if cuts[0] < CUTS and tries[0] % 2 == 0:
            cuts[0] += 1
            raise Cut

    here.line.reset()
    here.line.before = bad
    phone.go("/sync")
    again = phone.page.get_by_role("button", name="现在同步")
    for restart_after in (2, 4, CUTS):
        for _ in range(CUTS):
            if cuts[0] < restart_after:
                again.click(timeout=90_000)
                expect(again).to_be_enabled(timeout=90_000)
        if restart_after < CUTS:
            phone.page.reload()
            phone.unlock()
    again.click(timeout=90_000)
    expect(phone.page.locator(".strip")).to_contain_text("全部已有回执", timeout=90_000)
    assert cuts[0] == CUTS
    sent = sum(len(one.body) for one in here.line.seen if one.method == "PATCH" and one.status == 204)
    assert VIDEO_BYTES < sent < VIDEO_BYTES * 1.01, "each byte once"
    assert record(here, evidence).values["file_state"] == "verified"


def test_a_phone_without_a_network_hands_its_work_over_as_a_file(phone: Handset, here: Town, tmp_path: Path):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    phone.sync()
    here.line.before = cut
    phone.go("/")
    arrive(phone.page)
    expect(phone.page.locator(".strip")).to_contain_text("离线 · 1 项未上传")
    phone.go("/sync")
    with phone.page.expect_download() as begun:
        phone.page.get_by_role("button", name="导出未上传的内容").click()
    expect(phone.page.get_by_role("status").filter(has_text="已导出 1 组记录")).to_be_visible()
    begun.value.save_as(tmp_path / "outbox.wlo")
    assert "六安" not in begun.value.suggested_filename
    with (tmp_path / "outbox.wlo").open("rb") as source:
        assert bring(here.installation.services, source).whole
    assert record(here, here.found.inspection).values["stage"] == "on_site"
    here.line.reset()
    phone.sync()
    expect(phone.page.locator(".state-ok")).to_contain_text("已入台账，回执")


def test_a_new_code_takes_the_phones_place_and_its_unsent_work_goes_along(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    phone.sync()
    phone.go("/phone")
    former = phone.page.locator("dt:has-text('手机编号') + dd").inner_text()
    here.line.before = cut
    phone.go("/")
    arrive(phone.page)
    here.line.reset()
    phone.go("/renew")
    phone.page.get_by_label("登记码文字").fill(here.ticket(here.found.lead, supersedes=former).text())
    phone.page.get_by_role("button", name="继续").click()
    phone.page.get_by_role("button", name="一致，继续").click()
    expect(phone.page.get_by_role("heading", name="同步", exact=True)).to_be_visible()
    phone.sync()
    assert record(here, here.found.inspection).values["stage"] == "on_site"
    phone.go("/phone")
    assert phone.page.locator("dt:has-text('手机编号') + dd").inner_text() != former


def test_a_ledger_that_was_recovered_is_told_and_lost_work_is_sent_again(
    phone: Handset, here: Town, tmp_path: Path
):
    services = here.installation.services
    phone.enrol(here.found.lead)
    expect(phone.page.locator(".card")).to_be_visible()
    made, _ = backup.make(services, tmp_path / "backups")
    arrive(phone.page)
    phone.sync()
    here.server.kill()
    services.engine.dispose()
    restore.restore(services, made.path, replacing=True)
    services.engine.dispose()
    recover(services, services.config.keys_dir / RECOVERY_SECRET_FILE)
    here.server.start()
    phone.page.get_by_role("button", name="现在同步").click()
    told = phone.page.get_by_role("alertdialog", name="台账从灾难中恢复，进入了新的纪元")
    expect(told).to_contain_text("会自动重新送出")
    told.get_by_role("button", name="我已读完").click()
    expect(phone.page.locator(".band")).to_be_visible()
    expect(phone.page.locator(".strip")).to_contain_text("全部已有回执")
    assert record(here, here.found.inspection).values["stage"] == "on_site"
