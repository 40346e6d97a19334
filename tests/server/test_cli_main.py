"""The command line reads its words, tells refusals and outages plainly, and ends with 0, 1 or 2."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator

import pytest

from server.cli import parser
from tests.server.builders import ORIGIN
from tests.server.commands import CommandLine, command_line
from tests.services.granian import ROOT, clean_environment

wardledger = pytest.fixture(command_line)


def commands(given: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for action in given._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield (*words, name)
                yield from commands(inner, (*words, name))


def test_every_command_explains_itself(wardledger: CommandLine):
    known = list(commands(parser()))
    assert {("init",), ("serve",), ("user", "add"), ("device", "invite"), ("import", "census")} <= set(known)
    for words in ((), *known):
        ended = wardledger(*words, "--help")
        assert ended.status == 0
        assert ended.out.startswith(f"usage: {' '.join(('wardledger', *words))}")


@pytest.mark.parametrize("words", [(), ("paint",), ("user",), ("device", "invite"), ("serve", "--port", "0")])
def test_wrong_usage_ends_with_two(wardledger: CommandLine, words: tuple[str, ...]):
    ended = wardledger(*words)
    assert ended.status == 2
    assert ended.err.startswith("usage: wardledger")


def test_a_home_without_an_installation_is_told_how_to_make_one(wardledger: CommandLine):
    ended = wardledger("user", "list")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("not_found: ")
    assert "wardledger init" in ended.err
    assert not wardledger.home.exists()


def test_a_refusal_is_told_as_json_where_json_was_asked_for(wardledger: CommandLine):
    wardledger.init()
    ended = wardledger("device", "invite", "nobody", "--json")
    assert ended.status == 1
    assert ended.json["code"] == "not_found"
    assert ended.err.startswith("not_found: ")


def test_another_ledger_of_the_installation_can_be_named(wardledger: CommandLine):
    wardledger.init()
    assert wardledger("--ledger", ORIGIN, "user", "list", "--json").json == []
    other = wardledger("--ledger", "ledger.test/elsewhere", "user", "list")
    assert (other.status, other.err.split(":")[0]) == (1, "not_found")


def test_a_setting_that_is_no_number_is_wrong_usage(wardledger: CommandLine, monkeypatch: pytest.MonkeyPatch):
    wardledger.init()
    monkeypatch.setenv("WARDLEDGER_WORKERS", "many")
    ended = wardledger("user", "list")
    assert ended.status == 2
    assert "WARDLEDGER_WORKERS" in ended.err


def test_a_database_that_cannot_be_opened_is_an_outage_without_a_traceback(
    wardledger: CommandLine, monkeypatch: pytest.MonkeyPatch
):
    wardledger.init()
    monkeypatch.setenv("WARDLEDGER_DATABASE_URL", f"sqlite:///{wardledger.home / 'gone' / 'ledger.sqlite'}")
    ended = wardledger("user", "list")
    assert ended.status == 1
    assert ended.err.splitlines() == ["outage: the database: unable to open database file"]


def test_the_module_runs_as_a_program(wardledger: CommandLine):
    command = [sys.executable, "-P", "-m", "server", "user", "list"]
    env = clean_environment() | {"WARDLEDGER_HOME": str(wardledger.home)}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "wardledger init" in ended.stderr
