"""The door's thread ends where nothing comes, holds nothing then, and takes up whatever comes at that very moment."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from schemas.drafting import Draft
from server.commit import queue
from server.commit.acts import MACHINE, new_id
from server.commit.queue import Committer
from tests.commit.state import act_of, door
from tests.server.builders import Installation

RESTS = 0.05


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a thread rest soon."""
    monkeypatch.setattr(queue, "REST_SECONDS", RESTS)


def institution(installation: Installation, number: int) -> Draft:
    values = {
        "fixmedins_code": f"H34150290{number:03d}",
        "name": f"测试市第{number:03d}医院",
        "kind": "hospital",
        "region": "341502",
    }
    return Draft("create", "institution", new_id(installation.services), values)


def submit(at: Committer, installation: Installation, number: int) -> None:
    assert at.submit(act_of(installation, MACHINE, institution(installation, number))) is not None


def ended(at: Committer) -> None:
    """Wait until the door's thread is gone."""
    thread = at._thread
    if thread is not None:
        thread.join(10)
    assert at._thread is None


def test_a_door_that_nobody_uses_has_no_thread_and_opens_again(installation: Installation):
    at = door(installation)
    for number in (1, 2):
        submit(at, installation, number)
        ended(at)


def test_a_door_that_nobody_holds_is_gone(installation: Installation):
    at = door(installation)
    submit(at, installation, 1)
    ended(at)
    known = weakref.ref(at)
    del at
    gc.collect()
    assert known() is None


def test_what_comes_while_the_thread_ends_is_taken_up(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    at = door(installation)
    # The thread finds nothing, and only then asks whether it may go: here the submission comes in between.
    between, come = threading.Event(), threading.Event()
    usual = at._waiting.get

    def late(*args: object, **more: object) -> object:
        try:
            return usual(*args, **more)  # type: ignore[arg-type]
        except queue.queue.Empty:
            if "timeout" not in more:
                # That was not the rest, only the end of a batch.
                raise
            between.set()
            come.wait(10)
            raise

    monkeypatch.setattr(at._waiting, "get", late)
    submit(at, installation, 1)
    assert between.wait(10)
    sender = threading.Thread(target=submit, args=(at, installation, 2))
    sender.start()
    until = time.monotonic() + 10
    while at._waiting.empty():
        assert time.monotonic() < until
        come.wait(0.001)
    come.set()
    sender.join(10)
    assert not sender.is_alive()


def test_many_who_come_now_and_then_all_get_their_answer(installation: Installation):
    at = door(installation)
    pause = threading.Event()
    for number in range(1, 13):
        submit(at, installation, number)
        pause.wait(RESTS * (0.8 + number / 30))
