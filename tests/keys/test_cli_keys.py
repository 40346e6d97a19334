"""`wardledger keys`: each rotation by command, what it says, and wrong usage."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.commands import CommandLine, command_line


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A demo installation."""
    made = command_line(tmp_path, capsys, monkeypatch)
    made.init()
    return made


def stages(cli: CommandLine, purpose: str) -> list[str]:
    return [row["stage"] for row in cli("keys", "list", "--json").json if row["purpose"] == purpose]


def test_each_key_is_rotated_by_command_and_the_operator_is_told_to_back_up(cli):
    told = cli("keys", "rotate", "opening", "--days", "0")
    assert (told.status, "Back up" in told.out) == (0, True)
    assert stages(cli, "opening") == ["retired", "retired", "active", "active"]
    (new,) = cli("keys", "rotate", "ledger", "--json").json
    assert new["stage"] == "active"
    old = cli("keys", "list", "--json").json[0]
    assert (old["purpose"], old["stage"], old["until"] is not None) == ("ledger", "active", True)
    assert cli("keys", "retire", "ledger", old["kid"]).status == 0
    assert stages(cli, "ledger") == ["retired", "active"]
    assert cli("ledger", "audit").status == 0
    assert cli("scheduler", "--once").status == 0


def test_a_compromise_says_what_every_phone_must_do(cli):
    told = cli("keys", "rotate", "ledger", "--compromised")
    assert (told.status, "device invite" in told.out) == (0, True)
    assert stages(cli, "ledger") == ["compromised", "active"]


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "rotate"),
        ("keys", "rotate", "opening", "--days", "-1"),
        ("keys", "rotate", "opening", "--days", "367"),
        ("keys", "rotate", "ledger", "--compromised", "--days", "3"),
        ("keys", "retire", "kek", "two"),
    ],
)
def test_wrong_usage_changes_nothing(cli, words):
    size = cli.size()
    assert cli(*words).status == 2
    assert cli.size() == size


def test_a_key_that_there_is_not_is_told(cli):
    for which in ("opening", "ledger"):
        ended = cli("keys", "retire", which, "0" * 16)
        assert (ended.status, ended.err.startswith("not_found")) == (1, True)
