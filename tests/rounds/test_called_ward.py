"""A ward answers by its own phone: it sees the round and its sample alone, offline too, and no longer than it may."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from mobile_stub import remote
from mobile_stub.phone import Phone
from mobile_stub.working import Style
from schemas.drafting import Draft
from server.access import may_read
from server.casework import reviewing
from server.casework.review import Review
from server.commit.acts import act
from server.ledger.audit import audit
from server.rounds import orders
from sync.errors import BadTransition, BadValue, RecordUnknown
from tests.rounds.town import Town, inspection, person

SMALL = Style(photo_size=(64, 48))


@pytest.fixture
def ward(town: Town) -> Phone:
    """The operator's phone."""
    return town.phone(town.operator)


def held(phone: Phone) -> Counter[str]:
    """Return how many records of each type a phone holds."""
    return Counter(phone.show(key).type for key in phone.kit.journal.copy_ids())


def answer(phone: Phone, ward_round: str, number: int = 0, presence: str = "in_bed", **more: object) -> str:
    encounter = sorted(phone.show(ward_round).values["drawn"])[number]
    return remote.answer_bed(phone.kit, ward_round, encounter, presence=presence, **more)


def test_the_ward_knows_nothing_of_a_round_before_it_is_called(town: Town, ward: Phone):
    ward_round = town.call(call_at=town.services.now_ms() + 60_000)
    assert ward.sync().clean
    assert held(ward) == {}
    town.pass_minutes(2)
    orders.sweep(town.services)
    assert ward.sync().clean
    assert [one.id for one in remote.called(ward.kit)] == [ward_round]


def test_the_ward_sees_the_round_and_whom_it_drew_and_nothing_else(town: Town, ward: Phone):
    inspection(town)
    ward_round = town.call(method="random", size=3)
    assert ward.sync().clean
    assert held(ward) == {"ward_round": 1, "encounter": 3}
    assert sorted(one.id for one in ward.show_all("encounter")) == sorted(
        town.record(ward_round).values["drawn"]
    )
    with pytest.raises(RecordUnknown):
        ward.show(town.hospital)


def test_of_two_wards_each_sees_its_own_round(town: Town, ward: Phone):
    town.call(method="random", size=2)
    town.call(institutions=(town.other,), method="random", size=2)
    other = town.phone(town.other_operator)
    assert ward.sync().clean
    (mine,), (theirs,) = remote.called(ward.kit), remote.called(other.kit)
    assert mine.id != theirs.id
    assert not {one.id for one in ward.show_all("encounter")} & {
        one.id for one in other.show_all("encounter")
    }


def test_what_the_ward_answers_offline_comes_in_with_its_pictures_and_reaches_the_team(
    town: Town, ward: Phone
):
    ward_round = town.call(method="random", size=3)
    lead = town.phone(town.lead)
    assert held(lead) == {}
    act(
        town.services,
        [Draft("edit", "ward_round", ward_round, add={"members": [town.lead]})],
        user=town.supervisor,
    )
    assert ward.sync().clean
    done = remote.answer_round(ward, random.Random(1), ward_round, style=SMALL)
    assert (len(done.bed_checks), len(done.evidence)) == (3, 3)
    report = ward.sync()
    assert report.clean
    assert report.pushed.verdicts == {"applied": 6}
    assert report.uploaded.files == 3
    assert lead.sync().clean
    assert len(lead.show_all("bed_check")) == len(lead.show_all("evidence")) == 3
    picture = lead.show_all("evidence")[0]
    assert (picture.values["ward_round"], picture.values["file_state"]) == (ward_round, "verified")
    assert lead.read_file(picture.id)[:2] == b"\xff\xd8"
    assert audit(town.services).ok


def test_what_was_decided_about_its_pictures_is_not_shown_to_the_ward(town: Town, ward: Phone):
    ward_round = town.call(method="random", size=1)
    assert ward.sync().clean
    remote.answer_round(ward, random.Random(1), ward_round, style=SMALL)
    assert ward.sync().clean
    (picture,) = town.of_type("evidence")
    # Whoever called the round belongs to it, and stays inside when another leads it.
    reviewer = person(town.services, "reviewer", "supervisor", "341500")
    reviewing.review_evidence(
        town.services, reviewer, picture.id, Review("approve", town.record(picture.id).version)
    )
    assert ward.sync().clean
    assert held(ward) == {"ward_round": 1, "encounter": 1, "bed_check": 1, "evidence": 1}


def test_when_the_answers_are_closed_the_round_leaves_the_ward_at_once(town: Town, ward: Phone):
    ward_round = town.call(method="random", size=2, respond_minutes=10, explain_minutes=10)
    assert ward.sync().clean
    answer(ward, ward_round)
    assert ward.sync().clean
    town.pass_minutes(30)
    assert orders.sweep(town.services) == {"ended": 1, "closed": 1}
    report = ward.sync()
    assert report.clean
    assert report.pulled.evicted == 4
    assert remote.called(ward.kit) == []
    assert held(ward) == {}
    assert not may_read.file(town.services, town.operator, "ab" * 32)


def test_a_round_that_is_concluded_leaves_the_ward(town: Town, ward: Phone):
    ward_round = town.call(method="random", size=2)
    assert ward.sync().clean
    step = {"stage": {"from": "in_progress", "to": "concluded"}}
    act(town.services, [Draft("edit", "ward_round", ward_round, step)], user=town.supervisor)
    assert ward.sync().pulled.evicted == 3
    assert held(ward) == {}


def test_an_in_patient_who_is_asked_for_again_comes_back(town: Town, ward: Phone):
    first = town.call()
    assert ward.sync().clean
    step = {"stage": {"from": "in_progress", "to": "concluded"}}
    act(town.services, [Draft("edit", "ward_round", first, step)], user=town.supervisor)
    second = town.call()
    assert ward.sync().clean
    assert [one.id for one in remote.called(ward.kit)] == [second]
    assert len(ward.show_all("encounter")) == len(town.patients())


def test_what_was_answered_in_time_and_arrives_while_the_ward_explains_counts(town: Town, ward: Phone):
    ward_round = town.call(method="random", size=1, respond_minutes=30, explain_minutes=600)
    assert ward.sync().clean
    answer(ward, ward_round)
    town.pass_minutes(120)
    orders.sweep(town.services)
    assert ward.sync().pushed.verdicts == {"applied": 1}


def test_what_arrives_after_the_answers_were_closed_is_kept_and_waits_for_a_person(town: Town, ward: Phone):
    ward_round = town.call(method="random", size=1, respond_minutes=10, explain_minutes=0)
    assert ward.sync().clean
    answer(ward, ward_round)
    town.pass_minutes(60)
    orders.sweep(town.services)
    report = ward.sync()
    assert report.clean
    assert report.pushed.verdicts == {"late": 1}
    assert town.of_type("bed_check") == []


def test_the_ward_answers_for_nobody_whom_the_round_did_not_draw(town: Town, ward: Phone):
    ward_round = town.call(method="random", size=1)
    assert ward.sync().clean
    drawn = town.record(ward_round).values["drawn"]
    other = next(one for one in town.patients() if one not in drawn)
    with pytest.raises(BadValue):
        remote.answer_bed(ward.kit, ward_round, other, presence="in_bed")


def test_the_challenge_is_not_known_before_the_call(town: Town):
    inspection(town)
    lead = town.phone(town.lead)
    made = remote.order_round(lead.kit, town.hospital, call_at=town.services.now_ms() + 60_000)
    with pytest.raises(BadTransition):
        remote.expected_challenge(lead.show(made), "")


# -- ordered by a phone ------------------------------------------------------------------------------


def test_an_inspectors_phone_calls_a_round_and_watches_it_come_in(town: Town, ward: Phone):
    inspection(town)
    lead = town.phone(town.lead)
    made = remote.order_round(lead.kit, town.hospital, method="random", draw_size=2, respond_minutes=20)
    assert lead.sync().pushed.verdicts == {"applied": 1}
    assert lead.show(made).stage == "in_progress"
    assert ward.sync().clean
    remote.answer_round(ward, random.Random(2), made, style=SMALL)
    assert ward.sync().clean
    assert lead.sync().clean
    assert len(lead.show_all("bed_check")) == 2
    lead.step(made, "explanation_open")
    lead.edit(lead.show_all("bed_check")[0].id, {"conclusion": "normal"})
    lead.step(made, "concluded")
    assert lead.sync().clean
    assert town.record(made).stage == "concluded"
    assert ward.sync().pulled.evicted == 7


def test_a_phone_calls_no_round_where_its_user_does_not_inspect(town: Town):
    inspection(town)
    lead = town.phone(town.lead)
    remote.order_round(lead.kit, town.other)
    assert lead.sync().pushed.verdicts == {"refused": 1}
    assert town.of_type("ward_round") == []


def test_a_bedside_round_waits_on_the_phone_until_the_server_has_drawn(town: Town):
    visit = inspection(town)
    lead = town.phone(town.lead)
    made = remote.order_draw(lead.kit, visit, size=3)
    with pytest.raises(BadTransition):
        lead.begin_round(made)
    assert lead.sync().clean
    assert lead.begin_round(made).stage == "sampled"
    assert len(lead.show(made).values["drawn"]) == 3
    assert lead.sync().clean
    assert town.record(made).stage == "in_progress"


def test_a_set_that_arrives_twice_orders_once(town: Town):
    visit = inspection(town)
    lead = town.phone(town.lead)
    remote.order_draw(lead.kit, visit, size=3)
    assert lead.sync().clean
    before = town.size()
    assert lead.sync().clean
    assert orders.sweep(town.services) == {}
    assert town.size() == before


def test_the_wards_phone_reads_no_file_of_the_inspection(town: Town, ward: Phone):
    visit = inspection(town)
    lead = town.phone(town.lead)
    lead.take_evidence(visit, b"\xff\xd8 demo", kind="audio_visual", media_type="image/jpeg")
    assert lead.sync().clean
    town.call(method="random", size=1)
    assert ward.sync().clean
    (picture,) = town.of_type("evidence")
    assert not may_read.file(town.services, town.operator, picture.values["cipher_digest"])
