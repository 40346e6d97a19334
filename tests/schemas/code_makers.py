"""Makers of right codes for properties: hypothesis draws the parts, the check characters are computed."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from schemas import codes

DIGIT = "0123456789"
LETTER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PROVINCES = sorted(codes.PROVINCES)


def digits(count: int) -> st.SearchStrategy[str]:
    """Return texts of so many digits."""
    return st.text(alphabet=DIGIT, min_size=count, max_size=count)


def letters(count: int) -> st.SearchStrategy[str]:
    """Return texts of so many capital letters."""
    return st.text(alphabet=LETTER, min_size=count, max_size=count)


def counties() -> st.SearchStrategy[str]:
    """Return six-digit codes of counties: a province, a city from 01, a county from 01."""
    two = st.integers(1, 99).map("{:02d}".format)
    return st.tuples(st.sampled_from(PROVINCES), two, two).map("".join)


def institutions() -> st.SearchStrategy[str]:
    """Return institution codes."""
    return st.tuples(st.sampled_from("HP"), counties(), digits(5)).map("".join)


def residents() -> st.SearchStrategy[str]:
    """Return resident numbers of people born from 1850 to 2026."""
    born = st.dates(date(1850, 1, 1), date(2026, 11, 22)).map("{:%Y%m%d}".format)
    bodies = st.tuples(counties(), born, digits(3)).map("".join)
    return bodies.map(lambda body: body + codes.resident_check(body))


def credits_() -> st.SearchStrategy[str]:
    """Return unified social credit codes."""
    nine = st.text(alphabet=codes.USCC_ALPHABET, min_size=9, max_size=9)
    heads = st.sampled_from(["11", "12", "51", "52", "91", "92", "93", "Y1", "N1", "A1"])
    places = st.one_of(counties(), st.just("100000"))
    bodies = st.tuples(heads, places, nine).map("".join)
    return bodies.map(lambda body: body + codes.social_credit_check(body))


def diagnoses() -> st.SearchStrategy[str]:
    """Return diagnosis codes of each length, with and without the mark of a pair."""
    category = st.tuples(letters(1), digits(2)).map("".join)
    first = st.sampled_from(DIGIT + "x")
    tails = st.one_of(
        st.just(""),
        first.map(".{}".format),
        st.tuples(first, digits(1)).map(lambda part: f".{part[0]}{part[1]}"),
        st.tuples(first, digits(2)).map(lambda part: f".{part[0]}{part[1]}"),
        st.tuples(first, digits(2), digits(3)).map(lambda part: f".{part[0]}{part[1]}x{part[2]}"),
    )
    return st.tuples(category, tails, st.sampled_from(["", "+", "*"])).map("".join)


def services() -> st.SearchStrategy[str]:
    """Return service item codes: national with and without the local part, and price items."""
    signs = st.text(alphabet=DIGIT + LETTER, max_size=5)
    price = st.tuples(st.sampled_from("1234"), digits(8), signs).map("".join)
    both = st.tuples(digits(15), price).map("-".join)
    return st.one_of(digits(15), both, price)


def drugs() -> st.SearchStrategy[str]:
    """Return insurance drug codes of both lengths."""
    signs = DIGIT + LETTER
    western = st.tuples(st.just("X"), st.text(alphabet=signs, min_size=13, max_size=13), digits(9))
    patent = st.tuples(st.just("Z"), st.text(alphabet=signs, min_size=10, max_size=10), digits(9))
    return st.one_of(western, patent).map("".join)


def approvals() -> st.SearchStrategy[str]:
    """Return drug approval numbers."""
    kinds = ["H", "Z", "S", "B", "T", "F", "J", "HC", "HJ", "ZC", "ZJ", "SC", "SJ"]
    return st.tuples(st.just("国药准字"), st.sampled_from(kinds), digits(8)).map("".join)
