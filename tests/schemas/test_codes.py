"""Codes of the field: the right ones come back in normal form, the wrong ones name their fault."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codes
from sync.errors import BadCode

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


@given(place=st.integers(0, 16), digit=st.sampled_from("0123456789"))
def test_any_single_wrong_digit_of_a_resident_number_is_found(place: int, digit: str) -> None:
    changed = GB_11643_EXAMPLE[:place] + digit + GB_11643_EXAMPLE[place + 1 :]
    if changed == GB_11643_EXAMPLE:
        assert codes.resident_number(changed) == GB_11643_EXAMPLE
    else:
        with pytest.raises(BadCode):
            codes.resident_number(changed)


@given(place=st.integers(0, 16), sign=st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_wrong_character_of_a_credit_code_is_found(place: int, sign: str) -> None:
    changed = GB_32100_EXAMPLE[:place] + sign + GB_32100_EXAMPLE[place + 1 :]
    if changed == GB_32100_EXAMPLE:
        assert codes.social_credit_code(changed) == GB_32100_EXAMPLE
    else:
        with pytest.raises(BadCode):
            codes.social_credit_code(changed)


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


@pytest.mark.parametrize(
    ("given_code", "normal"),
    [
        ("I10", "I10"),
        ("i10.x00", "I10.x00"),
        ("I10.X00", "I10.x00"),
        ("I63.900x002", "I63.900x002"),
        ("K80.2", "K80.2"),
        ("A17.000+", "A17.000+"),
        ("G01.x00*", "G01.x00*"),
    ],
)
def test_a_diagnosis_code_of_either_edition_is_accepted(given_code: str, normal: str) -> None:
    assert codes.diagnosis_code(given_code) == normal


@pytest.mark.parametrize(
    "code", ["", "10", "II0", "I10.", "I10.x000", "I63.900x02", "I63.9x002", "高血压", "I1"]
)
def test_what_has_not_the_shape_of_a_diagnosis_code_is_refused(code: str) -> None:
    with pytest.raises(BadCode):
        codes.diagnosis_code(code)


@pytest.mark.parametrize("amount", [0, 1, 1_234_567, codes.AMOUNT_FEN_MAX])
def test_a_whole_number_of_fen_is_an_amount(amount: int) -> None:
    assert codes.amount_fen(amount) == amount


@pytest.mark.parametrize("amount", [-1, codes.AMOUNT_FEN_MAX + 1, 1.0, True, "100", None])
def test_anything_but_a_whole_number_of_fen_within_bounds_is_refused(amount: object) -> None:
    with pytest.raises(BadCode):
        codes.amount_fen(amount)


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
