"""Catalogues on the phone: fetched by digest and compared with it, kept encrypted, searched and used offline."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from mobile_stub import identity
from mobile_stub.journal import FILE
from mobile_stub.phone import Phone
from mobile_stub.trouble import NoCatalogue
from schemas.catalogues import content, shipped
from sync.errors import NotInCatalogue
from tests.mobile_stub.bench import SOFT, Bench
from tests.mobile_stub.test_phone_cli import Terminal

CHECKLIST = shipped.named("checklist-hospital-2026.11")
VIOLATIONS = shipped.named("violations-2026.11")
NAMED = {
    "checklist": CHECKLIST.header["code"], "checklist_digest": CHECKLIST.digest,
    "violations": VIOLATIONS.header["code"], "violations_digest": VIOLATIONS.digest,
}  # fmt: skip


def freeze(bench: Bench, **named: str) -> None:
    """Let the desk name what holds for the bench's inspection."""
    bench.ledger.act("edit", "inspection", bench.inspection, by=bench.supervisor, set=named or NAMED)


def serve(bench: Bench, *catalogues: content.Catalogue) -> None:
    for one in catalogues or (CHECKLIST, VIOLATIONS):
        bench.ledger.catalogues[one.digest] = one.text


def cut(bench: Bench) -> None:
    def refuse(request: httpx.Request) -> None:
        raise httpx.ConnectError("no network")

    bench.ledger.before = refuse


@pytest.fixture
def phone(bench: Bench) -> Phone:
    """A phone whose inspection has a checklist and violations frozen on it, without a network from now on."""
    freeze(bench)
    serve(bench)
    made = bench.ready()
    cut(bench)
    return made


# -- fetching ----------------------------------------------------------------------------------------------


def test_a_sync_fetches_what_the_inspections_name_once(bench: Bench) -> None:
    freeze(bench)
    serve(bench)
    with bench.enrol() as phone:
        report = phone.sync()
        assert (report.clean, report.fetched.catalogues) == (True, 2)
        assert report.fetched.bytes == len(CHECKLIST.text) + len(VIOLATIONS.text)
        asked = [line for line in bench.ledger.requests if "/v1/catalogues/" in line]
        assert len(asked) == 2
        assert phone.sync().fetched.catalogues == 0
        assert [line for line in bench.ledger.requests if "/v1/catalogues/" in line] == asked


def test_what_was_fetched_lies_encrypted_on_the_phone(bench: Bench) -> None:
    freeze(bench)
    serve(bench)
    with bench.ready():
        pass
    kept = (bench.folder / "phone" / FILE).read_bytes()
    wal = bench.folder / "phone" / f"{FILE}-wal"
    kept += wal.read_bytes() if wal.exists() else b""
    for words in ("挂床住院", "facts_zh", "bed_hanging"):
        assert words.encode() not in kept


@pytest.mark.parametrize(
    "spoil", [lambda text: text.replace(b"H01", b"H99"), lambda text: text[:-1], lambda _: b""]
)
def test_tampered_bytes_are_not_kept_and_the_next_sync_asks_again(bench: Bench, spoil: Any) -> None:
    freeze(bench)
    serve(bench)
    bench.ledger.catalogues[CHECKLIST.digest] = spoil(CHECKLIST.text)
    with bench.enrol() as phone:
        report = phone.sync()
        assert [(error.part, error.code) for error in report.errors] == [("catalogues", "catalogue_differs")]
        assert report.alarm is None
        with pytest.raises(NoCatalogue):
            phone.checklist(bench.inspection)
        assert phone.violations(bench.inspection), "one bad content keeps none of the others"
        serve(bench)
        assert phone.sync().clean
        assert phone.checklist(bench.inspection)


def test_bytes_of_another_catalogue_under_a_wrong_digest_are_not_kept(bench: Bench) -> None:
    freeze(bench)
    serve(bench)
    bench.ledger.catalogues[CHECKLIST.digest] = VIOLATIONS.text
    with bench.enrol() as phone:
        assert [error.code for error in phone.sync().errors] == ["catalogue_differs"]
        with pytest.raises(NoCatalogue):
            phone.checklist(bench.inspection)


def test_a_catalogue_that_this_app_cannot_read_is_not_kept(bench: Bench) -> None:
    newer = CHECKLIST.text.replace(b'"v":1', b'"v":2')
    digest = hashlib.sha256(newer).hexdigest()
    freeze(bench, **{**NAMED, "checklist_digest": digest})
    serve(bench)
    bench.ledger.catalogues[digest] = newer
    with bench.enrol() as phone:
        (error,) = phone.sync().errors
        assert (error.code, error.detail[:16]) == ("catalogue_differs", "this app cannot ")


def test_a_content_that_the_server_lacks_is_told_and_nothing_else_is_lost(bench: Bench) -> None:
    freeze(bench)
    serve(bench, VIOLATIONS)
    with bench.enrol() as phone:
        report = phone.sync()
        assert [(error.part, error.code) for error in report.errors] == [("catalogues", "not_found")]
        assert report.pulled.items > 0
        finding = phone.write_finding(bench.inspection, violation_code="upcoding", facts="事实", amount_fen=1)
        assert phone.show(finding).values["violation_code"] == "upcoding"


def test_what_no_inspection_names_any_more_is_dropped(bench: Bench) -> None:
    freeze(bench)
    serve(bench)
    with bench.ready() as phone:
        phone.kit.journal.hide_root(bench.inspection)
        assert phone.sync().fetched.dropped == 2
        assert phone.kit.journal.get(f"catalogue {CHECKLIST.digest}") is None


# -- offline -----------------------------------------------------------------------------------------------


def test_checklist_and_violations_are_searched_without_a_network(bench: Bench, phone: Phone) -> None:
    assert len(phone.checklist(bench.inspection)) == len(CHECKLIST.rows)
    assert [one.row["code"] for one in phone.checklist(bench.inspection, "重复收费")] == ["H09"]
    assert [row["code"] for row in phone.violations(bench.inspection, "挂床")] == ["bed_hanging"]


def test_a_finding_takes_article_and_wording_from_the_frozen_catalogue(bench: Bench, phone: Phone) -> None:
    finding = phone.write_finding(
        bench.inspection, violation_code="bed_hanging", amount_fen=123_450, persons=["测试甲002"],
        places={"bed": "1103"},
    )  # fmt: skip
    values = phone.show(finding).values
    assert (values["legal_basis"], values["legal_basis_on"]) == ("SC735-38-1", "2021-05-01")
    assert values["facts"] == (
        "经查，2026-11-18在测试医院001核查时，1103床参保人员测试甲002不在床，且无请假、外出检查的审批和记录，"
        "住院费用照常产生，涉及金额1,234.50元。"
    )


def test_what_the_inspector_wrote_stays_as_it_is(bench: Bench, phone: Phone) -> None:
    given = {"facts": "亲眼所见", "legal_basis": "LOCAL-1", "legal_basis_on": "2026-01-01"}
    finding = phone.write_finding(bench.inspection, violation_code="bed_hanging", amount_fen=1, **given)
    assert given.items() <= phone.show(finding).values.items()


def test_a_violation_without_an_article_leaves_the_article_to_the_inspector(
    bench: Bench, phone: Phone
) -> None:
    finding = phone.write_finding(bench.inspection, violation_code="upcoding", amount_fen=1)
    assert "legal_basis" not in phone.show(finding).values


def test_a_code_outside_the_frozen_catalogue_is_refused_offline_and_leaves_nothing(
    bench: Bench, phone: Phone
) -> None:
    with pytest.raises(NotInCatalogue):
        phone.write_finding(bench.inspection, violation_code="false_day_ward", facts="事实", amount_fen=1)
    assert phone.show_all("finding") == []


def test_without_a_frozen_catalogue_the_built_in_violations_count(bench: Bench) -> None:
    with bench.ready() as phone:
        assert phone.write_finding(bench.inspection, violation_code="card_misuse", facts="事实", amount_fen=1)
        with pytest.raises(NotInCatalogue):
            phone.write_finding(bench.inspection, violation_code="false_day_ward", facts="事实", amount_fen=1)
        with pytest.raises(NoCatalogue):
            phone.violations(bench.inspection)


def test_a_catalogue_that_was_not_fetched_yet_keeps_nobody_from_recording(bench: Bench) -> None:
    freeze(bench)
    with bench.enrol() as phone:
        assert not phone.sync().clean
        assert phone.write_finding(
            bench.inspection, violation_code="false_day_ward", facts="事实", amount_fen=1
        )


def test_an_answer_is_kept_and_changed_by_the_officer_who_gave_it(bench: Bench, phone: Phone) -> None:
    record = phone.answer_item(bench.inspection, "H01", "conforms")
    assert phone.answer_item(bench.inspection, "H01", "violates", note="三号床空着") == record
    (item,) = phone.checklist(bench.inspection, "H01")
    assert (item.state, [one.record for one in item.answers]) == ("violates", [record])
    with pytest.raises(NotInCatalogue):
        phone.answer_item(bench.inspection, "H99", "conforms")


def test_two_phones_answering_other_items_never_meet_and_the_same_item_reads_disputed(bench: Bench) -> None:
    colleague = bench.ledger.user("inspector")
    bench.ledger.act(
        "edit", "inspection", bench.inspection, by=bench.supervisor, add={"members": [colleague]}
    )
    freeze(bench)
    serve(bench)
    with bench.ready("one") as one, bench.ready("two", user=colleague) as two:
        one.answer_item(bench.inspection, "H01", "conforms")
        one.answer_item(bench.inspection, "H02", "conforms")
        two.answer_item(bench.inspection, "H03", "violates")
        disputed = two.answer_item(bench.inspection, "H02", "violates")
        assert one.sync().pushed.verdicts == {"applied": 2}
        assert two.sync().pushed.verdicts == {"applied": 2}
        assert one.sync().clean
        stands = {item.row["code"]: item.state for item in one.checklist(bench.inspection)}
        assert [stands[code] for code in ("H01", "H02", "H03", "H04")] == [
            "conforms",
            "disputed",
            "violates",
            "open",
        ]
        assert one.show_all("conflict") == []
        assert two.answer_item(bench.inspection, "H02", "conforms") == disputed
        assert two.sync().clean
        assert one.sync().clean
        assert {item.state for item in one.checklist(bench.inspection, "H02")} == {"conforms"}


def test_a_voided_answer_no_longer_counts(bench: Bench, phone: Phone) -> None:
    record = phone.answer_item(bench.inspection, "H01", "conforms")
    phone.void(record)
    assert [item.state for item in phone.checklist(bench.inspection, "H01")] == ["open"]


# -- the command line --------------------------------------------------------------------------------------


@pytest.fixture
def terminal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose phone has fetched its catalogues and has no network any more."""
    monkeypatch.setattr(identity, "Hardness", lambda: SOFT)
    freeze(bench)
    serve(bench)
    with bench.ready():
        pass
    cut(bench)
    return Terminal(bench)


def test_the_checklist_is_shown_and_answered_at_the_command_line(bench: Bench, terminal: Terminal) -> None:
    assert terminal.run("checklist", bench.inspection, "--search", "进销存") == 0
    assert terminal.said.split()[:4] == ["H14", "[未答", "Open]", "*"]
    assert "→ stock_mismatch" in terminal.said
    record = terminal.data("answer", "H14", "violates", "--note", "少了三盒")["checklist_answer"]
    shown = terminal.data("checklist")["H14"]
    assert (shown["state"], shown["answers"]) == ("violates", [{"record": record, "answer": "violates"}])
    assert terminal.run("answer", "H99", "violates") == 1
    assert terminal.complained.startswith("not_in_catalogue")
    assert terminal.run("answer", "H14", "violates", "--inspection", bench.encounter) == 1
    assert terminal.complained.startswith("no_catalogue")


def test_violations_are_shown_with_their_articles_and_unverified_ones_say_so(terminal: Terminal) -> None:
    assert terminal.run("violations", "--search", "诱导") == 0
    assert "第四十条第（一）项（条文未核实，引用前须核对原文）" in terminal.said
    assert terminal.run("violations", "--search", "挂床") == 0
    assert "未核实" not in terminal.said
    assert (
        terminal.data("violations", "--search", "BED HANGING")["bed_hanging"]["basis"][0]["verified"] is True
    )


def test_a_finding_at_the_command_line_needs_its_code_and_amount_alone(terminal: Terminal) -> None:
    said = terminal.data(
        "finding", "--violation", "cash_out", "--amount-fen", "100", "--fill", "period=2026年10月"
    )
    assert said["legal_basis"] == "SC735-38-5"
    assert "于2026年10月为参保人员____使用医疗保障凭证" in said["facts"]
    assert terminal.run("finding", "--violation", "nonsense", "--amount-fen", "100") == 1
    assert terminal.complained.startswith("not_in_catalogue")
    assert said["finding"]
