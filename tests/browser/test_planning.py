"""A supervisor's planning in a real Chromium: looked for, planned, approved, and sent to another with a second one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.drafting import Draft
from server.accounts import users
from tests.browser.test_desk_journey import desk_of
from tests.server.builders import install
from tests.server.world import PASSWORD, World, build

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world whose inspectors have certificates, and a third inspector."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0, checked=1)
    new = users.check(login="third", name="测试甲099", roles=("inspector",), region="341502")
    made.users["third"], _ = users.enlist(made.services, new, PASSWORD)
    for number, login in enumerate(("lead", "member", "third")):
        values = {"certificate": f"N{number:06d}", "certificate_until": "2027-12-31"}
        made.act(Draft("edit", "user", made.users[login], values), kind="setting")
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(browser: Browser, world: World) -> Iterator[Page]:
    """A supervisor's browser, signed in."""
    with desk_of(browser, world) as page:
        yield page


def plan(desk: Page, world: World, day: str) -> str:
    """Plan an inspection as a person does, and return its address."""
    desk.goto("/inspections")
    desk.get_by_role("link", name="安排检查").click()
    desk.locator("input[name=find]").fill("第001医院")
    desk.get_by_role("button", name="查找").click()
    desk.locator(".found a").first.click()
    desk.locator(f"input[name=lead][value='{world.users['lead']}']").check()
    desk.locator(f"input[name=member][value='{world.users['member']}']").check()
    desk.locator("input[name=planned_on]").fill(day)
    desk.get_by_role("button", name="安排", exact=True).click()
    expect(desk.locator("h1")).to_have_text("测试市第001医院")
    expect(desk.locator(".timeline")).to_contain_text("新建")
    return desk.url


def test_plans_are_made_approved_and_sent_to_another_together(world: World, desk: Page):
    first = plan(desk, world, "2026-11-24")
    desk.locator("[data-approve]").click()
    expect(desk.locator("[role=status]").first).to_contain_text("已批准")
    second = plan(desk, world, "2026-11-25")
    desk.goto(f"/inspections?officer={world.users['member']}&since=2026-11-24")
    expect(desk.locator("[data-row]")).to_have_count(2)
    desk.locator("[data-choose-all]").check()
    desk.locator("select[name=giver]").select_option(label="测试甲006")
    desk.locator("select[name=taker]").select_option(label="测试甲099")
    desk.get_by_role("button", name="改派").click()
    expect(desk.locator("[role=status]").first).to_contain_text("已改派 2 次检查")
    for address in (first, second):
        desk.goto(address)
        expect(desk.locator(".crew")).to_contain_text("测试甲099")
        expect(desk.locator(".crew")).not_to_contain_text("测试甲006")
    desk.goto("/inspections/calendar?on=2026-11-01")
    expect(desk.locator(".agenda-day", has_text="11月24日").locator(".visit")).to_have_count(1)
