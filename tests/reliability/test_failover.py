"""The primary of a PostgreSQL cluster is killed while a phone works: nothing acknowledged is lost, and it goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.test_kills import World, check_nothing_lost, let_settle
from tests.reliability.worker import count
from tests.server.builders import ORIGIN, install, lay_tables
from tests.server.phones import enrol, visit
from tests.services import patroni
from tests.services.granian import ServerProcess
from tests.services.patroni import PatroniCluster
from tests.services.processes import free_port

FAILOVERS = 3
GOES_ON_SECONDS_MAX = 120
LACKING = patroni.lacking()
pytestmark = [
    pytest.mark.nightly,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        bool(LACKING),
        reason=f"not on this machine: {', '.join(LACKING)}; on Debian: apt-get install etcd-server patroni",
    ),
]


@pytest.fixture
def cluster() -> Iterator[PatroniCluster]:
    """Three nodes, one of them writing."""
    with PatroniCluster() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, cluster: PatroniCluster) -> Iterator[World]:
    """A server over the cluster, and a phone that is on the spot."""
    port, database = free_port(), cluster.create_database("ledger")
    lay_tables(database)
    made = install(tmp_path / "home", database, real_time=True, WARDLEDGER_URL=f"http://127.0.0.1:{port}")
    found = visit(made.services)
    own = {"WARDLEDGER_ORIGIN": ORIGIN, "WARDLEDGER_DATABASE_URL": database}
    with ServerProcess(tmp_path / "home", port, env=own) as server:
        with enrol(made, tmp_path / "phone", found.lead, real_time=True) as phone:
            assert phone.sync().clean
            phone.step(found.inspection, "on_site")
            phone.begin_round(found.ward_round)
        shown = World(made, found, server, tmp_path / "phone")
        yield shown
        if shown.phone is not None and shown.phone.poll() is None:
            shown.kill_phone()
    made.services.engine.dispose()


def acknowledged(world: World) -> int:
    """Return how many syncs were acknowledged whole."""
    return count(world.phone_home / "acknowledged")


def wait_for_more(world: World, before: int) -> float:
    """Return after how many seconds another sync was acknowledged."""
    began = time.monotonic()
    while acknowledged(world) <= before:
        assert time.monotonic() - began < GOES_ON_SECONDS_MAX, (world.phone_home / "log").read_text()[-2000:]
        time.sleep(0.1)
    return time.monotonic() - began


def test_a_primary_that_is_killed_under_load_loses_nothing_that_was_acknowledged(
    world: World, cluster: PatroniCluster, capsys: pytest.CaptureFixture[str]
):
    world.start_phone()
    pauses: list[float] = []
    for _ in range(FAILOVERS):
        wait_for_more(world, acknowledged(world) + 1)
        killed, began = cluster.kill_primary(), time.monotonic()
        assert cluster.wait_for_another(killed)
        wait_for_more(world, acknowledged(world))
        pauses.append(time.monotonic() - began)
        cluster.start_node(killed)
        cluster.wait()
    let_settle(world)
    check_nothing_lost(world)
    recorded = count(world.phone_home / "recorded")
    with capsys.disabled():
        told = ", ".join(f"{pause:.1f}" for pause in pauses)
        print(
            f"\n{FAILOVERS} primaries killed: the phone went on after {told} s; {recorded} records, none lost"
        )
