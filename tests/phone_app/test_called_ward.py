"""A round called at the desk, answered by the ward's own phone in a real Chromium, partly without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.drafting import Draft
from server.commit.acts import act
from sync.challenge import challenge
from tests.interop.line import cut
from tests.interop.town import Town
from tests.phone_app.walking import Walk, film, walking
from tests.rounds.town import Town as Bureau
from tests.rounds.town import desk, found_town
from tests.server.desk_client import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]
E7 = 10_000_000
FAR = {"latitude": 31.0, "longitude": 117.0, "accuracy": 10}


@dataclass
class Ward:
    """The ward's phone, the bureau that calls it, the camera's film, and a supervisor at the desk."""

    bureau: Bureau
    chief: Desk
    walk: Walk
    film: Path
    ward_round: str = ""

    @property
    def page(self) -> Page:
        """Return the app's page."""
        return self.walk.page

    def call(self, **wanted: Any) -> list[str]:
        """Call the ward by the desk's form and return whom the round drew, in the order of the beds."""
        form = {name: str(value) for name, value in wanted.items()}
        answer = self.chief.post("/rounds/call", institution=[self.bureau.hospital], method="random", **form)
        assert answer.status_code == 303, answer.text
        self.ward_round = answer.location.split("?")[0].rsplit("/", 1)[-1]
        patients = self.bureau.patients()
        drawn = self.bureau.record(self.ward_round).values["drawn"]
        return sorted(drawn, key=lambda one: (patients[one].values["ward"], patients[one].values["bed"]))

    def stand(self, **place: float) -> None:
        """Stand in the hospital's yard, or where `place` says."""
        at = self.bureau.record(self.bureau.hospital).values["position"]
        yard = {"latitude": at["lat_e7"] / E7, "longitude": at["lon_e7"] / E7, "accuracy": 10}
        self.walk.phone.context.set_geolocation({**yard, **place})  # type: ignore[typeddict-item]

    def answer(self, bed: str, seed: int, readable: str = "看得清") -> None:
        """Answer a bed with a picture; seed: what the camera sees."""
        film(self.film, seed=seed)
        self.walk.phone.go(f"/answer/{self.ward_round}/bed/{bed}")
        self.page.get_by_role("button", name="拍照应答").click()
        expect(self.page.locator(".shutter")).to_be_enabled()
        expect(self.page.locator(".camera-hint")).to_have_text(self.card())
        self.page.locator(".shutter").click()
        self.page.get_by_role("button", name=readable).click()
        here = self.page.url
        self.page.get_by_role("button", name="在床", exact=True).click()
        expect(self.page).not_to_have_url(here)

    def card(self) -> str:
        """Return what the server expects the card to show."""
        root = self.bureau.record(self.ward_round).values["challenge_root"]
        return challenge(bytes.fromhex(root), self.ward_round)

    def flags(self) -> dict[str, set[str]]:
        """Return the flags of each bed, as the desk tells them."""
        told = self.chief.get(f"/api/ward-rounds/{self.ward_round}").json
        tiles = [tile for ward in told["wards"] for tile in ward["beds"]]
        return {tile["id"]: set(tile["flags"]) for tile in tiles}


@pytest.fixture(scope="module")
def bureau(whole_town: Town, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau that calls hospitals, with a supervisor at its desk."""
    made = found_town(whole_town.installation, tmp_path_factory.mktemp("bureau"))
    desk(made, "chief", "supervisor", "341500")
    return made


@pytest.fixture
def ward(bureau: Bureau, here: Town, browser: Browser, tmp_path: Path) -> Iterator[Ward]:
    """A hospital whose operator has an enrolled phone in his hand."""
    chief = Desk(bureau, "chief")
    with walking(browser, here, tmp_path / "kept", film(tmp_path / "film.mjpeg")) as walk:
        made = Ward(bureau, chief, walk, tmp_path / "film.mjpeg")
        made.stand()
        walk.phone.enrol(bureau.operator)
        walk.page.evaluate("navigator.serviceWorker.ready")
        yield made


def test_a_called_ward_answers_with_pictures_and_each_doubtful_answer_has_its_flag(ward: Ward, here: Town):
    beds = ward.call(size=5, respond_minutes=30, explain_minutes=60)
    phone, page = ward.walk.phone, ward.page
    phone.sync()
    expect(page.locator(".bar a")).to_have_count(2)
    phone.go("/institutions")
    expect(page.get_by_text("没有这一页")).to_be_visible()
    phone.go("/")
    page.get_by_role("link", name="远程查房正在等您应答").click()
    expect(page.locator(".challenge-code")).to_have_text(ward.card())
    expect(page.locator(".round-progress")).to_contain_text("已查 0 / 5 床")

    ward.answer(beds[0], seed=10)
    here.line.before = cut
    ward.answer(beds[1], seed=11)
    ward.answer(beds[2], seed=12, readable="无法出示验证码，仍然应答")
    ward.stand(**FAR)
    ward.answer(beds[3], seed=13)
    ward.stand()
    here.line.reset()
    phone.sync()
    over = {"respond_by": ward.bureau.services.now_ms()}
    act(
        ward.bureau.services,
        [Draft("edit", "ward_round", ward.ward_round, over)],
        user=ward.bureau.supervisor,
    )
    phone.sync()
    phone.go(f"/answer/{ward.ward_round}/bed/{beds[4]}")
    expect(page.get_by_text("将标记为迟到")).to_be_visible()
    ward.answer(beds[4], seed=14)
    phone.sync()
    assert ward.flags() == {
        beds[0]: set(),
        beds[1]: set(),
        beds[2]: {"challenge_missing"},
        beds[3]: {"outside_fence"},
        beds[4]: {"late"},
    }
    conclude(ward)


def test_the_call_comes_by_itself_an_old_picture_is_told_and_all_ends_with_the_round(ward: Ward):
    beds = ward.call(size=1)
    ward.walk.phone.sync()
    ward.answer(beds[0], seed=20)
    ward.walk.phone.sync()
    conclude(ward)
    ward.walk.phone.go(f"/answer/{ward.ward_round}")
    expect(ward.page.get_by_text("这次查房已结束")).to_be_visible()
    ward.walk.phone.go("/")
    expect(ward.page.get_by_text("现在没有呼叫")).to_be_visible()

    beds = ward.call(size=1)
    # Nobody syncs: the phone asks by itself while it is open.
    expect(ward.page.get_by_role("link", name="远程查房正在等您应答")).to_be_visible()
    ward.answer(beds[0], seed=20)
    ward.walk.phone.sync()
    assert ward.flags() == {beds[0]: {"duplicate"}}


def conclude(ward: Ward) -> None:
    """End the round at the desk."""
    step = {"stage": {"from": ward.bureau.record(ward.ward_round).stage, "to": "concluded"}}
    draft = Draft("edit", "ward_round", ward.ward_round, step)
    act(ward.bureau.services, [draft], user=ward.bureau.users["chief"])
