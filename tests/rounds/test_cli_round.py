"""The command line calls rounds as a named person, and tells which wait and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.accounts import users
from server.cli import main
from server.wiring import system_clock
from tests.imports.files import HOSPITAL, OTHER
from tests.rounds.town import Town
from tests.server.commands import find_in_environment


@pytest.fixture
def here(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town as the command line finds it, with a supervisor and an inspector who have logins."""
    find_in_environment(town.services.config, monkeypatch)
    clock = town.folder / "clock.json"
    clock.write_text(json.dumps({"offset_ms": town.services.now_ms() - system_clock()}))
    monkeypatch.setenv("WARDLEDGER_CLOCK_FILE", str(clock))
    for login, role in (("chief", "supervisor"), ("clerk", "inspector")):
        new = users.check(login=login, name="测试甲001", roles=(role,), region="341500")
        users.enlist(town.services, new, "correct horse 2026")
    return town


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    status = main(["round", "call", *words, "--json"])
    said = capsys.readouterr()
    return status, json.loads(said.out) if said.out else said.err


def test_two_hospitals_are_called_at_once(here: Town, capsys: pytest.CaptureFixture[str]):
    codes = (HOSPITAL.fixmedins_code, OTHER.fixmedins_code)
    status, told = call(capsys, *codes, "--by", "chief", "--size", "3", "--minutes", "45")
    assert status == 0
    assert [one["institution"] for one in told] == list(codes)
    assert [(one["stage"], one["drawn"]) for one in told] == [("in_progress", 3)] * 2
    called = here.record(told[0]["round"]).values
    assert told[0]["respond_by"] == called["called_at"] + 45 * 60_000
    assert main(["round", "list"]) == 0
    assert capsys.readouterr().out.count("in_progress") == 2


def test_a_round_that_cannot_be_drawn_says_why(here: Town, capsys: pytest.CaptureFixture[str]):
    status, told = call(capsys, HOSPITAL.fixmedins_code, "--by", "chief", "--size", "3", "--ward", "W99")
    assert (status, told[0]["stage"], told[0]["order_fault"]) == (1, "planned", "nobody_listed")
    assert main(["round", "list"]) == 0
    assert "nobody_listed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("H34150299999", "--by", "chief"), "not_found"),
        (("H3415", "--by", "chief"), "bad_code"),
        ((HOSPITAL.fixmedins_code, "--by", "nobody"), "not_found"),
        ((HOSPITAL.fixmedins_code, "--by", "clerk", "--size", "3"), "not_found"),
        ((HOSPITAL.fixmedins_code, "--by", "chief"), "bad_value"),
        ((HOSPITAL.fixmedins_code, "--by", "chief", "--operator", "chief"), "bad_value"),
    ],
)
def test_who_may_not_call_or_names_the_wrong_people_is_refused(
    here: Town, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: str
):
    before = here.size()
    assert main(["round", "call", *words]) == 1
    assert capsys.readouterr().err.split(":")[0] == code
    assert here.size() == before


@pytest.mark.parametrize(
    "words", [["--size", "0"], ["--minutes", "x"], ["--method", "guess"], ["--size", "-1"]]
)
def test_what_is_no_number_is_wrong_usage(here: Town, words: list[str]):
    with pytest.raises(SystemExit) as ended:
        main(["round", "call", HOSPITAL.fixmedins_code, "--by", "chief", *words])
    assert ended.value.code == 2


def test_without_a_round_there_is_none_to_list(here: Town, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    assert main(["round", "list"]) == 0
    assert "no round" in capsys.readouterr().out
