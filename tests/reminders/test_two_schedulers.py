"""Several schedulers at once send every reminder once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.reminders.channels import open_channels
from server.reminders.dispatch import dispatch
from server.reminders.scan import scan
from server.reminders.schedule import tick
from tests.reminders.scheduler_process import scheduler
from tests.reminders.served_case import FakeChannel, served_case

CASES = 12


@pytest.mark.slow
def test_two_scheduler_processes_and_two_threads_send_every_reminder_once(
    bureau, mail_server, tmp_path: Path
):
    cases = [served_case(bureau) for _ in range(CASES)]
    failures: list[BaseException] = []
    ending = threading.Event()

    def tick_on() -> None:
        try:
            while not ending.is_set():
                tick(bureau.services, bureau.now)
        except BaseException as error:  # noqa: BLE001 - told by the test below
            failures.append(error)

    threads = [threading.Thread(target=tick_on) for _ in range(2)]
    with ExitStack() as stack:
        logs = [tmp_path / "one.log", tmp_path / "two.log"]
        processes = [stack.enter_context(scheduler(bureau, log)) for log in logs]
        # The processes need a moment to start; the threads must not have sent everything by then.
        wait_for_text(logs, processes, "ticked")
        cases += [served_case(bureau) for _ in range(CASES)]
        for thread in threads:
            thread.start()
        mail_server.wait(len(cases), seconds=60)
        wait_until_settled(bureau, cases)
        ending.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert Counter(mail["Message-ID"] for mail in mail_server.messages).most_common(1)[0][1] == 1
    assert len(mail_server.messages) == len(cases)
    sent = [(reminder["case"], reminder["rung"], reminder["result"]) for reminder in bureau.reminders()]
    assert sorted(sent) == sorted((case, "served", "sent") for case in cases)


def wait_for_text(logs, processes, text: str, seconds: float = 40) -> None:
    """Return once one of the schedulers has done something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert all(process.poll() is None for process in processes)
        if any(log.exists() and text in log.read_text("utf-8", "replace") for log in logs):
            return
        time.sleep(0.05)
    raise TimeoutError(f"no scheduler said {text!r} in {seconds:g} s")


def wait_until_settled(bureau, cases, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if all(row.state == "sent" for case in cases for row in bureau.outbox(case)):
            return
        time.sleep(0.05)
    raise TimeoutError("a reminder is not settled")


def test_two_scans_at_once_queue_every_reminder_once(bureau):
    cases = [served_case(bureau) for _ in range(CASES)]
    queued: list[int] = []
    at_once = threading.Barrier(4)

    def look() -> None:
        at_once.wait()
        queued.append(scan(bureau.services, bureau.now))

    together([look] * 4)
    assert sum(queued) == CASES
    assert [len(bureau.outbox(case)) for case in cases] == [1] * CASES


def test_two_dispatchers_at_once_share_the_outbox(bureau):
    cases = [served_case(bureau) for _ in range(CASES)]
    scan(bureau.services, bureau.now)
    mails = [FakeChannel() for _ in range(4)]
    at_once = threading.Barrier(4)

    def send(mail: FakeChannel) -> None:
        at_once.wait()
        dispatch(bureau.services, {"email": mail}, bureau.now)

    together([lambda mail=mail: send(mail) for mail in mails])
    names = [name for mail in mails for _, _, name in mail.kept]
    assert len(names) == len(set(names)) == CASES
    assert [reminder["result"] for reminder in bureau.reminders()] == ["sent"] * CASES
    assert {row.state for case in cases for row in bureau.outbox(case)} == {"sent"}


def test_two_schedulers_give_a_lost_reminder_up_once(bureau, mail_server):
    served_case(bureau)
    scan(bureau.services, bureau.now)
    mail = FakeChannel(raising=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        dispatch(bureau.services, {"email": mail}, bureau.now)
    bureau.installation.clock.advance(seconds=3600)
    at_once = threading.Barrier(4)

    def give_up() -> None:
        at_once.wait()
        dispatch(bureau.services, open_channels(bureau.services.config, "en"), bureau.now)

    together([give_up] * 4)
    assert [reminder["result"] for reminder in bureau.reminders()] == ["unknown"]
    assert mail_server.attempts == 0


def together(tasks) -> None:
    """Run tasks in threads of their own and raise what one of them raised."""
    failures: list[BaseException] = []

    def run(task) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
