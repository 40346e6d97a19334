"""Whoever is disabled works on nothing any more: not by a role over a region, not as a member of a team."""

from __future__ import annotations

from schemas.drafting import Draft
from server.access import may_read
from server.commit.acts import act
from server.storage import feed_store, grant_store, ledger_store
from server.storage.feed_store import Cursor
from sync.changes import Anchor, At
from tests.security.city import edit, epoch, evidence, record, step
from tests.server.pushing import City, Phone


def head(city: City) -> int:
    services = city.installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size - 1


def set_stage(city: City, user: str, source: str, target: str) -> None:
    """Disable a user, or let him in again."""
    act(city.installation.services, [Draft("edit", "user", user, step(source, target))], kind="setting")


def fed(city: City, user: str, after: int) -> tuple[set[str], list[str]]:
    """Return what the feed brings a user after a ledger position, and what it evicts."""
    services = city.installation.services
    with services.database.reading() as connection:
        last = ledger_store.head(connection, services.ledger.id).size - 1
        cursor = Cursor(epoch(city), after, "~")
        rows = feed_store.page(
            connection, 1, user, after=cursor, head=last, types=["inspection", "institution"], limit=50
        )
        return {row.id for _, row in rows}, feed_store.evicted(connection, 1, user, after=after, upto=last)


def push_at(city: City, phone: Phone, anchor: int) -> str:
    """Push a finding written at a ledger position; returns the verdict."""
    services = city.installation.services
    seen = Anchor(epoch(city), anchor, services.now_ms(), 1, 2, "t")
    written = phone.line(city.finding(), at=At(services.now_ms(), 5, "t", seen))
    return phone.push_lines([written]).outcomes[0].verdict


def test_what_was_written_before_the_disabling_waits_and_what_came_after_is_refused(city: City):
    phone, before = city.phones[1], head(city)
    set_stage(city, phone.user, "active", "disabled")
    assert push_at(city, phone, before) == "late"
    assert push_at(city, phone, head(city)) == "refused"


def test_the_phone_of_a_colleague_who_is_not_disabled_goes_on(city: City):
    set_stage(city, city.phones[1].user, "active", "disabled")
    assert push_at(city, city.phones[0], head(city)) == "applied"


def test_whoever_is_let_in_again_works_again(city: City):
    phone = city.phones[1]
    set_stage(city, phone.user, "active", "disabled")
    set_stage(city, phone.user, "disabled", "active")
    assert push_at(city, phone, head(city)) == "applied"


def test_a_disabled_lead_takes_no_step(city: City):
    lead = city.phones[0]
    set_stage(city, lead.user, "active", "disabled")
    verdict = edit(city, lead, "inspection", city.inspection, step("on_site", "record_signed"))
    assert verdict == "refused"
    assert record(city, city.inspection).stage == "on_site"


def test_the_feed_hides_everything_once_and_brings_it_back_once(city: City):
    user, before = city.phones[1].user, head(city)
    own = {city.inspection, city.institution}
    set_stage(city, user, "active", "disabled")
    assert fed(city, user, before) == (set(), sorted(own))
    after = head(city)
    assert fed(city, user, after) == (set(), [])
    set_stage(city, user, "disabled", "active")
    assert fed(city, user, after) == (own, [])
    assert fed(city, user, head(city)) == (set(), [])


def test_a_feed_that_slept_through_both_brings_everything_again_and_hides_nothing(city: City):
    user, before = city.phones[1].user, head(city)
    set_stage(city, user, "active", "disabled")
    set_stage(city, user, "disabled", "active")
    assert fed(city, user, before) == ({city.inspection, city.institution}, [])


def test_a_disabled_member_reads_no_file(city: City):
    services, phone = city.installation.services, city.phones[1]
    phone.push(evidence(city))
    assert may_read.file(services, phone.user, "2" * 64)
    set_stage(city, phone.user, "active", "disabled")
    assert not may_read.file(services, phone.user, "2" * 64)
    with services.database.reading() as connection:
        assert grant_store.standing(connection, services.ledger.id, phone.user) == []
