"""`wardledger reminders log`, `dead-letters` and `resend`: what became of messages, and one sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.drafting import Draft
from server.cli import main
from server.reminders.delivery import Delivery
from server.reminders.schedule import tick
from server.storage import outbox_store
from server.storage.outbox_store import Posted
from tests.console.cases_made import opened
from tests.reminders.served_case import CONTACT, FakeChannel
from tests.server.builders import install
from tests.server.commands import find_in_environment
from tests.server.world import World, build

REFUSED = Delivery("permanent", "550 5.1.1")


@pytest.fixture
def world(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world that the command line finds in its environment, at the test's own time."""
    made = build(install(tmp_path / "home", database_url))
    find_in_environment(made.services.config, monkeypatch)
    monkeypatch.setattr("server.app.system_clock", made.services.now_ms)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def case(world: World) -> str:
    """A case whose message of service was refused."""
    world.act(Draft("edit", "institution", world.hospital, {"contact_email": CONTACT}))
    made = opened(world)
    tick(world.services, world.services.now(), {"email": FakeChannel(REFUSED)})
    return made


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    assert main(["reminders", *words, "--json"]) == 0, capsys.readouterr().err
    return list(json.loads(capsys.readouterr().out)["messages"])


def row_of(world: World, case: str) -> Posted:
    with world.services.database.reading() as connection:
        (row,) = outbox_store.of_case(connection, world.services.ledger.id, case)
    return row


def test_the_log_and_the_dead_letters_are_listed_without_an_address(
    case: str, capsys: pytest.CaptureFixture[str]
):
    (row,) = told(capsys, "dead-letters")
    assert (row["case"], row["state"], row["error"]) == (case, "failed", "550 5.1.1")
    assert told(capsys, "log", "--case", case) == [row]
    assert told(capsys, "log", "--state", "sent") == []
    assert main(["reminders", "log"]) == 0
    out = capsys.readouterr().out
    assert row["id"] in out
    assert CONTACT not in out


def test_a_message_is_sent_again_in_a_supervisors_name(
    world: World, case: str, capsys: pytest.CaptureFixture[str]
):
    (row,) = told(capsys, "dead-letters")
    (again,) = told(capsys, "resend", row["id"], "--by", "supervisor", "--reason", "邮箱已更正")
    assert again["state"] == "queued"
    mail = FakeChannel()
    tick(world.services, world.services.now(), {"email": mail})
    assert mail.addresses == [CONTACT]
    assert told(capsys, "dead-letters") == []
    assert row_of(world, case).state == "sent"


@pytest.mark.parametrize(
    ("message", "by", "reason", "said"),
    [
        ("0" * 32, "supervisor", "邮箱已更正", "not_found"),
        ("", "nobody", "邮箱已更正", "not_found"),
        ("", "supervisor", " ", "bad_value"),
        ("", "lead", "邮箱已更正", "not_allowed"),
        ("", "neighbour", "邮箱已更正", "not_allowed"),
    ],
)
def test_what_may_not_be_is_refused_and_nothing_is_queued(
    world: World, case: str, capsys: pytest.CaptureFixture[str], message: str, by: str, reason: str, said: str
):
    (row,) = told(capsys, "dead-letters")
    assert main(["reminders", "resend", message or row["id"], "--by", by, "--reason", reason]) == 1
    assert said in capsys.readouterr().err
    assert row_of(world, case).state == "failed"
