"""What inspectors do with findings on a phone's pages, said once for the tests."""

from __future__ import annotations

from playwright.sync_api import expect

from mobile_stub.phone import Phone
from tests.phone_app.handset import Handset


def arrive(phone: Handset, inspection: str) -> None:
    """Open an inspection and begin it."""
    phone.go(f"/inspection/{inspection}")
    phone.page.get_by_role("button", name="到达现场").click()
    phone.page.get_by_role("button", name="双方已出示证件，开始检查").click()
    expect(phone.page.locator(".head")).to_contain_text("现场检查")


def write(phone: Handset, inspection: str, *, search: str, choose: str, facts: str, yuan: str) -> str:
    """Write a finding by its form and return its id, once its page is there."""
    phone.go(f"/inspection/{inspection}/finding")
    phone.page.get_by_label("违规类型").first.fill(search)
    phone.page.get_by_role("button", name=choose, exact=True).click()
    phone.page.get_by_label("事实").fill(facts)
    phone.page.get_by_label("涉及金额").fill(yuan)
    phone.page.get_by_role("button", name="保存到本机").click()
    expect(phone.page.locator("h1")).to_have_text(choose)
    return phone.page.url.rsplit("/", 1)[1]


def amend(phone: Handset, finding: str, yuan: str) -> None:
    """Write another amount into a finding."""
    phone.go(f"/finding/{finding}/edit")
    phone.page.get_by_label("涉及金额").fill(yuan)
    phone.page.get_by_role("button", name="保存到本机").click()
    expect(phone.page.locator(".told")).to_contain_text(f"{yuan} 元")


def pull(phone: Phone) -> None:
    """Let a Python phone sync; fails where any part did."""
    report = phone.sync()
    assert report.clean, report
