"""The demo's called round shows exactly the doubts that it means to show."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from mobile_stub.working import Style
from server.demo import called_round
from server.demo.called_round import BEDS, EXPECTED, Called
from tests.rounds.town import Town, found_town, inspection
from tests.server.builders import install

SMALL = Style(photo_size=(64, 48))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town on SQLite: what depends on the database is tested beside the rounds."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'demo.sqlite'}")
    yield found_town(made, tmp_path)
    made.services.engine.dispose()


def play(town: Town, *, badly: bool = True) -> tuple[Called, Phone, str]:
    """Call the hospital and let its ward answer; the time to answer is over at the end."""
    called = called_round.prepare(town.services, inspection(town))
    ward = town.phone(called.operator)
    made = called_round.call(town.services, town.supervisor, called)
    assert ward.sync().clean
    called_round.answer(ward, random.Random(1), made, called, SMALL)
    for _ in range(2):
        assert ward.sync().clean
    if badly:
        called_round.answer_badly(ward, random.Random(2), made, called, SMALL)
    town.pass_minutes(35)
    assert ward.sync().clean
    return called, ward, made


def test_the_desk_sees_one_missed_one_other_card_and_one_repeated_picture(town: Town):
    called, _, made = play(town)
    seen = called_round.seen(town.services, town.supervisor, made)
    assert seen.flags == EXPECTED
    assert (seen.beds, seen.in_time) == (BEDS, BEDS - 1)
    assert called.name == town.record(town.hospital).values["name"]


def test_what_is_not_answered_is_missed(town: Town):
    _, _, made = play(town, badly=False)
    seen = called_round.seen(town.services, town.supervisor, made)
    assert (seen.flags, seen.in_time) == ({"missed": len(EXPECTED)}, BEDS - len(EXPECTED))
