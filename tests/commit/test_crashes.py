"""A crash at any step of a commit: afterwards the ledger goes on, and the audit finds it in order."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit import receipts, transaction
from server.commit.signer import Signer
from server.storage import deadline_store, device_store, grant_store, ledger_writer, record_store
from tests.commit.state import act_of, door, everything, is_sound, push_of, together
from tests.server.pushing import City

STEPS = {
    "prepare": (Signer, "prepare"),
    "receipts": (receipts, "finish"),
    "entries": (ledger_writer, "append"),
    "tiles": (ledger_writer, "write_tiles"),
    "records": (record_store, "save"),
    "devices": (device_store, "project"),
    "deadlines": (deadline_store, "project"),
    "projections": (transaction, "_project"),
    "grants": (grant_store, "save"),
    "chains": (device_store, "advance"),
    "checkpoint": (ledger_writer, "write_checkpoint"),
    "head": (ledger_writer, "write_head"),
}
"""Every step of transaction._write, in its order."""


class Crash(BaseException):
    """The process ends here."""


def crash_at(patched: pytest.MonkeyPatch, place: Any, name: str, *, after: bool) -> None:
    """Let the process end before a step, or just after it."""
    step = getattr(place, name)

    def crashing(*args: Any, **more: Any) -> Any:
        if after:
            step(*args, **more)
        raise Crash

    patched.setattr(place, name, crashing)


def submissions(city: City) -> list[Any]:
    """Return a phone's set and an act of the desk."""
    note = Draft("edit", "inspection", city.inspection, {"note": "演示数据"})
    return [push_of(city.phones[0], city.finding()), act_of(city.installation, city.supervisor, note)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", list(STEPS))
def test_a_crash_inside_the_transaction_leaves_nothing_and_the_same_set_comes_in_later(
    city, monkeypatch, step, after
):
    given = submissions(city)
    before = everything(city.installation)
    with monkeypatch.context() as patched:
        crash_at(patched, *STEPS[step], after=after)
        with pytest.raises(Crash):
            together(door(city.installation), given)
    assert everything(city.installation) == before
    answers = together(door(city.installation), given)
    assert answers[0].receipt
    assert not answers[0].repeated
    assert is_sound(city.installation)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_between_the_commit_and_the_signers_note_loses_nothing(city, monkeypatch, after):
    push, decision = submissions(city)
    with monkeypatch.context() as patched:
        crash_at(patched, Signer, "committed", after=after)
        with pytest.raises(Crash):
            together(door(city.installation), [push, decision])
    (again,) = together(door(city.installation), [push])
    assert again.repeated
    assert again.receipt
    (following,) = together(door(city.installation), [push_of(city.phones[0], city.finding())])
    assert following.first == again.first + 2
    assert is_sound(city.installation)


def test_crashes_again_and_again_do_not_add_up(city, monkeypatch):
    given = submissions(city)
    for step in ("prepare", "head", "checkpoint", "head"):
        with monkeypatch.context() as patched:
            crash_at(patched, *STEPS[step], after=True)
            with pytest.raises(Crash):
                together(door(city.installation), given)
    # The door that was open all the while goes on as well as a fresh one.
    assert city.installation.services.door.submit(given[0]).receipt
    assert is_sound(city.installation)


def test_the_steps_are_those_of_the_transaction():
    names = {name for _, name in STEPS.values()}
    code = transaction._write.__code__.co_names + transaction._project.__code__.co_names
    steps = {name for name in code if name in names}
    assert steps == names
