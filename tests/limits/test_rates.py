"""Phones and addresses have their share of requests; nobody is starved by another, and nothing is lost by waiting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mobile_stub.phone import Phone
from server.config import load
from server.ledger.audit import audit
from server.limits import rates
from server.limits.buckets import Buckets
from server.limits.rates import SIGN_INS
from tests.limits.test_buckets import Steady
from tests.server.builders import Installation, install
from tests.server.phones import enrol, visit

OUTSIDE, OTHER = "203.0.113.7", "203.0.113.8"
PROXY = "127.0.0.1"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation in which an address may ask twice a second, and 120 times at once."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}", WARDLEDGER_RATE_ADDRESS="2")
    yield made
    made.services.engine.dispose()


def ask(
    installation: Installation, count: int, *, near: str = OUTSIDE, path: str = "/v1/keys", told: str = ""
) -> Any:
    """Ask so often, and return the last answer and all statuses."""
    client = installation.app.test_client()
    headers = {"X-Forwarded-For": told} if told else {}
    answers = [
        client.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": near}) for _ in range(count)
    ]
    return answers[-1], [answer.status_code for answer in answers]


def test_an_address_that_asks_too_often_is_told_when_to_come_back(installation: Installation) -> None:
    last, statuses = ask(installation, 130)
    assert statuses[:120] == [200] * 120
    assert (last.status_code, last.json["code"], last.headers["Retry-After"]) == (
        429,
        "too_many_requests",
        "1",
    )
    assert OUTSIDE not in last.text
    assert ask(installation, 1, near=OTHER)[1] == [200], "another address is not held up"


def test_health_is_told_however_often_it_is_asked(installation: Installation) -> None:
    assert set(ask(installation, 130, path="/healthz")[1]) == {200}


def test_this_machine_itself_is_not_counted(installation: Installation) -> None:
    assert set(ask(installation, 130, near=PROXY)[1]) == {200}


def test_behind_a_known_proxy_each_address_is_counted_by_itself(installation: Installation) -> None:
    assert 429 in ask(installation, 130, near=PROXY, told=OUTSIDE)[1]
    assert ask(installation, 1, near=PROXY, told=OTHER)[1] == [200]


def test_an_unknown_proxy_is_not_believed(installation: Installation) -> None:
    client = installation.app.test_client()
    statuses = [
        client.get(
            "/v1/keys",
            headers={"X-Forwarded-For": f"198.51.100.{number % 250}"},
            environ_overrides={"REMOTE_ADDR": OUTSIDE},
        ).status_code
        for number in range(130)
    ]
    assert 429 in statuses


def test_only_the_word_of_the_nearest_proxy_counts(installation: Installation) -> None:
    told = [f"198.51.100.{number % 250}, {OUTSIDE}" for number in range(130)]
    client = installation.app.test_client()
    statuses = [
        client.get(
            "/v1/keys", headers={"X-Forwarded-For": one}, environ_overrides={"REMOTE_ADDR": PROXY}
        ).status_code
        for one in told
    ]
    assert 429 in statuses


def test_a_network_of_ipv6_is_one_address(installation: Installation) -> None:
    statuses = [ask(installation, 1, near=f"2001:db8:1:2::{number:x}")[1][0] for number in range(1, 131)]
    assert 429 in statuses
    assert ask(installation, 1, near="2001:db8:1:3::1")[1] == [200]


def test_sign_ins_of_an_address_have_a_limit_of_their_own(installation: Installation) -> None:
    client = installation.app.test_client()
    token = client.get("/api/session").json["csrf_token"]
    answers = [
        client.post(
            "/api/session",
            json={"login": f"nobody{number}", "password": "x" * 12},
            headers={"X-CSRFToken": token},
            environ_overrides={"REMOTE_ADDR": OUTSIDE},
        )
        for number in range(SIGN_INS + 1)
    ]
    assert [answer.json["code"] for answer in answers[:SIGN_INS]] == ["wrong_password"] * SIGN_INS
    assert (answers[-1].status_code, answers[-1].json["code"]) == (429, "too_many_requests")
    assert int(answers[-1].headers["Retry-After"]) <= 10


def test_a_person_at_the_desk_is_told_in_words(installation: Installation) -> None:
    last, _ = ask(installation, 130, path="/sign-in")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "1")
    assert "请稍等一分钟再试" in last.text


def test_a_phone_with_a_month_of_work_waits_as_it_is_told_and_sends_all_of_it(
    tmp_path: Path,
) -> None:
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    there = visit(made.services)
    with enrol(made, tmp_path / "phone", there.lead) as phone:
        assert phone.sync().clean
        phone.step(there.inspection, "on_site")
        _record_a_month(phone, there.inspection)
        clock = Steady()
        limited = Buckets(1, 3, mono=clock)
        object.__setattr__(made.services.rates, "device", limited)
        waited: list[float] = []

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            clock.now += seconds

        phone.kit.transport.sleep = sleep
        report = phone.sync()
        assert report.clean, [error.code for error in report.errors]
        assert report.uploaded.files == 12
        assert waited
        assert set(waited) == {1.0}
    assert audit(made.services).ok
    made.services.engine.dispose()


def _record_a_month(phone: Phone, inspection: str) -> None:
    for number in range(12):
        phone.take_evidence(inspection, bytes([number]) * 2000, kind="documentary", media_type="image/jpeg")


def test_a_flood_of_one_phone_does_not_hold_up_another(tmp_path: Path) -> None:
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    there = visit(made.services)
    object.__setattr__(made.services.rates, "device", Buckets(0.001, 6, mono=Steady()))
    with (
        enrol(made, tmp_path / "one", there.lead) as one,
        enrol(made, tmp_path / "two", there.member) as two,
    ):
        one.kit.transport.sleep = two.kit.transport.sleep = lambda seconds: None
        codes: set[str] = set()
        for _ in range(8):
            codes |= {error.code for error in one.sync().errors}
        assert codes == {"too_many_requests"}
        assert two.sync().clean
    made.services.engine.dispose()


def test_the_buckets_of_the_settings_hold_a_minute(installation: Installation) -> None:
    found = rates.rates(installation.services.config)
    assert not any(found.address.take("x") for _ in range(2 * rates.BURST_SECONDS))
    assert found.address.take("x") > 0


def test_by_its_settings_a_phone_has_six_hundred_requests_at_once() -> None:
    found = rates.rates(load({"WARDLEDGER_HOME": "/nowhere"}))
    assert not any(found.device.take("x") for _ in range(600))
    assert found.device.take("x") == 1
