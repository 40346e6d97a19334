"""The project's own server as a process of its own, to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services.processes import LOOPBACK, ServiceFailed, free_port, kill, start, stop, wait_until

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 30
SERVE = (sys.executable, "-P", "-m", "server", "serve")


class ServerProcess:
    """`wardledger serve` over one installation's home; a context manager.

    home: the folder of an installation that `wardledger init` has made
    port: a free one is taken when none is given, and kept over restarts
    env: settings besides the home and the public address
    command: what to run instead of the server
    """

    def __init__(
        self,
        home: Path,
        port: int | None = None,
        *,
        env: Mapping[str, str] | None = None,
        command: Sequence[str | Path] | None = None,
    ):
        self.home = home
        self.port = port or free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.log = home / "server.log"
        self.command = command or (*SERVE, "--host", LOOPBACK, "--port", str(self.port))
        self.env = clean_environment() | {"WARDLEDGER_HOME": str(home), "WARDLEDGER_URL": self.url}
        self.env |= dict(env or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Say whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Start and return once /readyz answers 200; raises ServiceFailed with the log's end otherwise."""
        if self.is_running:
            raise ServiceFailed("the server is running already")
        self._process = start(self.command, log=self.log, env=self.env, cwd=ROOT)
        wait_until(self.is_ready, self._process, log=self.log, seconds=READY_SECONDS_MAX, what="the server")
        return self

    def is_ready(self) -> bool:
        """Say whether /readyz answers 200."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except OSError:
            return False

    def kill(self) -> None:
        """Kill -9 the server with all its workers, in the middle of whatever they do."""
        assert self._process is not None, "start the server first"
        kill(self._process)
        self._process = None

    def stop(self) -> int:
        """End it in an orderly way; returns its exit status, 0 when it never ran."""
        if self._process is None:
            return 0
        status = stop(self._process, by=signal.SIGTERM)
        self._process = None
        return status

    def restart(self) -> Self:
        """End it in an orderly way and start it again on the same port."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def clean_environment() -> dict[str, str]:
    """Return this process's environment without the settings of an installation that is at hand."""
    # Compiled modules may be kept, whatever the machine's habit: the tests start many processes.
    unwanted = ("WARDLEDGER_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
