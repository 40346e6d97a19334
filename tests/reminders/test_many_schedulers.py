"""Many scheduler processes, killed while they send: each message goes once, and what is in doubt is not repeated."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from schemas.records.reminder_policy import DIGEST_LIMIT_MAX
from server.casework import laying_down
from server.casework.laying_down import Wanted
from server.reminders.dispatch import LEASE_SECONDS
from tests.reminders.scheduler_process import command, environment, scheduler
from tests.reminders.served_case import CONTACT, LEAD, SUPERVISOR, Bureau, served_case, shipped_rungs
from tests.services.gateway import LoopbackGateway
from tests.services.mail import MailServer
from tests.services.processes import start

CASES = 167
EACH = 3
"""On T-7 a case is told to its contact and its inspector by mail, and to the office by webhook."""
DUE = CASES * EACH
KILL_AT = (40, 90)
"""At these events of the webhook's server whoever sends it is killed, after it was heard and before it is answered."""
APART_SECONDS = (-90, 0, 60, 180)
SECONDS_MAX = 400


@dataclass
class Watch:
    """Scheduler processes under way, each with a clock of its own."""

    bureau: Bureau
    folder: Path
    stack: ExitStack
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: list[int] = field(default_factory=list)
    started: int = 0

    def begin(self) -> None:
        """Start one more scheduler, its clock minutes apart from the last one's."""
        folder = self.folder / f"scheduler{self.started}"
        folder.mkdir()
        process = self.stack.enter_context(scheduler(self.bureau, folder / "log"))
        self.leap(APART_SECONDS[self.started % len(APART_SECONDS)], folder)
        self.running.append(process)
        self.started += 1

    def leap(self, seconds: float, *folders: Path) -> None:
        """Set clocks forward, all of them unless some are named."""
        for folder in folders or tuple(self.folder.glob("scheduler*")):
            path = folder / "clock.json"
            offset = json.loads(path.read_text())["offset_ms"]
            path.with_suffix(".new").write_text(json.dumps({"offset_ms": offset + round(seconds * 1000)}))
            path.with_suffix(".new").replace(path)

    def kill_whoever_asks_from(self, port: int) -> None:
        """Kill the process that holds a connection, at once and without any of its cleaning up."""
        for process in self.running:
            if process.poll() is None and holds(process.pid, port):
                process.kill()
                process.wait()
                self.killed.append(process.pid)
                return
        raise AssertionError("nobody holds the connection")


def holds(pid: int, port: int) -> bool:
    """Return whether a process has a TCP connection from a local port of the loopback."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inodes = {parts[9] for parts in map(str.split, lines) if int(parts[1].rpartition(":")[2], 16) == port}
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.removeprefix("socket:[").removesuffix("]") in inodes:
            return True
    return False


def wait_until(done: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    until = time.monotonic() + SECONDS_MAX
    while not done():
        assert time.monotonic() < until, "the schedulers did not come to an end"
        meanwhile()
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.timeout(SECONDS_MAX * 3)
def test_five_hundred_reminders_of_killed_schedulers_go_once_each(
    bureau: Bureau, mail_server: MailServer, tmp_path: Path
):
    on_postgres = bureau.services.engine.dialect.name == "postgresql"
    # Each of them by itself: what is counted here is messages. Digests: test_digests.py.
    one_by_one = Wanted(region="341500", rungs=shipped_rungs(), digest_limit=DIGEST_LIMIT_MAX)
    laying_down.lay_down(bureau.services, bureau.supervisor, one_by_one)
    cases = [served_case(bureau) for _ in range(CASES)]
    bureau.installation.clock.advance(days=10)
    heard_enough = iter(KILL_AT)
    kill_next = [next(heard_enough)]
    lock = threading.Lock()
    with ExitStack() as stack:
        office = stack.enter_context(LoopbackGateway())
        hook = {
            "region": "341500",
            "url": f"{office.url}/hook",
            "secret": "whsec_" + b64encode(b"known to this test alone").decode(),
        }
        bureau.services.config.channels_file.write_text(json.dumps({"webhook": [hook]}), "utf-8")
        watch = Watch(bureau, tmp_path, stack)

        def hearing(port: int) -> None:
            with lock:
                if kill_next and len(office.asked) >= kill_next[0]:
                    kill_next[:] = [at] if (at := next(heard_enough, None)) else []
                    watch.kill_whoever_asks_from(port)

        office.hearing = hearing
        for _ in range(4 if on_postgres else 1):
            watch.begin()

        def replace_the_dead() -> None:
            # Of four, two are left to go on; where there is one alone, another takes its place.
            if not on_postgres and all(process.poll() is not None for process in watch.running):
                watch.begin()

        def states() -> list[str]:
            return [row.state for case in cases for row in bureau.outbox(case)]

        def nothing_waits() -> bool:
            found = states()
            return len(found) == DUE and "queued" not in found and found.count("sending") <= len(KILL_AT)

        wait_until(nothing_waits, replace_the_dead)
        watch.leap(LEASE_SECONDS + max(APART_SECONDS) - min(APART_SECONDS) + 60)
        wait_until(lambda: "sending" not in states(), replace_the_dead)
    assert len(set(watch.killed)) == len(KILL_AT)
    mails = [mail["Message-ID"] for mail in mail_server.messages]
    hooks = [asked.headers["webhook-id"] for asked in office.asked]
    assert (len(mails), len(hooks)) == (CASES * 2, CASES), "everything arrived, what is in doubt too"
    assert (len(set(mails)), len(set(hooks))) == (len(mails), len(hooks)), "and each of it once"
    found = states()
    assert (found.count("sent"), found.count("unknown")) == (DUE - len(KILL_AT), len(KILL_AT))
    results = [reminder["result"] for reminder in bureau.reminders()]
    assert (results.count("sent"), results.count("unknown")) == (DUE - len(KILL_AT), len(KILL_AT))


@pytest.mark.slow
def test_after_weeks_without_a_scheduler_one_that_starts_sends_the_highest_rung_alone(
    bureau: Bureau, mail_server: MailServer, tmp_path: Path
):
    case = served_case(bureau)
    # Two working days past its end: five rungs went by, of which the highest alone is told.
    bureau.installation.clock.advance(days=23)
    log = tmp_path / "once.json"
    words = command("scheduler", "--once", "--json")
    assert start(words, log=log, env=environment(bureau, tmp_path)).wait(120) == 0
    assert {row.key.rung for row in bureau.outbox(case)} == {"T+1"}
    assert {mail["To"] for mail in mail_server.messages} == {CONTACT, LEAD, SUPERVISOR}
    assert len(mail_server.messages) == 3
