"""A change that came before what it belongs to: held, shown as held, released, and told to its phone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mobile_stub import checking, pull
from mobile_stub.phone import Phone
from mobile_stub.trouble import Offline
from schemas.wire.feed import FeedPage
from server.ledger.audit import audit
from server.storage import ledger_store, waiting_store
from sync.entries import Entry
from sync.errors import BadProof
from tests.server.builders import Installation
from tests.server.phones import Visit, team_on_site


@pytest.fixture
def team(installation: Installation, tmp_path: Path) -> tuple[Visit, Phone, Phone]:
    """A visit that is under way, the lead's phone and the member's phone, both synced."""
    return team_on_site(installation, tmp_path)


def begin(found: Visit, phone: Phone) -> str:
    """Begin a round that was not planned; returns its id."""
    return phone.create("ward_round", {"inspection": found.inspection, "mode": "bedside", "trigger": "lead"})


def check(phone: Phone, ward_round: str, **more: Any) -> str:
    """Check a bed of a round of which the phone may know the id alone."""
    return phone.create(
        "bed_check", {"ward_round": ward_round, "bed_listed": "1101", "presence": "in_bed", **more}
    )


def test_a_bed_checked_in_a_colleagues_round_waits_for_the_round_and_is_never_lost(installation, team):
    found, lead, member = team
    ward_round = begin(found, lead)
    bed = check(member, ward_round)
    assert member.sync().pushed.verdicts == {"held": 1}
    (look,) = member.attention()
    assert (look["verdict"], look["waiting_for"]) == ("held", ward_round)
    assert member.show(bed).values["presence"] == "in_bed", "held work stays in sight"
    assert lead.sync().pushed.verdicts == {"applied": 1}
    assert member.sync().clean
    assert member.attention() == []
    assert member.show(bed).pending == 0
    assert lead.sync().clean
    assert lead.show(bed).values["presence"] == "in_bed"
    assert audit(installation.services).ok


def test_what_a_release_refuses_comes_back_to_its_phone_with_the_reason(installation, team):
    found, lead, member = team
    ward_round = begin(found, lead)
    check(member, ward_round)
    assert member.sync().pushed.verdicts == {"held": 1}
    lead.step(found.inspection, "record_signed")
    assert lead.sync().clean
    assert member.sync().clean
    (look,) = member.attention()
    assert look["verdict"] in ("refused", "late"), (
        "the round came, and by then the inspection had left the site"
    )
    assert look["next"]


def test_a_change_that_goes_on_waiting_stays_on_the_list_and_in_sight(installation, team):
    found, lead, member = team
    ward_round = begin(found, lead)
    unknown = "01a1e73b-8500-7000-8000-000000000001"
    bed = check(member, ward_round, encounter=unknown)
    assert member.sync().pushed.verdicts == {"held": 1}
    assert lead.sync().clean
    assert member.sync().clean
    (look,) = member.attention()
    assert (look["verdict"], look["waiting_for"]) == ("held", unknown)
    assert member.show(bed).pending == 1
    services = installation.services
    with services.database.reading() as connection:
        (row,) = waiting_store.open_ones(connection, services.ledger.id)
    assert (row.waiting_for, row.device) == (unknown, member.kit.identity.device)


def test_the_feed_tells_of_a_release_once(installation, team, monkeypatch: pytest.MonkeyPatch):
    found, lead, member = team
    ward_round = begin(found, lead)
    check(member, ward_round)
    member.sync()
    lead.sync()
    told: list[FeedPage] = []
    real = checking.check_cover
    monkeypatch.setattr(checking, "check_cover", lambda page: (told.append(page), real(page))[1])
    for _ in range(2):
        assert member.sync().clean
        check(lead, ward_round)
        assert lead.sync().clean
    assert member.sync().clean
    assert sum(len(page.outcomes) for page in told) == 1
    told.clear()
    assert lead.sync().clean
    assert not any(page.outcomes for page in told), "another's release is none of its business"


def test_an_old_receipt_does_not_take_back_what_the_feed_has_told_since(installation, team):
    """The answer was lost, the round came, the feed told of the release; then the first receipt arrives."""
    found, lead, member = team
    ward_round = begin(found, lead)
    bed = check(member, ward_round)
    real = member.kit.transport.ask

    def lose(method: str, path: str, **more: Any) -> Any:
        answer = real(method, path, **more)
        if path == "/v1/change-sets":
            raise Offline("the answer was lost")
        return answer

    member.kit.transport.ask = lose
    assert not member.sync().clean
    assert lead.sync().clean
    member.sync()
    member.kit.transport.ask = real
    assert member.sync().clean
    assert member.attention() == []
    assert member.show(bed).pending == 0


def test_many_outcomes_come_page_by_page(installation, team, monkeypatch: pytest.MonkeyPatch):
    found, lead, member = team
    ward_round = begin(found, lead)
    beds = [check(member, ward_round) for _ in range(5)]
    assert member.sync().pushed.verdicts == {"held": 5}
    assert lead.sync().clean
    monkeypatch.setattr(pull, "PAGE_ITEMS", 2)
    report = member.sync()
    assert report.clean
    assert report.pulled.pages >= 3
    assert member.attention() == []
    assert [member.show(bed).pending for bed in beds] == [0] * 5


# What the phone believes of it


def page_of(installation: Installation, member: Phone) -> tuple[Any, int, FeedPage]:
    """Return the released change as the phone kept it, the entry's index, and a page that shows that entry."""
    services = installation.services
    with services.database.reading() as connection:
        (row,) = waiting_store.everything(connection, services.ledger.id)
        assert row.moved is not None
        entries = ledger_store.lines_at(connection, services.ledger.id, [row.moved])
    kept = member.kit.journal.change(str(row.change))
    assert kept is not None
    page = FeedPage("c", False, 0, "0" * 32, 0, "", (), (), entries, (), {kept.change.id: row.moved})
    return kept.change, row.moved, page


@pytest.fixture
def released(installation: Installation, team: tuple[Visit, Phone, Phone]) -> tuple[Any, int, FeedPage]:
    """A change that was released, its entry's index, and a page that shows the entry."""
    found, lead, member = team
    check(member, begin(found, lead))
    member.sync()
    lead.sync()
    return page_of(installation, member)


def test_a_release_is_believed_by_its_entry(released):
    change, index, page = released
    found = checking.judged_again(change, {}, index, page)
    assert (found["verdict"], found["index"]) == ("applied", index)


def test_a_release_without_its_entry_raises_the_alarm(released):
    change, index, page = released
    with pytest.raises(BadProof, match="without showing it"):
        checking.judged_again(change, {}, index, replace(page, entries={}))


def test_a_release_whose_entry_is_none_raises_the_alarm(released):
    change, index, page = released
    with pytest.raises(BadProof, match="is none"):
        checking.judged_again(change, {}, index, replace(page, entries={index: b"{}"}))


def test_a_release_by_another_changes_entry_raises_the_alarm(released):
    change, index, page = released
    with pytest.raises(BadProof, match="does not judge this change"):
        checking.judged_again(replace(change, digest="0" * 64), {}, index, page)


def test_an_entry_that_is_no_release_judges_nothing_again(released):
    change, index, page = released
    entry = Entry(1, "change", "x", change.digest, {"verdict": "applied"}, "c2FsdHNhbHRzYWx0c2FsdA")
    with pytest.raises(BadProof, match="does not judge this change"):
        checking.judged_again(change, {}, index, replace(page, entries={index: entry.line()}))
