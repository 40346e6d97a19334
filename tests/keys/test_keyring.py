"""The key files of an installation: made once, never overwritten, each named when it is missing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from server.config import Config, load
from server.keys import keyring
from sync.errors import LedgerStopped


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The settings of an installation without keys."""
    return load({"WARDLEDGER_HOME": str(tmp_path)})


def files(config: Config) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(config.keys_dir.iterdir())}


def test_keys_that_were_made_are_read_again(config):
    made = keyring.create(config, os.urandom)
    again = keyring.read(config)
    assert again.ledger_digest == made.ledger_digest
    assert [key.kid for key in again.opening] == [key.kid for key in made.opening]
    assert (again.keks, again.pepper, again.cookie) == (made.keks, made.pepper, made.cookie)


def test_keys_are_readable_by_their_owner_alone(config):
    keyring.create(config, os.urandom)
    assert stat.S_IMODE(config.keys_dir.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in config.keys_dir.iterdir()} == {0o600}


def test_keys_that_are_there_are_never_overwritten(config):
    keyring.create(config, os.urandom)
    before = files(config)
    with pytest.raises(LedgerStopped, match="never overwritten"):
        keyring.create(config, os.urandom)
    assert files(config) == before


def test_making_keys_goes_on_where_a_crash_cut_it_off(config):
    keyring.create(config, os.urandom)
    before = files(config)
    (config.keys_dir / keyring.LEDGER_FILE).unlink()
    made = keyring.create(config, os.urandom)
    after = files(config)
    assert {name: after[name] for name in after if name != keyring.LEDGER_FILE} == {
        name: before[name] for name in before if name != keyring.LEDGER_FILE
    }
    assert made.ledger_digest == keyring.read(config).ledger_digest


def test_a_lost_ledger_key_is_not_replaced_once_the_recovery_key_was_taken_offline(config):
    keyring.create(config, os.urandom)
    (config.keys_dir / keyring.RECOVERY_SECRET_FILE).unlink()
    (config.keys_dir / keyring.LEDGER_FILE).unlink()
    with pytest.raises(LedgerStopped, match="missing"):
        keyring.create(config, os.urandom)


@pytest.mark.parametrize("name", ["secret", keyring.LEDGER_FILE, keyring.OPENING_FILE, keyring.RECOVERY_FILE])
def test_a_missing_key_file_is_named(config, name):
    keyring.create(config, os.urandom)
    (config.keys_dir / name).unlink()
    with pytest.raises(LedgerStopped, match=name):
        keyring.read(config)


def test_the_server_runs_without_the_recovery_secret(config):
    made = keyring.create(config, os.urandom)
    (config.keys_dir / keyring.RECOVERY_SECRET_FILE).unlink()
    assert keyring.read(config).recovery == made.recovery


def test_a_kid_that_no_key_has_finds_none(config):
    assert keyring.create(config, os.urandom).opening_by_kid("0" * 16, 0) is None


def test_every_purpose_has_a_secret_of_its_own(config):
    keys = keyring.create(config, os.urandom)
    grown = [keys.pepper, keys.cookie, *keys.keks.values()]
    assert len(set(grown)) == len(grown)
