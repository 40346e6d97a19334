"""The checklist and the catalogue of violations, frozen on an inspection: searched and answered without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.storage import record_store
from tests.catalogues.bureau import LOCAL_CHECKLIST, LOCAL_VIOLATIONS, found_bureau
from tests.interop.town import Town
from tests.phone_app.handset import Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def answers(town: Town, inspection: str) -> list[tuple[str, str]]:
    """Return (item, answer) of all answers that the ledger has of an inspection."""
    services = town.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        rows = connection.execute(record_store.selected(services.ledger.id, "checklist_answer"))
        found = [record_store.thaw(row, vault) for row in rows]
    return [
        (one.values["item"], one.values["answer"]) for one in found if one.values["inspection"] == inspection
    ]


def test_items_are_found_and_answered_offline_and_a_changed_mind_is_one_answer(
    phone: Handset, here: Town, tmp_path: Path
):
    bureau = found_bureau(here.installation)
    bureau.bring(tmp_path, LOCAL_VIOLATIONS)
    bureau.bring(tmp_path, LOCAL_CHECKLIST)
    inspection = bureau.plan(approved=True)
    phone.enrol(bureau.lead)
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.sync()
    phone.context.set_offline(True)
    phone.go(f"/checklist/{inspection}")
    page = phone.page
    page.get_by_label("搜索清单").fill("在床病人")
    item = page.locator(".items > li")
    expect(item).to_have_count(1)
    item.get_by_role("button", name="不符合").click()
    expect(item.get_by_role("button", name="不符合")).to_have_attribute("aria-pressed", "true")
    item.get_by_role("button", name="符合", exact=True).click()
    expect(item.get_by_role("button", name="符合", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(item.get_by_role("button", name="不符合")).to_have_attribute("aria-pressed", "false")
    phone.go(f"/violations/{inspection}")
    page.get_by_label("搜索：").fill("日间病房")
    expect(page.locator(".items > li")).to_have_count(1)
    expect(page.locator(".items")).to_contain_text("false_day_ward")
    page.get_by_label("搜索：").fill("日间 病房 没有")
    expect(page.get_by_role("heading", name="目录里没有")).to_be_visible()
    phone.context.set_offline(False)
    phone.sync()
    assert answers(here, inspection) == [("L01", "conforms")]


def test_an_inspection_without_a_catalogue_says_what_to_do(phone: Handset, here: Town):
    phone.enrol(here.found.lead)
    phone.go(f"/checklist/{here.found.inspection}")
    expect(phone.page.get_by_role("heading", name="这次检查还没有目录")).to_be_visible()
    expect(phone.page.get_by_role("main")).to_contain_text("同步一次")
