"""From the phone to the supervisor's browser and back, over a real server process."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from mobile_stub.camera import Device, take_photo
from mobile_stub.phone import Phone
from mobile_stub.scenery.scene import Scene
from server.accounts.users import NewUser, enlist
from server.storage import record_store
from tests.server.builders import Installation, install
from tests.server.phones import REGION, Visit, enrol, visit
from tests.services.browser import DESK, fresh_page
from tests.services.granian import ServerProcess
from tests.services.processes import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[tuple[Installation, Visit]]:
    """An installation served by its own process, in real time."""
    port, home = free_port(), tmp_path / "home"
    url, database = f"http://127.0.0.1:{port}", f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    made = install(home, database, real_time=True, WARDLEDGER_URL=url)
    (home / "settings.env").write_text(
        f"WARDLEDGER_ORIGIN={made.services.config.origin}\nWARDLEDGER_DATABASE_URL={database}\n"
    )
    found = visit(made.services)
    with ServerProcess(home, port):
        yield made, found
    made.services.engine.dispose()


def photographed(installation: Installation, found: Visit, home: Path) -> tuple[Phone, str]:
    """Return the lead's phone and the photograph that it has just synced."""
    phone = enrol(installation, home, found.lead, real_time=True)
    assert phone.sync().clean
    phone.step(found.inspection, "on_site")
    phone.begin_round(found.ward_round)
    bed = phone.check_bed(
        found.ward_round, bed_listed="1101", presence="in_bed", encounter=found.encounters[0]
    )
    picture = take_photo(
        random.Random(1),
        scene=Scene("ward", "1101"),
        taken_at=datetime.now(UTC),
        lat_e7=317_500_100,
        lon_e7=1_165_000_100,
        device=Device(),
        size=(800, 600),
    )
    photo = phone.take_evidence(
        found.inspection,
        picture,
        kind="audio_visual",
        media_type="image/jpeg",
        ward_round=found.ward_round,
        bed_check=bed,
    )
    assert phone.sync().clean
    return phone, photo


def sign_in(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/sign-in")
    page.locator("input[name=username]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".rail")).to_be_visible()


@pytest.mark.timeout(180)
def test_a_photo_synced_a_moment_ago_is_approved_and_the_approval_reaches_the_phone(
    bureau: tuple[Installation, Visit], browser: Browser, tmp_path: Path
):
    installation, found = bureau
    services = installation.services
    enlist(services, NewUser("boss", "测试主管001", ("supervisor",), REGION), PASSWORD)
    phone, photo = photographed(installation, found, tmp_path / "phone")
    with fresh_page(browser, DESK) as page:
        sign_in(page, services.config.url, "boss")
        page.goto(f"{services.config.url}/rounds/{found.ward_round}")
        expect(page.locator(".bed")).to_have_count(len(found.encounters))
        page.goto(f"{services.config.url}/evidence/{photo}")
        expect(page.locator(".photo-frame img")).to_be_visible()
        expect(page.locator(".proof")).to_contain_text("存证核验通过")
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        expect(page.locator("[role=status]")).to_contain_text("通过 1 件证据")
    assert phone.sync().clean
    assert phone.show(photo).stage == "approved"
    phone.close()


@pytest.mark.timeout(180)
def test_the_author_is_refused_in_page_and_api_even_with_a_supervisors_role(
    bureau: tuple[Installation, Visit], browser: Browser, tmp_path: Path
):
    installation, found = bureau
    services = installation.services
    phone, photo = photographed(installation, found, tmp_path / "phone")
    assert phone.sync().clean, "the file's verification has moved the record on"
    give_desk_access(installation, found.lead)
    url = services.config.url
    with fresh_page(browser, DESK) as page:
        sign_in(page, url, "author")
        page.goto(f"{url}/evidence/{photo}")
        expect(page.locator("[data-approve]")).to_be_disabled()
    with httpx.Client(base_url=url) as api:
        token = api.get("/api/session").json()["csrf_token"]
        headers = {"X-CSRFToken": token}
        session = {"login": "author", "password": PASSWORD}
        token = api.post("/api/session", json=session, headers=headers).json()["csrf_token"]
        body = {"act": "approve", "version": phone.show(photo).base[1]}
        answer = api.post(f"/api/evidence/{photo}/review", json=body, headers={"X-CSRFToken": token})
    assert answer.status_code == 403
    assert answer.json()["code"] == "own_work"
    assert phone.sync().clean
    assert phone.show(photo).stage == "pending_review"
    phone.close()


def give_desk_access(installation: Installation, user: str) -> None:
    """Make the author a supervisor too, with a password: the worst case for separation of duties."""
    from schemas.drafting import Draft
    from server.accounts.credentials import add_password, hashed, login_hash
    from server.commit.acts import act

    services = installation.services
    key = login_hash(services.keyring.pepper, "author")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        version = record_store.load(connection, vault, [user])[user].version

    def with_password(connection, _):
        add_password(connection, services.ledger.id, login=key, user=user, password_hash=hashed(PASSWORD))

    role = Draft("edit", "user", user, add={"roles": ["supervisor"]})
    act(services, [role], kind="setting", expect={user: version}, after=with_password)
