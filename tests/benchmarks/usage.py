"""What processes use, read from /proc, and what machine and versions a run is of."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.services import postgres
from tests.services.processes import ServiceFailed

PROC = Path("/proc")
PACKAGES = ("granian", "flask", "sqlalchemy", "marshmallow", "cryptography", "psycopg")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """Return a process and all that descend from it, as far as they live."""
    parents: dict[int, int] = {}
    for path in PROC.glob("[0-9]*"):
        if fields := _stat(int(path.name)):
            parents[int(path.name)] = int(fields[1])
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/<pid>/stat after the name, or none for a process that is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds(root: int) -> float:
    """Return the processor time that a tree of processes has used, of the kernel's and of its own."""
    found = [fields for pid in tree(root) if (fields := _stat(pid))]
    return sum(int(fields[11]) + int(fields[12]) for fields in found) / TICKS_PER_SECOND


def peak_rss_mb(root: int) -> float:
    """Return the sum of the peaks of resident memory of a tree; pages that they share count for each."""
    total = 0
    for pid in tree(root):
        try:
            text = (PROC / str(pid) / "status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM:"))
    return total / 1024


def machine() -> str:
    """Return what the run was measured on."""
    models = [
        line.partition(":")[2].strip()
        for line in (PROC / "cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    cores = len(os.sched_getaffinity(0))
    name = models[0] if models else platform.machine()
    return f"{cores} cores {name}, {memory_gb:.0f} GB, Linux {platform.release().split('-')[0]}"


def versions() -> str:
    """Return the versions that matter, PostgreSQL's where it is there."""
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    try:
        said = subprocess.run(
            [postgres.programs() / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        found.append(f"PostgreSQL {said.split()[2]}")
    except ServiceFailed:
        pass
    return ", ".join([*found, *(f"{name} {version(name)}" for name in PACKAGES)])


def load_average() -> float:
    """Return how many processes wanted to run in the last minute: what else the machine was doing."""
    return os.getloadavg()[0]
