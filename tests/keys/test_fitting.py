"""Nothing starts with a secret that is missing, is none, or is another installation's: the secret is named."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from server.keys import fitting, keyring
from server.operations.doctor import PROBLEM, examine
from sync import lines
from sync.errors import LedgerStopped
from tests.server.builders import Installation
from tests.server.commands import CommandLine, command_line
from tests.server.world import build

FILES = ("secret", keyring.LEDGER_FILE, keyring.OPENING_FILE, keyring.RECOVERY_FILE)


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A demo installation with a user, so that something is encrypted at rest."""
    made = command_line(tmp_path, capsys, monkeypatch)
    made.init("--admin", "root01")
    return made


def another(path: Path) -> None:
    """Put the key of another installation in a key's place."""
    kept = path.with_name(f"{path.name}.kept")
    if path.name == keyring.OPENING_FILE:
        path.rename(kept)
        keyring.keep(path, keyring.written(keyring.fresh_openings(os.urandom)))
    else:
        keyring.keep(path, lines.b64u(os.urandom(32)))


def shorten(path: Path) -> None:
    """Cut a key short, as a copy does that ran out of room."""
    path.write_text(path.read_text()[:20])


def empty(path: Path) -> None:
    path.write_text("")


def scramble(path: Path) -> None:
    path.write_bytes(os.urandom(60))


SPOILING: dict[str, Callable[[Path], None]] = {
    "missing": Path.unlink,
    "of another installation": another,
    "cut short": shorten,
    "empty": empty,
    "not text": scramble,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", SPOILING)
def test_a_secret_that_is_not_right_stops_the_start_and_is_named(cli, name, how):
    path = cli.home / "keys" / name
    SPOILING[how](path)
    size = cli.size()
    ended = cli("serve", "--port", 18999)
    assert ended.status == 1
    assert ended.err.startswith("ledger_stopped: ")
    assert str(path) in ended.err.splitlines()[0]
    # A key of somebody else's never becomes one of the ledger's.
    assert cli.size() == size


@pytest.mark.parametrize("how", ["missing", "of another installation"])
def test_the_scheduler_and_the_doctor_name_them_all(cli, how):
    for name in FILES:
        path = cli.home / "keys" / name
        right = path.read_text()
        SPOILING[how](path)
        ended = cli("scheduler", "--once")
        assert (ended.status, str(path) in ended.err) == (1, True), ended.err
        ended = cli("doctor", "--json")
        told = [check["words"] for check in ended.json["checks"] if check["state"] == PROBLEM]
        assert ended.status == 1
        assert any(str(path) in words for words in told), told
        keyring.keep(path, right.strip())


def test_the_right_secrets_let_the_scheduler_start(cli):
    assert cli("scheduler", "--once").status == 0


def test_a_key_that_cannot_be_read_is_named(installation: Installation):
    path = installation.services.config.keys_dir / keyring.LEDGER_FILE
    path.unlink()
    path.mkdir()
    with pytest.raises(LedgerStopped, match=keyring.LEDGER_FILE):
        fitting.check(installation.services)


def test_an_opening_key_that_phones_seal_to_and_that_is_gone_is_named(installation: Installation):
    path = installation.services.config.keys_dir / keyring.OPENING_FILE
    hybrid, classic = json.loads(path.read_text())
    path.write_text(json.dumps([classic]))
    kid = keyring.opening_key(hybrid["kem"], lines.unb64u(hybrid["seed"])).kid
    with pytest.raises(LedgerStopped, match=f"lacks the opening key {kid}"):
        fitting.check(installation.services)


def test_sound_secrets_fit(installation: Installation):
    build(installation)
    fitting.check(installation.services)
    assert all(check.state != PROBLEM for check in examine(installation.services) if check.name == "keys fit")
