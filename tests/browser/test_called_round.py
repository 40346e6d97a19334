"""A remote round in a real Chromium: a census is brought, a round called, the ward answers and beds turn green."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mobile_stub import remote
from mobile_stub.phone import Phone
from server.accounts import users
from tests.browser.test_desk_journey import SCREEN, sign_in
from tests.imports import files
from tests.imports.files import HOSPITAL
from tests.rounds.town import Town, found_town
from tests.server.builders import install
from tests.server.world import PASSWORD
from tests.services.browser import fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town with a supervisor who has a password."""
    made = found_town(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), tmp_path)
    new = users.check(login="chief", name="测试丙003", roles=("supervisor",), region="341500")
    made.users["chief"], _ = users.enlist(made.services, new, PASSWORD)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(browser: Browser, town: Town) -> Iterator[Page]:
    """The supervisor's browser, signed in."""
    with _served(town) as address, fresh_page(browser, SCREEN, base_url=address) as page:
        sign_in(page, "chief")
        yield page


@contextlib.contextmanager
def _served(town: Town) -> Iterator[str]:
    server = serve(town.installation.app)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def answer(phone: Phone, ward_round: str, encounter: str) -> None:
    """Answer a bed with a picture, as the ward does, and send it."""
    check = remote.answer_bed(phone.kit, ward_round, encounter, presence="in_bed")
    about = {"kind": "audio_visual", "media_type": "image/jpeg", "bed_check": check}
    phone.take_evidence(ward_round, b"\xff\xd8" + encounter.encode(), **about)
    assert phone.sync().clean


def test_a_round_is_called_at_the_desk_and_its_beds_turn_green_as_the_ward_answers(town: Town, desk: Page):
    phone = town.phone(town.operator)
    desk.goto("/rounds/call")
    place = desk.locator("tr", has_text=HOSPITAL.fixmedins_code)
    place.locator("input[name=institution]").check()
    desk.locator("select[name=method]").select_option("random")
    desk.locator("input[name=size]").fill("4")
    desk.get_by_role("button", name="预览抽样人数").click()
    expect(desk.locator("tr", has_text=HOSPITAL.fixmedins_code)).to_contain_text("将抽 4 人")
    desk.get_by_role("button", name="立即呼叫").click()
    desk.wait_for_url("**/rounds/0*")
    made = desk.url.rsplit("/", 1)[-1]
    expect(desk.locator(".bed.is-unchecked")).to_have_count(4)

    board = desk.context.new_page()
    board.goto("/rounds/board")
    card = board.locator(".board-card")
    expect(card.locator(".rate")).to_have_text("0%")
    board.evaluate("window.opened = 'once'")
    desk.evaluate("window.opened = 'once'")

    assert phone.sync().clean
    drawn = sorted(town.record(made).values["drawn"])
    answer(phone, made, drawn[0])
    desk.bring_to_front()
    expect(desk.locator(".bed.is-in_bed")).to_have_count(1)
    expect(desk.locator(".sample .big")).to_have_text("1 / 4")
    board.bring_to_front()
    expect(card.locator(".rate")).to_have_text("25%")
    answer(phone, made, drawn[1])
    expect(card.locator(".rate")).to_have_text("50%")
    expect(board.locator(".board-total .rate")).to_contain_text("50%")
    assert board.evaluate("window.opened") == desk.evaluate("window.opened") == "once"


def test_a_census_is_looked_at_without_leaving_the_page_and_imported_from_it(
    town: Town, desk: Page, tmp_path: Path
):
    path = files.census(tmp_path / "today.csv")
    before = town.size()
    desk.goto("/rounds/census")
    desk.evaluate("window.opened = 'once'")
    desk.locator("input[name=file]").set_input_files(path)
    desk.locator("input[name=institution]").fill(HOSPITAL.fixmedins_code)
    desk.get_by_role("button", name="预览", exact=True).click()
    expect(desk.locator("[data-preview]")).to_contain_text("名单可以导入")
    assert desk.evaluate("window.opened") == "once"
    assert town.size() == before
    expect(desk.locator("[data-without-script]")).to_be_hidden()
    desk.locator("button[name=import]").click()
    desk.wait_for_url("**/rounds/call")
    expect(desk.locator("[role=status]").first).to_contain_text("已导入为")
    assert town.size() == before + 1


def test_a_list_with_a_bad_row_names_it_and_offers_no_import(town: Town, desk: Page, tmp_path: Path):
    path = files.census(tmp_path / "bad.csv", lambda rows: rows[0].update(bed=""))
    desk.goto("/rounds/census")
    desk.locator("input[name=file]").set_input_files(path)
    desk.locator("input[name=institution]").fill(HOSPITAL.fixmedins_code)
    desk.get_by_role("button", name="预览", exact=True).click()
    expect(desk.locator("[data-preview]")).to_contain_text("名单有误")
    expect(desk.locator("button[name=import]")).to_have_count(0)
    desk.locator("input[name=institution]").fill("")
    desk.locator("input[name=institution]").blur()
    expect(desk.locator("[data-preview]")).to_be_empty()
