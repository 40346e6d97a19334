"""Fixtures: an authority, and an installation that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.outside import timestamps
from tests.outside.authority import Authority, make_keys
from tests.outside.towns import Town
from tests.server.builders import ORIGIN, Installation, install
from tests.services.in_process import serve

OTHER_ORIGIN = "ledger.test/anqing"


@pytest.fixture(scope="session")
def authority_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an authority's keys, with its root."""
    folder = tmp_path_factory.mktemp("tsa")
    make_keys(folder)
    return folder


@pytest.fixture
def authority(authority_keys: Path) -> Iterator[Authority]:
    """An authority on loopback."""
    with Authority(authority_keys, authority_keys / "root.pem") as running:
        yield running


@pytest.fixture(autouse=True)
def no_attempts() -> None:
    """Forget in which tests an authority was asked in vain."""
    timestamps.ATTEMPTS = timestamps.Attempts()


@pytest.fixture
def stamped(tmp_path: Path, database_url: str, authority: Authority) -> Iterator[Installation]:
    """An installation in real time, on SQLite and on PostgreSQL, which trusts the authority."""
    made = install(
        tmp_path / "home",
        database_url,
        real_time=True,
        WARDLEDGER_TSA_URL=authority.url,
        WARDLEDGER_TSA_CERTS=str(authority.root),
    )
    yield made
    made.services.engine.dispose()


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """An installation that knows nobody outside, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def towns(tmp_path: Path, database_url: str) -> Iterator[tuple[Town, Town]]:
    """A bureau, and another that witnesses it: the witness on SQLite and on PostgreSQL."""
    with ExitStack() as ending:
        made = []
        for origin, url in (
            (ORIGIN, f"sqlite:///{tmp_path / 'log.sqlite'}"),
            (OTHER_ORIGIN, database_url),
        ):
            home = tmp_path / origin.rpartition("/")[2]
            one = install(home, url, WARDLEDGER_ORIGIN=origin)
            ending.callback(one.services.engine.dispose)
            server = serve(one.app)
            ending.callback(server.server_close)
            ending.callback(server.shutdown)
            made.append(Town(one, f"http://127.0.0.1:{server.server_port}"))
        log, witness = made
        log.asks(witness)
        witness.trusts(log.log_key)
        yield log, witness
