"""Catalogues as content: bytes that a digest names, rows that are checked, days and places at which they hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogues import choosing, content, kinds
from schemas.catalogues.choosing import Listed
from schemas.records import TYPES
from schemas.records import catalogue as record
from sync import lines
from sync.errors import Malformed, NotCanonical, Refusal, TooLarge
from tests.schemas import code_makers

HEADER = {
    "kind": "diagnosis", "code": "ICD10-TEST", "version": "1", "zh": "测试目录", "valid_from": "2026-01-01",
}  # fmt: skip
ROWS = [{"code": "I10", "zh": "高血压"}, {"code": "J18.900", "zh": "肺炎", "en": "Pneumonia"}]
CHECKLIST = {**HEADER, "kind": "checklist", "code": "CL-TEST"}
ITEM = {"code": "T01", "zh": "测试项", "required": True}
VIOLATION = {"code": "bed_hanging", "zh": "挂床住院", "facts_zh": "经查", "institution_kinds": ["hospital"]}


def fault_of(header: dict[str, Any], *rows: dict[str, Any]) -> tuple[int | None, str, str]:
    (fault,) = content.faults(header, list(rows))
    return fault.place, fault.member, fault.code


# -- bytes -----------------------------------------------------------------------------------------------


def test_what_was_written_is_read_back_byte_for_byte():
    made = content.write(HEADER, ROWS)
    again = content.read(made.text, made.digest)
    assert (again.text, again.digest, again.rows) == (made.text, made.digest, made.rows)
    assert again.header["rows"] == 2


@given(st.permutations([*ROWS, {"code": "A41.9", "zh": "脓毒症"}]))
def test_the_same_rows_in_any_order_have_one_digest(rows: list[dict[str, Any]]):
    first = content.write(HEADER, [*ROWS, {"code": "A41.9", "zh": "脓毒症"}])
    assert content.write(HEADER, rows).digest == first.digest


@given(codes=st.lists(code_makers.diagnoses(), min_size=1, max_size=30, unique=True), data=st.data())
def test_any_flipped_byte_is_found_by_the_digest(codes: list[str], data: st.DataObject):
    made = content.write(HEADER, [{"code": code, "zh": "测试"} for code in codes])
    place = data.draw(st.integers(0, len(made.text) - 1))
    spoilt = bytearray(made.text)
    spoilt[place] ^= 1
    with pytest.raises(Malformed, match="not those that the digest names"):
        content.read(bytes(spoilt), made.digest)


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda text: text[:-1], Malformed),
        (lambda text: text.replace(b'"v":1', b'"v":2'), Malformed),
        (lambda text: text.replace(b'"rows":2', b'"rows":3'), Malformed),
        (lambda text: text.replace(b'"rows":2', b'"rows": 2'), NotCanonical),
        (lambda text: b"\n".join([*text.split(b"\n")[:1], *text.split(b"\n")[2:0:-1]]) + b"\n", NotCanonical),
        (lambda text: text.replace(b'"I10"', b'"110"'), Malformed),
        (lambda text: b"", Malformed),
        (lambda text: b"[]\n", NotCanonical),
    ],
    ids=["cut", "version", "number", "blank", "order", "row", "empty", "array"],
)
def test_bytes_that_write_would_not_make_are_refused(spoil: Any, kind: type[Refusal]):
    made = content.write(HEADER, ROWS)
    assert content.read(made.text).digest == made.digest
    with pytest.raises(kind):
        content.read(spoil(made.text))


@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.dictionaries(
                st.sampled_from(
                    [
                        "v",
                        "kind",
                        "code",
                        "version",
                        "zh",
                        "valid_from",
                        "valid_until",
                        "rows",
                        "basis",
                        "required",
                    ]
                ),
                st.recursive(
                    st.one_of(
                        st.none(),
                        st.booleans(),
                        st.integers(-3, 3),
                        st.sampled_from(["diagnosis", "I10", "2026-01-01"]),
                    ),
                    lambda inner: st.one_of(
                        st.lists(inner, max_size=2), st.dictionaries(st.just("code"), inner)
                    ),
                    max_leaves=4,
                ),
            ),
            max_size=3,
        ).map(lambda rows: b"".join(lines.encode(row) + b"\n" for row in rows)),
    )
)
def test_whatever_arrives_is_read_or_refused_and_never_a_crash(text: bytes):
    try:
        made = content.read(text)
    except Refusal:
        return
    assert made.text == text


def test_a_catalogue_without_rows_is_none():
    assert fault_of(HEADER) == (None, "rows", "bad_value")


def test_what_phones_carry_is_bounded():
    items = [{**ITEM, "code": f"T{number:04d}"} for number in range(content.CARRIED_ROWS_MAX)]
    assert content.write(CHECKLIST, items)
    with pytest.raises(TooLarge):
        content.write(CHECKLIST, [*items, {**ITEM, "code": "T9999"}])


def test_lists_of_codes_may_be_larger_than_what_phones_carry():
    rows = [{"code": f"I10.x00x{n:03d}", "zh": "测试"} for n in range(1000)]
    rows += [{"code": f"I11.x00x{n:03d}", "zh": "测试"} for n in range(1000)]
    rows += [{"code": "I12", "zh": "测试"}]
    assert len(content.write(HEADER, rows).rows) > content.CARRIED_ROWS_MAX


def test_the_record_s_limits_are_those_of_the_content():
    declared = TYPES["catalogue"].by_name
    assert declared["rows"].high == content.ROWS_MAX
    assert declared["size"].high == content.TEXT_BYTES_MAX
    assert set(record.KINDS) == set(kinds.KINDS)


# -- rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "member"),
    [
        ({**HEADER, "kind": "recipes"}, "kind"),
        ({**HEADER, "valid_from": "2026-2-1"}, "valid_from"),
        ({**HEADER, "valid_until": "2025-12-31"}, "valid_until"),
        ({**HEADER, "region": "999999"}, "region"),
        ({**HEADER, "region": "341502000"}, "region"),
        ({**HEADER, "zh": ""}, "zh"),
        ({**HEADER, "colour": "red"}, "colour"),
        ({**HEADER, "on_request": True}, "on_request"),
        ({**HEADER, "code": "two words"}, "code"),
    ],
)
def test_a_wrong_header_is_named_by_its_member(header: dict[str, Any], member: str):
    assert fault_of(header, *ROWS) == (None, member, "bad_value")


@pytest.mark.parametrize(
    ("row", "member", "code"),
    [
        ({"code": "110", "zh": "错"}, "code", "bad_code"),
        ({"code": "i10", "zh": "错"}, "code", "bad_code"),
        ({"zh": "错"}, "code", "bad_value"),
        ({"code": "I11"}, "zh", "bad_value"),
        ({"code": "I11", "zh": "错", "price_fen": 1}, "price_fen", "bad_value"),
        ({"code": "I11", "zh": "错", "valid_from": "1.1.2026"}, "valid_from", "bad_value"),
        ({"code": "I11", "zh": "错", "valid_from": "2026-02-01", "valid_until": "2026-01-01"}, "valid_until",
         "bad_value"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_named_by_its_place_and_member(row: dict[str, Any], member: str, code: str):
    assert fault_of(HEADER, *ROWS, row) == (2, member, code)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("service", {"code": "001101000010000-110100001", "zh": "挂号费", "unit": "次", "price_fen": 150}),
        ("drug", {"code": "XA01ABD075A002010100483", "zh": "测试药", "approval": "国药准字H20160001"}),
        ("region", {"code": "341502001001", "zh": "测试村"}),
        ("violation", VIOLATION),
        ("checklist", {**ITEM, "violation_code": "bed_hanging", "evidence": ["documentary", "audio_visual"]}),
    ],
)
def test_a_row_of_each_kind_is_accepted(kind: str, row: dict[str, Any]):
    assert content.write({**HEADER, "kind": kind}, [row]).rows == (row,)


@pytest.mark.parametrize(
    ("kind", "row", "member"),
    [
        ("service", {"code": "001101000010000-110100001", "zh": "挂号费", "price_fen": 1.5}, "price_fen"),
        ("drug", {"code": "XA01ABD075A002010100483", "zh": "测试药", "approval": "H20160001"}, "approval"),
        ("violation", {**VIOLATION, "institution_kinds": ["castle"]}, "institution_kinds.0"),
        ("violation", {**VIOLATION, "basis": [{"code": "X-1", "zh": "某条"}]}, "basis.0.in_force_from"),
        ("violation", {**VIOLATION, "measures": ["penalty", "interview"]}, "measures.0"),
        ("checklist", {"code": "T01", "zh": "测试项"}, "required"),
        ("checklist", {**ITEM, "evidence": ["audio_visual", "documentary"]}, "evidence.0"),
        ("checklist", {**ITEM, "violation_code": "Bed hanging"}, "violation_code"),
    ],
)
def test_a_row_of_each_kind_is_refused_where_a_member_does_not_fit(
    kind: str, row: dict[str, Any], member: str
):
    (fault,) = content.faults({**HEADER, "kind": kind}, [row])
    assert fault.member.split(".")[0] == member.split(".", maxsplit=1)[0]


def test_a_code_may_have_a_row_for_each_of_its_times():
    rows = [
        {"code": "I10", "zh": "旧", "valid_until": "2026-06-30"},
        {"code": "I10", "zh": "新", "valid_from": "2026-07-01"},
    ]
    made = content.write(HEADER, rows)
    assert made.row("I10", "2026-06-30")["zh"] == "旧"
    assert made.row("I10", "2026-07-01")["zh"] == "新"
    assert made.row("I10")["zh"] == "新"
    assert made.row("I11") is None


@pytest.mark.parametrize(
    "rows",
    [
        [{"code": "I10", "zh": "一"}, {"code": "I10", "zh": "二"}],
        [{"code": "I10", "zh": "一", "valid_until": "2026-07-01"},
         {"code": "I10", "zh": "二", "valid_from": "2026-07-01"}],
    ],
)  # fmt: skip
def test_two_rows_of_a_code_on_one_day_are_refused(rows: list[dict[str, Any]]):
    assert fault_of(HEADER, *rows) == (1, "code", "bad_value")


# -- choosing --------------------------------------------------------------------------------------------


def listed(code: str, index: int = 0, **more: Any) -> Listed:
    return Listed(f"{index:064d}", {**HEADER, "code": code, **more}, index)


def checklist(code: str, index: int = 0, **more: Any) -> Listed:
    return listed(code, index, kind="checklist", **more)


def chosen(*candidates: Listed, day: str = "2026-11-17", region: str = "341502") -> list[str]:
    return [one.code for one in choosing.holding(candidates, "diagnosis", region=region, day=day)]


def test_the_nearest_catalogue_comes_first_and_those_of_elsewhere_do_not_count():
    places = {"N": {}, "P": {"region": "340000"}, "C": {"region": "341500"}, "X": {"region": "341503"}}
    assert chosen(*(listed(code, n, **more) for n, (code, more) in enumerate(places.items()))) == [
        "C",
        "P",
        "N",
    ]


@pytest.mark.parametrize(
    ("day", "codes"),
    [("2025-12-31", []), ("2026-01-01", ["A"]), ("2026-06-30", ["A"]), ("2026-07-01", [])],
)
def test_a_catalogue_holds_from_its_first_to_its_last_day(day: str, codes: list[str]):
    assert chosen(listed("A", valid_until="2026-06-30"), day=day) == codes


def test_of_two_versions_the_one_that_became_valid_last_holds_and_of_equals_the_last_import():
    first, second = listed("A", 0, version="1"), listed("A", 1, version="2", valid_from="2026-06-01")
    third = listed("A", 2, version="3", valid_from="2026-06-01")
    pick = lambda day, *some: choosing.holding(some, "diagnosis", region="341502", day=day)[0]  # noqa: E731
    assert pick("2026-11-17", second, first) == second
    assert pick("2026-05-31", second, first) == first
    assert pick("2026-11-17", third, second, first) == third


VISIT = {"region": "341502", "day": "2026-11-17", "inspection_kind": "routine_check"}


def test_a_checklist_is_chosen_by_the_kinds_of_visit_and_institution():
    hospital = checklist("H", institution_kinds=["hospital"], inspection_kinds=["routine_check"])
    pharmacy = checklist("P", institution_kinds=["pharmacy"])
    pick = lambda **more: choosing.checklist([hospital, pharmacy], **{**VISIT, **more})  # noqa: E731
    assert pick(institution_kind="hospital") == hospital
    assert pick(institution_kind="pharmacy") == pharmacy
    assert pick(institution_kind="hospital", inspection_kind="unannounced_check") is None
    assert pick(institution_kind="clinic") is None


def test_a_checklist_on_request_is_taken_only_where_it_is_named():
    usual, day_ward = checklist("H"), checklist("D", 1, on_request=True, region="341502")
    pick = lambda **more: choosing.checklist([usual, day_ward], **VISIT, institution_kind="hospital", **more)  # noqa: E731
    assert pick() == usual
    assert pick(wanted="D") == day_ward
    assert pick(wanted="X") is None


def test_a_local_violation_catalogue_takes_the_place_of_the_nation_s():
    nation, city = listed("N", kind="violation"), listed("C", 1, kind="violation", region="341500")
    assert choosing.violations([nation, city], region="341502", day="2026-11-17") == city
    assert choosing.violations([nation, city], region="350102", day="2026-11-17") == nation
    assert choosing.violations([city], region="350102", day="2026-11-17") is None
