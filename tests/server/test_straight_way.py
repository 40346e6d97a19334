"""The straight way, end to end: phones, ledger, desk, deadline, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from server.casework import desk, reviewing
from server.casework.confirm import Confirmation
from server.casework.review import Review
from server.storage import deadline_store
from sync.errors import BadTransition, FileUnverified, NotFound, OwnWork, VersionChanged
from tests.server.builders import Installation
from tests.server.phones import Visit, enrol, user, visit

PHOTO = b"\xff\xd8" + bytes(range(256)) * 400


@pytest.fixture
def team(installation: Installation, tmp_path: Path) -> tuple[Visit, Phone, Phone]:
    """A visit, the lead's phone and the member's phone, both synced once."""
    found = visit(installation.services)
    lead = enrol(installation, tmp_path / "lead", found.lead)
    member = enrol(installation, tmp_path / "member", found.member)
    for phone in (lead, member):
        assert phone.sync().clean
    return found, lead, member


def work(found: Visit, phone: Phone) -> tuple[str, str]:
    """Record the round, a photograph and a finding offline; return the photograph's and the finding's id."""
    phone.step(found.inspection, "on_site")
    phone.begin_round(found.ward_round)
    for n, encounter in enumerate(found.encounters):
        phone.check_bed(found.ward_round, bed_listed=str(1101 + n), presence="in_bed", encounter=encounter)
    photo = phone.take_evidence(
        found.inspection, PHOTO, kind="audio_visual", media_type="image/jpeg", ward_round=found.ward_round
    )
    finding = phone.write_finding(
        found.inspection, violation_code="bed_hanging", facts="测试床位无人", amount_fen=126_000
    )
    return photo, finding


def test_what_was_recorded_offline_reaches_the_colleague_after_one_sync_each(installation, team):
    found, lead, member = team
    photo, finding = work(found, lead)
    report = lead.sync()
    assert report.clean
    assert report.pushed.verdicts == {"applied": 8}
    assert member.sync().clean
    assert len(member.show_all("bed_check")) == len(found.encounters)
    assert member.show(finding).values["facts"] == "测试床位无人"
    assert member.read_file(photo) == PHOTO


def test_two_edits_of_one_amount_are_both_kept_until_the_lead_decides(installation, team):
    found, lead, member = team
    _, finding = work(found, lead)
    assert lead.sync().clean
    assert member.sync().clean
    lead.edit(finding, {"amount_fen": 152_000})
    member.edit(finding, {"amount_fen": 98_000})
    assert lead.sync().pushed.verdicts == {"applied": 1}
    assert member.sync().pushed.verdicts == {"conflict": 1}
    assert lead.sync().clean
    assert lead.show(finding).values["amount_fen"] == 126_000
    (conflict,) = lead.show_all("conflict")
    lead.resolve(conflict.id, 152_000)
    assert lead.sync().pushed.verdicts == {"applied": 1}
    assert member.sync().clean
    assert member.show(finding).values["amount_fen"] == 152_000
    assert member.show(conflict.id).values["state"] == "settled"


def test_a_photograph_is_approved_by_an_outsider_and_the_approval_reaches_the_phone(installation, team):
    found, lead, _ = team
    photo, _ = work(found, lead)
    assert lead.sync().clean
    assert lead.sync().clean
    version = lead.show(photo).base[1]
    reviewing.review_evidence(installation.services, found.supervisor, photo, Review("approve", version))
    assert lead.sync().clean
    assert lead.show(photo).stage == "approved"


@pytest.mark.parametrize("who", ["lead", "member"])
def test_author_and_team_members_cannot_approve(installation, team, who):
    found, lead, _ = team
    photo, _ = work(found, lead)
    assert lead.sync().clean
    assert lead.sync().clean
    version = lead.show(photo).base[1]
    with pytest.raises(OwnWork):
        reviewing.review_evidence(
            installation.services, getattr(found, who), photo, Review("approve", version)
        )
    assert lead.sync().clean
    assert lead.show(photo).stage == "pending_review"


def test_nothing_is_approved_before_its_file_is_verified(installation, team):
    found, lead, _ = team
    photo, _ = work(found, lead)
    lead._part = lambda report, part, do: do() if part != "files" else None  # the upload never starts
    lead.sync()
    version = lead.show(photo).base[1]
    with pytest.raises((FileUnverified, BadTransition)):
        reviewing.review_evidence(installation.services, found.supervisor, photo, Review("approve", version))


def test_an_approval_of_a_version_that_moved_is_refused(installation, team):
    found, lead, _ = team
    photo, _ = work(found, lead)
    assert lead.sync().clean
    assert lead.sync().clean
    version = lead.show(photo).base[1]
    with pytest.raises(VersionChanged):
        reviewing.review_evidence(
            installation.services, found.supervisor, photo, Review("approve", version - 1)
        )


def test_another_county_does_not_see_the_photograph(installation, team):
    found, lead, _ = team
    photo, _ = work(found, lead)
    assert lead.sync().clean
    stranger = user(installation.services, "elsewhere", "supervisor", "341503")
    with pytest.raises(NotFound):
        reviewing.review_evidence(installation.services, stranger, photo, Review("approve", 0))


def test_a_confirmed_finding_opens_a_case_due_in_working_days_from_service(installation, team):
    found, lead, _ = team
    _, finding = work(found, lead)
    assert lead.sync().clean
    assert lead.sync().clean
    lead.take_statement(finding, kind="agrees", text="无异议", heard_on="2026-11-17")
    assert lead.sync().clean
    assert lead.sync().clean
    wanted = Confirmation(lead.show(finding).base[1], datetime.date(2026, 11, 16), 15)
    desk.confirm_finding(installation.services, found.supervisor, finding, wanted)
    services = installation.services
    with services.database.reading() as connection:
        (clock,) = deadline_store.everything(connection, services.ledger.id)
    assert (clock.served_on, clock.due_on) == ("2026-11-16", "2026-12-07")
    assert lead.sync().clean
    assert lead.show(finding).stage == "in_case"
    assert [case.stage for case in lead.show_all("rectification_case")] == ["notified"]


def test_a_finding_is_not_confirmed_before_the_party_was_heard(installation, team):
    found, lead, _ = team
    _, finding = work(found, lead)
    assert lead.sync().clean
    assert lead.sync().clean
    wanted = Confirmation(lead.show(finding).base[1], datetime.date(2026, 11, 16), 15)
    with pytest.raises(BadTransition):
        desk.confirm_finding(installation.services, found.supervisor, finding, wanted)
