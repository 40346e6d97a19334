"""A finding from the first word to the supervisor's desk, on a phone without a network; what comes back is mended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from server.casework.late_changes import Ruling, rule
from server.storage import waiting_store
from tests.interop.town import Town, town
from tests.phone_app import findings
from tests.phone_app.busy import REASON, Busy, make_busy
from tests.phone_app.handset import Handset, handset

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Busy]:
    """A town in which a picture came back and two values clash."""
    folder = tmp_path_factory.mktemp("busy")
    with town(folder, f"sqlite:///{folder / 'ledger.db'}") as made:
        yield make_busy(made)


def test_a_finding_is_written_without_a_network_and_what_was_typed_outlives_a_restart(
    phone: Handset, here: Town
):
    inspection, page = here.found.inspection, phone.page
    phone.enrol(here.found.lead)
    findings.arrive(phone, inspection)
    page.evaluate("navigator.serviceWorker.ready")
    phone.sync()
    phone.context.set_offline(True)
    expect(page.locator(".strip")).to_contain_text("离线")
    phone.go(f"/inspection/{inspection}/finding")
    page.get_by_role("button", name="保存到本机").click()
    expect(page.locator(".fault")).to_have_count(3)
    page.get_by_label("涉及金额").fill("一千二")
    page.get_by_label("事实").fill("测试床位无人")
    page.get_by_role("button", name="保存到本机").click()
    expect(page.locator(".fault", has_text="以元为单位")).to_be_visible()
    page.get_by_label("违规类型").first.fill("分解")
    page.get_by_role("button", name="分解住院", exact=True).click()
    expect(page.locator(".chosen")).to_contain_text("条例")

    phone.go("/")
    expect(page.locator(".card").first).to_be_visible()
    phone.go(f"/inspection/{inspection}/finding")
    expect(page.locator(".note")).to_contain_text("上次没有保存完")
    phone.go("/")
    expect(page.locator(".card").first).to_be_visible()
    page.reload()
    phone.unlock()
    phone.go(f"/inspection/{inspection}/finding")
    expect(page.locator(".note")).to_contain_text("上次没有保存完")
    expect(page.get_by_label("事实")).to_have_value("测试床位无人")
    page.get_by_label("涉及金额").fill("1260.5")
    page.get_by_role("button", name="保存到本机").click()
    expect(page.locator(".told")).to_contain_text("1,260.50 元")
    expect(page.locator(".head")).to_contain_text("尚未核验")
    page.get_by_role("button", name="提出问题").click()
    page.get_by_role("button", name="确认提出").click()
    expect(page.locator(".head")).to_contain_text("已提出")

    phone.context.set_offline(False)
    phone.sync()
    python = here.python(here.found.member)
    (kept,) = python.show_all("finding")
    assert (kept.values["amount_fen"], kept.stage) == (126_050, "proposed")
    assert kept.values["legal_basis"] == "SC735-38-1"
    python.close()
    # What was kept does not come back as something still to be kept.
    phone.go(f"/inspection/{inspection}/finding")
    expect(page.get_by_label("事实")).to_have_value("")


def test_what_came_back_stands_on_top_with_its_reason_and_is_taken_anew(browser: Browser, busy: Busy):
    with handset(browser, busy.town) as phone:
        phone.enrol(busy.town.found.member)
        card = phone.page.locator(".needs-me")
        expect(card).to_contain_text("1 件证据被退回")
        card.click()
        need = phone.page.locator(".need", has_text="证据被退回")
        expect(need).to_contain_text(f"影像不清：{REASON}")
        need.get_by_role("button", name="重新拍一张").click()
        phone.page.get_by_role("button", name="拍照").click()
        expect(need).to_have_count(0)
        phone.sync_with_a_look()
        python = busy.town.python(busy.town.found.lead)
        (mended,) = [one for one in python.show_all("evidence") if one.values.get("supersedes")]
        assert mended.values["supersedes"] == busy.photos[2]
        assert mended.values["inspection"] == busy.inspection
        python.close()


def test_a_change_that_came_too_late_says_why_and_what_was_ruled(browser: Browser, busy: Busy):
    here = busy.town
    with handset(browser, here) as phone:
        phone.enrol(here.found.member)
        phone.page.evaluate("navigator.serviceWorker.ready")
        expect(phone.page.locator(".needs-me")).to_be_visible()
        phone.context.set_offline(True)
        expect(phone.page.locator(".strip")).to_contain_text("离线")
        findings.amend(phone, busy.findings[1], "8,000.00")
        lead = here.python(here.found.lead)
        lead.step(busy.inspection, "record_signed")
        findings.pull(lead)
        lead.close()
        phone.context.set_offline(False)
        phone.sync_with_a_look()
        phone.go("/needs")
        late = phone.page.locator(".need", has_text="到得太迟")
        expect(late).to_contain_text("内容已完整保存，由监管人员决定采纳或不采纳")
        services = here.installation.services
        with services.database.reading() as connection:
            (row,) = waiting_store.open_ones(connection, services.ledger.id)
        ruling = Ruling("set_aside", "not_proven", "演示：依据不足，不采纳")
        rule(services, here.found.supervisor, row.index, ruling)
        phone.sync_with_a_look()
        phone.go("/needs")
        aside = phone.page.locator(".need", has_text="监管人员未采纳")
        expect(aside).to_contain_text("依据不足：演示：依据不足，不采纳")
        aside.get_by_role("button", name="知道了").click()
        expect(aside).to_have_count(0)
