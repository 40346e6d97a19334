"""From a local list to a finding under it: import, approval, sync, search without a network, push, applied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mobile_stub.phone import Phone
from mobile_stub.recording import create
from mobile_stub.trouble import ServerRefused
from schemas.drafting import Draft
from server.ledger.audit import audit
from sync.errors import NotInCatalogue
from tests.catalogues.bureau import LOCAL_CHECKLIST, LOCAL_VIOLATIONS, Bureau, found_bureau
from tests.server.builders import Installation
from tests.server.phones import client, enrol, user

Break = Callable[[httpx.Response], httpx.Response]


@pytest.fixture
def bureau(installation: Installation, tmp_path: Path) -> Bureau:
    """A bureau that has imported its own violations and checklist."""
    made = found_bureau(installation)
    made.bring(tmp_path, LOCAL_VIOLATIONS)
    made.bring(tmp_path, LOCAL_CHECKLIST)
    return made


class Line(httpx.BaseTransport):
    """A line to the server that a test may cut, or on which it alters the bytes of catalogues."""

    def __init__(self, installation: Installation):
        self.inner = client(installation)._transport
        self.cut = False
        self.alter: Callable[[bytes], bytes] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("no network")
        answer = self.inner.handle_request(request)
        if (
            self.alter is None
            or not request.url.path.startswith("/v1/catalogues/")
            or answer.status_code != 200
        ):
            return answer
        answer.read()
        return httpx.Response(200, headers={"content-type": "text/plain"}, content=self.alter(answer.content))


def ready(bureau: Bureau, home: Path, who: str) -> tuple[Phone, Line]:
    """Return a phone that is enrolled, and its line to the server."""
    line = Line(bureau.installation)
    phone = enrol(bureau.installation, home, who)
    phone.kit.transport.client = httpx.Client(transport=line)
    return phone, line


def test_a_local_checklist_goes_all_the_way_to_an_applied_finding(bureau: Bureau, tmp_path: Path):
    inspection = bureau.plan(approved=True)
    phone, line = ready(bureau, tmp_path / "phone", bureau.lead)
    report = phone.sync()
    assert (report.clean, report.fetched.catalogues) == (True, 2)

    line.cut = True
    phone.step(inspection, "on_site")
    assert [one.row["code"] for one in phone.checklist(inspection, "在床病人")] == ["L01"]
    assert [row["code"] for row in phone.violations(inspection, "日间病房")] == ["false_day_ward"]
    finding = phone.write_finding(inspection, violation_code="false_day_ward", amount_fen=50_000)
    answer = phone.answer_item(inspection, "L01", "violates", finding=finding)
    assert phone.show(finding).values["facts"] == "经查，测试第001机构虚设日间病房。"
    with pytest.raises(NotInCatalogue):
        phone.write_finding(inspection, violation_code="upcoding", facts="事实", amount_fen=1)

    line.cut = False
    assert phone.sync().pushed.verdicts == {"applied": 3}
    assert bureau.record(finding).values["violation_code"] == "false_day_ward"
    assert bureau.record(answer).values["finding"] == finding
    assert audit(bureau.services).ok


def test_a_version_that_came_later_is_neither_shown_nor_accepted_on_this_inspection(
    bureau: Bureau, tmp_path: Path
):
    inspection = bureau.plan(approved=True)
    phone, _ = ready(bureau, tmp_path / "phone", bureau.lead)
    assert phone.sync().clean
    rows = [*LOCAL_VIOLATIONS["rows"], {**LOCAL_VIOLATIONS["rows"][0], "code": "new_trick", "zh": "新手法"}]
    bureau.bring(tmp_path, LOCAL_VIOLATIONS, version="2", rows=rows)
    assert phone.sync().fetched.catalogues == 0
    assert phone.violations(inspection, "新手法") == []
    values = {"inspection": inspection, "violation_code": "new_trick", "amount_fen": 1, "facts": "事实",
              "origin": "on_site"}  # fmt: skip
    # As an app would send it that does not look into its catalogue.
    finding = create(phone.kit, "finding", values)
    assert phone.sync().pushed.verdicts == {"refused": 1}
    (told,) = phone.attention()
    assert (told["record"], told["code"], told["field"]) == (finding, "not_in_catalogue", "violation_code")
    assert audit(bureau.services).ok


@pytest.mark.parametrize(
    "alter",
    [
        lambda text: text.replace(b"L01", b"L09"),
        lambda text: text + b"{}\n",
        lambda text: text[: len(text) // 2],
    ],
    ids=["another code", "a line more", "cut off"],
)
def test_bytes_that_were_altered_on_the_way_are_not_kept(
    bureau: Bureau, tmp_path: Path, alter: Callable[[bytes], bytes]
):
    inspection = bureau.plan(approved=True)
    phone, line = ready(bureau, tmp_path / "phone", bureau.lead)
    line.alter = alter
    assert {error.code for error in phone.sync().errors} == {"catalogue_differs"}
    line.alter = None
    assert phone.sync().clean
    assert phone.checklist(inspection)


def test_a_phone_of_another_city_has_nothing_of_it(bureau: Bureau, tmp_path: Path):
    inspection = bureau.plan(approved=True)
    digest = str(bureau.record(inspection).values["checklist_digest"])
    stranger, _ = ready(
        bureau, tmp_path / "stranger", user(bureau.services, "stranger", "inspector", "340102")
    )
    assert stranger.sync().fetched.catalogues == 0
    with pytest.raises(ServerRefused) as refused:
        stranger.kit.transport.get(f"/v1/catalogues/{digest}")
    assert (refused.value.status, refused.value.code) == (404, "not_found")


def test_a_phone_that_leaves_the_team_drops_what_it_carried(bureau: Bureau, tmp_path: Path):
    inspection = bureau.plan(approved=True)
    phone, _ = ready(bureau, tmp_path / "phone", bureau.member)
    assert phone.sync().fetched.catalogues == 2
    bureau.act(Draft("edit", "inspection", inspection, {}, remove={"members": [bureau.member]}))
    assert phone.sync().fetched.dropped == 2
