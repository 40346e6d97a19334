"""A phone's scope: handed over exactly once, cleared away after its work has left, mended where it drifts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mobile_stub import checking, drift
from mobile_stub.kit import DOUBTED
from mobile_stub.phone import Phone
from mobile_stub.trouble import Offline
from schemas.drafting import Draft
from schemas.wire.feed import FeedPage
from server.access import scope
from server.commit.acts import act
from server.ledger.audit import audit
from server.storage import feed_store, waiting_store
from sync.errors import NotAllowed, RecordUnknown
from sync.scope_sum import scope_sum
from tests.server.builders import Installation
from tests.server.phones import Visit, enrol, user, visit

FINDING = {
    "violation_code": "bed_hanging",
    "facts": "演示数据：三号床无人",
    "amount_fen": 120_000,
    "origin": "on_site",
}
Pair = tuple[Visit, Phone, Phone]


@pytest.fixture
def pair(installation: Installation, tmp_path: Path) -> Pair:
    """A visit that is under way, the member's phone, and the phone of an inspector who has nothing to do with it."""
    found = visit(installation.services)
    act(
        installation.services,
        [Draft("edit", "inspection", found.inspection, {"stage": {"from": "approved", "to": "on_site"}})],
        user=found.lead,
    )
    other = user(installation.services, "other", "inspector")
    phones = (
        enrol(installation, tmp_path / "member", found.member),
        enrol(installation, tmp_path / "other", other),
    )
    for phone in phones:
        assert phone.sync().clean
    return found, *phones


def reassign(installation: Installation, found: Visit, gone: str, come: str) -> None:
    """Let the supervisor put one inspector in another's place."""
    draft = Draft(
        "edit", "inspection", found.inspection, {}, add={"members": [come]}, remove={"members": [gone]}
    )
    act(installation.services, [draft], user=found.supervisor)


def pages_of(monkeypatch: pytest.MonkeyPatch) -> list[FeedPage]:
    """Return the list in which every page of the feed will stand that a phone takes over."""
    told: list[FeedPage] = []
    real = checking.check_cover
    monkeypatch.setattr(checking, "check_cover", lambda page: (told.append(page), real(page))[1])
    return told


# Reassignment


def test_an_inspection_that_is_reassigned_leaves_one_phone_and_reaches_the_other_once(
    installation, pair, monkeypatch: pytest.MonkeyPatch
):
    found, member, other = pair
    assert other.show_all("inspection") == []
    reassign(installation, found, found.member, other.kit.identity.user)
    told = pages_of(monkeypatch)
    assert other.sync().clean
    items = [item.id for page in told for item in page.items]
    assert sorted(items) == sorted(set(items)), "nothing came twice"
    assert {found.inspection, found.ward_round, *found.encounters} <= set(items)
    told.clear()
    assert other.sync().clean
    assert [item for page in told for item in page.items] == []
    assert member.sync().pulled.evicted > 0
    assert member.show_all("inspection") == []
    assert member.kit.journal.copy_ids() == []


def test_what_was_not_sent_yet_goes_first_and_waits_for_the_supervisor(installation, pair):
    found, member, other = pair
    finding = member.create("finding", {"inspection": found.inspection, **FINDING})
    reassign(installation, found, found.member, other.kit.identity.user)
    report = member.sync()
    assert report.pushed.verdicts == {"late": 1}
    assert report.clean
    services = installation.services
    with services.database.reading() as connection:
        (row,) = waiting_store.open_ones(connection, services.ledger.id)
    assert (row.record, row.verdict) == (finding, "late")
    assert member.kit.journal.copy_ids() == [], "with the receipt nothing keeps the records here"
    (look,) = member.attention()
    assert look["record"] == finding
    assert audit(services).ok


def test_records_stay_hidden_until_the_work_on_them_has_left(installation, pair):
    found, member, other = pair
    member.edit(found.inspection, {"note": "演示：未发送"})
    reassign(installation, found, found.member, other.kit.identity.user)
    real = member.kit.transport.ask

    def no_pushes(method: str, path: str, **more: Any) -> Any:
        if path == "/v1/change-sets":
            raise Offline("no way up")
        return real(method, path, **more)

    member.kit.transport.ask = no_pushes
    assert not member.sync().clean
    with pytest.raises(RecordUnknown):
        member.show(found.inspection)
    assert member.kit.journal.is_hidden(found.inspection)
    member.kit.transport.ask = real
    assert member.sync().pushed.verdicts == {"late": 1}
    assert not member.kit.journal.is_hidden(found.inspection)


def test_an_inspection_that_comes_back_is_whole_again(installation, pair):
    found, member, other = pair
    who = other.kit.identity.user
    reassign(installation, found, found.member, who)
    assert member.sync().clean
    reassign(installation, found, who, found.member)
    assert member.sync().clean
    assert member.show(found.inspection).values["lead"] == found.lead
    assert len(member.show_all("encounter")) == len(found.encounters)


def reached(installation: Installation, who: str) -> set[str]:
    """Return the inspections that a user reaches at the desk."""
    services = installation.services
    with services.database.reading() as connection:
        rows = connection.execute(scope.visible(connection, services.ledger.id, who, "inspection"))
        return {row.id for row in rows}


def test_a_region_that_is_reassigned_leaves_one_desk_and_reaches_the_other_and_no_visit_is_torn(
    installation, pair, monkeypatch: pytest.MonkeyPatch
):
    found, member, other = pair
    services = installation.services
    new = user(services, "new", "supervisor", "110101")
    assert (reached(installation, found.supervisor), reached(installation, new)) == (
        {found.inspection},
        set(),
    )
    for who, region in ((found.supervisor, "110101"), (new, "341502"), (found.member, "110101")):
        act(services, [Draft("edit", "user", who, {"region": region})], kind="setting")
    assert (reached(installation, found.supervisor), reached(installation, new)) == (
        set(),
        {found.inspection},
    )
    told = pages_of(monkeypatch)
    for phone in (member, other):
        assert phone.sync().clean
    assert [page.evict for page in told if page.evict] == [], "who is of the team goes on with his visit"
    assert member.show(found.inspection).stage == "on_site"
    draft = Draft("edit", "inspection", found.inspection, {}, remove={"members": [found.member]})
    with pytest.raises(NotAllowed):
        act(services, [draft], user=found.supervisor)
    act(services, [draft], user=new)
    assert member.sync().pulled.evicted > 0
    assert audit(services).ok


# Drift


def later(phone: Phone) -> None:
    """Let a day pass on a phone, so that it compares the sums again."""
    phone.kit.journal.drop("summed")


def test_a_record_that_was_lost_on_the_phone_comes_back_and_the_outbox_stays(installation, pair):
    found, member, _ = pair
    kept = member.edit(found.inspection, {"note": "演示：未发送"})
    member.kit.journal._rows.execute("DELETE FROM records WHERE id = ?", (found.ward_round,))
    later(member)
    member.kit.transport.ask = _without_pushes(member)
    report = member.sync()
    assert report.pulled.mended == 1
    assert member.show(found.ward_round).values["stage"] == "sampled"
    assert member.kit.journal.change(kept) is not None
    assert member.show(found.inspection).values["note"] == "演示：未发送"
    assert member.kit.journal.get(DOUBTED) is None


def _without_pushes(phone: Phone) -> Any:
    real = phone.kit.transport.ask

    def ask(method: str, path: str, **more: Any) -> Any:
        if path == "/v1/change-sets":
            raise Offline("no way up")
        return real(method, path, **more)

    return ask


@pytest.mark.parametrize("off", [-1, 1_000], ids=["older", "newer"])
def test_a_copy_of_a_wrong_version_is_replaced(pair, off: int):
    found, member, _ = pair
    was = member.kit.journal.copy(found.inspection)
    assert was is not None
    member.kit.journal._rows.execute(
        "UPDATE records SET version = version + ? WHERE id = ?", (off, found.inspection)
    )
    later(member)
    assert member.sync().pulled.mended == 1
    assert member.kit.journal.copy(found.inspection) == was


def test_a_record_that_the_ledger_does_not_have_in_that_place_goes(pair):
    found, member, _ = pair
    strange = "01a1e73b-8500-7000-8000-0000000000aa"
    member.kit.journal._rows.execute(
        "INSERT INTO records SELECT ?, type, root, version, 0, payload FROM records WHERE id = ?",
        (strange, found.inspection),
    )
    later(member)
    assert member.sync().pulled.mended == 1
    assert strange not in member.kit.journal.copy_ids()


def test_a_snapshot_that_is_cut_short_goes_on_with_the_next_sync(pair, monkeypatch: pytest.MonkeyPatch):
    found, member, _ = pair
    member.kit.journal._rows.execute("DELETE FROM records WHERE id = ?", (found.ward_round,))
    later(member)
    monkeypatch.setattr("mobile_stub.pull.PAGE_ITEMS", 2)
    real, pages = member.kit.transport.ask, iter(range(100))

    def cut(method: str, path: str, **more: Any) -> Any:
        if path.startswith("/v1/feed") and next(pages) == 2:
            raise Offline("out of reach")
        return real(method, path, **more)

    member.kit.transport.ask = cut
    assert not member.sync().clean
    assert member.kit.journal.get(DOUBTED)
    assert found.inspection in member.kit.journal.copy_ids(), "meanwhile everything stays in sight"
    member.kit.transport.ask = real
    assert member.sync().clean
    assert member.kit.journal.get(DOUBTED) is None
    assert found.ward_round in member.kit.journal.copy_ids()


def test_without_drift_nothing_is_fetched_again_and_the_sums_are_asked_for_once_a_day(
    pair, monkeypatch: pytest.MonkeyPatch, installation
):
    _, member, _ = pair
    told = pages_of(monkeypatch)
    assert member.sync().pulled.items == 0
    assert told == [], "an empty feed stays nearly free"
    installation.clock.advance(days=1)
    report = member.sync()
    assert (report.pulled.items, report.pulled.mended) == (0, 0)
    assert [page.sums is not None for page in told] == [True]
    told.clear()
    assert member.sync().clean
    assert told == []


def test_a_ledger_whose_words_do_not_agree_is_told_and_asked_again_only_tomorrow(
    pair, monkeypatch: pytest.MonkeyPatch
):
    found, member, _ = pair
    monkeypatch.setattr(feed_store, "scope_sum", lambda held: "0" * 64)
    later(member)
    report = member.sync()
    assert [error.code for error in report.errors] == ["drifting"]
    assert report.alarm is None
    assert found.inspection in member.kit.journal.copy_ids()
    assert member.sync().clean
    assert not drift.is_due(member.kit)


def test_the_sum_is_of_identity_and_version_in_any_order():
    held = [("01a1e73b-8500-7000-8000-0000000000aa", 4), ("01a1e73b-8500-7000-8000-0000000000ab", 5)]
    assert scope_sum(held) == scope_sum(reversed(held))
    assert scope_sum(held) != scope_sum([(held[0][0], 5), held[1]])
    assert scope_sum([]) == "0" * 64
