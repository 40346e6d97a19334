"""`wardledger init` makes an installation once, says what to do with its keys, and never overwrites any."""

from __future__ import annotations

import stat

import pytest

from server.accounts.credentials import check_password
from server.accounts.users import find
from server.keys.keyring import RECOVERY_SECRET_FILE
from tests.server.builders import ORIGIN, URL
from tests.server.commands import CommandLine, command_line

wardledger = pytest.fixture(command_line)


def test_a_new_installation_is_found_again_by_its_home_alone(wardledger: CommandLine):
    wardledger.init()
    here = wardledger.services()
    assert (here.config.origin, here.config.url, here.ledger.demo) == (ORIGIN, URL, True)
    assert wardledger.size() == 0
    assert wardledger("user", "list", "--json").json == []


def test_the_operator_is_told_where_the_keys_are_and_to_take_the_recovery_key_offline(
    wardledger: CommandLine,
):
    ended = wardledger.init()
    recovery = wardledger.home / "keys" / RECOVERY_SECRET_FILE
    assert f"Take {recovery} offline now" in ended.out
    assert stat.S_IMODE(recovery.stat().st_mode) == 0o600
    assert "password" not in ended.out


def test_a_second_init_is_refused_and_changes_nothing(wardledger: CommandLine):
    wardledger.init()
    before = {path: path.read_bytes() for path in (wardledger.home / "keys").iterdir()}
    settings = (wardledger.home / "settings.env").read_text()
    ended = wardledger("init", "--origin", "ledger.test/other")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("installation_exists: ")
    assert {path: path.read_bytes() for path in (wardledger.home / "keys").iterdir()} == before
    assert (wardledger.home / "settings.env").read_text() == settings


@pytest.mark.parametrize(
    "words",
    [
        ("--origin", "Ledger.Test/Luan"),
        ("--origin", "no-path"),
        ("--url", "audit.example"),
        ("--admin", "root"),
        ("--demo", "--admin", "?"),
        ("--admin", "root", "--region", "991500"),
    ],
)
def test_what_could_not_be_mended_later_is_refused_before_a_key_is_made(
    wardledger: CommandLine, words: tuple[str, ...]
):
    ended = wardledger("init", *words)
    assert ended.status == 1
    assert ended.err.split(":")[0] in ("bad_value", "bad_code")
    assert not wardledger.home.exists()


def test_the_first_administrator_signs_in_with_the_password_that_is_printed_once(wardledger: CommandLine):
    ended = wardledger("init", "--origin", ORIGIN, "--admin", "root", "--region", "341500")
    assert ended.status == 0
    here = wardledger.services()
    admin = find(here, "root")
    assert check_password(here, "root", ended.word("password")) == admin.id
    assert (admin.values["roles"], admin.values["region"]) == (["admin"], "341500")
    here.engine.dispose()


def test_settings_that_the_operator_wrote_before_are_kept(wardledger: CommandLine):
    wardledger.home.mkdir()
    (wardledger.home / "settings.env").write_text(
        "WARDLEDGER_LANGUAGE=en\nWARDLEDGER_URL=http://old.example\n"
    )
    wardledger.init()
    rows = (wardledger.home / "settings.env").read_text().splitlines()
    assert rows == ["WARDLEDGER_LANGUAGE=en", f"WARDLEDGER_ORIGIN={ORIGIN}", f"WARDLEDGER_URL={URL}"]
