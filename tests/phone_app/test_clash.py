"""Two phones with the app and one in Python write different amounts into one finding; the lead settles it by thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.interop.town import Town
from tests.phone_app import findings
from tests.phone_app.handset import Handset, handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


def test_three_phones_clash_on_a_finding_and_settle_it(phone: Handset, here: Town, browser: Browser):
    inspection = here.found.inspection
    with handset(browser, here) as member:
        phone.enrol(here.found.lead)
        findings.arrive(phone, inspection)
        finding = findings.write(
            phone, inspection, search="挂床", choose="挂床住院", facts="测试床位无人", yuan="1,260.00"
        )
        phone.sync()
        member.enrol(here.found.member)
        python = here.python(here.found.member)
        findings.amend(phone, finding, "1,520.00")
        findings.amend(member, finding, "980.00")
        python.edit(finding, {"amount_fen": 110_000})
        phone.sync()
        findings.pull(python)
        member.sync_with_a_look()
        phone.sync_with_a_look()

        # Whoever is not the lead sees both sides, and that it is not his to settle.
        member.go("/needs")
        expect(member.page.locator(".need")).to_contain_text("由组长定下")
        member.page.get_by_role("link", name="看两个值").click()
        expect(member.page.locator(".side strong")).to_have_text(["1,520.00 元", "1,100.00 元", "980.00 元"])
        expect(member.page.get_by_role("radio")).to_have_count(0)

        settle(phone, "980.00 元")
        phone.sync()
        member.sync_with_a_look()
        findings.pull(python)
        assert python.show(finding).values["amount_fen"] == 98_000
        for one in (phone, member):
            one.go(f"/finding/{finding}")
            expect(one.page.locator(".told")).to_contain_text("980.00 元")
            one.go("/needs")
            expect(one.page.locator(".empty")).to_contain_text("没有要处理的")
        python.close()


def settle(phone: Handset, value: str) -> None:
    """Go from what needs the lead to the comparison, and choose."""
    phone.go("/needs")
    phone.page.get_by_role("link", name="比较并定下").click()
    button = phone.page.get_by_role("button", name="定下这个值")
    button.click()
    expect(phone.page.get_by_role("alert")).to_contain_text("请选一个值")
    phone.page.locator(".side", has_text=value).click()
    button.click()
    expect(phone.page.locator(".told")).to_contain_text(value)
