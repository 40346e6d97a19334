"""kill -9 of server and phone at random moments: nothing that was acknowledged is lost, the rest is sent again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.ledger.audit import audit
from server.storage import ledger_store, record_store
from tests.server.builders import Installation, install
from tests.server.phones import Visit, enrol, visit
from tests.services.granian import ROOT, ServerProcess, clean_environment
from tests.services.processes import free_port

SETTLE_SECONDS = 120


@dataclass
class World:
    """A server process and a phone process over one installation."""

    installation: Installation
    found: Visit
    server: ServerProcess
    phone_home: Path
    phone: subprocess.Popen[bytes] | None = None

    def start_phone(self) -> None:
        """Let the phone go on where it was killed."""
        words = [sys.executable, "-m", "tests.reliability.worker", str(self.phone_home)]
        with (self.phone_home / "log").open("ab") as log:
            self.phone = subprocess.Popen(
                [*words, self.found.inspection, self.found.ward_round],
                cwd=ROOT,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill_phone(self) -> None:
        """Kill the phone in the middle of whatever it does."""
        assert self.phone is not None
        os.killpg(self.phone.pid, signal.SIGKILL)
        self.phone.wait()


@pytest.fixture
def world(tmp_path: Path, database_url: str):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    made = install(tmp_path / "home", database_url, real_time=True, WARDLEDGER_URL=url)
    (tmp_path / "home" / "settings.env").write_text(
        f"WARDLEDGER_ORIGIN={made.services.config.origin}\nWARDLEDGER_DATABASE_URL={database_url}\n"
    )
    found = visit(made.services)
    with ServerProcess(tmp_path / "home", port) as server:
        home = tmp_path / "phone"
        phone = enrol(made, home, found.lead, real_time=True)
        assert phone.sync().clean
        phone.step(found.inspection, "on_site")
        phone.begin_round(found.ward_round)
        phone.close()
        shown = World(made, found, server, home)
        yield shown
        if shown.phone is not None and shown.phone.poll() is None:
            shown.kill_phone()
    made.services.engine.dispose()


def kill_both(world: World, times: int, seed: int) -> None:
    """Kill phone and server `times` times each, at random moments, in random order."""
    chance = random.Random(seed)
    world.start_phone()
    victims = ["phone", "server"] * times
    chance.shuffle(victims)
    for victim in victims:
        time.sleep(chance.uniform(0.05, 1.5))
        if victim == "phone":
            world.kill_phone()
            world.start_phone()
        else:
            world.server.kill()
            world.server.start()


def let_settle(world: World) -> None:
    """Tell the phone to finish and wait until it has."""
    (world.phone_home / "stop").touch()
    assert world.phone is not None
    try:
        status = world.phone.wait(SETTLE_SECONDS)
    except subprocess.TimeoutExpired:
        pytest.fail("the phone did not settle:\n" + (world.phone_home / "log").read_text()[-3000:])
    assert status == 0, (world.phone_home / "log").read_text()[-3000:]


def check_nothing_lost(world: World) -> None:
    """Hold the ledger to what the phone noted."""
    services = world.installation.services
    recorded = (world.phone_home / "recorded").read_text().split()
    noted = world.phone_home / "acknowledged"
    acknowledged = [int(line) for line in noted.read_text().split()] if noted.exists() else [0]
    assert recorded
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        there = record_store.load(connection, vault, recorded)
        for record in recorded:
            assert len(ledger_store.indexes_of(connection, services.ledger.id, record)) == 1
    assert set(there) == set(recorded)
    assert max(acknowledged) <= len(recorded)
    report = audit(services)
    assert not report.findings, report.findings[:10]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_of_server_and_phone_lose_nothing(world):
    kill_both(world, 20, seed=20)
    let_settle(world)
    check_nothing_lost(world)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_two_hundred_kills_of_server_and_phone_lose_nothing(world):
    kill_both(world, 200, seed=200)
    let_settle(world)
    check_nothing_lost(world)
