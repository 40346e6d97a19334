"""When an item was captured stands in its record, derived once and by the server alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.drafting import Draft
from server.commit.acts import new_id
from server.storage import ledger_store
from sync.changes import Anchor, At
from tests.server.pushing import enrol
from tests.server.world import World


def span(world: World, item: str) -> tuple[Any, Any]:
    values = world.record(item).values
    return values.get("captured_from"), values.get("captured_until")


def by_phone(world: World, at: At) -> None:
    """Let what the world makes from now on come from a member's phone, with this capture time."""
    phone = enrol(world.installation, world.users["member"])

    def make(kind: str, values: Mapping[str, Any], **_: Any) -> str:
        draft = Draft("create", kind, new_id(world.services), values)
        (outcome,) = phone.push_lines([phone.line(draft, at=at)]).outcomes
        assert outcome.in_force, outcome
        return draft.record

    world.make = make  # type: ignore[method-assign]


def anchor(world: World, ms: int) -> Anchor:
    """Return an anchor at the present head, heard at `ms` when the phone's session was 1,000 ms old."""
    services = world.services
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    return Anchor(head.epoch, head.size - 1, ms, ms, 1_000, "s")


def test_what_a_phone_captured_lies_between_its_anchor_and_its_arrival(world):
    heard = world.services.now_ms()
    at = At(wall=heard + 60_000, mono=61_000, session="s", anchor=anchor(world, heard))
    world.installation.clock.advance(days=1)
    by_phone(world, at)
    earliest, latest = span(world, world.photograph(7))
    assert heard <= earliest <= heard + 60_000 <= latest < heard + 120_000, "a steady clock narrows it"


def test_a_phone_that_never_heard_the_server_leaves_the_beginning_open(world):
    by_phone(world, At(wall=world.services.now_ms(), session="s"))
    arrived = world.services.now_ms()
    assert span(world, world.photograph(8)) == (0, arrived)


def test_what_the_desk_makes_is_made_as_it_arrives(world):
    item = world.photograph(9)
    earliest, latest = span(world, item)
    assert earliest == latest == world.services.now_ms()


def test_nothing_is_said_of_an_item_whose_file_has_not_arrived(world):
    assert span(world, world.photograph(10, sent=False)) == (None, None)


def test_a_phone_cannot_say_itself_when_it_captured(world):
    item = world.photograph(11, sent=False)
    phone = enrol(world.installation, world.users["member"])
    bold = Draft("edit", "evidence", item, {"captured_from": 1, "captured_until": 2})
    (outcome,) = phone.push(bold).outcomes
    assert (outcome.verdict, outcome.code) == ("refused", "not_allowed")
