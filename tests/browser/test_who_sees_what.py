"""In a browser: whoever looked first is refused the second look, and of another county nothing is seen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.accounts import users
from server.casework import second_draw, second_review
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import PASSWORD, World, build
from tests.services.browser import DESK, fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COUNTY, NEXT_COUNTY = "341502", "341503"
PEOPLE = {
    "second": (("second_reviewer",), COUNTY),
    "both": (("supervisor", "second_reviewer"), COUNTY),
    "far_inspector": (("inspector",), NEXT_COUNTY),
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A county with two second reviewers, and an inspector of the next one."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=1)
    for number, (login, (roles, region)) in enumerate(PEOPLE.items(), start=60):
        new = users.check(login=login, name=f"测试甲{number:03d}", roles=roles, region=region)
        made.users[login], _ = users.enlist(made.services, new, PASSWORD)
    yield made
    made.services.engine.dispose()


Enter = Callable[[str], contextlib.AbstractContextManager[Page]]


@pytest.fixture
def enter(browser: Browser, world: World) -> Iterator[Enter]:
    """A function that yields a browser in which somebody is signed in."""
    server = serve(world.installation.app)

    @contextlib.contextmanager
    def signed_in(login: str) -> Iterator[Page]:
        with fresh_page(browser, DESK, base_url=f"http://127.0.0.1:{server.server_port}") as page:
            page.goto("/sign-in")
            page.locator("input[name=username]").fill(login)
            page.locator("input[name=password]").fill(PASSWORD)
            page.keyboard.press("Enter")
            expect(page.locator(".rail")).to_be_visible()
            yield page

    yield signed_in
    server.shutdown()
    server.server_close()


def drawn(world: World) -> str:
    """Let `both` approve the item and the day end, and draw; return the task."""
    item = world.evidence[0]
    sent = {"act": "approve", "version": world.record(item).version}
    assert Desk(world, "both").send(f"/api/evidence/{item}/review", sent).status_code == 200
    day = world.services.today()
    world.installation.clock.advance(days=1)
    world.photograph(90)
    assert second_draw.sweep(world.services) == 1
    return second_review.task_id(COUNTY, day.isoformat(), 0)


def test_whoever_reviewed_first_is_told_why_he_may_not_look_again_and_another_agrees(
    world: World, enter: Enter
):
    task = drawn(world)
    with enter("both") as first:
        first.goto("/second-reviews")
        first.locator("main a[href$='/" + task + "']").first.click()
        expect(first.locator("main")).to_contain_text("须由他人复审")
        expect(first.locator("[data-approve]")).to_have_count(0)
        expect(first.locator("[data-return]")).to_have_count(0)
    with enter("second") as other:
        other.goto(f"/second-reviews/{task}")
        other.locator("[data-approve]").click()
        expect(other.locator("main")).to_contain_text("复审一致")
    assert world.record(task).stage == "done"


def test_an_inspector_of_the_next_county_finds_nothing_of_this_one(world: World, enter: Enter):
    with enter("far_inspector") as page:
        for path in ("/evidence", "/inspections", "/findings", "/rounds"):
            page.goto(path)
            expect(page.locator("main")).not_to_contain_text("测试市第001医院")
        for path in (
            f"/evidence/{world.evidence[0]}",
            f"/evidence/{world.evidence[0]}/file",
            f"/inspections/{world.inspection}",
            f"/findings/{world.finding}",
        ):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 404, path
    with enter("supervisor") as page:
        answer = page.goto(f"/evidence/{world.evidence[0]}")
        assert answer is not None
        assert answer.status == 200
        page.goto("/inspections")
        expect(page.locator("main")).to_contain_text("测试市第001医院")
