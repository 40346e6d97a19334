"""The command line for tests: run in this process, over a home of the test's own."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.cli import main
from server.config import Config, load
from server.operations.installation import services
from server.wiring import Services
from tests.server.builders import FOUNDING, ORIGIN, URL
from tests.tiers import forbid_unmarked_installation


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        return json.loads(self.out)

    def word(self, name: str) -> str:
        """Return the word after a name at the beginning of a line."""
        rows = [row.split() for row in self.out.splitlines()]
        return next(row[1] for row in rows if row[:1] == [name])


@dataclass
class CommandLine:
    """`wardledger` with WARDLEDGER_HOME set to `home` and nothing else."""

    home: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *words: object, stdin: str = "") -> Ended:
        """Run a command and return how it ended; wrong usage ends with 2."""
        self.capture.readouterr()
        self.patch.setattr("sys.stdin", io.StringIO(stdin))
        try:
            status = main([str(word) for word in words])
        except SystemExit as end:
            status = int(end.code or 0)
        said = self.capture.readouterr()
        return Ended(status, said.out, said.err)

    def init(self, *words: object) -> Ended:
        """Make a demo installation."""
        ended = self("init", "--demo", "--origin", ORIGIN, "--url", URL, *words)
        assert ended.status == 0, ended.err
        return ended

    def services(self) -> Services:
        """Return the installation's services, for looking at what a command did."""
        from server.app import create_app

        return services(create_app(load()))

    def size(self) -> int:
        """Return the number of the ledger's entries since its founding."""
        from server.storage import ledger_store

        here = self.services()
        with here.database.reading() as connection:
            size = ledger_store.head(connection, here.ledger.id).size
        here.engine.dispose()
        return size - FOUNDING


def command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    """Return a command line over a home that does not exist yet."""
    forbid_unmarked_installation()
    home = tmp_path / "home"
    monkeypatch.setenv("WARDLEDGER_HOME", str(home))
    return CommandLine(home, capsys, monkeypatch)


def find_in_environment(config: Config, patch: pytest.MonkeyPatch) -> None:
    """Let commands that run in this process find an installation in their environment."""
    patch.setenv("WARDLEDGER_HOME", str(config.home))
    patch.setenv("WARDLEDGER_DATABASE_URL", config.database_url)
    patch.setenv("WARDLEDGER_ORIGIN", config.origin)


def records(here: Services, kind: str) -> list[Any]:
    """Return the live records of one type, by id."""
    from server.storage import record_store

    with here.database.reading() as connection:
        vault = here.vault.session(connection, here.ledger.id)
        wanted = record_store.selected(here.ledger.id, kind).order_by(record_store.TABLE.c.id)
        found = record_store.query(connection, vault, wanted)
    here.engine.dispose()
    return found
