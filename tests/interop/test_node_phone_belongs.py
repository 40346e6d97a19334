"""The phone in JavaScript and who it belongs to: lease, loss, the order to erase, another phone's place, catalogues."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from server.ledger.audit import audit
from server.operations.lost_phone import declare_lost
from tests.catalogues.bureau import LOCAL_CHECKLIST, LOCAL_VIOLATIONS, found_bureau
from tests.interop.line import Exchange, cut, once
from tests.interop.node_phone import NodePhone, NodeRefused
from tests.interop.town import Town

pytestmark = pytest.mark.slow
DAY_MS = 86_400_000
SETS, DEVICES = "/v1/change-sets", "/v1/devices"


# -- the lease ----------------------------------------------------------------------------------------------------


def test_a_phone_out_of_touch_shows_nothing_and_records_on_until_it_has_synced(here: Town) -> None:
    phone = here.node(here.found.lead)
    finding = here.write(phone)
    assert 0 < phone.do("lease")["leftMs"] <= 7 * DAY_MS
    phone.kill()
    with NodePhone(phone.home, wall_offset_ms=8 * DAY_MS) as later:
        for asked in (
            {"what": "show", "record": finding},
            {"what": "list", "type": "finding"},
            {"what": "checklist", "inspection": here.found.inspection},
        ):
            with pytest.raises(NodeRefused, match="reading_locked"):
                later.do(**asked)
        later.do("edit", record=finding, values={"amount_fen": 7})
        assert later.do("status")["reading_locked"] is True
        later.sync()
        assert later.values(finding)["amount_fen"] == 7


def test_setting_the_clock_back_wins_nothing(here: Town) -> None:
    phone = here.node(here.found.lead)
    phone.kill()
    with NodePhone(phone.home, wall_offset_ms=6 * DAY_MS) as later:
        left = later.do("lease")["leftMs"]
    with NodePhone(phone.home, wall_offset_ms=-30 * DAY_MS) as back:
        assert back.do("lease")["leftMs"] <= left


# -- lost -----------------------------------------------------------------------------------------------------------


def lost(here: Town, phone: NodePhone, *, now: bool) -> None:
    declare_lost(here.installation.services, phone.do("status")["device"], now=now)


def test_a_lost_phone_hands_over_what_it_has_and_erases_itself(here: Town) -> None:
    phone = here.node(here.found.lead)
    here.write(phone)
    content = base64.b64encode(b"a photograph").decode()
    values = {"inspection": here.found.inspection, "kind": "audio_visual", "media_type": "image/jpeg"}
    phone.do("take_evidence", content=content, values=values)
    lost(here, phone, now=False)
    told = phone.do("sync")
    for _ in range(2):
        if not told["wiped"]:
            told = phone.do("sync")
    assert told["wiped"] is True
    assert here.line.statuses("POST", SETS) == [403]
    assert any(one.method == "PATCH" for one in here.line.seen)
    assert not (phone.home / "phone").exists()
    phone.kill()


def test_an_order_that_the_ledger_did_not_sign_is_none(here: Town) -> None:
    with here.node(here.found.lead) as phone:
        here.write(phone)
        lost(here, phone, now=True)
        here.line.after = forge
        assert phone.do("sync")["wiped"] is False
        assert (phone.do("status")["shut_out"], phone.do("status")["alarm"]) == (None, None)
        here.line.reset()
        assert phone.do("sync")["wiped"] is True


def forge(exchange: Exchange) -> None:
    """Say of a phone what the ledger did not sign."""
    if exchange.status == 403:
        problem = json.loads(exchange.answer)
        head, payload, _ = problem["statement"].split(".")
        exchange.answer = json.dumps({**problem, "statement": f"{head}.{payload}.{'A' * 86}"}).encode()


# -- another phone's place ---------------------------------------------------------------------------------------------


def test_unsent_work_goes_under_the_new_device_in_its_order_and_nothing_twice(here: Town) -> None:
    with here.node(here.found.lead) as phone:
        first = here.write(phone)
        here.line.after = once(SETS, cut)
        assert phone.failures() == [("push", "offline")]
        second = here.write(phone)
        phone.do("edit", record=second, values={"amount_fen": 7})
        old = phone.do("status")["device"]
        status = phone.enrol(here.ticket(here.found.lead, supersedes=old))
        assert (status["former"], status["device"] == old, status["outbox"]) == (old, False, 2)
        assert phone.sync()["pushed"]["verdicts"] == {"applied": 2}
        assert phone.values(second)["amount_fen"] == 7
        assert phone.do("set", seq=1)["receipt"]
        status = phone.do("status")
        assert (status["attention"], status["unacknowledged"]) == ([], 0)
        with here.node(here.found.member) as other:
            assert [other.values(one)["amount_fen"] for one in (first, second)] == [126_000, 7]
    assert audit(here.installation.services).ok


def test_a_place_taken_over_a_lost_answer_is_taken_once(here: Town) -> None:
    with here.node(here.found.lead) as phone:
        here.write(phone)
        old = phone.do("status")["device"]
        ticket = here.ticket(here.found.lead, supersedes=old)
        here.line.after = once(DEVICES, cut)
        with pytest.raises(NodeRefused, match="offline"):
            phone.enrol(ticket)
        assert phone.do("status")["device"] == old
        phone.enrol(ticket)
        assert here.line.statuses("POST", DEVICES)[-2:] == [201, 200]
        assert phone.sync()["pushed"]["verdicts"] == {"applied": 1}


def test_an_invite_that_names_another_device_lets_nobody_take_this_one_s_place(here: Town) -> None:
    with here.node(here.found.lead) as phone, here.node(here.found.lead) as other:
        ticket = here.ticket(here.found.lead, supersedes=other.do("status")["device"])
        with pytest.raises(NodeRefused, match="not_allowed"):
            phone.enrol(ticket)
        here.write(phone)
        assert phone.sync()["pushed"]["verdicts"] == {"applied": 1}


# -- catalogues ------------------------------------------------------------------------------------------------


def test_checklist_and_violations_are_fetched_once_and_searched_without_a_network(
    here: Town, tmp_path: Path
) -> None:
    bureau = found_bureau(here.installation)
    bureau.bring(tmp_path, LOCAL_VIOLATIONS)
    bureau.bring(tmp_path, LOCAL_CHECKLIST)
    inspection = bureau.plan(approved=True)
    with here.node(bureau.lead) as phone:
        phone.do("create", type="checklist_answer", values={
            "inspection": inspection, "item": "L01", "answer": "conforms",
        })  # fmt: skip
        here.line.before = cut
        (item,) = phone.do("checklist", inspection=inspection, text="在床病人")
        assert (item["row"]["code"], item["state"], item["settled"]) == ("L01", "conforms", True)
        assert [one["mine"] for one in item["answers"]] == [True]
        found = phone.do("violations", inspection=inspection, text="日间病房")
        assert [row["code"] for row in found] == ["false_day_ward"]
        assert phone.do("violations", inspection=inspection, text="日间 病房 没有") == []
        here.line.reset()
        assert phone.sync()["fetched"] == {"catalogues": 0, "bytes": 0, "dropped": 0}


def test_a_catalogue_that_is_another_than_its_digest_names_is_not_kept(here: Town, tmp_path: Path) -> None:
    bureau = found_bureau(here.installation)
    bureau.bring(tmp_path, LOCAL_CHECKLIST)
    inspection = bureau.plan(approved=True)
    with NodePhone(here.home()) as phone:
        phone.enrol(here.ticket(bureau.lead))

        def spoil(exchange: Exchange) -> None:
            if exchange.place.startswith("/v1/catalogues/"):
                exchange.answer = exchange.answer.replace(b"L01", b"L99")

        here.line.after = spoil
        assert ("catalogues", "catalogue_differs") in phone.failures()
        with pytest.raises(NodeRefused, match="no_catalogue"):
            phone.do("checklist", inspection=inspection)
        here.line.reset()
        phone.sync()
        assert phone.do("checklist", inspection=inspection)
