"""The proof badge in a real Chromium: the browser finds by itself whether the ledger proves an item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, text

from server.storage.database import table_of
from server.storage.models import APPEND_ONLY, NO_UPDATE, BodyRow, CheckpointRow, EntryRow, HeadRow, TileRow
from tests.server.altering import flipped
from tests.server.builders import install
from tests.server.world import PASSWORD, World, build
from tests.services.browser import DESK, fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NO_ED25519 = """
const known = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, raw, way, ...more) =>
  way === "Ed25519" ? Promise.reject(new DOMException("unknown", "NotSupportedError")) : known(form, raw, way, ...more);
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of its own, as what is altered in it stays so."""
    made = build(install(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    with made.services.engine.begin() as connection:
        guards = [(table, verb) for table in APPEND_ONLY for verb in ("update", "delete")]
        for table, verb in [*guards, *((table, "update") for table in NO_UPDATE)]:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
    yield made
    made.services.engine.dispose()


@pytest.fixture
def opened(world: World, browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens the first item as its supervisor; what is to stand in the way is put there before."""
    server = serve(world.installation.app)
    with fresh_page(browser, DESK, base_url=f"http://127.0.0.1:{server.server_port}") as page:

        def go(prepare: Callable[[Page], None] = lambda page: None) -> Page:
            prepare(page)
            page.goto(f"/sign-in?next=/evidence/{world.evidence[0]}")
            page.locator("input[name=username]").fill("supervisor")
            page.locator("input[name=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            # Whoever leaves before the answer came takes no session along.
            page.wait_for_url(f"**/evidence/{world.evidence[0]}")
            return page

        yield go
    server.shutdown()
    server.server_close()


def steps(page: Page) -> dict[str, str]:
    """Return what the badge says of each step."""
    rows = page.locator("[data-step]")
    return {
        str(rows.nth(n).get_attribute("data-step")): str(rows.nth(n).get_attribute("data-result"))
        for n in range(rows.count())
    }


def test_an_untouched_item_is_green_by_the_browsers_own_arithmetic(opened: Callable[..., Page]):
    page = opened()
    expect(page.locator("[data-browser]")).to_have_attribute("data-state", "ok")
    expect(page.locator(".proof")).to_have_class("proof tone-ok")
    page.locator(".proof summary").click()
    page.locator("[data-check-file]").click()
    expect(page.locator("[data-step=file]")).to_have_attribute("data-result", "ok")
    assert set(steps(page).values()) == {"ok"}
    with page.expect_download() as taken:
        page.get_by_text("下载存证证明").click()
    assert taken.value.path().read_text().startswith("c2sp.org/tlog-proof@v1\n")


@pytest.mark.parametrize(
    ("model", "column", "step"),
    [(EntryRow, "line", "change"), (BodyRow, "line", "change"), (TileRow, "hashes", "path")],
)
def test_one_altered_byte_in_the_store_turns_the_badge_red(
    world: World, opened: Callable[..., Page], model: type, column: str, step: str
):
    table = table_of(model)
    index = world.record(world.evidence[0]).acts[0].index
    with world.services.engine.begin() as connection:
        where = [table.c.ledger == 1]
        if model is TileRow:
            where += [table.c.level == 0, table.c.number == 0]
            raw = bytearray(connection.execute(select(table.c[column]).where(*where)).scalar_one())
            raw[32 * (index ^ 1)] ^= 1
            value = bytes(raw)
        else:
            where.append(table.c.index == index)
            value = flipped(
                table, column, connection.execute(select(table.c[column]).where(*where)).scalar_one()
            )
        connection.execute(table.update().where(*where).values({column: value}))
    page = opened()
    expect(page.locator("[data-browser]")).to_have_attribute("data-state", "bad")
    expect(page.locator(".proof")).to_have_class("proof tone-problem")
    assert steps(page)[step] == "bad"


def test_a_head_that_another_key_signed_turns_the_badge_red(world: World, opened: Callable[..., Page]):
    with world.services.engine.begin() as connection:
        for model in (HeadRow, CheckpointRow):
            table = table_of(model)
            size = select(table.c.size).where(table.c.ledger == 1).order_by(table.c.size.desc()).limit(1)
            where = (table.c.ledger == 1, table.c.size == size.scalar_subquery())
            note = str(connection.execute(select(table.c.note).where(*where)).scalar_one())
            other = note[:-10] + ("A" if note[-10] != "A" else "B") + note[-9:]
            connection.execute(table.update().where(*where).values(note=other))
    page = opened()
    expect(page.locator("[data-browser]")).to_have_attribute("data-state", "bad")
    assert steps(page)["signature"] == "bad"


def test_a_browser_that_knows_no_ed25519_says_that_the_server_checked(
    opened: Callable[..., Page], world: World
):
    page = opened(lambda page: page.add_init_script(NO_ED25519))
    expect(page.locator("[data-browser]")).to_have_attribute("data-state", "unsigned")
    expect(page.locator(".proof")).to_have_class("proof tone-ok")
    assert steps(page)["signature"] == "unknown"


def test_a_lie_on_the_page_about_the_digest_is_found(opened: Callable[..., Page], world: World):
    page = opened()
    # What is under way is done first: only a page that is at rest is left without a trace.
    page.wait_for_load_state("networkidle")
    page.route(
        f"**/evidence/{world.evidence[0]}",
        lambda route: route.fulfill(
            response=(answer := route.fetch()), body=answer.text().replace('data-digest="', 'data-digest="0')
        ),
    )
    page.goto(f"/evidence/{world.evidence[0]}")
    expect(page.locator("[data-browser]")).to_have_attribute("data-state", "bad")
    assert steps(page)["digest"] == "bad"


def test_without_the_proof_the_badge_says_that_nobody_but_the_server_checked(
    opened: Callable[..., Page], world: World
):
    page = opened(lambda page: page.route("**/proof", lambda route: route.abort()))
    expect(page.locator("[data-browser]")).to_have_attribute("data-state", "away")
    expect(page.locator(".proof")).to_have_class("proof tone-unknown")
