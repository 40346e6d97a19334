"""Amounts: yuan as files have them become whole fen, and nothing is ever rounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import amounts
from sync.errors import BadCode


@given(st.integers(0, amounts.AMOUNT_FEN_MAX))
def test_what_is_written_as_yuan_is_read_as_the_same_fen(fen: int):
    written = amounts.write_yuan(fen)
    assert amounts.read_yuan(written) == fen
    assert amounts.read_yuan(written.replace(",", "")) == fen


@given(st.integers(-amounts.AMOUNT_FEN_MAX, amounts.AMOUNT_FEN_MAX))
def test_a_refund_is_read_where_refunds_may_stand(fen: int):
    assert amounts.read_yuan(amounts.write_yuan(fen), signed=True) == fen


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("1,234.50", 123_450),
        ("0", 0),
        ("7", 700),
        ("7.5", 750),
        ("1.500", 150),
        ("￥1,234.50", 123_450),
        ("¥ 12", 1200),
        ("12.30元", 1230),
        ("１２．３０", 1230),
        ("007.00", 700),
        ("RMB 5", 500),
    ],
)
def test_the_ways_in_which_yuan_are_written_are_read(text: str, fen: int):
    assert amounts.read_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty"),
        ("元", "empty"),
        ("1.005", "decimals"),
        ("1.0050", "decimals"),
        ("1,23.50", "grouping"),
        ("1234,567", "grouping"),
        (",123", "grouping"),
        ("1.2E+05", "exponent"),
        ("12万", "unit"),
        ("0.3亿元", "unit"),
        ("-5", "negative"),
        ("(5.00)", "negative"),
        (".5", "form"),
        ("5.", "form"),
        ("1.2.3", "sign"),
        ("12a", "sign"),
        ("1 234", "sign"),
        ("100000000000.01", "range"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused_with_its_fault(text: str, fault: str):
    with pytest.raises(BadCode) as refusal:
        amounts.read_yuan(text)
    assert (refusal.value.code, refusal.value.facts["fault"]) == ("bad_code", fault)


def test_too_many_decimals_are_counted_for_the_reader():
    with pytest.raises(BadCode, match="at most two decimals, which are fen, found 3"):
        amounts.read_yuan("1.005")


def test_a_strange_character_is_shown_with_its_place():
    with pytest.raises(BadCode) as refusal:
        amounts.read_yuan("12O.50")
    assert (refusal.value.facts["position"], refusal.value.facts["found"]) == (3, "O")


@pytest.mark.parametrize("amount", [0, 1, 1_234_567, amounts.AMOUNT_FEN_MAX])
def test_a_whole_number_of_fen_is_an_amount(amount: int):
    assert amounts.amount_fen(amount) == amount


@pytest.mark.parametrize("amount", [1.0, True, "100", None])
def test_what_is_no_whole_number_is_no_amount_of_fen(amount: object):
    with pytest.raises(BadCode) as refusal:
        amounts.amount_fen(amount)
    assert refusal.value.facts["fault"] == "not_whole"


@pytest.mark.parametrize("amount", [-1, amounts.AMOUNT_FEN_MAX + 1])
def test_an_amount_out_of_bounds_is_refused(amount: int):
    with pytest.raises(BadCode) as refusal:
        amounts.amount_fen(amount)
    assert refusal.value.facts["fault"] == "range"
