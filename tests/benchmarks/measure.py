"""One database measured: pushes, their limit, the feed, files, memory, and where a push spends its time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles

from server.config import load
from server.operations.installation import initialise, services
from tests.benchmarks import clients, growth, limit, slow_sync, stages, usage
from tests.benchmarks.clients import Caller
from tests.benchmarks.scale import MIB, Load, Scale
from tests.benchmarks.scene import ORIGIN, Phone, Scene, SealedSet, scene
from tests.services.granian import ServerProcess
from tests.services.processes import ServiceFailed, free_port

PHONES = 8
PHONE_PART = MIB
"""The parts in which the reference phone sends a file."""
LARGE_PART = 32 * MIB
"""The parts of a sender with a good connection; the server takes no larger ones than twice that."""
WARM = Load(1, PHONES, 2)
"""What a process does once (imports, compiled statements, opened keys) is not what a push costs."""
Prepared = list[list[SealedSet]]
"""The sets of one load, by phone."""
NewDatabase = Callable[[], str]
Told = Callable[[str], None]


@dataclass(frozen=True)
class PushFigure:
    """One load measured once, and its limit in the same minute."""

    changes_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_s_per_1000: float
    limit_changes_per_s: float

    @property
    def limit_ratio(self) -> float:
        """Return which part of the limit was reached."""
        return self.changes_per_s / self.limit_changes_per_s


@dataclass
class Figures:
    """Everything measured of one database; `pushes` by load, medians of the repeats."""

    pushes: dict[str, PushFigure] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    feed_records: int = 0
    feed_records_per_s: float = 0
    empty_feed_ms: list[float] = field(default_factory=list)
    file_mb_per_s: float = 0
    file_limit_ratio: float = 0
    file_phone_ratio: float = 0
    slow_sync_part: float | None = None
    slow_sync_lacks: str = ""
    rss_mb: float = 0
    growth: Mapping[int, growth.Cost] = field(default_factory=dict)


@contextmanager
def client_processes() -> Iterator[ProcessPoolExecutor]:
    """Yield two warm processes apart from this one."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(usage.tree, [1, 1]))
        yield pool


def measure(scale: Scale, new_database: NewDatabase, told: Told) -> Figures:
    """Return the figures of one database; new_database: gives the URL of another empty one at every call."""
    found = Figures()
    with tempfile.TemporaryDirectory(prefix="wardledger-bench-") as folder, client_processes() as pool:
        homes = Path(folder)
        told("sealing sets")
        with scene(homes / "served", new_database(), phones=PHONES + 1) as here:
            warm = prepare(here, WARM)
            loads = [(load, prepare(here, load)) for _ in range(scale.repeats) for load in scale.loads]
            raw = limit.target(_bare_tables(homes / "bare", new_database()))
            _served(found, scale, here, pool, warm, loads, raw, told)
            raw.close()
        if scale.slow_sync:
            told(f"push {scale.headline} where a sync takes {slow_sync.SYNC_MS} ms more")
            _slow_sync(found, scale, homes, new_database, pool)
        told("profile by stage")
        with scene(homes / "profiled", new_database(), phones=1) as here:
            phone = here.phones[0]
            sets = [here.seal(phone, 25) for _ in range(scale.profiled)]
            found.stages = stages.profile(here, phone, sets)
        if scale.growth:
            with scene(homes / "grown", new_database(), phones=1) as here:
                found.growth = growth.cost_by_size(here, scale.growth, scale.growth_sets, told)
    return found


def _slow_sync(
    found: Figures, scale: Scale, homes: Path, new_database: NewDatabase, pool: ProcessPoolExecutor
) -> None:
    """Measure which part of the throughput remains where every sync of the server takes longer."""
    load = next(one for one in scale.loads if one.name == scale.headline)
    rates: list[float] = []
    try:
        preloaded = slow_sync.environment(homes)
    except ServiceFailed as error:
        found.slow_sync_lacks = str(error)
        return
    with scene(homes / "synced", new_database(), phones=PHONES) as here:
        for env in ({}, preloaded):
            prepared = [(one, prepare(here, one)) for one in (WARM, load)]
            here.services.engine.dispose()
            with ServerProcess(here.config.home, env={**here.env, **env}) as server:
                for one, sets in prepared:
                    callers = [_caller(server.url, phone) for phone in here.phones[: one.phones]]
                    bodies = [[each.sealed for each in mine] for mine in sets]
                    pushed = pool.submit(clients.push, callers, here.opening_key.kid, bodies).result()
            rates.append(load.changes / pushed.seconds)
    found.slow_sync_part = rates[1] / rates[0]


def prepare(here: Scene, load: Load) -> Prepared:
    """Return the sets of a load, in the order in which each phone must send them."""
    return [[here.seal(phone, load.batch) for _ in range(load.sets)] for phone in here.phones[: load.phones]]


def _bare_tables(home: Path, url: str) -> str:
    """Make the server's tables in another database, for the limit; returns its URL."""
    given = {"WARDLEDGER_HOME": str(home), "WARDLEDGER_DATABASE_URL": url, "WARDLEDGER_ORIGIN": ORIGIN}
    services(initialise(load(given), demo=True)).engine.dispose()
    return url


def _served(
    found: Figures,
    scale: Scale,
    here: Scene,
    pool: ProcessPoolExecutor,
    warm: Prepared,
    loads: list[tuple[Load, Prepared]],
    raw: limit.Target,
    told: Told,
) -> None:
    """Measure what goes through a serving process."""
    here.services.engine.dispose()
    with ServerProcess(here.config.home, env=here.env) as server:
        bench = Bench(here, server, pool, raw)
        bench.push(WARM, warm)
        runs: dict[str, list[PushFigure]] = {}
        for load, prepared in loads:
            told(f"push {load.name}")
            runs.setdefault(load.name, []).append(bench.push(load, prepared))
        found.pushes = {name: _middle(several) for name, several in runs.items()}
        told("feed")
        newcomer = bench.caller(here.phones[PHONES])
        synced = pool.submit(clients.first_sync, newcomer).result()
        found.feed_records, found.feed_records_per_s = synced.records, synced.records / synced.seconds
        empty = pool.submit(clients.empty_feed, newcomer, synced.cursor, scale.empty_feeds)
        found.empty_feed_ms = empty.result()
        told("files")
        bench.files(found, scale)
        found.rss_mb = usage.peak_rss_mb(bench.pid)


def _caller(url: str, phone: Phone) -> Caller:
    """Return a phone as the client processes need it."""
    return Caller(url, ORIGIN, phone.device, phone.key.private_bytes_raw(), phone.opening.seed)


def _middle(several: list[PushFigure]) -> PushFigure:
    names = PushFigure.__dataclass_fields__
    return PushFigure(**{name: median(getattr(one, name) for one in several) for name in names})


@dataclass
class Bench:
    """A serving process with everything that is sent to it."""

    here: Scene
    server: ServerProcess
    pool: ProcessPoolExecutor
    raw: limit.Target

    @property
    def pid(self) -> int:
        """Return the process from which the server's others descend."""
        process = self.server._process
        assert process is not None, "the server runs"
        return process.pid

    def caller(self, phone: Phone) -> Caller:
        """Return a phone as the client processes need it."""
        return _caller(self.server.url, phone)

    def push(self, load: Load, prepared: Prepared) -> PushFigure:
        """Return what one load takes, and then what its limit takes."""
        phones = self.here.phones[: load.phones]
        callers = [self.caller(phone) for phone in phones]
        bodies = [[one.sealed for one in mine] for mine in prepared]
        before = usage.cpu_seconds(self.pid)
        pushed = self.pool.submit(clients.push, callers, self.here.opening_key.kid, bodies).result()
        cpu = usage.cpu_seconds(self.pid) - before
        sets = [(phone, one) for phone, mine in zip(phones, prepared, strict=True) for one in mine]
        with self.here.services.engine.connect() as connection:
            rows = [limit.rows_of(connection, phone, one) for phone, one in sets]
        self.here.services.engine.dispose()
        bare = limit.run(self.here.opening_key, sets, rows, self.raw)
        return PushFigure(
            changes_per_s=load.changes / pushed.seconds,
            p50_ms=median(pushed.took_ms),
            p99_ms=percentile_99(pushed.took_ms),
            cpu_s_per_1000=cpu / load.changes * 1000,
            limit_changes_per_s=load.changes / bare,
        )

    def files(self, found: Figures, scale: Scale) -> None:
        """Measure uploads between bare streams of as many bytes, interleaved."""
        caller = self.caller(self.here.phones[0])
        size = scale.file_bytes
        large, small, bare = [], [], []
        for _ in range(scale.file_repeats):
            bare.append(self._bare(size))
            large.append(self.pool.submit(clients.upload, caller, size, LARGE_PART).result())
            small.append(self.pool.submit(clients.upload, caller, size, PHONE_PART).result())
        found.file_mb_per_s = size / MIB / median(large)
        found.file_limit_ratio = median(bare) / median(large)
        found.file_phone_ratio = median(bare) / median(small)

    def _bare(self, size: int) -> float:
        port = free_port()
        folder = self.here.config.home / "bare"
        folder.mkdir(exist_ok=True)
        received = self.pool.submit(clients.receive_bare, port, folder)
        seconds = self.pool.submit(clients.send_bare, port, size).result()
        received.result()
        for path in folder.iterdir():
            path.unlink()
        return seconds


def percentile_99(values: list[float]) -> float:
    """Return the 99th percentile; the worst value where there are too few for one."""
    return quantiles(values, n=100, method="inclusive")[98] if len(values) > 1 else values[0]
