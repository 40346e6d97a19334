"""An institution's user in a real Chromium: acknowledges from the link, answers with a photo, hands the report in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, Route, expect

from server.portal import links
from tests.browser.axe import violations
from tests.portal.scene import Scene, stage
from tests.server.builders import install
from tests.server.world import PASSWORD, build
from tests.services.browser import PHONE, fresh_page
from tests.services.in_process import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Scene, str]]:
    """Two institutions, and the address at which they are served."""
    scene = stage(build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=1))
    server = serve(scene.world.installation.app)
    yield scene, f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    scene.world.services.engine.dispose()


@pytest.fixture
def phone(browser: Browser, served: tuple[Scene, str]) -> Iterator[Page]:
    """A telephone of the institution."""
    with fresh_page(browser, PHONE, base_url=served[1]) as page:
        yield page


def picture(path: Path) -> Path:
    """Write a photo of more than one frame."""
    image = Image.effect_noise((1600, 1200), 90).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=97)
    path.write_bytes(buffer.getvalue())
    assert len(buffer.getvalue()) > 1024 * 1024
    return path


def test_from_the_link_of_a_message_to_a_report_that_is_handed_in(
    phone: Page, served: tuple[Scene, str], tmp_path: Path
):
    scene, _ = served
    case = scene.case()
    notice = scene.notice(case)
    token = links.token(scene.world.services, notice, 1, "contact@hospital.example")
    phone.goto(f"/ack#{token}")
    expect(phone.get_by_text("测试市第001医院")).to_be_visible()
    assert token not in phone.url
    assert scene.world.record(notice).stage == "served", "looking acknowledges nothing"
    phone.get_by_role("button", name="确认收到").click()
    expect(phone.get_by_role("heading", name="已确认收到文书")).to_be_visible()
    assert scene.world.record(case).stage == "rectifying"

    phone.get_by_role("link", name="登录查看文书").click()
    phone.locator("input[name=username]").fill("portal")
    phone.locator("input[name=password]").fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="测试市第001医院")).to_be_visible()
    assert violations(phone) == []
    phone.goto(f"/portal/cases/{case}")
    phone.get_by_role("button", name="填写整改报告").click()
    phone.get_by_text("已整改", exact=True).click()
    phone.locator("textarea").fill("已退回违规费用，并完善住院管理。")
    phone.locator("input[type=date]").fill("2026-11-17")
    phone.locator("input[type=file]").set_input_files(picture(tmp_path / "proof.jpg"))
    expect(phone.get_by_text("已送达并核验。")).to_be_visible()
    expect(phone.get_by_role("checkbox")).to_be_checked()
    assert violations(phone) == []
    phone.get_by_role("button", name="提交整改报告").click()
    expect(phone).to_have_url(re.compile(f"/portal/cases/{case}$"))
    assert scene.world.record(case).stage == "report_submitted"


def sign_in(phone: Page) -> None:
    """Sign in as the hospital's user."""
    phone.goto("/sign-in")
    phone.locator("input[name=username]").fill("portal")
    phone.locator("input[name=password]").fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="测试市第001医院")).to_be_visible()


def test_a_file_goes_on_where_it_stopped_after_the_page_was_reloaded(
    phone: Page, served: tuple[Scene, str], tmp_path: Path
):
    scene, _ = served
    (finding,) = scene.put(1)
    sign_in(phone)
    photo = picture(tmp_path / "proof.jpg")
    sent: list[tuple[str, str]] = []

    def watched(route: Route, request: Request) -> None:
        """Let the first part through and hold back the rest, as a network does that breaks down."""
        sent.append((request.url, request.headers.get("upload-offset", "")))
        if len([url for url, at in sent if at]) > 1:
            route.abort()
        else:
            route.continue_()

    phone.route("**/v1/files/uploads/*", watched)
    phone.goto(f"/portal/findings/{finding}")
    phone.locator("input[type=file]").set_input_files(photo)
    expect(phone.get_by_text("网络中断")).to_be_visible()
    phone.get_by_text("无异议", exact=True).click()
    phone.get_by_role("button", name="提交陈述申辩").click()
    expect(phone.get_by_text("文件尚未传完")).to_be_visible()
    assert scene.world.record(finding).stage == "proposed", "not without its file"
    phone.unroute("**/v1/files/uploads/*")
    phone.reload()
    expect(phone.get_by_text("请重新选择相同的文件")).to_be_visible()
    assert photo.name not in phone.evaluate("JSON.stringify(localStorage)")
    again: list[tuple[str, str]] = []
    phone.on("request", lambda one: again.append((one.url, one.headers.get("upload-offset", ""))))
    phone.locator("input[type=file]").set_input_files(photo)
    expect(phone.get_by_role("checkbox", name="文件 1")).to_be_checked()
    parts = [(url, at) for url, at in again if "/v1/files/uploads/" in url and at]
    assert {url for url, _ in parts} == {sent[0][0]}, "the same upload goes on"
    assert "0" not in [at for _, at in parts], "what had arrived is not sent again"
    phone.reload()
    expect(phone.get_by_role("checkbox", name="文件 1")).to_be_checked()
    phone.get_by_text("有异议", exact=True).click()
    phone.locator("textarea").fill("当日该患者外出检查，见所附登记。")
    assert violations(phone) == []
    phone.get_by_role("button", name="提交陈述申辩").click()
    expect(phone.get_by_role("link", name="文件 1")).to_be_visible()
    assert phone.evaluate("localStorage.getItem('wardledger-uploads')") == "[]"
    assert scene.world.record(finding).stage == "heard"
