"""The demo's stage: a fresh home, a clock that can be set, and real processes on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from flask import Flask

from server.config import Config, environment_for, load
from server.demo.mailbox import Mailbox
from server.operations.installation import initialise, services
from server.wiring import Services, demo_clock, system_clock
from sync.errors import LedgerStopped, Refusal

LOOPBACK = "127.0.0.1"
NAME = "localhost"
"""What the demo is called by: browsers make passkeys for a name, and for this one without https."""
MARKER = "THIS-IS-A-DEMO"
START_SECONDS = 60
STOP_SECONDS = 15
SETTINGS = "settings.env"


class NotADemo(Refusal):
    """The folder holds something that no demo made; it is left alone."""

    code = "not_a_demo"
    next = "Point WARDLEDGER_HOME at another folder, or remove this one yourself."


@dataclass
class Stage:
    """A running demo installation."""

    home: Path
    port: int
    mailbox: Mailbox
    config: Config
    app: Flask
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def services(self) -> Services:
        """The installation's services, in this process."""
        return services(self.app)

    def set_clock(self, moment: datetime | None) -> None:
        """Let the demo's clock show `moment` from now on; None for real time."""
        offset = 0 if moment is None else int(moment.timestamp() * 1000) - system_clock()
        path = self.home / "clock.json"
        made = path.with_suffix(".new")
        made.write_text(json.dumps({"offset_ms": offset}))
        made.replace(path)

    def pass_time(self, ms: int) -> None:
        """Let the demo's clock jump ahead."""
        now = self.services.now()
        self.set_clock(now + timedelta(milliseconds=ms))

    def start(self, *words: str) -> None:
        """Start a process of this installation; its output goes to a log in the home."""
        with (self.home / f"{words[0]}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "server", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment_for(self.home),
                start_new_session=True,
            )
        self.processes.append(process)

    def serve(self) -> None:
        """Start the server and wait until it is ready; raises LedgerStopped with the log's end if it is not."""
        self.start("serve", "--host", LOOPBACK, "--port", str(self.port))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.config.url}/readyz").status_code == 200:
                    return
            if self.processes[-1].poll() is not None:
                break
            time.sleep(0.1)
        tail = (self.home / "serve.log").read_text("utf-8", "replace")[-2000:]
        raise LedgerStopped(f"the demo's server did not start:\n{tail}")

    def stop(self) -> None:
        """End every process in an orderly way, by force after a while."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()


@contextlib.contextmanager
def stage(home: Path, port: int, start_at: datetime) -> Iterator[Stage]:
    """Yield a fresh demo installation whose clock shows `start_at`; everything is stopped at the end."""
    _clear(home)
    check_free(port)
    with Mailbox(home / "mail") as mailbox:
        url = f"http://{NAME}:{port}"
        settings = {
            "WARDLEDGER_ORIGIN": "ledger.demo/luan",
            "WARDLEDGER_URL": url,
            "WARDLEDGER_SMTP_URL": mailbox.url,
            "WARDLEDGER_MAIL_FROM": "wardledger@bureau.example",
            "WARDLEDGER_CLOCK_FILE": str(home / "clock.json"),
        }
        (home / SETTINGS).write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        config = load({"WARDLEDGER_HOME": str(home), **settings})
        (home / "clock.json").write_text("{}")
        shown = Stage(home, port, mailbox, config, Flask("none"))
        shown.set_clock(start_at)
        shown.app = initialise(config, demo=True, now_ms=demo_clock(home / "clock.json"))
        try:
            yield shown
        finally:
            shown.stop()
            shown.services.engine.dispose()


def _clear(home: Path) -> None:
    """Make an empty home, in place of an earlier demo's; raises NotADemo for anything else."""
    if home.exists() and any(home.iterdir()):
        if not (home / MARKER).exists():
            raise NotADemo(f"{home} is not empty and was not made by a demo")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (home / MARKER).write_text("Everything here is generated demo data and is removed by the next demo.\n")


def check_free(port: int) -> None:
    """Raise LedgerStopped if somebody listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise LedgerStopped(f"port {port} is taken; choose another with PORT=") from error
