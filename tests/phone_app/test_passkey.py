"""A fingerprint or face opens the phone where its passkey has a secret to give; where it has none that is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.interop import town as towns
from tests.interop.line import Line
from tests.interop.town import Town
from tests.phone_app.handset import PIN, Handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


class NamedLine(Line):
    """A line by a name: an address of digits has no passkeys."""

    def __init__(self) -> None:
        super().__init__()
        self.url = self.url.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module")
def whole_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One server for the module, by a name."""
    folder: Path = tmp_path_factory.mktemp("town")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(towns, "Line", NamedLine)
        with towns.town(folder, f"sqlite:///{folder / 'ledger.db'}") as made:
            yield made


def finger(phone: Handset, *, prf: bool) -> None:
    """Give the phone an authenticator that verifies its user."""
    way = phone.context.new_cdp_session(phone.page)
    way.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True, "hasPrf": prf,
    }  # fmt: skip
    way.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add(phone: Handset, pin: str) -> None:
    phone.go("/phone")
    phone.page.get_by_label("先输入口令").fill(pin)
    phone.page.get_by_role("button", name="用指纹或面容解锁").click()


def test_a_finger_unlocks_the_phone_until_the_pin_alone_is_wanted(phone: Handset, here: Town):
    finger(phone, prf=True)
    phone.enrol(here.found.lead)
    add(phone, "135791")
    expect(phone.page.get_by_role("alert")).to_contain_text("口令不对")
    add(phone, PIN)
    expect(phone.page.get_by_text("口令仍然有效")).to_be_visible()
    phone.page.reload()
    phone.page.get_by_role("button", name="用指纹或面容解锁").click()
    expect(phone.page.locator(".bar")).to_be_visible()
    phone.page.get_by_role("button", name="只用口令解锁").click()
    expect(phone.page.get_by_label("先输入口令")).to_be_visible()
    phone.page.reload()
    expect(phone.page.get_by_role("button", name="解锁", exact=True)).to_be_visible()
    expect(phone.page.get_by_role("button", name="用指纹或面容解锁")).to_have_count(0)


def test_a_passkey_without_a_secret_is_told_and_the_pin_goes_on(phone: Handset, here: Town):
    finger(phone, prf=False)
    phone.enrol(here.found.member)
    add(phone, PIN)
    expect(phone.page.get_by_role("alert")).to_contain_text("请继续用口令")
    phone.page.reload()
    phone.unlock()
    expect(phone.page.locator(".bar")).to_be_visible()
