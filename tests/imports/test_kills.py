"""An import whose process is killed has brought in nothing, or all of it; and it can be made again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.imports.census import import_census
from server.imports.institutions import import_institutions
from server.ledger.audit import audit
from server.storage import ledger_store, record_store
from server.wiring import Services
from tests.imports import files
from tests.imports.files import HOSPITAL, OTHER
from tests.server.builders import ORIGIN, Installation
from tests.services.granian import ROOT

STEPS = (
    ("server.storage.ledger_writer:append", "before"),
    ("server.storage.ledger_writer:append", "after"),
    ("server.storage.record_store:save", "after"),
    ("server.storage.ledger_writer:write_head", "before"),
    ("server.storage.ledger_writer:write_head", "after"),
)


def counts(services: Services) -> tuple[int, int]:
    """Return how many entries and in-patients there are."""
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.query(connection, vault, record_store.selected(services.ledger.id, "encounter"))
    return head.size, len(found)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "when"), STEPS)
def test_an_import_that_is_killed_in_the_middle_has_brought_in_nothing(
    installation: Installation, tmp_path: Path, database_url: str, step: str, when: str
):
    services = installation.services
    import_institutions(services, files.institutions(tmp_path / "institutions.csv"))
    path = files.city_census(tmp_path / "city.csv", [HOSPITAL, OTHER])
    before = counts(services)
    words = [sys.executable, "-m", "tests.imports.dying", str(tmp_path / "home"), database_url, str(path)]
    killed = subprocess.run(
        [*words, step, when],
        cwd=ROOT,
        env={"WARDLEDGER_ORIGIN": ORIGIN, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert counts(services) == before
    assert audit(services).ok
    report = import_census(services, path)
    assert counts(services) == (before[0] + 1, report.created)
    assert audit(services).ok
