"""Codes of the field: the right ones come back in normal form, the wrong ones name their fault."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas import code_faults, codes, item_codes
from sync.errors import BadCode
from tests.schemas import code_makers

# Worked examples printed in the standards themselves.
GB_11643_EXAMPLE = "11010519491231002X"
GB_32100_EXAMPLE = "91350100M000100Y43"


def test_an_institution_code_comes_back_in_capitals_without_blanks() -> None:
    assert codes.fixmedins_code(" h34150290001 ") == "H34150290001"


def test_full_width_characters_of_an_input_method_are_read() -> None:
    assert codes.fixmedins_code("Ｐ３４１５０２００００１") == "P34150200001"


@pytest.mark.parametrize(
    ("code", "position"),
    [
        ("X34150290001", 1),
        ("H3415O290001", 6),
        ("H00150290001", 2),
        ("H34000290001", 4),
        ("H3415029000A", 12),
    ],
)
def test_a_wrong_institution_code_is_refused_at_its_position(code: str, position: int) -> None:
    with pytest.raises(BadCode) as refusal:
        codes.fixmedins_code(code)
    assert refusal.value.facts["position"] == position
    assert refusal.value.code == "bad_code"


def test_an_institution_code_of_another_length_is_refused() -> None:
    with pytest.raises(BadCode, match="expected 12 characters, got 11"):
        codes.fixmedins_code("H3415029001")


def test_the_standards_example_of_a_credit_code_is_accepted() -> None:
    assert codes.social_credit_code(GB_32100_EXAMPLE.lower()) == GB_32100_EXAMPLE


def test_a_credit_code_with_a_wrong_check_character_names_the_right_one() -> None:
    with pytest.raises(BadCode, match="position 18: expected 3"):
        codes.social_credit_code(GB_32100_EXAMPLE[:17] + "4")


@pytest.mark.parametrize("letter", "IOSVZ")
def test_a_credit_code_with_a_letter_outside_the_alphabet_is_refused(letter: str) -> None:
    with pytest.raises(BadCode, match="position 10"):
        codes.social_credit_code(GB_32100_EXAMPLE[:9] + letter + GB_32100_EXAMPLE[10:])


def test_the_standards_example_of_a_resident_number_is_accepted() -> None:
    assert codes.resident_number("11010519491231002x") == GB_11643_EXAMPLE


def test_a_resident_number_with_a_wrong_check_character_names_the_right_one() -> None:
    with pytest.raises(BadCode, match="position 18: expected X"):
        codes.resident_number(GB_11643_EXAMPLE[:17] + "1")


@pytest.mark.parametrize("born", ["19490231", "18491231", "19491301", "00000000"])
def test_a_resident_number_with_an_impossible_birthday_is_refused(born: str) -> None:
    body = "110105" + born + "002"
    with pytest.raises(BadCode, match="position 7"):
        codes.resident_number(body + codes.resident_check(body))


def test_a_birthday_is_refused_only_when_it_lies_after_the_given_day() -> None:
    assert codes.resident_number(GB_11643_EXAMPLE, today=date(1949, 12, 31))
    with pytest.raises(BadCode):
        codes.resident_number(GB_11643_EXAMPLE, today=date(1949, 12, 30))


def test_a_resident_number_of_no_province_is_refused() -> None:
    body = "99010519491231002"
    with pytest.raises(BadCode, match="position 1: expected a province"):
        codes.resident_number(body + codes.resident_check(body))


@given(code_makers.institutions())
def test_every_institution_code_of_the_form_is_accepted(code: str) -> None:
    assert codes.fixmedins_code(code.lower()) == code


@given(code_makers.residents())
def test_every_resident_number_with_its_check_character_is_accepted(code: str) -> None:
    assert codes.resident_number(code.lower(), today=date(2026, 11, 22)) == code


@given(code_makers.credits_())
def test_every_credit_code_with_its_check_character_is_accepted(code: str) -> None:
    assert codes.social_credit_code(code.lower()) == code


CHECKED = {
    "resident": (codes.resident_number, code_makers.residents(), "0123456789X"),
    "credit": (codes.social_credit_code, code_makers.credits_(), codes.USCC_ALPHABET),
}


@pytest.mark.parametrize("name", CHECKED)
@given(data=st.data())
def test_any_single_wrong_character_is_found(name: str, data: st.DataObject) -> None:
    check, right, alphabet = CHECKED[name]
    code = data.draw(right)
    place = data.draw(st.integers(0, len(code) - 1))
    sign = data.draw(st.sampled_from(alphabet))
    assume(sign != code[place])
    with pytest.raises(BadCode):
        check(code[:place] + sign + code[place + 1 :])


@pytest.mark.parametrize("name", CHECKED)
@given(data=st.data())
def test_any_two_neighbours_that_changed_places_are_found(name: str, data: st.DataObject) -> None:
    check, right, _ = CHECKED[name]
    code = data.draw(right)
    place = data.draw(st.integers(0, len(code) - 2))
    assume(code[place] != code[place + 1])
    with pytest.raises(BadCode):
        check(code[:place] + code[place + 1] + code[place] + code[place + 2 :])


def test_a_resident_number_of_15_digits_is_named_as_the_old_form() -> None:
    with pytest.raises(BadCode, match="the old form of 15 digits") as refusal:
        codes.resident_number("110105491231002")
    assert refusal.value.facts["fault"] == "old_form"


@given(code_makers.residents(), st.integers(1, 40_000))
def test_a_birthday_in_the_future_of_the_day_is_refused_and_on_the_day_it_is_not(
    code: str, days: int
) -> None:
    born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    assume(born - date.min > timedelta(days=days))
    assert codes.resident_number(code, today=born) == code
    with pytest.raises(BadCode) as refusal:
        codes.resident_number(code, today=born - timedelta(days=days))
    assert refusal.value.facts["fault"] == "unborn"


@pytest.mark.parametrize("head", ["9100", "91" + "88"])
def test_a_credit_code_of_no_province_is_refused(head: str) -> None:
    body = head + "0000" + "MA00000XX"
    with pytest.raises(BadCode) as refusal:
        codes.social_credit_code(body + codes.social_credit_check(body))
    assert (refusal.value.facts["fault"], refusal.value.facts["position"]) == ("region", 3)


def test_a_refusal_speaks_chinese_too_and_says_what_it_found() -> None:
    with pytest.raises(BadCode) as refusal:
        codes.fixmedins_code("H3415O290001")
    facts = refusal.value.facts
    assert facts["zh"] == "定点医药机构编码：第 6 位应为数字，实为 O"
    assert (facts["fault"], facts["expected"], facts["found"]) == ("sign", "a digit", "O")
    assert refusal.value.detail == "fixmedins_code: position 6: expected a digit, found O"


def test_a_blank_inside_a_code_is_made_visible() -> None:
    with pytest.raises(BadCode, match="found U\\+0020"):
        codes.fixmedins_code("H3415 290001")


def test_every_fault_and_expectation_has_words_in_both_languages() -> None:
    for zh, en in (*code_faults.FAULTS.values(), *code_faults.EXPECTED.values(), *code_faults.KINDS.values()):
        assert zh.strip()
        assert en.strip()
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in en)


def test_every_fault_and_kind_of_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "codes.md").read_text("utf-8")
    assert not [fault for fault in code_faults.FAULTS if f"`{fault}`" not in page]
    checks = [name for name in (*dir(item_codes), *dir(codes)) if name in code_faults.KINDS]
    assert not [name for name in checks if f".{name}`" not in page and f"`{name}`" not in page]


@given(body=st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_a_refusal_never_repeats_the_number_it_refuses(body: str) -> None:
    wrong = "0" if codes.resident_check(body) != "0" else "1"
    with pytest.raises(BadCode) as refusal:
        codes.resident_number(body + wrong)
    assert body not in refusal.value.detail
    assert body not in str(refusal.value.facts)


@pytest.mark.parametrize(
    ("given_code", "normal"),
    [
        ("341500", "341500"),
        ("341502001", "341502001"),
        ("341502001001", "341502001001"),
        ("341502001000", "341502001"),
        ("341502000000", "341502"),
        ("341502000", "341502"),
        ("340000000000", "340000"),
        ("441900003", "441900003"),
    ],
)
def test_a_region_has_one_code_whatever_its_padding(given_code: str, normal: str) -> None:
    assert codes.region_code(given_code) == normal


@pytest.mark.parametrize(
    "code", ["", "3415", "990000", "340002", "3415020", "34150200a", "341502000001", "340000001"]
)
def test_what_is_no_region_is_refused(code: str) -> None:
    with pytest.raises(BadCode):
        codes.region_code(code)


def test_something_that_is_no_text_is_refused_as_a_code() -> None:
    with pytest.raises(BadCode, match="expected text"):
        codes.region_code(341500)  # type: ignore[arg-type]


def test_a_very_long_text_is_refused_before_it_is_normalised() -> None:
    with pytest.raises(BadCode, match="at most 64"):
        codes.region_code("3" * 10_000)


@pytest.mark.parametrize(
    ("name", "masked"), [("张小三", "张*三"), ("张三", "张*"), ("欧阳小三", "欧**三"), ("张", "*"), ("", "")]
)
def test_a_masked_name_shows_its_ends_only(name: str, masked: str) -> None:
    assert codes.mask_name(name) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("341502198001011234", "3415**********1234"),
        ("13800001111", "13*******11"),
        ("1234", "1**4"),
        ("123", "***"),
        ("", ""),
    ],
)
def test_a_masked_number_shows_at_most_half_of_itself(number: str, masked: str) -> None:
    assert codes.mask_number(number) == masked
