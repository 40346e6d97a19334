"""Whatever is sent to the API, the server answers, and as its description says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.fuzzing import fuzz
from tests.server.builders import ORIGIN, install
from tests.server.world import World, build
from tests.services.granian import ServerProcess

pytestmark = pytest.mark.slow
WHO = ["supervisor", None]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, ServerProcess]]:
    """A world and the server that serves it as a process of its own."""
    home = tmp_path_factory.mktemp("fuzzed")
    made = build(install(home, f"sqlite:///{home / 'ledger.db'}"))
    made.services.engine.dispose()
    own = {
        "WARDLEDGER_ORIGIN": ORIGIN,
        "WARDLEDGER_DATABASE_URL": f"sqlite:///{home / 'ledger.db'}",
        "WARDLEDGER_RATE_ADDRESS": "0",
    }
    with ServerProcess(home, env=own) as server:
        yield made, server


@pytest.mark.parametrize("login", WHO)
def test_no_request_brings_the_server_down_or_an_answer_that_is_not_described(served, tmp_path, login):
    world, server = served
    run = fuzz(world, server, tmp_path, login=login, seconds=20, examples=6)
    assert run.status == 0, run.told


@pytest.mark.nightly
@pytest.mark.parametrize("login", WHO)
def test_for_ten_minutes_no_request_brings_the_server_down(served, tmp_path, login):
    world, server = served
    run = fuzz(world, server, tmp_path, login=login, seconds=600, examples=2000)
    assert run.status == 0, run.told
