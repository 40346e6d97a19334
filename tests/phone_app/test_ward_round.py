"""A ward round in a real Chromium without a server: thirty beds, pictures, signatures, a kill; then the desk."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from server.accounts.users import NewUser, enlist
from tests.browser.test_phone_to_desk import PASSWORD, sign_in
from tests.interop.line import cut
from tests.interop.town import Town
from tests.phone_app.walking import AWAY, PICTURED, Walk, film, kill_browser, numbers, of_type, walking
from tests.server.phones import REGION, Visit, visit
from tests.services.browser import DESK, fresh_page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
BEDS = 30


def arrive(walk: Walk, found: Visit) -> None:
    """Enrol the lead's phone and take it to the site, with the shell kept for a dead network."""
    walk.phone.enrol(found.lead)
    walk.page.get_by_role("button", name="到达现场").click()
    walk.page.get_by_role("button", name="确认到达").click()
    expect(walk.page.locator(".card")).to_contain_text("现场检查")
    walk.phone.sync()
    walk.page.evaluate("navigator.serviceWorker.ready")


def begin(walk: Walk, found: Visit) -> None:
    """Begin the planned round at its first bed."""
    walk.phone.go(f"/round/{found.ward_round}")
    walk.page.get_by_role("button", name="开始查房").click()
    walk.page.get_by_role("link", name="从 1101 床开始").click()


def finish(walk: Walk, found: Visit) -> None:
    """Sign with both officers, record that the ward would not, and close the round."""
    walk.page.get_by_role("link", name="结束查房").click()
    walk.sign("检查人员")
    walk.sign("同行检查人员")
    walk.page.get_by_label("被检查方姓名").fill("李护士")
    walk.page.get_by_role("button", name="不能或不愿签名").click()
    walk.page.get_by_label("理由").fill("不认可")
    walk.page.get_by_label("见证人姓名").fill("赵见证")
    walk.page.get_by_role("button", name="记录未签名").click()
    walk.page.get_by_role("button", name="保存笔录并结束查房").click()
    expect(walk.page.get_by_role("heading", name="离场检查")).to_be_visible()


def test_a_round_of_thirty_beds_without_a_server_outlives_the_browser_and_is_approved_at_the_desk(
    here: Town, browser: Browser, tmp_path: Path
):
    services = here.installation.services
    found = visit(services, beds=BEDS, number=2)
    enlist(services, NewUser("boss", "测试主管001", ("supervisor",), REGION), PASSWORD)
    folder, seen = tmp_path / "kept", film(tmp_path / "ward.mjpeg")
    taps: dict[str, int] = {}
    with walking(browser, here, folder, seen) as walk:
        arrive(walk, found)
        here.line.before = cut
        here.server.kill()
        begin(walk, found)
        for number in numbers(0, 12):
            walk.bed(number)
        walk.page.reload()
        walk.phone.unlock()
        for number in numbers(12, 20):
            walk.bed(number)
        taps |= walk.taps
        kill_browser(folder)
    with walking(browser, here, folder, seen) as walk:
        walk.phone.open(f"/round/{found.ward_round}")
        walk.phone.unlock()
        expect(walk.page.locator(".round-progress")).to_contain_text("已查 20 / 30 床")
        walk.page.get_by_role("link", name="下一床 1121").click()
        for number in numbers(20, BEDS):
            walk.bed(number)
        finish(walk, found)
        walk.page.get_by_role("button", name="已出示").click()
        expect(walk.page.get_by_text("没有遗漏，可以离场")).to_be_visible()
        expect(walk.page.locator(".strip")).to_contain_text("项未上传")
        taps |= walk.taps

        here.server.start()
        here.line.reset()
        walk.phone.sync()
        photo = as_recorded(here, found)
        approve(here, browser, photo)
        walk.phone.sync()
        walk.phone.go(f"/round/{found.ward_round}/bed/{found.encounters[10]}")
        expect(walk.page.locator(".pictures")).to_contain_text("已通过")
    plain = {number: count for number, count in taps.items() if number not in {*AWAY, *PICTURED}}
    assert set(plain.values()) == {1}, "one tap says that somebody is in bed"
    assert max(taps.values()) <= 5, "and no bed takes many"


def as_recorded(town: Town, found: Visit) -> str:
    """Check what arrived, and return the picture of the doubtful bed."""
    checks = of_type(town, "bed_check", ward_round=found.ward_round)
    assert Counter(one.values["presence"] for one in checks) == {
        "in_bed": 27, "absent": 2, "on_site_off_bed": 1,
    }  # fmt: skip
    assert {one.values["encounter"] for one in checks} == set(found.encounters)
    by_bed = {one.values["bed_listed"]: one for one in checks}
    assert by_bed["1111"].values["conclusion"] == "bed_hanging_suspected"
    assert by_bed["1103"].values["slip"] == {"kind": "none"}
    assert by_bed["1101"].values["position"]["accuracy_m"] == 12
    (round_,) = [one for one in of_type(town, "ward_round") if one.id == found.ward_round]
    assert (round_.stage, round_.values["second_officer"]) == ("concluded", found.member)
    evidence = of_type(town, "evidence", ward_round=found.ward_round)
    photos = {one.values["bed_check"]: one for one in evidence if one.values["form"] == "photo"}
    assert set(photos) == {by_bed[number].id for number in PICTURED}
    (record,) = [one for one in evidence if one.values["form"] == "scene_record"]
    signed = {(one["signer"], one["outcome"]) for one in record.values["signatures"]}
    assert signed == {("officer", "signed"), ("party", "refused")}
    assert all(one.values["second_officer"] == found.member for one in evidence)
    return photos[by_bed["1111"].id].id


def approve(town: Town, browser: Browser, photo: str) -> None:
    """Let the supervisor see the round and approve a picture at the desk."""
    url = town.line.url
    with fresh_page(browser, DESK) as page:
        sign_in(page, url, "boss")
        (item,) = [one for one in of_type(town, "evidence") if one.id == photo]
        page.goto(f"{url}/rounds/{item.values['ward_round']}")
        expect(page.locator(".bed.is-in_bed")).to_have_count(27)
        page.goto(f"{url}/evidence/{photo}")
        expect(page.locator(".photo-frame img")).to_be_visible()
        expect(page.locator(".proof")).to_contain_text("存证核验通过")
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        expect(page.locator(".notice[role=status]")).to_contain_text("通过 1 件证据")


def test_a_tap_is_taken_back_and_a_change_of_mind_is_one_record(here: Town, browser: Browser, tmp_path: Path):
    found = visit(here.installation.services, number=3)
    with walking(browser, here, tmp_path / "kept", film(tmp_path / "ward.mjpeg")) as walk:
        arrive(walk, found)
        begin(walk, found)
        walk.bed("1101")
        walk.tap("撤销")
        expect(walk.page.get_by_role("heading", name="W11 · 1101 床")).to_be_visible()
        expect(walk.page.locator(".round-progress")).to_contain_text("已查 0 / 4 床")
        walk.tap("不在院")
        walk.tap("请假")
        describe(walk)
        walk.tap("改")
        walk.tap("在床")
        expect(walk.page.get_by_role("heading", name="W11 · 1102 床")).to_be_visible()
        walk.phone.go(f"/leaving/{found.inspection}")
        missing = walk.page.locator(".missing")
        expect(missing).to_contain_text("床位未核查")
        expect(missing).to_contain_text("查房没有签名的记录")
        walk.page.get_by_role("link", name="床位未核查").click()
        expect(walk.page.get_by_role("heading", name="W11 · 1102 床")).to_be_visible()
        walk.phone.sync()
    (standing,) = of_type(here, "bed_check", ward_round=found.ward_round)
    assert (standing.values["presence"], standing.values["conclusion"]) == ("in_bed", "normal")
    assert "absence_reason" not in standing.values, "nobody in bed has a reason to be away"
    told = {"who_paid": "family", "free_meals": True, "cash": False, "transport": False}
    assert standing.values["asked"] == told
    assert standing.values["note"] == "家属陪同"
    (memo,) = of_type(here, "evidence", bed_check=standing.id)
    assert (memo.values["form"], memo.values["media_type"]) == ("audio", "audio/mp4")


def describe(walk: Walk) -> None:
    """Write down the patient's answers and a note, and speak a memo."""
    walk.page.locator("summary").click()
    walk.page.get_by_label("谁缴费").select_option("family")
    walk.page.get_by_label("免费餐食").check()
    walk.page.get_by_label("备注").fill("家属陪同")
    walk.page.get_by_role("button", name="保存到本机").click()
    expect(walk.page.get_by_text("已保存在本机，尚未上传")).to_be_visible()
    walk.tap("录音")
    walk.page.get_by_role("button", name="开始").click()
    walk.page.get_by_role("button", name="停止").click()
    expect(walk.page.locator(".pictures")).to_contain_text("录音")


def test_a_round_begun_on_the_spot_is_as_every_phone_writes_it_and_a_dark_picture_is_asked_for_again(
    here: Town, browser: Browser, tmp_path: Path
):
    found = visit(here.installation.services, number=4)
    seen = film(tmp_path / "ward.mjpeg", light=0.15)
    with walking(browser, here, tmp_path / "kept", seen) as walk:
        arrive(walk, found)
        here.line.before = cut
        walk.phone.go(f"/round/new/{found.inspection}")
        walk.page.get_by_label("W11").check()
        walk.page.get_by_role("button", name="开始查 4 床").click()
        walk.page.get_by_role("link", name="从 1101 床开始").click()
        walk.page.get_by_role("button", name="拍照", exact=True).click()
        expect(walk.page.locator(".shutter")).to_be_enabled()
        walk.page.locator(".shutter").click()
        expect(walk.page.get_by_role("alert")).to_contain_text("照片太暗")
        walk.page.get_by_role("button", name="仍然保留").click()
        expect(walk.page.locator(".pictures")).to_contain_text("质量存疑")
        walk.tap("在床")
        expect(walk.page.get_by_role("heading", name="W11 · 1102 床")).to_be_visible()
        walk.phone.go(f"/leaving/{found.inspection}")
        poor = walk.page.get_by_role("link", name="照片不合格")
        poor.click()
        film(seen, seed=3)
        walk.photograph()
        walk.phone.go(f"/leaving/{found.inspection}")
        expect(walk.page.get_by_role("link", name="床位未核查")).not_to_have_count(0)
        expect(poor).to_have_count(0)
        film(seen, light=0.15)
        walk.phone.go(f"/evidence/of/{found.inspection}")
        walk.page.get_by_role("button", name="拍照", exact=True).click()
        expect(walk.page.locator(".shutter")).to_be_enabled()
        walk.page.locator(".shutter").click()
        expect(walk.page.locator(".camera-hint")).to_contain_text("已保存，但照片太暗")
        walk.phone.go(f"/leaving/{found.inspection}")
        expect(poor).to_have_count(1)
        here.line.reset()
        walk.phone.sync()
    (made,) = [
        one for one in of_type(here, "ward_round", inspection=found.inspection) if one.id != found.ward_round
    ]
    expected = {
        "mode": "bedside", "trigger": "plan", "wards": ["W11"], "census_count": 4, "sample_method": "all_listed",
        "second_officer": found.member, "stage": "in_progress",
    }  # fmt: skip
    assert {name: made.values[name] for name in expected} == expected
    (check,) = of_type(here, "bed_check", ward_round=made.id)
    assert len(of_type(here, "evidence", bed_check=check.id)) == 2
