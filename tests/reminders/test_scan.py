"""What the open clocks want goes into the outbox: once, in working hours, for whoever has an address."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from schemas.drafting import Draft
from schemas.item_codes import RUNG
from schemas.records.reminder import CHANNELS
from server.casework import recusing
from server.commit.acts import MACHINE, new_id
from server.reminders.channels import EMAIL, SMS
from server.reminders.facts import instant_of
from server.reminders.policies import POLICIES
from server.reminders.scan import coming, scan
from server.storage import deadline_store
from tests.reminders.served_case import CONTACT, Bureau, served_case
from tests.reminders.served_case import bureau as make_bureau

SHANGHAI = ZoneInfo("Asia/Shanghai")


def next_at(office: Bureau, case: str) -> str | None:
    """Return when the clock is looked at again, as wall clock in Shanghai."""
    with office.services.database.reading() as connection:
        clock = deadline_store.find(connection, office.services.ledger.id, case)
    assert clock is not None
    if clock.next_at is None:
        return None
    return instant_of(clock.next_at).astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def rungs(office: Bureau, case: str) -> list[tuple[str, str]]:
    return [(row.key.rung, row.key.recipient) for row in office.outbox(case)]


def test_a_served_case_wants_its_first_reminder_at_once(bureau):
    case = served_case(bureau)
    assert scan(bureau.services, bureau.now) == 1
    (row,) = bureau.outbox(case)
    assert (row.key.rung, row.key.recipient, row.key.channel) == ("served", bureau.institution, "email")
    assert (row.state, row.attempts) == ("queued", 0)


def test_a_second_scan_finds_nothing_new(bureau):
    case = served_case(bureau)
    scan(bureau.services, bureau.now)
    assert scan(bureau.services, bureau.now) == 0
    assert len(bureau.outbox(case)) == 1


def test_no_case_is_reminded_of_before_its_service(bureau):
    case = served_case(bureau, stage=None)
    assert scan(bureau.services, bureau.now) == 0
    assert next_at(bureau, case) is None
    bureau.edit("rectification_case", case, stage={"from": "assigned", "to": "notified"})
    assert scan(bureau.services, bureau.now) == 1


def test_a_service_on_a_later_day_waits_for_that_day(bureau):
    case = served_case(bureau, served_on="2026-11-18")
    assert scan(bureau.services, bureau.now) == 0
    assert next_at(bureau, case) == "11-18 08:30"
    bureau.installation.clock.advance(seconds=22 * 3600 + 29 * 60)
    assert scan(bureau.services, bureau.now) == 0
    bureau.installation.clock.advance(seconds=60)
    assert scan(bureau.services, bureau.now) == 1


def test_in_quiet_hours_nothing_is_queued_until_the_morning(bureau):
    bureau.installation.clock.advance(seconds=12 * 3600)
    case = served_case(bureau)
    assert scan(bureau.services, bureau.now) == 0
    assert next_at(bureau, case) == "11-18 08:30"
    bureau.installation.clock.advance(seconds=10.5 * 3600)
    assert scan(bureau.services, bureau.now) == 1


def test_the_inspector_is_reminded_beside_the_contact_before_the_end(bureau):
    case = served_case(bureau)
    scan(bureau.services, bureau.now)
    bureau.installation.clock.advance(days=10)
    assert scan(bureau.services, bureau.now) == 2
    assert set(rungs(bureau, case)[1:]) == {("T-7", bureau.institution), ("T-7", bureau.lead)}


def test_the_supervisor_of_the_region_hears_of_it_once_it_is_overdue(bureau):
    case = served_case(bureau)
    bureau.installation.clock.advance(days=22)
    assert scan(bureau.services, bureau.now) == 3
    assert ("T+1", bureau.supervisor) in rungs(bureau, case)


def test_a_supervisor_of_another_district_is_not_told(bureau):
    elsewhere = new_id(bureau.services)
    values = {"login": "other", "display_name": "测试戊005", "region": "341503", "email": "o@bureau.example"}
    bureau.decide(Draft("create", "user", elsewhere, values, add={"roles": ["supervisor"]}), user=MACHINE)
    case = served_case(bureau)
    bureau.installation.clock.advance(days=22)
    scan(bureau.services, bureau.now)
    assert elsewhere not in {recipient for _, recipient in rungs(bureau, case)}


def test_the_nearest_supervisor_goes_before_the_city_and_comes_again_as_the_county(bureau):
    county = new_id(bureau.services)
    values = {"login": "near", "display_name": "测试己006", "region": "341502", "email": "n@bureau.example"}
    bureau.decide(Draft("create", "user", county, values, add={"roles": ["supervisor"]}), user=MACHINE)
    served_case(bureau)
    foreseen = {(r.rung, r.recipient) for r, _ in coming(bureau.services, bureau.now, after(bureau, 40))}
    assert {("T+1", county), ("T+3", county), ("T+5", bureau.supervisor)} <= foreseen
    assert ("T+1", bureau.supervisor) not in foreseen


def test_a_disabled_user_is_not_reminded(bureau):
    case = served_case(bureau)
    bureau.edit("user", bureau.lead, user=MACHINE, stage={"from": "active", "to": "disabled"})
    bureau.installation.clock.advance(days=10)
    scan(bureau.services, bureau.now)
    assert rungs(bureau, case) == [("T-7", bureau.institution)]


def test_who_is_recused_is_not_reminded_and_the_next_supervisor_is(bureau):
    county = new_id(bureau.services)
    values = {"login": "near", "display_name": "测试己006", "region": "341502", "email": "n@bureau.example"}
    bureau.decide(Draft("create", "user", county, values, add={"roles": ["supervisor"]}), user=MACHINE)
    case = served_case(bureau)
    for user, about in ((bureau.lead, bureau.inspection), (county, bureau.institution)):
        recusing.declare(bureau.services, bureau.supervisor, recusing.Wanted(user, about, "kinship"))
    bureau.installation.clock.advance(days=22)
    scan(bureau.services, bureau.now)
    told = {recipient for _, recipient in rungs(bureau, case)}
    assert told >= {bureau.institution, bureau.supervisor}
    assert not told & {bureau.lead, county}


def test_an_address_that_is_entered_later_is_found_the_next_morning(bureau):
    other = make_bureau(bureau.installation, contact_email=None, number=2)
    case = served_case(other)
    assert scan(other.services, other.now) == 0
    assert next_at(other, case) == "11-18 08:30"
    other.edit("institution", other.institution, contact_email=CONTACT)
    other.installation.clock.advance(days=1)
    assert scan(other.services, other.now) == 1


def test_a_closed_case_wants_nothing(bureau):
    case = served_case(bureau, acknowledged=False)
    for source, target in (
        ("notified", "rectifying"),
        ("rectifying", "report_submitted"),
        ("report_submitted", "verifying"),
        ("verifying", "closed"),
    ):
        # Whoever proposes to close it does not close it.
        user = bureau.other_supervisor() if target == "closed" else None
        bureau.edit("rectification_case", case, user=user, stage={"from": source, "to": target})
    assert scan(bureau.services, bureau.now) == 0
    assert coming(bureau.services, bureau.now, after(bureau, 60)) == []


def test_a_changed_deadline_is_told_anew_under_its_own_version(bureau):
    case = served_case(bureau)
    scan(bureau.services, bureau.now)
    bureau.edit("rectification_case", case, due_on="2026-12-15", due_version=2)
    assert scan(bureau.services, bureau.now) == 1
    assert [(row.key.rung, row.key.due_version) for row in bureau.outbox(case)] == [
        ("served", 1),
        ("served", 2),
    ]


def test_after_an_outage_of_weeks_only_the_highest_rung_is_queued(bureau):
    case = served_case(bureau)
    bureau.installation.clock.advance(days=17)
    scan(bureau.services, bureau.now)
    assert {rung for rung, _ in rungs(bureau, case)} == {"T-3"}


def test_the_preview_tells_what_the_scans_then_do(bureau):
    case = served_case(bureau)
    foreseen = [
        (reminder.rung, reminder.recipient)
        for reminder, _ in coming(bureau.services, bureau.now, after(bureau, 40))
    ]
    for _ in range(40):
        scan(bureau.services, bureau.now)
        bureau.installation.clock.advance(days=1)
    assert sorted(rungs(bureau, case)) == sorted(foreseen)


def test_every_rung_and_channel_has_its_place_in_the_ledger():
    assert all(RUNG.fullmatch(rung.name) for policy in POLICIES.values() for rung in policy.rungs)
    assert set(CHANNELS) >= {EMAIL, SMS}


def after(office: Bureau, days: int) -> object:
    return office.now + timedelta(days=days)
