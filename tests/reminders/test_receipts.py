"""What a gateway knows of a text after it took it: delivered, or failed after all; asked less and less often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from server.reminders.channels import Channel, open_channels
from server.reminders.parcels import name_of
from server.reminders.schedule import tick
from tests.reminders.served_case import Bureau, FakeChannel, served_case
from tests.reminders.test_sms import PHONE, SENT_BY, told
from tests.services.gateway import LoopbackGateway

VENDORS = ("aliyun", "tencent")
ARRIVED = datetime(2026, 11, 17, 6, 0, 44, tzinfo=UTC)


def words(vendor: str, name: str, *, arrived: bool) -> dict[str, Any]:
    """Return an answer as the vendor's description has it, another text before the one that is meant."""
    if vendor == "aliyun":
        one = {"OutId": name, "SendStatus": 3 if arrived else 2, "PhoneNum": PHONE, "TemplateCode": "SMS_0"}
        one |= {"ErrCode": "DELIVERED" if arrived else "MK:0001", "ReceiveDate": "2026-11-17 14:00:44"}
        others = [{"OutId": "another", "SendStatus": 3}, {"OutId": name, "SendStatus": 1}]
        return {"Code": "OK", "TotalCount": 3, "SmsSendDetailDTOs": {"SmsSendDetailDTO": [*others, one]}}
    one = {
        "SessionContext": name,
        "ReportStatus": "SUCCESS" if arrived else "FAIL",
        "PhoneNumber": f"+86{PHONE}",
    }
    one |= {"Description": "DELIVRD" if arrived else "MK:0001", "UserReceiveTime": int(ARRIVED.timestamp())}
    other = {"SessionContext": "another", "ReportStatus": "SUCCESS"}
    return {"Response": {"PullSmsSendStatusSet": [other, one], "RequestId": "a0aabda6"}}


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> str:
    """Each vendor in turn."""
    return str(request.param)


@pytest.fixture
def gateway(vendor: str) -> Iterator[LoopbackGateway]:
    """A gateway that takes every text."""
    with LoopbackGateway(told=SENT_BY[vendor]) as running:
        yield running


@pytest.fixture
def ways(bureau: Bureau, gateway: LoopbackGateway, vendor: str) -> dict[str, Channel]:
    """The channels of a bureau whose institution's contact has a mobile phone."""
    bureau.services.config.sms_file.write_text(json.dumps(told(gateway.url, vendor)), "utf-8")
    bureau.edit("institution", bureau.institution, contact_phone=PHONE)
    return {"email": FakeChannel(), "sms": open_channels(bureau.services.config, "zh_CN")["sms"]}


def texted(bureau: Bureau, ways: dict[str, Channel], *, sent: str = "sent") -> tuple[str, str]:
    """Serve a case by text; return it and the name of its text."""
    case = served_case(bureau)
    assert tick(bureau.services, bureau.now, ways)[sent] >= 1
    (row,) = [row for row in bureau.outbox(case) if row.key.channel == "sms"]
    return case, name_of(bureau.services, row.key)


def state(bureau: Bureau, case: str) -> tuple[str, str | None]:
    (row,) = [row for row in bureau.outbox(case) if row.key.channel == "sms"]
    return row.state, row.error


def reminder(bureau: Bureau) -> dict[str, Any]:
    (found,) = [one for one in bureau.reminders() if one["channel"] == "sms"]
    return dict(found)


def later(bureau: Bureau, ways: dict[str, Channel], seconds: float = 31) -> dict[str, int]:
    bureau.installation.clock.advance(seconds=seconds)
    return dict(tick(bureau.services, bureau.now, ways))


def test_a_text_that_reached_the_phone_is_delivered_at_the_gateways_time(
    bureau: Bureau, ways: dict[str, Channel], gateway: LoopbackGateway, vendor: str
):
    case, name = texted(bureau, ways)
    gateway.told = words(vendor, name, arrived=True)
    assert later(bureau, ways) == {"delivered": 1}
    assert state(bureau, case) == ("delivered", None)
    found = reminder(bureau)
    assert (found["result"], found["delivered_at"]) == ("delivered", round(ARRIVED.timestamp() * 1000))
    asked = gateway.asked[-1]
    if vendor == "aliyun":
        assert asked.headers["x-acs-action"] == "QuerySendDetails"
        query = {key: value for key, (value,) in parse_qs(urlsplit(asked.path).query).items()}
        assert query == {"PhoneNumber": PHONE, "SendDate": "20261117", "PageSize": "50", "CurrentPage": "1"}
    else:
        assert asked.headers["x-tc-action"] == "PullSmsSendStatusByPhoneNumber"
        assert json.loads(asked.body)["PhoneNumber"] == f"+86{PHONE}"
    number = len(gateway.asked)
    assert later(bureau, ways, 3600) == {}
    assert len(gateway.asked) == number, "what is known is not asked again"


def test_a_text_that_did_not_reach_the_phone_has_failed_and_waits_for_a_person(
    bureau: Bureau, ways: dict[str, Channel], gateway: LoopbackGateway, vendor: str
):
    case, name = texted(bureau, ways)
    gateway.told = words(vendor, name, arrived=False)
    assert later(bureau, ways) == {"failed": 1}
    assert state(bureau, case) == ("failed", "undelivered MK_0001")
    found = reminder(bureau)
    assert (found["result"], found["failure"]) == ("failed", "MK_0001")


def test_a_text_of_which_nobody_knew_turns_out_to_have_arrived(
    bureau: Bureau, ways: dict[str, Channel], gateway: LoopbackGateway, vendor: str
):
    gateway.told = b"not for us"
    case, name = texted(bureau, ways, sent="unknown")
    gateway.told = words(vendor, name, arrived=True)
    assert later(bureau, ways) == {"delivered": 1}
    assert state(bureau, case)[0] == "delivered"


@pytest.mark.parametrize("answer", [{}, b"<html>", {"Code": "OK"}, {"Response": {}}, 500])
def test_where_the_gateway_knows_nothing_the_text_stays_sent(
    bureau: Bureau, ways: dict[str, Channel], gateway: LoopbackGateway, answer: Any
):
    case, _ = texted(bureau, ways)
    gateway.told, gateway.status = ({}, 500) if answer == 500 else (answer, 200)
    assert later(bureau, ways) == {}
    assert state(bureau, case) == ("sent", None)


def test_it_is_asked_less_and_less_often_and_after_three_days_no_more(
    bureau: Bureau, ways: dict[str, Channel], gateway: LoopbackGateway
):
    texted(bureau, ways)
    gateway.told = {}
    number = len(gateway.asked)
    for _ in range(60):
        later(bureau, ways, 15)
    in_a_quarter_of_an_hour = len(gateway.asked) - number
    assert 3 <= in_a_quarter_of_an_hour <= 9
    # By now its e-mail's later rungs would go too; only questions are counted.
    questions = len(gateway.asked)
    for _ in range(24):
        later(bureau, ways, 3600)
    assert len(gateway.asked) - questions <= 12
    bureau.installation.clock.advance(days=3)
    settled = len(gateway.asked)
    later(bureau, ways)
    assert len(gateway.asked) == settled
