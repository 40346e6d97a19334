"""An inspection is planned and approved under what holds; later versions do not touch it, and nobody else writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.catalogues import shipped
from schemas.drafting import Draft
from server.catalogues import holding
from server.ledger.audit import audit
from server.storage import catalogue_store
from sync.errors import NotAllowed, NotInCatalogue
from tests.catalogues.bureau import LOCAL_CHECKLIST, LOCAL_VIOLATIONS, Bureau

HOSPITALS = shipped.named("checklist-hospital-2026.11")
PHARMACIES = shipped.named("checklist-pharmacy-2026.11")
VIOLATIONS = shipped.named("violations-2026.11")


def frozen(bureau: Bureau, inspection: str) -> tuple[str | None, ...]:
    values = bureau.record(inspection).values
    return tuple(
        values.get(name) for name in ("checklist", "checklist_digest", "violations", "violations_digest")
    )


def test_a_planned_inspection_names_what_holds_for_its_kind_of_institution(bureau: Bureau):
    at_hospital, at_pharmacy = bureau.plan(), bureau.plan(bureau.pharmacy)
    violations = ("CN-VIOLATIONS", VIOLATIONS.digest)
    assert frozen(bureau, at_hospital) == ("CL-HOSPITAL", HOSPITALS.digest, *violations)
    assert frozen(bureau, at_pharmacy) == ("CL-PHARMACY", PHARMACIES.digest, *violations)


def test_an_unannounced_check_has_a_checklist_of_its_own(bureau: Bureau):
    assert frozen(bureau, bureau.plan(kind="unannounced_check"))[0] == "CL-HOSPITAL-UNANNOUNCED"


def test_what_is_frozen_is_stored_with_the_inspection_for_as_long_as_the_ledger(bureau: Bureau):
    inspection = bureau.plan()
    with bureau.services.database.reading() as connection:
        stored = catalogue_store.digests(connection, bureau.services.ledger.id)
        again = holding.carried(connection, bureau.services.ledger.id, HOSPITALS.digest)
    assert set(stored) == {HOSPITALS.digest, VIOLATIONS.digest}
    assert again == HOSPITALS
    assert audit(bureau.services).ok
    assert frozen(bureau, inspection)[1] == HOSPITALS.digest


def test_a_local_version_that_came_before_the_approval_holds_and_one_that_came_after_does_not(
    bureau: Bureau, tmp_path: Path
):
    inspection = bureau.plan()
    first = bureau.bring(tmp_path, LOCAL_CHECKLIST)
    bureau.approve(inspection)
    assert frozen(bureau, inspection)[:2] == ("CL-LUAN-HOSPITAL", first.digest)
    second = bureau.bring(tmp_path, LOCAL_CHECKLIST, version="2", zh="六安市医院检查清单（新）")
    assert frozen(bureau, inspection)[:2] == ("CL-LUAN-HOSPITAL", first.digest)
    assert frozen(bureau, bureau.plan())[1] == second.digest


def test_a_catalogue_of_another_city_does_not_hold_here(bureau: Bureau, tmp_path: Path):
    bureau.bring(tmp_path, LOCAL_CHECKLIST, region="340100")
    assert frozen(bureau, bureau.plan())[0] == "CL-HOSPITAL"


def test_the_day_of_the_visit_decides_which_version_holds(bureau: Bureau, tmp_path: Path):
    bureau.bring(tmp_path, LOCAL_CHECKLIST, valid_until="2026-11-16")
    assert frozen(bureau, bureau.plan(planned_on="2026-11-16"))[0] == "CL-LUAN-HOSPITAL"
    inspection = bureau.plan(planned_on="2026-11-17")
    assert frozen(bureau, inspection)[0] == "CL-HOSPITAL"
    bureau.act(Draft("edit", "inspection", inspection, {"planned_on": "2026-06-01"}))
    assert frozen(bureau, inspection)[0] == "CL-LUAN-HOSPITAL"


def test_an_inspection_before_any_catalogue_is_planned_without_one(bureau: Bureau):
    assert frozen(bureau, bureau.plan(planned_on="2020-01-01")) == (None,) * 4


def test_a_supervisor_may_ask_for_another_checklist_that_fits(bureau: Bureau):
    assert frozen(bureau, bureau.plan(checklist_wanted="CL-DAY-WARD"))[0] == "CL-DAY-WARD"
    with pytest.raises(NotInCatalogue) as refusal:
        bureau.plan(bureau.pharmacy, checklist_wanted="CL-DAY-WARD")
    assert refusal.value.field == "checklist_wanted"


@pytest.mark.parametrize("field", ["checklist_digest", "violations_digest", "checklist", "violations"])
@pytest.mark.parametrize("approved", [False, True])
def test_nobody_at_the_desk_writes_what_is_the_server_s(bureau: Bureau, field: str, approved: bool):
    inspection = bureau.plan(approved=approved)
    value = VIOLATIONS.digest if field.endswith("digest") else "CL-CLINIC"
    before = frozen(bureau, inspection)
    with pytest.raises(NotAllowed) as refusal:
        bureau.act(Draft("edit", "inspection", inspection, {field: value}))
    assert refusal.value.field == field
    assert frozen(bureau, inspection) == before


def test_after_the_approval_another_checklist_can_no_longer_be_asked_for(bureau: Bureau):
    inspection = bureau.plan(approved=True)
    with pytest.raises(NotAllowed):
        bureau.act(Draft("edit", "inspection", inspection, {"checklist_wanted": "CL-DAY-WARD"}))
    bureau.act(Draft("edit", "inspection", inspection, {"planned_on": "2026-11-18"}))
    assert frozen(bureau, inspection)[0] == "CL-HOSPITAL"


def test_an_inspection_made_and_approved_in_one_act_has_the_same_frozen(bureau: Bureau, tmp_path: Path):
    report = bureau.bring(tmp_path, LOCAL_VIOLATIONS)
    one = bureau.plan(approved=True)
    two = bureau.plan()
    bureau.approve(two)
    assert frozen(bureau, one) == frozen(bureau, two)
    assert frozen(bureau, one)[3] == report.digest


def test_an_institution_that_is_made_in_the_same_act_is_known(bureau: Bureau):
    from server.commit.acts import act, new_id

    place, visit = new_id(bureau.services), new_id(bureau.services)
    values = {
        "fixmedins_code": "P34150290009",
        "name": "测试第009药店",
        "kind": "pharmacy",
        "region": "341502",
    }
    planned = {
        "kind": "routine_check", "mode": "open", "institution": place, "lead": bureau.lead, "planned_on": "2026-11-17",
    }  # fmt: skip
    act(bureau.services, [Draft("create", "institution", place, values)], kind="setting")
    bureau.act(
        Draft("create", "inspection", visit, planned),
        Draft("edit", "inspection", visit, {"stage": {"from": "draft", "to": "approved"}}),
    )
    assert frozen(bureau, visit)[0] == "CL-PHARMACY"
