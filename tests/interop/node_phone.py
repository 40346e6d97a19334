"""The phone in JavaScript as a process of its own, told what to do over JSON lines."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from schemas.describe import form
from schemas.records import TYPES
from schemas.wire.enrol import Invite
from tests.interop.node import PWA, node
from tests.services.granian import ROOT, clean_environment

CLI = PWA / "protocol" / "cli.js"
ANSWER_SECONDS_MAX = 60


class NodeRefused(Exception):
    """The phone in JavaScript answered with an error; `code` is its stable word, `told` all that it said."""

    def __init__(self, told: dict[str, Any]):
        super().__init__(f"{told['code']}: {told['detail']}")
        self.code = told["code"]
        self.told = told


class NodePhone:
    """One phone in JavaScript over a folder; a context manager.

    wall_offset_ms: how much its wall clock is off
    """

    def __init__(self, home: Path, *, wall_offset_ms: int = 0):
        home.mkdir(parents=True, exist_ok=True)
        # From the declarations as they are now, whatever has been generated from them.
        types = home / "types.json"
        types.write_text(json.dumps({name: form(kind) for name, kind in TYPES.items()}), "utf-8")
        words = [node(), CLI, home / "phone", "--types", types, f"--wall-offset={wall_offset_ms}"]
        self._log = (home / "node.log").open("ab")
        self._process = subprocess.Popen(
            [str(word) for word in words],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._home = home

    @property
    def home(self) -> Path:
        """The folder that outlives the process."""
        return self._home

    def do(self, what: str, **more: Any) -> Any:
        """Return the answer to a command; raises NodeRefused."""
        assert self._process.stdin, "the process was started with pipes"
        assert self._process.stdout, "the process was started with pipes"
        alarm = threading.Timer(ANSWER_SECONDS_MAX, self._process.kill)
        alarm.start()
        try:
            self._process.stdin.write(json.dumps({"do": what, **more}).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            alarm.cancel()
        assert line, f"the phone ended:\n{(self._home / 'node.log').read_text('utf-8', 'replace')}"
        answer = json.loads(line)
        if "error" in answer:
            raise NodeRefused(answer["error"])
        return answer["ok"]

    def enrol(self, invite: Invite, **more: Any) -> dict[str, Any]:
        """Enrol by an invite and return how the phone stands."""
        status: dict[str, Any] = self.do("enrol", invite=invite.text(), **more)
        return status

    def sync(self) -> dict[str, Any]:
        """Sync and return the report; fails where any part of it failed."""
        report: dict[str, Any] = self.do("sync")
        assert not report["errors"], report
        return report

    def failures(self) -> list[tuple[str, str]]:
        """Sync and return which part failed with which code."""
        return [(one["part"], one["code"]) for one in self.do("sync")["errors"]]

    def values(self, record: str) -> dict[str, Any]:
        """Return a record's values as this phone sees them."""
        values: dict[str, Any] = self.do("show", record=record)["values"]
        return values

    def secrets(self) -> dict[str, Any]:
        """Return the identity that the phone keeps, its private keys among it."""
        return self.row("me")

    def row(self, name: str) -> dict[str, Any]:
        """Return a row of its journal as it was last written."""
        steps = (self._home / "phone" / "log").read_text("utf-8").splitlines()
        found = [value for step in steps for key, value in json.loads(step[65:]) if key == name]
        kept: dict[str, Any] = found[-1]
        return kept

    def stop(self) -> None:
        """End the process in an orderly way; fails where it did not end so."""
        assert self._process.stdin, "the process was started with pipes"
        self._process.stdin.close()
        try:
            status = self._process.wait(10)
        finally:
            self.kill()
        assert status == 0, (self._home / "node.log").read_text("utf-8", "replace")

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._process.kill()
        self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            if pipe and not pipe.closed:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stop()
        else:
            self.kill()
