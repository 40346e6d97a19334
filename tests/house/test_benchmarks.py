"""`make bench` runs, and writes what others compare runs by."""

from __future__ import annotations

import json
import time

import pytest

from tests.benchmarks import __main__ as bench
from tests.benchmarks import clients, peers, report, slow_sync, stages
from tests.benchmarks.growth import Cost
from tests.benchmarks.measure import Figures, PushFigure, client_processes
from tests.benchmarks.scale import FULL, QUICK, Load, Scale
from tests.benchmarks.scene import ORIGIN, scene
from tests.services.granian import ServerProcess
from tests.services.processes import ServiceFailed

MEASURED = (
    "push_changes_per_s",
    "push_limit_ratio",
    "push_p99_ms",
    "feed_records_per_s",
    "empty_feed_p50_ms",
    "file_limit_ratio",
    "server_rss_mb",
)
ABOUT = ("machine", "versions")
TINY = Scale(
    loads=(Load(1, 1, 2), Load(3, 2, 2)),
    repeats=1,
    profiled=3,
    empty_feeds=3,
    file_bytes=200_000,
    file_repeats=1,
    growth=(150,),
    growth_sets=2,
    headline="3x2",
)


def invented(scale: Scale) -> Figures:
    """Return figures that nobody measured."""
    pushes = {load.name: PushFigure(6000, 4, 9, 0.1, 20_000) for load in scale.loads}
    return Figures(
        pushes, {"open": 0.2}, 100, 5000, [0.9], 200, 0.8, 0.5, 180, growth={10_000: Cost(0.1, 0.5)}
    )


@pytest.mark.parametrize("scale", [QUICK, FULL], ids=["quick", "full"])
def test_latest_json_is_flat_and_has_every_key_that_others_read(scale, tmp_path):
    found = {bench.SQLITE: invented(scale), bench.POSTGRES: invented(scale)}
    path = report.write(bench.body_of(scale, found, time.monotonic()), tmp_path)
    body = json.loads(path.read_text("utf-8"))
    assert path == tmp_path / "var" / "bench" / "latest.json"
    assert not {*ABOUT, *MEASURED, *(f"pg_{name}" for name in MEASURED)} - set(body)
    assert all(isinstance(value, str | int | float) for value in body.values())
    assert body["push_limit_ratio"] == 0.3


def test_without_postgresql_its_keys_are_left_out_and_not_invented():
    body = bench.body_of(QUICK, {bench.SQLITE: invented(QUICK)}, time.monotonic())
    assert not [name for name in body if name.startswith("pg_")]


@pytest.mark.slow
def test_a_tiny_run_measures_every_figure():
    told: list[str] = []
    figures = bench.run(TINY, told.append, postgres=False)[bench.SQLITE]
    body = bench.body_of(TINY, {bench.SQLITE: figures}, time.monotonic())
    assert all(body[name] > 0 for name in MEASURED)
    assert figures.feed_records > sum(load.changes for load in TINY.loads)
    assert sum(figures.stages.values()) > 0
    assert figures.stages[stages.COMMIT] > 0
    assert [size for size, cost in figures.growth.items() if min(cost.change_ms, cost.proof_ms) > 0] == [150]
    assert figures.slow_sync_part is not None, figures.slow_sync_lacks
    assert figures.slow_sync_part > 0
    assert told


def test_a_disk_cannot_be_made_slow_without_a_compiler_and_the_table_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(slow_sync.shutil, "which", lambda name: None)
    with pytest.raises(ServiceFailed, match="gcc"):
        slow_sync.environment(tmp_path)


def test_a_peer_that_cannot_be_installed_is_named_with_the_reason(monkeypatch):
    monkeypatch.setattr(peers.shutil, "which", lambda name: None)
    monkeypatch.setattr(peers, "kinto", peers.pouchdb)
    found = peers.measure(lambda _: None)
    assert found == dict.fromkeys(
        (peers.KINTO, peers.POUCHDB), "not measured: Node.js and npm are not on this machine"
    )


@pytest.mark.slow
def test_a_push_that_is_not_accepted_as_new_ends_the_run(tmp_path):
    """A replayed set is answered from what is stored: to count it would flatter the figures."""
    with scene(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.sqlite'}", phones=1) as here:
        phone = here.phones[0]
        one = here.seal(phone, 1)
        here.services.engine.dispose()
        with ServerProcess(here.config.home, env=here.env) as server, client_processes() as pool:
            seeds = (phone.key.private_bytes_raw(), phone.opening.seed)
            caller = clients.Caller(server.url, ORIGIN, phone.device, *seeds)
            bodies = [[one.sealed, one.sealed]]
            with pytest.raises(RuntimeError, match="200"):
                pool.submit(clients.push, [caller], here.opening_key.kid, bodies).result()
