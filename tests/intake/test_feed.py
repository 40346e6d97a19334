"""The feed over HTTP: only what is granted, each record once, in pages; what leaves the scope is said once."""

from __future__ import annotations

import base64
from collections import Counter
from typing import Any

import pytest

from schemas.drafting import Draft
from schemas.wire.feed import FeedPage
from server.commit.acts import act
from sync import checkpoint, lines
from tests.intake.caller import Caller, caller
from tests.server.pushing import City
from tests.server.pushing import user as new_user


def items_of(pages: list[FeedPage]) -> list[str]:
    return [item.id for page in pages for item in page.items]


def types_of(pages: list[FeedPage]) -> set[str]:
    return {item.type for page in pages for item in page.items}


def evicted(pages: list[FeedPage]) -> list[str]:
    return [root for page in pages for root in page.evict]


def change_members(city: City, inspection: str, **parts: Any) -> None:
    act(
        city.installation.services,
        [Draft("edit", "inspection", inspection, {}, **parts)],
        user=city.supervisor,
    )


def test_a_phone_gets_the_inspections_of_its_user_with_their_institution(city, phones):
    one, _ = phones
    pages, _ = one.pull()
    assert set(items_of(pages)) == {city.inspection, city.institution}
    assert evicted(pages) == []


def test_a_phone_gets_nothing_that_is_not_granted(city, phones):
    stranger = new_user(city.installation, "stranger", "测试甲009", "inspector")
    act(city.installation.services, [stranger], kind="setting")
    outside = caller(city.installation, stranger.record)
    one, _ = phones
    one.send(city.finding())
    assert outside.pull()[0] == []


def test_devices_and_users_are_never_in_the_feed(city, phones):
    assert types_of(phones[0].pull()[0]) <= {"inspection", "institution"}


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_pages_of_any_size_bring_each_record_once(city, phones, limit):
    one, two = phones
    made = [city.finding() for _ in range(5)]
    one.send(*made)
    pages, cursor = two.pull(limit=limit)
    found = Counter(items_of(pages))
    assert set(found.values()) == {1}
    assert {draft.record for draft in made} < set(found)
    assert all(len(page.items) <= limit for page in pages)
    assert two.feed(cursor)[1].status_code == 204


def test_a_limit_of_nought_or_junk_is_a_limit_all_the_same(city, phones):
    one, _ = phones
    for limit in ("0", "-5", "junk", "9" * 30):
        assert one.ask("GET", f"/v1/feed?after=&limit={limit}").status_code == 200


def test_what_changed_while_a_phone_pages_comes_afterwards_in_its_latest_state(city, phones):
    one, two = phones
    made = city.finding()
    one.send(made, city.finding(), city.finding())
    first, answer = two.feed(limit=1)
    act(city.installation.services, [Draft("edit", "inspection", city.inspection, {"note": "演示数据"})],
        user=city.supervisor)  # fmt: skip
    pages, _ = two.pull(answer.headers["Wardledger-Cursor"], limit=1)
    latest = {item.id: item for page in [first, *pages] for item in page.items}
    note = [line for line in latest[city.inspection].private if "演示数据" in line]
    assert len(note) == 1
    assert made.record in latest


def test_nothing_new_is_204_with_cursor_and_checkpoint(city, phones):
    one, _ = phones
    _, cursor = one.pull()
    page, answer = one.feed(cursor)
    assert (page, answer.status_code, answer.data) == (None, 204, b"")
    assert answer.headers["Wardledger-Cursor"] == cursor
    note = base64.b64decode(answer.headers["Wardledger-Checkpoint"]).decode()
    services = city.installation.services
    assert checkpoint.verify(note, services.keyring.verifiers()).origin == services.ledger.origin
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_carries_the_checkpoint_that_its_header_names(city, phones):
    page, answer = phones[0].feed()
    assert base64.b64decode(answer.headers["Wardledger-Checkpoint"]).decode() == page.checkpoint
    assert answer.headers["Wardledger-Cursor"] == page.cursor


def cursor_of(text: str) -> str:
    return lines.b64u(text.encode())


@pytest.mark.parametrize(
    "junk",
    [
        "x",
        "%00",
        "....",
        cursor_of("a"),
        cursor_of("a/b/c"),
        cursor_of("设备/1/c"),
        "A" * 5000,
        cursor_of("//"),
    ],
)
def test_what_is_no_cursor_is_refused(phones, junk):
    answer = phones[0].ask("GET", f"/v1/feed?after={junk}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert answer.get_json()["field"] == "after"


@pytest.mark.parametrize("place", ["9" * 30, "-9999999999999999999999", "9223372036854775808"])
def test_a_cursor_of_no_ledger_position_is_refused(city, phones, place):
    epoch = phones[0].feed()[0].epoch
    for record in ("", "~"):
        answer = phones[0].ask("GET", f"/v1/feed?after={cursor_of(f'{epoch}/{place}/{record}')}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")


def test_a_cursor_that_names_no_record_is_refused(city, phones):
    epoch = phones[0].feed()[0].epoch
    for record in ("\x00", "a\nb"):
        answer = phones[0].ask("GET", f"/v1/feed?after={cursor_of(f'{epoch}/3/{record}')}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")


def test_a_cursor_of_another_epoch_begins_anew(city, phones):
    page, _ = phones[0].feed(cursor_of(f"{'0' * 32}/99/~"))
    assert {item.id for item in page.items} == {city.inspection, city.institution}


def test_who_leaves_an_inspection_is_told_once_and_gets_no_more_of_it(city, phones):
    one, two = phones
    one.send(city.finding())
    _, cursor = two.pull()
    change_members(city, city.inspection, remove={"members": [two.user]})
    one.send(city.finding())
    pages, cursor = two.pull(cursor)
    assert evicted(pages) == sorted([city.inspection, city.institution])
    assert items_of(pages) == []
    assert two.pull(cursor)[0] == []
    one.send(city.finding())
    assert two.pull(cursor)[0] == []


def test_a_root_that_another_grant_still_shows_is_not_evicted(city, phones):
    _, two = phones
    second = city.inspect()
    _, cursor = two.pull()
    change_members(city, second, remove={"members": [two.user]})
    pages, _ = two.pull(cursor)
    assert evicted(pages) == [second], "the institution is still that of the other inspection"


def test_who_joins_an_inspection_gets_all_of_it_once(city, phones):
    joins = new_user(city.installation, "joins", "测试甲008", "inspector")
    act(city.installation.services, [joins], kind="setting")
    third = caller(city.installation, joins.record)
    one, _ = phones
    made = [city.finding() for _ in range(4)]
    one.send(*made)
    pages, cursor = third.pull()
    assert pages == []
    change_members(city, city.inspection, add={"members": [joins.record]})
    pages, cursor = third.pull(cursor, limit=2)
    found = Counter(items_of(pages))
    assert set(found) == {city.inspection, city.institution, *(draft.record for draft in made)}
    assert set(found.values()) == {1}
    assert third.pull(cursor)[0] == []


def test_who_leaves_and_comes_back_gets_it_back(city, phones):
    _, two = phones
    _, cursor = two.pull()
    change_members(city, city.inspection, remove={"members": [two.user]})
    _, cursor = two.pull(cursor)
    change_members(city, city.inspection, add={"members": [two.user]})
    pages, _ = two.pull(cursor)
    assert set(items_of(pages)) == {city.inspection, city.institution}
    assert evicted(pages) == []


def test_who_was_away_while_being_sent_off_and_taken_back_loses_nothing(city, phones):
    _, two = phones
    _, cursor = two.pull()
    for part in ("remove", "add"):
        change_members(city, city.inspection, **{part: {"members": [two.user]}})
    pages, _ = two.pull(cursor)
    assert evicted(pages) == []
    assert city.inspection in items_of(pages)


def test_a_decision_reaches_the_author(city, phones):
    one, _ = phones
    made = city.finding()
    one.send(made)
    _, cursor = one.pull()
    decision = city.id()
    values = {"about": made.record, "about_version": 1, "act": "withdraw", "note": "演示数据"}
    act(city.installation.services, [Draft("create", "decision", decision, values)], user=city.supervisor)
    pages, _ = one.pull(cursor)
    assert items_of(pages) == [decision]
    (item,) = pages[0].items
    assert item.fields["about"] == made.record


def test_a_page_is_sealed_to_the_phone_that_asked(city, phones):
    one, two = phones
    answer = one.ask("GET", "/v1/feed?after=&limit=200")
    swapped = Caller(city.installation, one.id, one.user, one.key, seal=two.seal)
    with pytest.raises(Exception, match="opened"):
        swapped.feed()
    assert city.inspection.encode() not in answer.data
