"""A real provider of OpenID Connect (oidc-provider, certified by the OpenID Foundation) in a process of Node."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.interop.node import installed, node
from tests.services.processes import LOOPBACK, free_port

SCRIPT = Path(__file__).parents[1] / "node" / "provider.mjs"
CLIENT, SECRET = "wardledger", "a secret of the tests alone, forty characters"


class Provider:
    """A context manager. back: the address to which it sends people back; issuer: its own."""

    def __init__(self, back: str):
        self.back = back
        self.port = free_port()
        self.issuer = f"http://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        installed(SCRIPT.parent)
        self._process = subprocess.Popen(
            [node(), str(SCRIPT), str(self.port), self.back],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if line.strip() == "ready":
                return self
        raise AssertionError("the provider did not start:\n" + "".join(said))

    def stop(self) -> None:
        """Take the provider away."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
