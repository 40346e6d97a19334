"""Findings and answers use the codes of what is frozen on their inspection: others are refused, and replay agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.drafting import Draft, write
from server.catalogues.frozen_codes import checked
from server.commit.acts import items_of, new_id
from server.ledger.audit import audit
from sync.changes import At
from tests.catalogues.bureau import LOCAL_CHECKLIST, LOCAL_VIOLATIONS, Bureau
from tests.intake.caller import Caller, caller

FACTS = {"facts": "演示数据：三号床无人", "amount_fen": 120_000, "origin": "on_site"}


def finding(bureau: Bureau, inspection: str, code: str) -> Draft:
    values = {"inspection": inspection, "violation_code": code, **FACTS}
    return Draft("create", "finding", new_id(bureau.services), values)


def answer(bureau: Bureau, inspection: str, item: str, word: str = "conforms") -> Draft:
    values = {"inspection": inspection, "item": item, "answer": word}
    return Draft("create", "checklist_answer", new_id(bureau.services), values)


def faults(bureau: Bureau, *drafts: Draft) -> list[str | None]:
    items = checked(bureau.services, items_of(bureau.services, drafts))
    return [item.fault.code if item.fault else None for item in items]


def sent(phone: Caller, *drafts: Draft) -> list[Any]:
    """Send a set and return each change's (verdict, code, field)."""
    result = phone.send(*drafts)
    assert result.status_code == 201, result.get_json()
    from server.storage import ledger_store
    from sync.entries import from_line

    services = phone.installation.services
    with services.database.reading() as connection:
        size = ledger_store.head(connection, services.ledger.id).size
        kept = ledger_store.lines_at(connection, services.ledger.id, list(range(size - len(drafts), size)))
    outcomes = [from_line(kept[index]).outcome for index in sorted(kept)]
    return [(one["verdict"], one.get("code"), one.get("field")) for one in outcomes]


@pytest.fixture
def phone(bureau: Bureau) -> Caller:
    """The lead's phone."""
    return caller(bureau.installation, bureau.lead)


def test_a_phone_s_finding_with_a_frozen_code_is_applied_and_one_without_is_refused(
    bureau: Bureau, phone: Caller
):
    inspection = bureau.plan(approved=True)
    right, wrong = finding(bureau, inspection, "upcoding"), finding(bureau, inspection, "false_day_ward")
    assert sent(phone, right, wrong) == [
        ("applied", None, None), ("refused", "not_in_catalogue", "violation_code"),
    ]  # fmt: skip
    assert audit(bureau.services).ok


def test_a_local_catalogue_brings_its_own_codes_and_takes_the_others_away(
    bureau: Bureau, phone: Caller, tmp_path: Path
):
    bureau.bring(tmp_path, LOCAL_VIOLATIONS)
    inspection = bureau.plan(approved=True)
    drafts = [finding(bureau, inspection, code) for code in ("false_day_ward", "upcoding")]
    assert [verdict for verdict, _, _ in sent(phone, *drafts)] == ["applied", "refused"]


def test_a_code_of_a_later_version_is_refused_on_an_earlier_inspection(
    bureau: Bureau, phone: Caller, tmp_path: Path
):
    bureau.bring(tmp_path, LOCAL_VIOLATIONS)
    before = bureau.plan(approved=True)
    rows = [*LOCAL_VIOLATIONS["rows"], {**LOCAL_VIOLATIONS["rows"][0], "code": "new_trick", "zh": "新手法"}]
    bureau.bring(tmp_path, LOCAL_VIOLATIONS, version="2", rows=rows)
    after = bureau.plan(approved=True)
    drafts = [finding(bureau, visit, "new_trick") for visit in (before, after)]
    assert [verdict for verdict, _, _ in sent(phone, *drafts)] == ["refused", "applied"]


def test_an_edit_to_a_code_outside_the_catalogue_is_refused_and_the_old_one_stays(
    bureau: Bureau, phone: Caller
):
    inspection = bureau.plan(approved=True)
    made = finding(bureau, inspection, "upcoding")
    sent(phone, made)
    edits = [
        Draft("edit", "finding", made.record, {"violation_code": code}) for code in ("nonsense", "cash_out")
    ]
    assert [verdict for verdict, _, _ in sent(phone, *edits)] == ["refused", "applied"]
    assert bureau.record(made.record).values["violation_code"] == "cash_out"


def test_a_finding_and_its_edit_in_one_set_are_both_looked_at(bureau: Bureau):
    inspection = bureau.plan(approved=True)
    made = finding(bureau, inspection, "upcoding")
    edit = Draft("edit", "finding", made.record, {"violation_code": "nonsense"})
    assert faults(bureau, made, edit) == [None, "not_in_catalogue"]


def test_without_a_frozen_catalogue_the_built_in_violations_count(bureau: Bureau):
    inspection = bureau.plan(planned_on="2020-01-01", approved=True)
    drafts = [finding(bureau, inspection, code) for code in ("card_misuse", "nonsense")]
    assert faults(bureau, *drafts) == [None, "not_in_catalogue"]


def test_an_answer_names_an_item_of_the_frozen_checklist(bureau: Bureau, phone: Caller, tmp_path: Path):
    bureau.bring(tmp_path, LOCAL_CHECKLIST)
    inspection = bureau.plan(approved=True)
    drafts = [answer(bureau, inspection, item) for item in ("L01", "H01")]
    assert sent(phone, *drafts) == [("applied", None, None), ("refused", "not_in_catalogue", "item")]


def test_without_a_frozen_checklist_there_is_nothing_to_answer(bureau: Bureau):
    inspection = bureau.plan(planned_on="2020-01-01", approved=True)
    assert faults(bureau, answer(bureau, inspection, "H01")) == ["not_in_catalogue"]


def test_an_answer_cannot_be_moved_to_another_item(bureau: Bureau, phone: Caller):
    inspection = bureau.plan(approved=True)
    made = answer(bureau, inspection, "H01")
    sent(phone, made)
    moved = Draft("edit", "checklist_answer", made.record, {"item": "H02"})
    assert sent(phone, moved) == [("refused", "not_allowed", "item")]


def test_two_phones_answering_one_item_are_two_records_without_a_conflict(bureau: Bureau, phone: Caller):
    inspection = bureau.plan(approved=True)
    other = caller(bureau.installation, bureau.member)
    first, second = (answer(bureau, inspection, "H01", word) for word in ("conforms", "violates"))
    assert sent(phone, first) == [("applied", None, None)]
    assert sent(other, second) == [("applied", None, None)]
    assert [bureau.record(one.record).open_conflicts for one in (first, second)] == [(), ()]


def test_an_inspection_that_nobody_knows_is_left_to_judging(bureau: Bureau):
    assert faults(bureau, finding(bureau, new_id(bureau.services), "nonsense")) == [None]
    assert faults(
        bureau, Draft("edit", "finding", new_id(bureau.services), {"violation_code": "nonsense"})
    ) == [None]


def test_a_change_of_something_else_is_not_looked_at(bureau: Bureau):
    inspection = bureau.plan(approved=True)
    made = finding(bureau, inspection, "upcoding")
    edit = Draft("edit", "finding", made.record, {"amount_fen": 1})
    item = write(edit, change_id=new_id(bureau.services), at=At(wall=1), random=bureau.services.random)
    assert checked(bureau.services, [item]) == (item,)


def test_a_phone_cannot_write_what_is_frozen(bureau: Bureau, phone: Caller):
    inspection = bureau.plan()
    digest = "0" * 64
    edit = Draft("edit", "inspection", inspection, {"violations_digest": digest})
    assert sent(phone, edit) == [("refused", "not_allowed", "violations_digest")]
