"""Pages and messages name a violation as its inspection's catalogue does, and mark articles that nobody verified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from schemas.catalogues import wording
from schemas.drafting import Draft
from server.catalogues.naming import named
from server.commit.acts import act, new_id
from server.queries.findings import Term, finding_page, findings_page
from server.queries.reading import reading
from tests.catalogues.bureau import LOCAL_VIOLATIONS, Bureau


def propose(bureau: Bureau, inspection: str, code: str, **values: Any) -> str:
    record = new_id(bureau.services)
    whole = {
        "inspection": inspection, "violation_code": code, "facts": "演示数据", "amount_fen": 1, "origin": "on_site",
        **values,
    }  # fmt: skip
    act(bureau.services, [Draft("create", "finding", record, whole)], user=bureau.lead)
    return record


def words(bureau: Bureau, finding: str) -> tuple[tuple[str, str], tuple[str, str]]:
    one = bureau.record(finding)
    with bureau.services.database.reading() as connection:
        found = named(connection, bureau.services.ledger.id, [one], {one.root: bureau.record(one.root)})
    return found[finding].violation, found[finding].basis


def test_a_local_violation_has_its_local_name(bureau: Bureau, tmp_path: Path):
    bureau.bring(tmp_path, LOCAL_VIOLATIONS)
    finding = propose(bureau, bureau.plan(approved=True), "false_day_ward")
    assert words(bureau, finding)[0] == ("虚设日间病房", "虚设日间病房")


def test_an_article_is_told_in_words_and_an_unverified_one_says_so(bureau: Bureau):
    inspection = bureau.plan(approved=True)
    sure = propose(bureau, inspection, "bed_hanging", legal_basis="SC735-38-1")
    unsure = propose(bureau, inspection, "induced_admission", legal_basis="SC735-40-1")
    assert (
        words(bureau, sure)[1][0] == "《医疗保障基金使用监督管理条例》（国务院令第735号）第三十八条第（一）项"
    )
    assert words(bureau, unsure)[1][0].endswith(wording.UNVERIFIED["zh"])
    assert words(bureau, unsure)[1][1].endswith(wording.UNVERIFIED["en"])


def test_an_article_that_the_catalogue_does_not_have_stays_what_the_inspector_wrote(bureau: Bureau):
    finding = propose(bureau, bureau.plan(approved=True), "bed_hanging", legal_basis="LOCAL-7")
    assert words(bureau, finding)[1] == ("LOCAL-7", "LOCAL-7")


def test_without_a_frozen_catalogue_the_built_in_words_are_used(bureau: Bureau):
    finding = propose(bureau, bureau.plan(planned_on="2020-01-01", approved=True), "card_misuse")
    assert words(bureau, finding) == (("盗刷医保卡", "Card misuse"), ("", ""))


def test_the_desk_shows_name_and_article_in_the_reader_s_language(bureau: Bureau):
    finding = propose(bureau, bureau.plan(approved=True), "induced_admission", legal_basis="SC735-40-1")
    services = bureau.services
    with reading(services, bureau.supervisor, "en") as desk:
        page = finding_page(desk, finding, Term(desk.today))
        (row,) = findings_page(desk).rows
    assert (row.violation, page.violation) == ("Induced admission", "Induced admission")
    assert "article 40 (1)" in page.legal_basis
    with reading(services, bureau.supervisor) as desk:
        assert finding_page(desk, finding, Term(desk.today)).violation == "诱导住院"
