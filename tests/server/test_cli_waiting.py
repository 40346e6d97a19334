"""`wardledger waiting` and the doctor: what has not come into force yet is told, with what it waits for."""

from __future__ import annotations

import json

import pytest

from schemas.drafting import Draft
from server.cli import main
from server.operations.doctor import NOTICE, OK, Check, examine
from tests.server.builders import Installation
from tests.server.commands import find_in_environment
from tests.server.pushing import City, found_city


@pytest.fixture
def city(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> City:
    """A city whose installation the command line finds in its environment."""
    find_in_environment(installation.services.config, monkeypatch)
    return found_city(installation)


def hold(city: City, number: int = 1) -> list[str]:
    """Let a phone push voids of findings that nobody has brought; returns the findings' ids."""
    wanted = [city.id() for _ in range(number)]
    city.phones[1].push(*(Draft("void", "finding", one) for one in wanted))
    return wanted


def doctors_word(city: City) -> Check:
    """Return what the doctor says of what waits."""
    return next(check for check in examine(city.installation.services) if check.name == "waiting")


def test_nothing_waiting_is_said_so(city: City, capsys: pytest.CaptureFixture[str]):
    assert main(["waiting"]) == 0
    assert capsys.readouterr().out == "nothing waits\n"
    assert main(["waiting", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert doctors_word(city).state == OK


def test_what_waits_is_listed_with_what_it_waits_for_and_whose_it_is(
    city: City, capsys: pytest.CaptureFixture[str]
):
    (wanted,) = hold(city)
    assert main(["waiting", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["verdict"], row["waiting_for"], row["device"]) == ("held", wanted, city.phones[1].id)
    assert main(["waiting"]) == 0
    out = capsys.readouterr().out
    assert wanted in out
    assert "测试" not in out


def test_what_waits_is_listed_page_by_page(city: City, capsys: pytest.CaptureFixture[str]):
    wanted = hold(city, 3)
    assert main(["waiting", "--limit", "2"]) == 0
    out = capsys.readouterr().out
    assert [one in out for one in wanted] == [True, True, False]
    after = out.strip().rpartition(" ")[2]
    assert main(["waiting", "--after", after]) == 0
    rest = capsys.readouterr().out
    assert [one in rest for one in wanted] == [False, False, True]
    assert "more:" not in rest


def test_the_doctor_points_to_what_has_waited_for_a_week(city: City):
    hold(city, 2)
    assert (doctors_word(city).state, doctors_word(city).words) == (OK, "2 held; the oldest for 0 days")
    city.installation.clock.advance(days=7)
    word = doctors_word(city)
    assert (word.state, word.words) == (NOTICE, "2 held; the oldest for 7 days")
    assert "wardledger waiting" in word.next


def test_what_was_released_waits_no_more(city: City, capsys: pytest.CaptureFixture[str]):
    finding = city.finding()
    city.phones[1].push(Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-03"}))
    city.phones[0].push(finding)
    assert main(["waiting"]) == 0
    assert capsys.readouterr().out == "nothing waits\n"
