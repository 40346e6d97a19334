"""A visit that changes hands in the middle: the colleague goes on from what arrived, the rest merges when it comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from schemas.drafting import Draft
from server.casework.handover import Handover, hand_over
from server.casework.late_changes import Ruling, rule
from server.commit.acts import act
from server.ledger.audit import audit
from server.storage import record_store, waiting_store
from sync.errors import BadTransition, BadValue, NotAllowed, NotFound
from sync.merge import Record
from tests.server.builders import Installation
from tests.server.commands import CommandLine, command_line
from tests.server.phones import Visit, enrol, user, visit

wardledger = pytest.fixture(command_line)


@pytest.fixture
def found(installation: Installation) -> Visit:
    """An approved visit."""
    return visit(installation.services)


@pytest.fixture
def lead(installation: Installation, found: Visit, tmp_path: Path) -> Phone:
    """The lead's phone, on site, with two beds that reached the server and two that did not."""
    made = enrol(installation, tmp_path / "lead", found.lead)
    assert made.sync().clean
    made.step(found.inspection, "on_site")
    made.begin_round(found.ward_round)
    for bed in ("1101", "1102"):
        made.check_bed(found.ward_round, bed_listed=bed, presence="in_bed")
    assert made.sync().clean
    for bed in ("1103", "1104"):
        made.check_bed(found.ward_round, bed_listed=bed, presence="absent")
    return made


@pytest.fixture
def colleague(installation: Installation) -> str:
    """An inspector who has nothing to do with the visit."""
    return user(installation.services, "colleague", "inspector")


def person(installation: Installation, who: str) -> Record:
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, [who])[who]


def give(installation: Installation, found: Visit, taker: str, *, leaves: bool = False) -> None:
    wanted = Handover(person(installation, found.lead), person(installation, taker), leaves)
    hand_over(installation.services, found.supervisor, found.inspection, wanted)


def _disable(installation: Installation, who: str) -> None:
    step = Draft("edit", "user", who, {"stage": {"from": "active", "to": "disabled"}})
    act(installation.services, [step], kind="setting")


def beds(phone: Phone) -> set[str]:
    return {str(shown.values["bed_listed"]) for shown in phone.show_all("bed_check")}


def test_a_colleague_goes_on_with_what_arrived_and_the_rest_merges_when_it_comes(
    installation, found, lead, colleague, tmp_path
):
    give(installation, found, colleague)
    taker = enrol(installation, tmp_path / "taker", colleague)
    assert taker.sync().clean
    assert beds(taker) == {"1101", "1102"}
    assert len(taker.show_all("encounter")) == 4, "the institution's in-patients came along"
    known = next(one for one in taker.show_all("bed_check") if one.values["bed_listed"] == "1102")
    taker.edit(known.id, {"note": "演示数据：复核"})
    taker.check_bed(found.ward_round, bed_listed="1105", presence="in_bed")
    assert taker.sync().pushed.verdicts == {"applied": 2}
    report = lead.sync()
    assert report.clean
    assert report.pushed.verdicts == {"applied": 2}
    assert taker.sync().clean
    assert beds(taker) == beds(lead) == {"1101", "1102", "1103", "1104", "1105"}
    taker.step(found.inspection, "record_signed")
    assert taker.sync().pushed.verdicts == {"applied": 1}, "the colleague leads the visit now"
    assert audit(installation.services).ok


def test_what_both_recorded_of_one_bed_waits_for_a_person(installation, found, lead, colleague, tmp_path):
    check = next(one for one in lead.show_all("bed_check") if one.values["bed_listed"] == "1101")
    lead.edit(check.id, {"presence": "absent"})
    give(installation, found, colleague)
    taker = enrol(installation, tmp_path / "taker", colleague)
    taker.sync()
    taker.edit(check.id, {"presence": "on_site_off_bed"})
    assert taker.sync().clean
    assert lead.sync().pushed.verdicts["conflict"] == 1
    taker.sync()
    (conflict,) = taker.show_all("conflict")
    taker.resolve(conflict.id, "absent")
    assert taker.sync().clean
    assert lead.sync().clean
    assert lead.show(check.id).values["presence"] == "absent"
    assert audit(installation.services).ok


def test_what_arrives_of_one_who_left_waits_for_a_supervisor_and_is_not_lost(
    installation, found, lead, colleague, tmp_path
):
    give(installation, found, colleague, leaves=True)
    assert lead.sync().pushed.verdicts == {"late": 2}
    assert lead.kit.journal.copy_ids() == [], "he has left the scope"
    services = installation.services
    with services.database.reading() as connection:
        waiting = waiting_store.open_ones(connection, services.ledger.id)
    for one in waiting:
        rule(services, found.supervisor, one.index, Ruling("adopt"))
    taker = enrol(installation, tmp_path / "taker", colleague)
    assert taker.sync().clean
    assert beds(taker) == {"1101", "1102", "1103", "1104"}
    assert audit(services).ok


def test_only_an_active_inspector_takes_over_a_visit_that_is_open(installation, found, lead, colleague):
    clerk = user(installation.services, "clerk", "auditor")
    with pytest.raises(NotAllowed):
        give(installation, found, clerk)
    _disable(installation, colleague)
    with pytest.raises(NotAllowed):
        give(installation, found, colleague)
    with pytest.raises(BadValue):
        give(installation, found, found.lead)
    other = Handover(person(installation, clerk), person(installation, found.member))
    with pytest.raises(BadValue):
        hand_over(installation.services, found.supervisor, found.inspection, other)
    lead.step(found.inspection, "record_signed")
    assert lead.sync().clean
    with pytest.raises(BadTransition):
        give(installation, found, found.member)


def test_only_a_supervisor_of_the_place_hands_a_visit_over(installation, found, lead, colleague):
    wanted = Handover(person(installation, found.lead), person(installation, colleague))
    with pytest.raises((NotAllowed, NotFound)):
        hand_over(installation.services, found.member, found.inspection, wanted)
    far = user(installation.services, "far", "supervisor", "341600")
    with pytest.raises(NotFound):
        hand_over(installation.services, far, found.inspection, wanted)
    give(installation, found, colleague)
    with pytest.raises(BadValue):
        give(installation, found, colleague)


def test_the_command_names_the_visit_and_both_people(wardledger: CommandLine):
    wardledger.init()
    for login, role in (("chief", "supervisor"), ("one", "lead_inspector"), ("two", "inspector")):
        wardledger("user", "add", login, "--name", "测试甲001", "--role", role, "--region", "341500")
    words = ("inspection", "handover", "01900000-0000-7000-8000-000000000000", "--from", "one", "--to", "two")
    assert wardledger(*words).status == 2
    assert wardledger(*words, "--by", "chief").err.startswith("not_found: ")
