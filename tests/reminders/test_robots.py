"""Group robots and webhooks: signed as published, sent by their own word alone, trouble told as what it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from server.reminders.channels import BadChannel, Channel, names, open_channels
from server.reminders.delivery import ANSWER_BYTES_MAX, Delivery
from server.reminders.dispatch import dispatch
from server.reminders.messages import Message
from server.reminders.offices import Office, offices
from server.reminders.robots import WECOM_BYTES_MAX, Robots, markdown, signature
from server.reminders.scan import scan
from server.reminders.schedule import tick
from server.reminders.webhook import Webhooks, event
from server.reminders.webhook import signature as webhook_signature
from server.storage import pace_store
from server.wiring import system_clock
from tests.reminders.served_case import SECRETS, Bureau, FakeChannel, served_case
from tests.services.gateway import LoopbackGateway
from tests.services.processes import LOOPBACK, free_port

AT = datetime(2026, 11, 17, 2, tzinfo=UTC)
REGION = "341500"
SECRET = {"wecom": "", "dingtalk": "SECofthetests", "webhook": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
WORDS = {
    "institution": "六安市测试第001医院",
    "number": "LA-2026-15",
    "due": "2026-12-08",
    "days": "15",
    "state": "剩余15个工作日",
}
MESSAGE = Message(
    "【限期整改】LA-2026-15：剩余1个工作日", "全文\n\n一、存在问题\n    挂床住院：1项", "before", WORDS
)
KINDS = tuple(SECRET)


def channel_to(kind: str, url: str, timeout_seconds: float = 2) -> Channel:
    there = {REGION: Office(REGION, f"{url}/robot/send?key=K", SECRET[kind])}
    if kind == "webhook":
        return Webhooks(there, timeout_seconds=timeout_seconds)
    return Robots(kind, there, timeout_seconds=timeout_seconds)  # type: ignore[arg-type]


def send(channel: Channel, address: str = REGION) -> Delivery:
    return channel.send(address, MESSAGE, name="abc123", at=AT)


@pytest.fixture
def provider() -> Iterator[LoopbackGateway]:
    """A server that says yes as both vendors do."""
    with LoopbackGateway(told={"errcode": 0, "errmsg": "ok"}) as running:
        yield running


# -- signatures -------------------------------------------------------------------------------------------


def test_dingtalks_signature_is_made_by_the_steps_that_it_publishes():
    # The vendor publishes the steps and this secret, and no result: this one is openssl's, by
    # printf '1700000000000\nthis is secret' | openssl dgst -sha256 -hmac 'this is secret' -binary | base64
    assert signature("1700000000000", "this is secret") == "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0="


def test_a_webhook_is_signed_as_in_the_published_example_of_the_standard():
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    name = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = webhook_signature(secret, name, "1614265330", body)
    assert signed == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_of_another_body_has_another_signature():
    one, other = (webhook_signature(SECRET["webhook"], "id", "1", body) for body in (b"{}", b"[]"))
    assert one != other


# -- what leaves ------------------------------------------------------------------------------------------


def test_wecoms_robot_gets_markdown(provider: LoopbackGateway):
    assert send(channel_to("wecom", provider.url)) == Delivery("sent", "0")
    (asked,) = provider.asked
    told = json.loads(asked.body)
    assert (asked.path, told["msgtype"]) == ("/robot/send?key=K", "markdown")
    assert told["markdown"]["content"].startswith("**【限期整改】LA-2026-15：剩余1个工作日**\n\n全文")


def test_dingtalks_robot_gets_markdown_and_a_signature_of_the_moment(provider: LoopbackGateway):
    assert send(channel_to("dingtalk", provider.url)) == Delivery("sent", "0")
    (asked,) = provider.asked
    query = {name: word for name, (word,) in parse_qs(urlsplit(asked.path).query).items()}
    timestamp = str(round(AT.timestamp() * 1000))
    sign = signature(timestamp, SECRET["dingtalk"])
    assert query == {"key": "K", "timestamp": timestamp, "sign": sign}
    assert json.loads(asked.body)["markdown"]["title"] == MESSAGE.subject


def test_a_webhook_gets_the_words_and_an_id_that_stays(provider: LoopbackGateway):
    channel = channel_to("webhook", provider.url)
    assert send(channel) == send(channel) == Delivery("sent", "200")
    first, second = provider.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "abc123"
    timestamp = first.headers["webhook-timestamp"]
    expected = webhook_signature(SECRET["webhook"], "abc123", timestamp, first.body)
    assert first.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(first.body) == json.loads(json.dumps(event(MESSAGE, "abc123", AT)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_region_without_a_robot_is_refused_before_anybody_is_asked(provider: LoopbackGateway, kind: str):
    assert send(channel_to(kind, provider.url), "341502") == Delivery("permanent", "address")
    assert provider.asked == []


def test_markdown_is_cut_between_lines_and_no_name_makes_a_link_of_itself():
    long = Message("题", "\n".join(["[点此](javascript:x) *甲*", *["一" * 100] * 40]))
    text = markdown(long, WECOM_BYTES_MAX)
    assert len(text.encode()) <= WECOM_BYTES_MAX
    assert text.endswith("\n\n…")
    assert r"\[点此\](javascript:x) \*甲\*" in text


# -- what the answers mean --------------------------------------------------------------------------------

TROUBLE = True
ROBOT_ANSWERS: list[tuple[str, dict[str, Any], Delivery]] = [
    ("wecom", {"told": {"errcode": 45009}}, Delivery("temporary", "45009", TROUBLE, 60)),
    ("wecom", {"told": {"errcode": 93000}}, Delivery("temporary", "93000", TROUBLE)),
    ("wecom", {"told": {"errcode": 40058}}, Delivery("permanent", "40058")),
    ("dingtalk", {"told": {"errcode": 130101}}, Delivery("temporary", "130101", TROUBLE, 60)),
    ("dingtalk", {"told": {"errcode": 310000}}, Delivery("temporary", "310000", TROUBLE)),
    ("dingtalk", {"told": {"errcode": 430101}}, Delivery("permanent", "430101")),
    ("wecom", {"told": {"errcode": False}}, Delivery("unknown", "no errcode", TROUBLE)),
    ("wecom", {"told": {"ok": True}}, Delivery("unknown", "no errcode", TROUBLE)),
    ("wecom", {"told": b"<html>"}, Delivery("unknown", "200 unreadable", TROUBLE)),
    ("wecom", {"told": b"x" * (ANSWER_BYTES_MAX + 1)}, Delivery("unknown", "answer too long", TROUBLE)),
    ("wecom", {"status": 500}, Delivery("temporary", "500", TROUBLE)),
    ("wecom", {"status": 429}, Delivery("temporary", "429", TROUBLE)),
    ("wecom", {"status": 429, "more": {"Retry-After": "90"}}, Delivery("temporary", "429", TROUBLE, 90)),
    ("wecom", {"status": 429, "more": {"Retry-After": "99999"}}, Delivery("temporary", "429", TROUBLE, 3600)),
    ("wecom", {"status": 302, "told": b""}, Delivery("unknown", "302 unreadable", TROUBLE)),
    ("wecom", {"status": 307, "more": {"Location": "/x"}}, Delivery("temporary", "307", TROUBLE)),
    ("webhook", {"status": 204, "told": b""}, Delivery("sent", "204")),
    ("webhook", {"told": b"x" * (ANSWER_BYTES_MAX + 1)}, Delivery("sent", "200")),
    ("webhook", {"status": 404}, Delivery("temporary", "404", TROUBLE)),
    ("webhook", {"status": 302, "more": {"Location": "/x"}}, Delivery("temporary", "302", TROUBLE)),
    ("webhook", {"status": 422}, Delivery("permanent", "422")),
    ("webhook", {"status": 503, "more": {"Retry-After": "7"}}, Delivery("temporary", "503", TROUBLE, 7)),
]


@pytest.mark.parametrize(("kind", "answers", "came"), ROBOT_ANSWERS)
def test_each_answer_means_what_the_vendor_says(
    provider: LoopbackGateway, kind: str, answers: dict[str, Any], came: Delivery
):
    for name, value in answers.items():
        setattr(provider, name, value)
    assert send(channel_to(kind, provider.url)) == came
    assert len(provider.asked) == 1, "no redirect is followed"


@pytest.mark.parametrize(
    ("kind", "result"), [("wecom", "unknown"), ("dingtalk", "unknown"), ("webhook", "temporary")]
)
def test_no_answer_after_it_was_heard_is_unknown_but_where_the_receiver_knows_a_repetition(
    provider: LoopbackGateway, kind: str, result: str
):
    provider.silent_seconds = 3
    assert send(channel_to(kind, provider.url, 0.2)) == Delivery(result, "ReadTimeout", in_trouble=True)  # type: ignore[arg-type]
    assert len(provider.asked) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_not_there_or_speaks_no_tls_has_heard_nothing(provider: LoopbackGateway, kind: str):
    nobody = send(channel_to(kind, f"http://{LOOPBACK}:{free_port()}"))
    no_tls = send(channel_to(kind, provider.url.replace("http:", "https:")))
    assert nobody == no_tls == Delivery("temporary", "ConnectError", in_trouble=True)
    assert provider.asked == []


# -- settings ---------------------------------------------------------------------------------------------


def told(path: Path, **kinds: Any) -> Path:
    path.write_text(json.dumps(kinds), "utf-8")
    return path


def test_without_a_file_there_is_no_robot(tmp_path: Path):
    assert offices(tmp_path / "channels.json") == {}


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ({"wecom": [{"region": "999999", "url": "https://x.example"}]}, "no such region"),
        ({"wecom": [{"region": REGION, "url": "http://x.example/SEKRET"}]}, "https"),
        ({"wecom": [{"region": REGION, "url": "https://x.example"}] * 2}, "one already"),
        ({"dingtalk": [{"region": REGION, "url": "https://x.example"}]}, "SEC"),
        ({"webhook": [{"region": REGION, "url": "https://x.example", "secret": "SEKRET"}]}, "whsec_"),
        ({"wecom": [{"region": REGION, "url": "https://x.example", "SEKRET": 1}]}, "wecom 0"),
        ({"wecom": [{"region": REGION, "url": 5}]}, "wecom 0 url"),
    ],
)
def test_settings_that_cannot_be_used_are_named_without_a_secret(bureau: Bureau, kinds: Any, words: str):
    path = told(bureau.services.config.channels_file, **kinds)
    with pytest.raises(BadChannel, match=words) as refused:
        open_channels(bureau.services.config, "zh_CN")
    assert path.name in str(refused.value)
    assert "SEKRET" not in str(refused.value).replace("wecom 0 SEKRET", "")
    assert names(bureau.services.config) == {"email", "in_app"}, "pages go on without it"


# -- through the outbox -----------------------------------------------------------------------------------


def test_the_nearest_office_hears_of_a_rung_once_and_the_ledger_names_its_region(
    bureau: Bureau, provider: LoopbackGateway, capsys: pytest.CaptureFixture[str]
):
    url = f"{provider.url}/robot/send?key=THE-KEY"
    there = [{"region": region, "url": url} for region in ("340000", REGION)]
    told(bureau.services.config.channels_file, wecom=there)
    case = served_case(bureau)
    bureau.installation.clock.advance(days=10)
    ways = {"email": FakeChannel(), **open_channels(bureau.services.config, "zh_CN")}
    assert tick(bureau.services, bureau.now, ways)["sent"] == 3
    (asked,) = provider.asked
    written = asked.body.decode()
    assert "LA-2026-15" in written
    assert not [secret for secret in SECRETS if secret in written]
    (row,) = [row for row in bureau.outbox(case) if row.key.channel == "wecom"]
    assert (row.key.recipient, row.state) == (f"office/{REGION}", "sent")
    kept = f"{bureau.outbox(case)}{bureau.reminders()}{capsys.readouterr()}"
    assert "THE-KEY" not in kept
    assert f"office/{REGION}" in {reminder["recipient"] for reminder in bureau.reminders()}


def test_a_robot_in_trouble_keeps_no_mail_from_going(bureau: Bureau):
    told(bureau.services.config.channels_file, wecom=[{"region": REGION, "url": "https://x.example"}])
    case = served_case(bureau)
    bureau.installation.clock.advance(days=10)
    scan(bureau.services, bureau.now)
    mail, robot = (
        FakeChannel(),
        FakeChannel(Delivery("temporary", "45009", in_trouble=True, retry_seconds=60)),
    )
    assert dispatch(bureau.services, {"email": mail, "wecom": robot}, bureau.now) == {"sent": 2, "retried": 1}
    (row,) = [row for row in bureau.outbox(case) if row.key.channel == "wecom"]
    assert row.send_at == bureau.services.now_ms() + 60_000, "the robot is left alone for as long as it wants"


def test_one_robot_is_given_no_more_than_20_messages_in_any_minute(bureau: Bureau):
    start, took = bureau.services.now_ms(), list[int]()
    for second in range(3 * 60):
        now = start + second * 1000
        with bureau.services.database.engine.execution_options(immediate=True).begin() as connection:
            while pace_store.take(connection, bureau.services.ledger.id, "wecom", "office/1", now):
                took.append(now)
    assert max(sum(at <= other <= at + 60_000 for other in took) for at in took) == 20
    assert len(took) == pace_store.BURST + (3 * 60 - 1) * 1000 // pace_store.INTERVAL_MS, "no room is wasted"


def test_two_schedulers_count_the_same_room(bureau: Bureau):
    took: list[bool] = []
    at_once = threading.Barrier(4)
    now = bureau.services.now_ms()

    def take() -> None:
        at_once.wait()
        for _ in range(5):
            with bureau.services.database.engine.execution_options(immediate=True).begin() as connection:
                took.append(pace_store.take(connection, bureau.services.ledger.id, "wecom", "office/1", now))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(took), sum(took)) == (20, pace_store.BURST)


def test_a_scheduler_whose_clock_is_ahead_counts_by_the_database_s(bureau: Bureau):
    here, ahead_ms = system_clock(), 3_600_000
    with bureau.services.database.reading() as connection:
        right = pace_store.by_the_database(connection, here, here)
        ahead = pace_store.by_the_database(connection, here + ahead_ms, here + ahead_ms)
        travelled = pace_store.by_the_database(connection, here + ahead_ms, here)
    assert travelled == here + ahead_ms, "a test's clock is not the machine's"
    if bureau.services.engine.dialect.name == "sqlite":
        assert ahead == here + ahead_ms, "there is one clock alone"
    else:
        assert ahead - right < ahead_ms // 2, "the hour gains it no room"
