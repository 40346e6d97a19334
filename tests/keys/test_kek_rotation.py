"""A new KEK wraps the data keys again: no data is touched, a kill is survived, the old one can then go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.keys import fitting, kek
from server.keys.keyring import FIRST_KEK
from server.keys.vault import Vault
from server.ledger.audit import audit
from server.storage import data_key_store
from server.storage.models import DataKeyRow
from sync import lines
from sync.errors import BadTransition, FileCorrupt, NotFound
from tests.server.builders import Installation, install
from tests.server.commands import command_line
from tests.server.pushing import live_through_much
from tests.services.granian import ROOT, clean_environment

PURPOSE, PLAIN = b"private line", "演示数据：测试甲001".encode()
ROOTS = [f"01900000-0000-7000-8000-{n:012d}" for n in range(450)]
KILLED = """
import os, signal, sys
from server.app import create_app
from server.config import load
from server.keys import kek
from server.operations.installation import services

here = services(create_app(load()))
def die(what, done, total):
    if done >= 2 * kek.BATCH:
        os.kill(os.getpid(), signal.SIGKILL)
kek.rotate(here, progress=die)
"""


@pytest.fixture
def filled(installation: Installation) -> dict[str, bytes]:
    """Many roots with something encrypted in each."""
    services = installation.services
    with services.database.writing(services.ledger.id) as connection:
        session = services.vault.session(connection, services.ledger.id)
        return {root: session.seal(root, PURPOSE, PLAIN) for root in ROOTS}


def counts(installation: Installation) -> dict[int, int]:
    services = installation.services
    with services.database.reading() as connection:
        return data_key_store.counts(connection, services.ledger.id)


def opens_all(installation: Installation, vault: Vault, blobs: dict[str, bytes]) -> bool:
    services = installation.services
    with services.database.reading() as connection:
        session = vault.session(connection, services.ledger.id)
        return all(session.open(root, PURPOSE, blob) == PLAIN for root, blob in blobs.items())


def test_every_data_key_is_wrapped_again_and_no_data_is_touched(installation: Installation, tmp_path: Path):
    live_through_much(installation, tmp_path)
    services = installation.services
    before = counts(installation)[FIRST_KEK]
    told: list[tuple[str, int, int]] = []
    done = kek.rotate(services, progress=lambda *step: told.append(step))
    assert (done.version, done.made, done.keys) == (2, True, before)
    assert counts(installation) == {2: before}
    assert told[-1] == ("data keys", before, before)
    assert audit(services).ok
    fitting.check(services)


def test_a_rotation_that_is_killed_goes_on_where_it_was(installation, filled):
    services = installation.services
    env = {
        **clean_environment(),
        "WARDLEDGER_HOME": str(services.config.home),
        "WARDLEDGER_DATABASE_URL": services.config.database_url,
        "WARDLEDGER_ORIGIN": services.config.origin,
    }
    ended = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, env=env, check=False, capture_output=True
    )
    assert ended.returncode == -9, ended.stderr
    between = counts(installation)
    assert between[2] == 2 * kek.BATCH
    assert between[FIRST_KEK] >= len(ROOTS) - 2 * kek.BATCH
    # A server that runs meanwhile reads both, and what it makes anew is under the newest.
    assert opens_all(installation, services.vault, filled)
    with services.database.writing(services.ledger.id) as connection:
        services.vault.session(connection, services.ledger.id).seal("a new root", PURPOSE, PLAIN)
    assert counts(installation)[2] == between[2] + 1
    fitting.check(services)
    done = kek.rotate(services)
    assert (done.version, done.made, done.keys) == (2, False, between[FIRST_KEK])
    assert set(counts(installation)) == {2}
    assert opens_all(installation, Vault(lambda: services.keyring.keks, services.random), filled)


def test_an_old_kek_is_destroyed_only_when_nothing_lies_under_it(installation, filled):
    services = installation.services
    kek.rotate(services)
    kek.rotate(services)
    with services.database.writing(services.ledger.id) as connection:
        one = data_key_store.one_under(connection, services.ledger.id, 3)
        back = Vault(lambda: {k: v for k, v in services.keyring.keks.items() if k < 3}, services.random)
        version, wrapped = back.wrap(
            services.ledger.id, one.root, services.vault.unwrap(services.ledger.id, one.root, 3, one.key)
        )
        data_key_store.rewrap(
            connection, services.ledger.id, [data_key_store.Wrapped(one.root, version, wrapped)]
        )
    with pytest.raises(BadTransition, match="1 data keys lie under"):
        kek.retire(services, 2)
    kek.rotate(services, given=True)
    kek.retire(services, 2)
    assert set(services.keyring.keks) == {FIRST_KEK, 3}
    assert opens_all(installation, Vault(lambda: services.keyring.keks, services.random), filled)
    for version, kind in ((3, BadTransition), (FIRST_KEK, BadTransition), (2, NotFound)):
        with pytest.raises(kind):
            kek.retire(services, version)


def test_the_first_secret_alone_opens_nothing_any_more(installation, filled):
    """Whoever got hold of the old secret, and later of the database, reads nothing."""
    services = installation.services
    leaked = dict(services.keyring.keks)
    kek.rotate(services)
    with pytest.raises(FileCorrupt, match="version 2"):
        opens_all(installation, Vault(lambda: leaked, services.random), filled)


def test_a_version_from_a_secret_store_is_taken_as_it_is(installation, filled):
    services = installation.services
    given = lines.b64u(bytes(range(32)))
    services.config.kek_file.write_text(f"7 {given}\n")
    done = kek.rotate(services, given=True)
    assert (done.version, done.made) == (7, False)
    assert set(counts(installation)) == {7}
    assert services.config.kek_file.read_text() == f"7 {given}\n"
    assert kek.rotate(services, given=True).keys == 0


@pytest.mark.parametrize("how", ["missing", "another", "spoilt"])
def test_a_kek_that_is_missing_or_another_stops_the_start_and_is_named(tmp_path, capsys, monkeypatch, how):
    cli = command_line(tmp_path, capsys, monkeypatch)
    cli.init("--admin", "root01")
    assert cli("keys", "rotate", "kek", "--json").json["made"] is True
    path = cli.home / "keys" / "kek"
    if how == "missing":
        path.unlink()
    else:
        path.write_text("2 " + lines.b64u(bytes(32)) if how == "another" else "two keys")
    ended = cli("serve", "--port", 18998)
    assert ended.status == 1
    assert str(path) in ended.err.splitlines()[0]


def test_the_command_says_what_it_did_and_how_to_go_on(tmp_path, capsys, monkeypatch):
    cli = command_line(tmp_path, capsys, monkeypatch)
    cli.init("--admin", "root01")
    assert "KEK 2" in cli("keys", "rotate", "kek").out
    assert cli("keys", "rotate", "kek").out.startswith("made       KEK 3")
    assert cli("keys", "retire", "kek", "2").status == 0
    refused = cli("keys", "retire", "kek", "3")
    assert (refused.status, "newest" in refused.err) == (1, True)


def test_rows_of_another_ledger_are_left_alone(tmp_path):
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    services = made.services
    row = {"ledger": 99, "root": ROOTS[0], "kek_version": 1, "wrapped": b"x" * 60}
    with services.engine.begin() as connection:
        connection.execute(DataKeyRow.__table__.insert(), [row])
    kek.rotate(services)
    with services.engine.begin() as connection:
        kept = connection.execute(
            DataKeyRow.__table__.select().where(DataKeyRow.__table__.c.ledger == 99)
        ).one()
    assert (kept.kek_version, bytes(kept.wrapped)) == (1, b"x" * 60)
