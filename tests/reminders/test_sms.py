"""SMS by a gateway: signed as the vendors publish it, sent by their own word alone, never twice where nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from server.config import load
from server.reminders.channels import BadChannel, names, open_channels
from server.reminders.delivery import ANSWER_BYTES_MAX, Delivery
from server.reminders.gateways.aliyun import Aliyun
from server.reminders.gateways.tencent import Tencent
from server.reminders.messages import Message
from server.reminders.schedule import tick
from server.reminders.sms import PHASES, BadSms, SmsChannel, mobile, settings
from tests.reminders.served_case import SECRETS, Bureau, FakeChannel, served_case
from tests.services.gateway import LoopbackGateway
from tests.services.processes import LOOPBACK, free_port

AT = datetime(2026, 11, 17, 2, tzinfo=UTC)
PHONE = "13800138000"
WORDS = {
    "institution": "六安市测试第001医院",
    "number": "LA-2026-15",
    "due": "2026-12-08",
    "days": "15",
    "state": "剩余15个工作日",
}
MESSAGE = Message("【限期整改】", "全文", "before", WORDS)
SENT_BY = {
    "aliyun": {"Code": "OK", "Message": "OK", "BizId": "900619746936498440^0", "RequestId": "F655A8D5"},
    "tencent": {
        "Response": {"SendStatusSet": [{"Code": "Ok", "PhoneNumber": f"+86{PHONE}"}], "RequestId": "a0aabda6"}
    },
}


def told(endpoint: str, gateway: str = "aliyun", **changes: Any) -> dict[str, Any]:
    """Return settings as they stand in the file."""
    given = {
        "gateway": gateway,
        "endpoint": endpoint,
        "key_id": "the id",
        "key_secret": "the secret of the tests",
        "sign_name": "测试医保局",
        "app_id": "1400006666",
        "words": ["number", "due", "days"],
        "templates": {phase: f"SMS_{n}" for n, phase in enumerate(PHASES)},
    }
    return {**given, **changes}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes settings."""

    def write(*given: Any, **changes: Any) -> Path:
        path = tmp_path / "sms.json"
        path.write_text(json.dumps(told(*given, **changes)), "utf-8")
        return path

    return write


@pytest.fixture(params=["aliyun", "tencent"])
def vendor(request: pytest.FixtureRequest) -> str:
    """Each vendor in turn."""
    return str(request.param)


@pytest.fixture
def gateway(vendor: str) -> Iterator[LoopbackGateway]:
    """A gateway that says yes in its vendor's words."""
    with LoopbackGateway(told=SENT_BY[vendor]) as running:
        yield running


@pytest.fixture
def channel(gateway: LoopbackGateway, vendor: str, file: Callable[..., Path]) -> SmsChannel:
    """A channel to it."""
    given = settings(file(gateway.url, vendor))
    assert given is not None
    return SmsChannel(given, random=bytes, timeout_seconds=2)


def send(channel: SmsChannel, phone: str = PHONE) -> Delivery:
    return channel.send(phone, MESSAGE, name="abc123", at=AT)


# -- signatures -------------------------------------------------------------------------------------------


def test_aliyuns_published_example_is_signed_as_published():
    ours = Aliyun("ecs.cn-shanghai.aliyuncs.com", "YourAccessKeyId", "YourAccessKeySecret", "")
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    at = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
    headers = ours.signed(
        "RunInstances", "2014-05-26", query, at=at, nonce="3156853299f313e23d1673dc12e1703d"
    )
    assert headers["authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_tencents_published_example_is_signed_as_published():
    # Both stand so, asterisks and all, in the vendor's description; they open nothing.
    published, word = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******", "Gu5t9xGARNpq86cd98joQYCN3*******"
    ours = Tencent("cvm.tencentcloudapi.com", published, word, "", "")
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    assert ours.signed("cvm", body, at=datetime.fromtimestamp(1_551_113_065, UTC)) == (
        f"TC3-HMAC-SHA256 Credential={published}/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"
    )


# -- what leaves ------------------------------------------------------------------------------------------


def test_a_text_is_a_template_and_its_words_in_the_order_of_the_settings(
    channel: SmsChannel, gateway: LoopbackGateway, vendor: str
):
    assert send(channel) == Delivery("sent", {"aliyun": "OK", "tencent": "Ok"}[vendor])
    (asked,) = gateway.asked
    if vendor == "aliyun":
        query = {name: word for name, (word,) in parse_qs(urlsplit(asked.path).query).items()}
        assert json.loads(query.pop("TemplateParam")) == {
            "number": "LA-2026-15",
            "due": "2026-12-08",
            "days": "15",
        }
        assert query == {
            "OutId": "abc123",
            "PhoneNumbers": PHONE,
            "SignName": "测试医保局",
            "TemplateCode": "SMS_2",
        }
        assert asked.headers["x-acs-action"] == "SendSms"
    else:
        assert json.loads(asked.body) == {
            "PhoneNumberSet": [f"+86{PHONE}"],
            "SmsSdkAppId": "1400006666",
            "SignName": "测试医保局",
            "TemplateId": "SMS_2",
            "TemplateParamSet": ["LA-2026-15", "2026-12-08", "15"],
            "SessionContext": "abc123",
        }
        assert asked.headers["x-tc-action"] == "SendSms"
    assert asked.headers["authorization"].partition(" ")[0] in ("ACS3-HMAC-SHA256", "TC3-HMAC-SHA256")
    assert "the secret of the tests" not in f"{asked.path}{asked.headers}{asked.body!r}"


@pytest.mark.parametrize("phone", ["0564-7654321", "", "1380013800", "23800138000", "+1 3800138000"])
def test_what_is_no_mobile_number_is_refused_before_anybody_is_asked(
    channel: SmsChannel, gateway: LoopbackGateway, phone: str
):
    assert send(channel, phone) == Delivery("permanent", "address")
    assert gateway.asked == []


@pytest.mark.parametrize("written", ["138 0013 8000", "138-0013-8000", "+8613800138000", "8613800138000"])
def test_a_mobile_number_is_read_as_people_write_it(written: str):
    assert mobile(written) == PHONE


# -- what the answers mean --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vendor", "answer", "came"),
    [
        ("aliyun", {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, Delivery("permanent", "isv.MOBILE_NUMBER_ILLEGAL")),
        (
            "aliyun",
            {"Code": "isv.BUSINESS_LIMIT_CONTROL"},
            Delivery("temporary", "isv.BUSINESS_LIMIT_CONTROL"),
        ),
        (
            "aliyun",
            {"Code": "isv.AMOUNT_NOT_ENOUGH"},
            Delivery("temporary", "isv.AMOUNT_NOT_ENOUGH", in_trouble=True),
        ),
        ("aliyun", {}, Delivery("temporary", "no code", in_trouble=True)),
        (
            "tencent",
            {"Response": {"SendStatusSet": [{"Code": "InvalidParameterValue.IncorrectPhoneNumber"}]}},
            Delivery("permanent", "InvalidParameterValue.IncorrectPhoneNumber"),
        ),
        (
            "tencent",
            {"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}},
            Delivery("temporary", "LimitExceeded.PhoneNumberDailyLimit"),
        ),
        (
            "tencent",
            {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "…"}}},
            Delivery("temporary", "AuthFailure.SignatureFailure", in_trouble=True),
        ),
        ("tencent", {"Response": []}, Delivery("temporary", "no code", in_trouble=True)),
        ("tencent", {"Response": {"Error": {"Code": "Ok"}}}, Delivery("temporary", "Ok", in_trouble=True)),
    ],
)
def test_an_answer_of_200_is_no_success_without_the_vendors_word(
    channel: SmsChannel, gateway: LoopbackGateway, answer: Any, came: Delivery
):
    gateway.told = answer
    assert send(channel) == came


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_gateway_in_trouble_is_asked_again_later(
    channel: SmsChannel, gateway: LoopbackGateway, status: int
):
    gateway.status, gateway.told = status, b"<h1>later</h1>"
    assert send(channel) == Delivery("temporary", str(status), in_trouble=True)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"<html>sign in to the guest network</html>", "200 unreadable"), (b"[]", "200 unreadable"),
     (b" " * (ANSWER_BYTES_MAX + 1), "answer too long")],
)  # fmt: skip
def test_an_answer_that_nobody_can_read_leaves_it_unknown(
    channel: SmsChannel, gateway: LoopbackGateway, answer: bytes, reason: str
):
    gateway.told = answer
    assert send(channel) == Delivery("unknown", reason, in_trouble=True)


def test_a_gateway_that_heard_and_did_not_answer_leaves_it_unknown(
    gateway: LoopbackGateway, vendor: str, file: Callable[..., Path]
):
    gateway.silent_seconds = 1
    given = settings(file(gateway.url, vendor))
    assert given is not None
    came = SmsChannel(given, random=bytes, timeout_seconds=0.2).send(PHONE, MESSAGE, name="n", at=AT)
    assert came == Delivery("unknown", "ReadTimeout", in_trouble=True)
    assert len(gateway.asked) == 1


def test_where_nobody_answers_or_the_line_is_not_secret_nothing_left(
    gateway: LoopbackGateway, vendor: str, file: Callable[..., Path]
):
    for endpoint in (f"http://{LOOPBACK}:{free_port()}", gateway.url.replace("http:", "https:")):
        given = settings(file(endpoint, vendor))
        assert given is not None
        came = SmsChannel(given, random=bytes, timeout_seconds=2).send(PHONE, MESSAGE, name="n", at=AT)
        assert came == Delivery("temporary", "ConnectError", in_trouble=True)
    assert gateway.asked == []


# -- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"endpoint": "http://dysmsapi.aliyuncs.com"}, "https"),
        ({"endpoint": "https://dysmsapi.aliyuncs.com/path"}, "alone"),
        ({"gateway": "carrier pigeon"}, "gateway"),
        ({"gateway": "tencent", "app_id": ""}, "app_id"),
        ({"words": ["name"]}, "words"),
        ({"templates": {"before": "SMS_1"}}, "no template for served"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_by_name(
    file: Callable[..., Path], changes: dict[str, Any], words: str
):
    changes = dict(changes)
    path = file(
        changes.pop("endpoint", "https://dysmsapi.aliyuncs.com"), changes.pop("gateway", "aliyun"), **changes
    )
    with pytest.raises(BadSms, match=words):
        settings(path)
    with pytest.raises(BadChannel, match=words):
        open_channels(load({"WARDLEDGER_SMS_FILE": str(path)}), "zh_CN")


def test_a_file_that_is_no_json_is_refused_and_says_nothing_of_its_content(tmp_path: Path):
    path = tmp_path / "sms.json"
    path.write_text('{"key_secret": "very secret')
    with pytest.raises(BadSms) as refused:
        settings(path)
    assert "very secret" not in str(refused.value)


def test_without_the_file_there_is_no_such_channel(tmp_path: Path, file: Callable[..., Path]):
    assert names(load({"WARDLEDGER_HOME": str(tmp_path)})) == {"email", "in_app"}
    file("https://sms.tencentcloudapi.com", "tencent")
    found = load({"WARDLEDGER_HOME": str(tmp_path)})
    assert names(found) == {"email", "in_app", "sms"}
    assert set(open_channels(found, "zh_CN")) == {"in_app", "sms"}


# -- the whole way ----------------------------------------------------------------------------------------


@pytest.fixture
def writing(bureau: Bureau) -> Iterator[tuple[Bureau, LoopbackGateway]]:
    """A bureau with a gateway, and an institution whose contact has a mobile phone."""
    made = bureau
    with LoopbackGateway(told=SENT_BY["aliyun"]) as running:
        made.services.config.sms_file.write_text(json.dumps(told(running.url)), "utf-8")
        made.edit("institution", made.institution, contact_phone="138 0013 8000")
        yield made, running


def test_the_contact_of_an_institution_gets_mail_and_text_and_both_stand_in_the_ledger(
    writing: tuple[Bureau, LoopbackGateway],
):
    made, gateway = writing
    case = served_case(made)
    mail = FakeChannel()
    ways = {"email": mail, **open_channels(made.services.config, "zh_CN")}
    assert dict(tick(made.services, made.now, ways)) == {"queued": 2, "sent": 2}
    (asked,) = gateway.asked
    query = parse_qs(urlsplit(asked.path).query)
    assert query["PhoneNumbers"] == [PHONE]
    assert json.loads(query["TemplateParam"][0]) == {
        "number": "LA-2026-15",
        "due": "2026-12-08",
        "days": "15",
    }
    assert not any(secret in asked.path for secret in SECRETS)
    reminders = made.reminders()
    assert sorted(one["channel"] for one in reminders) == ["email", "sms"]
    assert all(PHONE not in json.dumps(one) for one in [*reminders, *made.entries()])
    assert {row.state for row in made.outbox(case)} == {"sent"}
    assert dict(tick(made.services, made.now, ways)) == {}


def test_a_text_of_which_nobody_knows_whether_it_left_is_never_sent_again(
    writing: tuple[Bureau, LoopbackGateway],
):
    made, gateway = writing
    gateway.told = b"not for us"
    case = served_case(made)
    ways = {"email": FakeChannel(), **open_channels(made.services.config, "zh_CN")}
    assert dict(tick(made.services, made.now, ways)) == {"queued": 2, "sent": 1, "unknown": 1}
    made.installation.clock.advance(seconds=4 * 3600)
    assert dict(tick(made.services, made.now, ways)) == {}
    sent = [asked for asked in gateway.asked if asked.headers["x-acs-action"] == "SendSms"]
    assert len(sent) == 1, "asked what became of it is not sent again"
    assert {row.key.channel: row.state for row in made.outbox(case)} == {"email": "sent", "sms": "unknown"}


def test_an_institution_with_a_landline_gets_no_text(writing: tuple[Bureau, LoopbackGateway]):
    made, gateway = writing
    made.edit("institution", made.institution, contact_phone=SECRETS[5])
    served_case(made)
    ways = {"email": FakeChannel(), **open_channels(made.services.config, "zh_CN")}
    assert dict(tick(made.services, made.now, ways)) == {"queued": 1, "sent": 1}
    assert gateway.asked == []
