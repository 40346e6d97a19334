"""Child processes of the tests: started on free ports, watched while they start, always ended."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LOOPBACK = "127.0.0.1"
POLL_S = 0.02
"""How soon a server in a thread of the tests notices that it is to end."""


class ServiceFailed(Exception):
    """A program that the tests need is missing, or ended or fell silent while it started."""


def free_port() -> int:
    """Return a loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` as the leader of its own process group, both outputs appended to `log`.

    user: the account to run as; only root may name another than its own
    On Linux a child of the main thread is interrupted when this process dies, however it
    dies, so that a killed test run leaves nothing behind.
    """
    words = [str(word) for word in command]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*_bound_to_this_process(user), *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
        )


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], *, log: Path, seconds: float, what: str
) -> None:
    """Return once `ready()` holds; raises ServiceFailed with the log's end when it never does."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise ServiceFailed(f"{what} ended with status {process.returncode}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise ServiceFailed(f"{what} was not ready after {seconds:g} s:\n{tail(log)}")
        time.sleep(0.02)


def stop(
    process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, seconds: float = 10
) -> int:
    """Ask the leader to end, kill what is left of its group after `seconds`; returns its status."""
    with contextlib.suppress(ProcessLookupError):
        if process.poll() is None:
            process.send_signal(by)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return kill(process)


def kill(process: subprocess.Popen[bytes]) -> int:
    """Kill the whole group at once, as a power cut would, and reap the leader; returns once none of it runs."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    status = process.wait(10)
    deadline = time.monotonic() + 10
    # The others die when the kernel comes to it: until then they hold their locks and ports.
    while _still_running(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return status


def _still_running(group: int) -> bool:
    """Say whether any process of a group runs; one that nobody has reaped yet does not, once its threads are gone."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            told = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            state, its_group, threads = told[0], int(told[2]), int(told[17])
            if its_group == group and (state not in "ZX" or threads > 1):
                return True
    return False


def tail(log: Path, lines: int = 30) -> str:
    """Return the last lines of a log, or that there is none."""
    if not log.exists():
        return "(no output)"
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) or "(no output)"


def _bound_to_this_process(user: str | None) -> list[str]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if user is not None:
            raise ServiceFailed("running a service as another user needs setpriv (Debian: util-linux)")
        return []
    identity = [f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups"] if user else []
    # The kernel counts the death of the thread that forked: a passing thread's child would end with it.
    in_main_thread = threading.current_thread() is threading.main_thread()
    # A shell's background job ignores INT, and so do its children; only PostgreSQL, which would wait for its
    # clients after TERM, is told by INT, and sees to that signal itself.
    ending = "INT" if user else "TERM"
    return [setpriv, *identity, *([f"--pdeathsig={ending}"] if in_main_thread else []), "--"]
