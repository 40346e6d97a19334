"""Codes of diagnoses, services and drugs: the right ones come back in normal form, the wrong ones name their fault."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas import item_codes
from sync.errors import BadCode
from tests.schemas import code_makers


def fault_of(check, value: str) -> tuple[str, int | None]:
    with pytest.raises(BadCode) as refusal:
        check(value)
    assert refusal.value.code == "bad_code"
    return refusal.value.facts["fault"], refusal.value.facts.get("position")


@given(code_makers.diagnoses())
def test_every_diagnosis_code_of_the_form_is_accepted_as_it_is(code: str):
    assert item_codes.diagnosis_code(code) == code


@pytest.mark.parametrize(
    ("given_code", "normal"),
    [
        ("j18.900", "J18.900"),
        ("I10.X00X002", "I10.x00x002"),
        (" I10 ", "I10"),
        ("Ｋ80.2", "K80.2"),
        ("A17.000+", "A17.000+"),
    ],
)
def test_a_diagnosis_code_comes_back_in_its_normal_form(given_code: str, normal: str):
    assert item_codes.diagnosis_code(given_code) == normal


@pytest.mark.parametrize(
    ("code", "fault", "position"),
    [
        ("", "length", None),
        ("10.900", "sign", 1),
        ("II0", "sign", 2),
        ("I1", "length", None),
        ("I10-9", "sign", 4),
        ("I10.", "length", None),
        ("I10.y00", "sign", 5),
        ("I10.x0a", "sign", 7),
        ("I10.x000", "sign", 8),
        ("I63.900x02", "length", None),
        ("I63.900x0021", "length", None),
        ("I63.9x002", "sign", 6),
        ("+", "length", None),
    ],
)
def test_a_wrong_diagnosis_code_names_the_place(code: str, fault: str, position: int | None):
    assert fault_of(item_codes.diagnosis_code, code) == (fault, position)


@given(code_makers.services())
def test_every_service_code_of_the_form_is_accepted_as_it_is(code: str):
    assert item_codes.service_code(code) == code


@pytest.mark.parametrize(
    ("code", "fault", "position"),
    [
        ("00110100001000", "sign", 1),
        ("0011010000100000", "length", None),
        ("00110100001000A", "sign", 15),
        ("001101000010000-", "length", None),
        ("001101000010000-1101/0001", "sign", 21),
        ("11010000", "length", None),
        ("510100001", "sign", 1),
        ("110200005-1", "length", None),
        ("1102000O5", "sign", 8),
    ],
)
def test_a_wrong_service_code_names_the_place(code: str, fault: str, position: int | None):
    assert fault_of(item_codes.service_code, code) == (fault, position)


def test_a_service_code_comes_back_in_capitals():
    assert item_codes.service_code("110200005a") == "110200005A"


@given(code_makers.drugs())
def test_every_drug_code_of_the_form_is_accepted_as_it_is(code: str):
    assert item_codes.drug_code(code.lower()) == code


@pytest.mark.parametrize(
    ("code", "fault", "position"),
    [
        ("", "sign", 1),
        ("YA01ABD075A002010100483", "sign", 1),
        ("XA01ABD075A00201010048", "length", None),
        ("ZA04CAX00610101000277", "length", None),
        ("XA01ABD075A00201010048B", "sign", 23),
        ("ZA04CA-0061010100027", "sign", 7),
    ],
)
def test_a_wrong_drug_code_names_the_place(code: str, fault: str, position: int | None):
    assert fault_of(item_codes.drug_code, code) == (fault, position)


@given(code_makers.approvals())
def test_every_approval_number_of_the_form_is_accepted_as_it_is(number: str):
    assert item_codes.approval_number(number) == number


def test_an_approval_number_with_blanks_and_small_letters_is_put_right():
    assert item_codes.approval_number("国药准字 hj20 160 001") == "国药准字HJ20160001"


@pytest.mark.parametrize(
    ("number", "fault", "position"),
    [
        ("H20160001", "prefix", None),
        ("国药准字", "sign", 5),
        ("国药准字X20160001", "sign", 5),
        ("国药准字H2016000", "length", None),
        ("国药准字HJ201600011", "length", None),
        ("国药准字H2016O001", "sign", 10),
        ("国药准字BJ20160001", "sign", 6),
    ],
)
def test_a_wrong_approval_number_names_the_place(number: str, fault: str, position: int | None):
    assert fault_of(item_codes.approval_number, number) == (fault, position)


@given(code_makers.digits(20))
def test_every_trace_code_is_accepted_and_its_first_seven_digits_name_the_drug(code: str):
    assert item_codes.trace_code(f"{code[:10]} {code[10:]}") == code
    assert item_codes.traced_drug(code) == code[:7]


@pytest.mark.parametrize(
    ("code", "fault", "position"),
    [
        ("6901234567892", "bar_code", None),
        ("8123456789012345678", "length", None),
        ("812345678901234567890", "length", None),
        ("8123456789012345678X", "sign", 20),
        ("(01)0690123456789", "sign", 1),
        ("", "length", None),
    ],
)
def test_a_wrong_trace_code_names_the_fault(code: str, fault: str, position: int | None):
    assert fault_of(item_codes.trace_code, code) == (fault, position)


CHECKS = {
    "diagnosis": (item_codes.diagnosis_code, code_makers.diagnoses()),
    "drug": (item_codes.drug_code, code_makers.drugs()),
    "trace": (item_codes.trace_code, code_makers.digits(20)),
}


@pytest.mark.parametrize("name", CHECKS)
@given(data=st.data())
def test_a_character_too_few_or_of_another_alphabet_is_always_found(name: str, data: st.DataObject):
    check, right = CHECKS[name]
    code = data.draw(right)
    place = data.draw(st.integers(0, len(code) - 1))
    assume(code[place] not in "+*")
    with pytest.raises(BadCode):
        check(code[:place] + "#" + code[place + 1 :])
    with pytest.raises(BadCode):
        check(code + "00000")
