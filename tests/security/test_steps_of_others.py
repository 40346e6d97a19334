"""A right to choose or to record is no right to take a step that belongs to somebody else."""

from __future__ import annotations

from schemas.drafting import Draft
from server.commit.acts import act
from sync.merge import Record
from tests.security.city import decide, edit, evidence, record, step
from tests.server.pushing import City, enrol


def contested_stage(city: City) -> Record:
    """Return the inspection, returned by its supervisor and signed once more from before, by the lead's other phone."""
    lead, other = city.phones[0], enrol(city.installation, city.phones[0].user)
    before = record(city, city.inspection).version
    for way in (step("on_site", "record_signed"), step("record_signed", "submitted")):
        edit(city, lead, "inspection", city.inspection, way)
    decide(city, "inspection", city.inspection, step("submitted", "returned"))
    edit(city, other, "inspection", city.inspection, step("on_site", "record_signed"), base=before)
    found = record(city, city.inspection)
    assert found.contests["stage"].open
    return found


def test_a_lead_cannot_accept_the_own_inspection_by_resolving_its_stage(city: City):
    found = contested_stage(city)
    over = found.contests["stage"].candidates
    for target in ("accepted", "archived", "draft"):
        verdict = edit(
            city, city.phones[0], "inspection", found.id, step(str(found.stage), target), over=over
        )
        assert verdict == "refused"
    assert record(city, found.id).stage == found.stage


def test_a_lead_chooses_between_the_stages_that_stand_against_each_other(city: City):
    found = contested_stage(city)
    over = found.contests["stage"].candidates
    way = step(str(found.stage), "returned")
    assert edit(city, city.phones[0], "inspection", found.id, way, over=over) == "applied"
    assert record(city, found.id).stage == "returned"


def contested_amount(city: City) -> Record:
    """Return a finding over whose amount there was a conflict, settled by the lead."""
    draft = city.finding()
    lead, member = city.phones
    lead.push(draft)
    before = record(city, draft.record).version
    for phone, amount in ((lead, 1), (member, 2)):
        edit(city, phone, "finding", draft.record, {"amount_fen": amount}, base=before)
    over = record(city, draft.record).contests["amount_fen"].candidates
    assert edit(city, lead, "finding", draft.record, {"amount_fen": 3}, over=over) == "applied"
    return record(city, draft.record)


def test_a_settled_conflict_is_no_way_round_the_freeze_of_a_confirmed_finding(city: City):
    found = contested_amount(city)
    for source, target in (("draft", "proposed"), ("proposed", "heard")):
        edit(city, city.phones[0], "finding", found.id, step(source, target))
    decide(city, "finding", found.id, step("heard", "confirmed"))
    over = tuple(write.act.change for write in found.writes["amount_fen"])
    for base in {each.index for each in found.acts}:
        verdict = edit(city, city.phones[0], "finding", found.id, {"amount_fen": 9}, base=base, over=over)
        assert verdict == "refused"
    assert record(city, found.id).values["amount_fen"] == 3


def test_a_settled_conflict_is_decided_anew_while_the_finding_is_open(city: City):
    found = contested_amount(city)
    over = found.contests["amount_fen"].candidates
    assert edit(city, city.phones[0], "finding", found.id, {"amount_fen": 4}, over=over) == "applied"


def test_a_member_does_not_resolve(city: City):
    found = contested_amount(city)
    over = found.contests["amount_fen"].candidates
    assert edit(city, city.phones[1], "finding", found.id, {"amount_fen": 4}, over=over) == "refused"


def test_a_supervisor_in_the_team_cannot_approve_own_evidence_by_phone(city: City):
    decide(city, "inspection", city.inspection, {}, members=[city.supervisor])
    phone, item = enrol(city.installation, city.supervisor), evidence(city)
    assert phone.push(item).outcomes[0].verdict == "applied"
    for source, target in (("captured", "uploaded"), ("uploaded", "pending_review")):
        move(city, item.record, source, target)
    way = step("pending_review", "approved")
    assert edit(city, phone, "evidence", item.record, way) == "refused"
    assert record(city, item.record).stage == "pending_review"


def move(city: City, key: str, source: str, target: str) -> None:
    """Let the server take evidence a step further, as it does when the file has arrived."""
    act(city.installation.services, [Draft("edit", "evidence", key, step(source, target))])
