"""A finding's way in browsers: notice, message, link, proof, return, second report, closed, looked back on."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from server.accounts import users
from server.reminders.calendar import working_days_left
from server.reminders.channels import SmtpChannel
from server.reminders.schedule import tick
from server.storage import record_store
from tests.browser.test_desk_journey import sign_in
from tests.casework.cases import Cases
from tests.server.builders import install
from tests.server.world import PASSWORD, World, build
from tests.services.browser import DESK, PHONE, fresh_page
from tests.services.in_process import serve
from tests.services.mail import MailServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened = Callable[[str], Page]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A county with its city, and somebody of the hospital who may sign in."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0, checked=1)
    new = users.check(
        login="portal",
        name="测试甲082",
        roles=("institution_user",),
        region="341502",
        institution=made.hospital,
    )
    made.users["portal"], _ = users.enlist(made.services, new, PASSWORD)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def opened(browser: Browser, world: World) -> Iterator[Opened]:
    """A function that opens a browser of somebody's own, signed in; '' is a stranger's phone."""
    server = serve(world.installation.app)
    with contextlib.ExitStack() as stack:

        def go(login: str) -> Page:
            device = DESK if login in ("supervisor", "city") else PHONE
            page = stack.enter_context(
                fresh_page(browser, device, base_url=f"http://127.0.0.1:{server.server_port}")
            )
            if login in ("supervisor", "city"):
                sign_in(page, login)
            elif login:
                page.goto("/portal")
                page.locator("input[name=username]").fill(login)
                page.locator("input[name=password]").fill(PASSWORD)
                # The page that asks has `next=/portal` in its address, so that alone says nothing.
                with page.expect_navigation():
                    page.keyboard.press("Enter")
                expect(page.locator("input[name=password]")).to_have_count(0)
            return page

        yield go
    server.shutdown()
    server.server_close()


@pytest.fixture
def post() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def ids_of(world: World, kind: str) -> list[str]:
    """Return the ids of all records of a type."""
    with world.services.database.reading() as connection:
        wanted = record_store.selected(world.services.ledger.id, kind).with_only_columns(
            record_store.TABLE.c.id
        )
        return list(connection.execute(wanted).scalars())


def sent(world: World, post: MailServer, number: int) -> str:
    """Let the scheduler tick, and return the words of the newest of `number` messages at the mail server."""
    channel = SmtpChannel(post.url, sender="desk@bureau.example")
    tick(world.services, world.services.now(), {"email": channel})
    return str(post.wait(number)[-1].get_body(("plain",)).get_content())


def picture(shade: int) -> dict[str, object]:
    """Return a proof as a file input takes it."""
    kept = io.BytesIO()
    Image.new("RGB", (640, 480), (shade, 90, 120)).save(kept, "JPEG")
    return {"name": f"proof-{shade}.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def press(page: Page, words: str) -> None:
    """Press the first button of these words, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=words, exact=True).first.click()


def stands(page: Page, address: str, stage: str) -> None:
    page.goto(address)
    expect(page.locator(".heading .badge").first).to_have_text(stage)


def reported(portal: Page, case: str, *, words: str, shade: int) -> None:
    """Answer the only finding as corrected, with a picture, and hand the report in."""
    portal.goto(f"/portal/cases/{case}")
    with portal.expect_navigation():
        portal.locator("form[action$='/reports'] button, form[action*=report] button").first.click()
    portal.get_by_text("已整改", exact=True).click()
    portal.locator("textarea").fill(words)
    portal.locator("input[type=date]").fill("2026-11-16")
    portal.locator("input[type=file]").set_input_files([picture(shade)])  # type: ignore[list-item]
    expect(portal.locator("[data-told]")).to_contain_text("已送达并核验")
    press(portal, "提交整改报告")


def verified(desk: Page, address: str, verdict: str, words: str = "") -> None:
    desk.goto(address)
    form = desk.locator("form[action$='/verify']")
    form.locator("select").first.select_option(verdict)
    form.locator("textarea").first.fill(words)
    form.locator("input[name=money_settled]").check()
    with desk.expect_navigation():
        form.get_by_role("button").click()


def test_from_a_confirmed_finding_to_the_look_back(world: World, opened: Opened, post: MailServer):
    finding = Cases(world).finding(amount_fen=0)
    desk, chief = opened("supervisor"), opened("city")

    desk.goto(f"/findings/{finding}")
    press(desk, "确认，文书另行送达")
    desk.goto(f"/findings/{finding}")
    with desk.expect_navigation():
        desk.get_by_role("link", name="查看整改").or_(desk.locator("aside a[href*='/cases/']")).first.click()
    address = desk.url
    case = address.rpartition("/")[2]
    with desk.expect_navigation():
        desk.locator("form[action$='/notices'] button, form[action*=notice] button").first.click()
    chief.goto(address)
    with chief.expect_navigation():
        chief.locator("form[action$='/sign_off'] button").first.click()
    desk.goto(address)
    with desk.expect_navigation():
        desk.locator("form[action$='/issue'] button").first.click()
    desk.locator("select[name=method]").select_option("electronic")
    with desk.expect_navigation():
        desk.locator("form[action$='/serve'] button").click()
    stands(desk, address, "已送达")

    words = sent(world, post, 1)
    link = re.search(r"/ack#(\S+)", words)
    assert link is not None, words
    stranger = opened("")
    stranger.goto(f"/ack#{link[1]}")
    expect(stranger.locator("main")).to_contain_text("测试市第001医院")
    stands(desk, address, "已送达")
    stranger.locator("form[action$='/confirm'] button, form[action*=ack] button.filled").first.click()
    expect(stranger.locator("[role=status]").first).to_be_visible()
    stands(desk, address, "跟办")

    portal = opened("portal")
    reported(portal, case, words="已停止收费。", shade=40)
    stands(desk, address, "已报整改")
    verified(chief, address, "not_met", "未见退费凭证。")
    stands(chief, address, "核查中")
    chief.locator("select[name=code]").select_option(index=1)
    with chief.expect_navigation():
        chief.locator("form[action$='/return'] button").click()
    portal.goto(f"/portal/cases/{case}")
    expect(portal.locator("main")).to_contain_text("退回")

    reported(portal, case, words="已停止收费，费用已全部退回。", shade=160)
    verified(chief, address, "met")
    stands(desk, address, "核查中")
    with desk.expect_navigation():
        desk.locator("form[action$='/close'] button").click()
    stands(desk, address, "销号")
    form = desk.locator("form[action$='/call_back']")
    form.locator("select").select_option("satisfied")
    with desk.expect_navigation():
        form.get_by_role("button").click()
    form = desk.locator("form[action$='/look_back']")
    form.locator("select").select_option("kept")
    with desk.expect_navigation():
        form.get_by_role("button").click()
    desk.goto(address)
    expect(desk.locator("main")).to_contain_text("整改到位")
    portal.goto(f"/portal/cases/{case}")
    expect(portal.locator(".portal-head .badge")).to_have_text("销号")


def test_nobody_answers_until_a_suspension_is_proposed(world: World, opened: Opened, post: MailServer):
    case, _ = Cases(world).served(working_days=3)
    due_on = date.fromisoformat(world.record(case).values["due_on"])
    channel = {"email": SmtpChannel(post.url, sender="desk@bureau.example")}
    proposed: list[str] = []
    for _ in range(30):
        tick(world.services, world.services.now(), channel)
        proposed = ids_of(world, "sanction")
        if proposed:
            break
        world.installation.clock.advance(days=0.5)
    assert proposed, "nobody proposed anything"
    assert working_days_left(due_on, world.services.today(), world.services.calendar) == -5
    assert len(post.messages) == len({(one["X-Envelope-To"], one["Subject"]) for one in post.messages})

    desk = opened("supervisor")
    desk.goto("/tasks")
    for words in ("电话提醒", "约谈", "研究暂停结算"):
        expect(desk.locator("main")).to_contain_text(words)
    desk.goto(f"/sanctions/{proposed[0]}")
    expect(desk.locator("main")).to_contain_text("暂停结算")
    expect(desk.locator("main")).to_contain_text("逾期催办")
    assert world.record(proposed[0]).stage == "proposed", "the machine proposes and decides nothing"
