"""Replay: the entries alone lead to the same records, and a ledger that does not is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync.entries import Entry, from_line
from sync.errors import BadProof, Refusal
from sync.outcomes import Outcome, from_json
from sync.replay import Replayed, replay, writer_of
from sync.rules import Grants
from tests.sync.builders import REGION, RULES, USERS, Ledger, add, change, create, edit, ledger, resolve, void


def busy() -> Ledger:
    """Return a ledger with a conflict decided, a refusal, a void, a child and a role handed out."""
    found = ledger("r1", "r2", amount=0)
    base = found.version()
    found.put("ann", edit("a1", base, amount=1))
    found.put("bob", edit("b1", base, amount=2))
    found.put("desk:lea", resolve("l1", found.version(), ["a1", "b1"], amount=2))
    found.put("cid", edit("c1", found.version(), nothing=2))
    found.put("lea", add("l2", found.version(), helpers=("tom",)))
    found.put("ann", void("a2", found.version("r2"), "r2"))
    found.put("ann", change("a3", "create", "i1", None, type="item", set={"case": "r1", "size": 3}))
    found.put("machine", change("m1", "create", "p1", None, type="place", set={"region": REGION}))
    found.put("desk:sue", change("s1", "create", "v1", None, type="visit", set={"place": "p1"}))
    return found


def start(found: Ledger) -> Replayed:
    """Return the state before the first entry: the roles that the users came with."""
    return Replayed(grants=Grants([g for g in found.grants.rows if g.via in USERS]))


def test_the_entries_lead_to_the_records_and_grants_that_judging_gave() -> None:
    found = busy()
    replayed = replay(found.entries, RULES, start(found))
    assert replayed.records == found.records
    assert replayed.grants.rows == found.grants.rows


def test_replay_goes_on_where_it_was_left() -> None:
    found = busy()
    half = len(found.entries) // 2
    state = replay(found.entries[:half], RULES, start(found))
    assert replay(found.entries[half:], RULES, state).records == found.records


def test_replay_applies_what_was_decided_and_judges_nothing_again() -> None:
    found = busy()
    assert replay(found.entries, RULES, Replayed()).records == found.records


def test_an_entry_whose_change_was_altered_is_named() -> None:
    found = busy()
    index, entry, changes = found.entries[2]
    found.entries[2] = (index, entry, [replace(changes[0], set={"amount": 99})])
    with pytest.raises(BadProof, match=f"entry {index} ") as stop:
        replay(found.entries, RULES, start(found))
    assert stop.value.item == "r1"


def test_an_entry_whose_outcome_was_altered_is_named() -> None:
    found = busy()
    refused = next(
        n for n, (_, entry, _) in enumerate(found.entries) if entry.outcome["verdict"] == "refused"
    )
    del found.entries[refused]
    replay(found.entries, RULES, start(found))
    index, entry, changes = found.entries[2]
    found.entries[2] = (index, replace(entry, outcome={"verdict": "refused"}), changes)
    with pytest.raises(BadProof):
        replay(found.entries, RULES, start(found))


@pytest.mark.parametrize("missing", ["r1.made", "p1"])
def test_a_ledger_that_lost_a_creation_is_named_at_the_next_entry(missing: str) -> None:
    found = busy()
    key = {"p1": "m1"}.get(missing, missing)
    found.entries = [e for e in found.entries if e[2][0].id != key]
    with pytest.raises(BadProof):
        replay(found.entries, RULES, start(found))


def test_a_record_that_is_created_twice_is_named() -> None:
    found = busy()
    _, entry, changes = found.entries[0]
    with pytest.raises(BadProof):
        replay([*found.entries, (99, entry, changes)], RULES, start(found))


def test_an_entry_that_does_not_say_what_came_of_it_must_still_follow_from_those_before() -> None:
    entry = Entry(at=1, kind="change", by="ann", change="d", outcome={"verdict": "applied"}, salt="s")
    made = create("a1", "r1", region=REGION)
    for story in ([edit("a2", None, amount=1)], [made, made]):
        with pytest.raises(BadProof):
            replay([(n, entry, [one]) for n, one in enumerate(story)], RULES)


def test_an_import_is_one_entry_of_many_records() -> None:
    rows = [create(f"row{n}", f"p{n}", region=REGION) for n in range(3)]
    rows = [replace(row, type="place") for row in rows]
    entry = Entry(at=1, kind="import", by="machine", change="d", outcome={"verdict": "applied"}, salt="s")
    replayed = replay([(7, entry, rows)], RULES)
    assert {key: (r.version, r.region) for key, r in replayed.records.items()} == {
        f"p{n}": (7, REGION) for n in range(3)
    }


def test_a_writer_is_the_device_or_the_desk_or_the_machine() -> None:
    entry = Entry(at=1, kind="change", by="ann", change="c", outcome={}, salt="s")
    assert writer_of(replace(entry, device="d1"), {}) == ("device:d1", 0)
    assert writer_of(entry, {}) == ("desk:ann", 0)
    assert writer_of(replace(entry, by="machine"), {}) == ("machine", 0)


# -- entries and outcomes as they are stored --------------------------------------------------------


def test_every_entry_comes_back_from_its_line() -> None:
    for _, entry, _ in busy().entries:
        assert from_line(entry.line()) == entry


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line.replace(b'"v":1', b'"v":2'),
        lambda line: line.replace(b'"v":1', b'"w":1'),
        lambda line: line.replace(b'"kind":"change"', b'"kind":"gossip"'),
        lambda line: line.replace(b'"by":', b'"bx":'),
        lambda line: line.replace(b'"outcome":{"verdict":"applied"}', b'"outcome":"applied"'),
        lambda line: line + b" ",
        lambda line: b"{}",
        lambda line: b"",
    ],
)
def test_a_line_that_is_no_entry_is_refused(spoil: object) -> None:
    line = busy().entries[0][1].line()
    assert callable(spoil)
    assert spoil(line) != line
    with pytest.raises(Refusal):
        from_line(spoil(line))


def test_an_outcome_comes_back_from_its_json() -> None:
    outcome = Outcome("conflict", fields={"a": "applied", "b": "conflict"}, flags=("granted_since",))
    assert from_json(outcome.json()) == outcome
    held = Outcome("held", waiting_for="r7", because="c1", code="tx_member", field="x")
    assert from_json(held.json()) == held


def test_an_outcome_leaves_out_what_says_nothing() -> None:
    assert Outcome("applied", fields={"a": "applied"}).json() == {"verdict": "applied"}
