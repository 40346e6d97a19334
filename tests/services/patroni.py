"""A PostgreSQL cluster under Patroni with synchronous standbys, and the etcd it agrees in; all on loopback."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.services.postgres import OWNER, _unprivileged_user, programs
from tests.services.processes import LOOPBACK, ServiceFailed, free_port, kill, start, stop, tail

NEEDED = ("etcd", "patroni")
STARTED_SECONDS_MAX = 120
TTL_SECONDS = 20
"""Patroni's least: a primary that says nothing for so long is no longer one."""
NODES = 3


def lacking() -> list[str]:
    """Return which programs are not on this machine; on Debian: apt-get install etcd-server patroni."""
    return [name for name in NEEDED if shutil.which(name) is None]


@dataclass
class Node:
    """One PostgreSQL with the Patroni that watches over it."""

    name: str
    port: int = field(default_factory=free_port)
    rest: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None


class PatroniCluster:
    """Three nodes, one of which writes and waits for another's disk; a context manager."""

    def __init__(self) -> None:
        self.nodes = [Node(f"node{number}") for number in range(NODES)]
        self.user = _unprivileged_user()
        self._etcd_port = free_port()
        self._etcd: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="wardledger-patroni-"))

    def url(self, name: str) -> str:
        """Return the address of a database: all nodes, of which the one that writes is taken."""
        hosts = ",".join(LOOPBACK for _ in self.nodes)
        ports = ",".join(str(node.port) for node in self.nodes)
        return (
            f"postgresql+psycopg://{OWNER}@/{name}?host={hosts}&port={ports}&target_session_attrs=read-write"
        )

    def primary(self) -> Node | None:
        """Return the node that writes now, or None."""
        for node in self.nodes:
            try:
                with urllib.request.urlopen(f"http://{LOOPBACK}:{node.rest}/primary", timeout=2) as answer:
                    if answer.status == 200:
                        return node
            except (urllib.error.URLError, OSError):
                continue
        return None

    def is_whole(self) -> bool:
        """Return whether every node runs and Patroni has named a standby that may take over without a loss."""
        found = self.primary()
        if found is None:
            return False
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{found.rest}/cluster", timeout=5) as answer:
                members = json.load(answer)["members"]
        except (urllib.error.URLError, OSError, ValueError):
            return False
        roles = sorted(member["role"] for member in members if member["state"] in ("running", "streaming"))
        return len(roles) == NODES and "sync_standby" in roles

    def create_database(self, name: str) -> str:
        """Return the URL of a new database."""
        found = self.primary()
        assert found is not None
        with psycopg.connect(
            host=LOOPBACK, port=found.port, user=OWNER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def kill_primary(self) -> Node:
        """Kill the node that writes, with its Patroni, as a power cut would; returns it."""
        found = self.primary()
        assert found is not None
        assert found.process is not None
        # PostgreSQL has left Patroni's process group.
        server = int((self._folder / found.name / "postmaster.pid").read_text().split()[0])
        kill(found.process)
        os.kill(server, signal.SIGKILL)
        found.process = None
        return found

    def start_node(self, node: Node) -> None:
        """Start a node, also one that was killed: it comes back as a standby."""
        log = self._folder / f"{node.name}.log"
        config = self._folder / f"{node.name}.json"
        config.write_text(json.dumps(self._config(node)))
        node.process = start(["patroni", config], log=log, user=self.user, cwd=self._folder)

    def wait(self) -> None:
        """Return once the cluster is whole; raises ServiceFailed."""
        deadline = time.monotonic() + STARTED_SECONDS_MAX
        while not self.is_whole():
            if time.monotonic() > deadline:
                raise ServiceFailed("\n".join(tail(self._folder / f"{node.name}.log") for node in self.nodes))
            time.sleep(0.5)

    def wait_for_another(self, killed: Node) -> Node:
        """Return the node that writes instead of one that was killed; raises ServiceFailed where none does."""
        deadline = time.monotonic() + STARTED_SECONDS_MAX
        while (found := self.primary()) is None or found is killed:
            if time.monotonic() > deadline:
                told = "\n".join(tail(self._folder / f"{node.name}.log", 8) for node in self.nodes)
                raise ServiceFailed(f"no other node took over:\n{told}")
            time.sleep(0.2)
        return found

    def _config(self, node: Node) -> dict[str, object]:
        shared = {
            "ttl": TTL_SECONDS, "loop_wait": 2, "retry_timeout": 5, "maximum_lag_on_failover": 1_048_576,
            "synchronous_mode": True, "synchronous_mode_strict": True,
            "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 80, "wal_log_hints": "on"}},
        }  # fmt: skip
        return {
            "scope": "wardledger",
            "name": node.name,
            "restapi": {"listen": f"{LOOPBACK}:{node.rest}", "connect_address": f"{LOOPBACK}:{node.rest}"},
            "etcd3": {"host": f"{LOOPBACK}:{self._etcd_port}"},
            "bootstrap": {
                "dcs": shared,
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "trust"}, {"username": OWNER}],
                "pg_hba": ["local all all trust", "host all all 127.0.0.1/32 trust",
                           "host replication all 127.0.0.1/32 trust"],
            },
            "postgresql": {
                "listen": f"{LOOPBACK}:{node.port}",
                "connect_address": f"{LOOPBACK}:{node.port}",
                "data_dir": str(self._folder / node.name),
                "bin_dir": str(programs()),
                "pgpass": str(self._folder / f"{node.name}.pgpass"),
                "authentication": {name: {"username": OWNER} for name in ("superuser", "replication", "rewind")},
                "parameters": {"unix_socket_directories": str(self._folder)},
            },
        }  # fmt: skip

    def __enter__(self) -> Self:
        if self.user is not None:
            account = pwd.getpwnam(self.user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        address, peer = f"http://{LOOPBACK}:{self._etcd_port}", f"http://{LOOPBACK}:{free_port()}"
        command = [
            "etcd", "--data-dir", self._folder / "etcd", "--listen-client-urls", address, "--advertise-client-urls",
            address, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster",
            f"default={peer}",
        ]  # fmt: skip
        self._etcd = start(command, log=self._folder / "etcd.log", user=self.user, cwd=self._folder)
        try:
            self.start_node(self.nodes[0])
            deadline = time.monotonic() + STARTED_SECONDS_MAX
            while self.primary() is None:
                first = self.nodes[0].process
                if time.monotonic() > deadline or (first is not None and first.poll() is not None):
                    raise ServiceFailed(tail(self._folder / "node0.log"))
                time.sleep(0.5)
            for node in self.nodes[1:]:
                self.start_node(node)
            self.wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for node in self.nodes:
            if node.process is not None:
                stop(node.process, seconds=30)
        for node in self.nodes:
            running = self._folder / node.name / "postmaster.pid"
            if running.exists():
                _end(int(running.read_text().split()[0]))
        if self._etcd is not None:
            stop(self._etcd)
        shutil.rmtree(self._folder, ignore_errors=True)


def _end(server: int) -> None:
    """Kill a PostgreSQL that outlived its Patroni."""
    try:
        os.kill(server, signal.SIGKILL)
    except ProcessLookupError:
        return
