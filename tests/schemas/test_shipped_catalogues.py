"""What the program brings along: complete, consistent, honest about what was not verified, and never changed."""

from __future__ import annotations

import re
from itertools import product

import pytest

from schemas.catalogues import choosing, shipped, wording
from schemas.catalogues.answers import DISPUTED, OPEN, Answer, standing
from schemas.catalogues.searching import search
from schemas.records.finding import VIOLATIONS
from schemas.records.inspection import KINDS as INSPECTION_KINDS
from schemas.records.institution import KINDS as INSTITUTION_KINDS
from sync.errors import NotFound

RELEASED = {
    "checklist-clinic-2026.11": "9da57cb7",
    "checklist-clinic-unannounced-2026.11": "8c937177",
    "checklist-day-ward-2026.11": "890f980f",
    "checklist-hospital-2026.11": "fa9cc5aa",
    "checklist-hospital-unannounced-2026.11": "d5e20505",
    "checklist-pharmacy-2026.11": "f472ea4a",
    "checklist-pharmacy-unannounced-2026.11": "a794e1ce",
    "checklist-village-clinic-2026.11": "f4077c83",
    "checklist-village-clinic-unannounced-2026.11": "22ec3675",
    "icd10-excerpt-2026.11": "da5e235f",
    "violations-2026.11": "b49cbad3",
}
"""The first digits of every released file's digest: a released file stays as it is, a new version is a new file."""
GLOSSARY = [
    "bed_hanging", "split_admission", "sham_admission", "induced_admission", "impersonation", "card_misuse",
    "item_substitution", "duplicate_charge", "over_standard_charge", "unbundled_charge", "overtreatment",
    "upcoding", "stock_mismatch", "dispensing_without_prescription", "cash_out", "drug_resale",
]  # fmt: skip
DAY = "2026-11-17"
ARTICLES = {"SC735-38-1", "SC735-38-2", "SC735-38-3", "SC735-38-4", "SC735-38-5", "SC735-39-2", "SC735-40-1"}
"""Every article that the shipped catalogue names; a further one is added here when its text was looked up."""


def the_violations():
    return shipped.every()["violations-2026.11"]


def test_a_released_file_is_never_changed():
    assert {name: one.digest[:8] for name, one in shipped.every().items()} == RELEASED


def test_the_violations_are_those_of_the_glossary_and_of_the_declaration():
    rows = the_violations().rows
    assert [row["code"] for row in rows] == sorted(GLOSSARY)
    assert {row["code"]: (row["zh"], row["en"]) for row in rows} == dict(VIOLATIONS)


def test_no_article_is_named_that_nobody_looked_up():
    named = {one["code"] for row in the_violations().rows for one in row.get("basis", ())}
    assert named == ARTICLES


@pytest.mark.parametrize("code", GLOSSARY)
def test_what_was_not_verified_is_shown_as_such_in_both_languages(code: str):
    row = the_violations().row(code)
    for language in ("zh", "en"):
        shown = wording.basis_words(row, language)
        doubtful = [one for one in row.get("basis", ()) if not one["verified"]]
        assert (wording.UNVERIFIED[language] in shown) == bool(doubtful)
        assert (wording.NO_BASIS[language] in shown) == (not row.get("basis"))


@pytest.mark.parametrize("code", GLOSSARY)
def test_every_wording_has_the_same_blanks_in_both_languages_and_is_filled_from_what_is_known(code: str):
    row = the_violations().row(code)
    assert sorted(wording.PLACE.findall(row["facts_zh"])) == sorted(wording.PLACE.findall(row["facts_en"]))
    facts = wording.facts(row, {"institution": "测试医院001", "day": DAY})
    assert "测试医院001" in facts
    assert "{" not in facts
    assert wording.BLANK in facts


def test_a_finding_cites_the_article_in_force_on_its_day():
    row = the_violations().row("bed_hanging")
    assert wording.basis(row, DAY)["code"] == "SC735-38-1"
    assert wording.basis(row, "2021-04-30") is None
    assert wording.basis(the_violations().row("upcoding"), DAY) is None


def test_a_verified_article_is_cited_before_an_unverified_one():
    both = [
        {"code": "A", "zh": "甲", "in_force_from": "2021-05-01", "verified": False},
        {"code": "B", "zh": "乙", "in_force_from": "2021-05-01", "verified": True},
    ]
    assert wording.basis({"basis": both}, DAY)["code"] == "B"


@pytest.mark.parametrize(("visit", "place"), list(product(INSPECTION_KINDS, INSTITUTION_KINDS)))
def test_there_is_a_checklist_for_every_kind_of_visit_to_every_kind_of_institution(visit: str, place: str):
    kinds = {"inspection_kind": visit, "institution_kind": place}
    found = choosing.checklist(shipped.in_use(), region="341502", day=DAY, **kinds)
    rows = shipped.by_digest(found.digest).rows
    assert len(rows) >= 4
    assert any(row["required"] for row in rows)


@pytest.mark.parametrize("name", [name for name in shipped.every() if name.startswith("checklist")])
def test_every_item_looks_for_a_violation_that_such_an_institution_can_commit(name: str):
    one = shipped.every()[name]
    violations = {row["code"]: row["institution_kinds"] for row in the_violations().rows}
    for row in one.rows:
        if "violation_code" in row:
            assert set(one.header["institution_kinds"]) <= set(violations[row["violation_code"]]), row["code"]


def test_everything_is_said_in_both_languages():
    for name, one in shipped.every().items():
        for row in one.rows:
            assert re.search(r"[\u4e00-\u9fff]", row["zh"]), (name, row["code"])
            assert re.search(r"[A-Za-z]", row["en"]), (name, row["code"])
            assert ("how_zh" in row) == ("how_en" in row)


def test_the_day_wards_checklist_is_there_on_request():
    found = choosing.checklist(
        shipped.in_use(), region="341502", day=DAY, inspection_kind="special_check",
        institution_kind="hospital", wanted="CL-DAY-WARD",
    )  # fmt: skip
    assert "三合理一规范" in found.header["zh"]


def test_a_demonstration_excerpt_is_in_use_only_after_an_import():
    assert shipped.named("icd10-excerpt-2026.11").header["demonstration"]
    assert "ICD10-EXCERPT" not in {one.code for one in shipped.in_use()}


def test_a_catalogue_that_is_not_shipped_is_not_found():
    assert shipped.by_digest("0" * 64) is None
    with pytest.raises(NotFound):
        shipped.named("nothing")


# -- searching and answering -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("挂床", ["bed_hanging"]),
        ("BED HANGING", ["bed_hanging"]),
        ("第三十八条第（三）项", ["duplicate_charge", "over_standard_charge", "unbundled_charge"]),
        ("重复 收费", ["duplicate_charge"]),
        ("没有这样的词", []),
    ],
)
def test_violations_are_found_by_words_of_either_language_and_by_article(text: str, codes: list[str]):
    assert [row["code"] for row in search(the_violations().rows, text)] == codes


def test_no_words_find_everything():
    assert search(the_violations().rows, " ") == list(the_violations().rows)


def test_an_item_stands_as_its_answers_agree_or_is_disputed():
    rows = shipped.every()["checklist-pharmacy-2026.11"]
    given = [Answer("2", "P01", "violates"), Answer("1", "P01", "conforms"), Answer("3", "P02", "conforms")]
    stands = {one.row["code"]: one for one in standing(rows, given)}
    assert list(stands) == [row["code"] for row in rows.rows]
    assert (stands["P01"].state, stands["P02"].state, stands["P03"].state) == (DISPUTED, "conforms", OPEN)
    assert [one.record for one in stands["P01"].answers] == ["1", "2"]
    assert not stands["P01"].settled
    assert stands["P02"].settled
    assert not stands["P03"].settled
    assert stands["P10"].settled, "nobody must answer it"
