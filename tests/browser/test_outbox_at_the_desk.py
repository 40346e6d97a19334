"""An administrator brings the file that a phone wrote of its unsent work, and sees what became of each part."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.outbox_file import export
from mobile_stub.phone import Phone
from server.accounts.invites import invite
from server.storage import record_store
from tests.browser.test_phone_enrolled_at_the_desk import bureau
from tests.browser.test_phone_to_desk import sign_in
from tests.server.builders import Installation
from tests.server.phones import Visit
from tests.services.browser import DESK, fresh_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["bureau"]


@pytest.mark.timeout(240)
def test_a_file_is_brought_and_each_part_told_of(
    bureau: tuple[Installation, Visit], browser: Browser, tmp_path: Path
):
    installation, found = bureau
    services, target = installation.services, tmp_path / "phone.wlo"
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        lead = record_store.load(connection, vault, [found.lead])[found.lead]
    with Phone.enrol(tmp_path / "phone", invite(services, lead), PIN, hardness=HARDNESS) as phone:
        assert phone.sync().clean
        photo = bytes(range(256)) * 16_000
        phone.take_evidence(found.inspection, photo, kind="audio_visual", media_type="image/jpeg")
        export(phone.kit, target)
        with fresh_page(browser, DESK) as page:
            sign_in(page, services.config.url, "keeper")
            page.goto(f"{services.config.url}/devices/outbox")
            page.get_by_label("文件（.wlo）").set_input_files(target)
            page.get_by_role("button", name="导入", exact=True).click()
            expect(page.locator("[data-row=taken]")).to_have_count(2)
            expect(page.locator("[data-whole]")).to_be_visible()
            target.write_bytes(target.read_bytes()[:-20])
            page.get_by_label("文件（.wlo）").set_input_files(target)
            page.get_by_role("button", name="导入", exact=True).click()
            expect(page.locator("[data-row=known]")).to_have_count(2)
            expect(page.locator("[data-part]")).to_be_visible()
            target.write_bytes(b"something else\n")
            page.get_by_label("文件（.wlo）").set_input_files(target)
            page.get_by_role("button", name="导入", exact=True).click()
            expect(page.locator("[data-failed]")).to_be_visible()
        synced = phone.sync()
        assert (synced.clean, synced.uploaded.bytes) == (True, 0)
