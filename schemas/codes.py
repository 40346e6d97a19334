"""Codes of institutions, persons and places: each function returns the one normal form of a code or refuses it.

Full-width characters, blanks at the ends and lower-case letters are what people
and spreadsheets add; they are normalised away. Everything else is refused, and
the refusal says which position is wrong, what was expected there and what was found.
A refusal never repeats the code itself: it may name a person, and refusals reach logs.
Codes of diagnoses, services and drugs are in item_codes, money in amounts, days in times.
"""

from __future__ import annotations

from datetime import date

from schemas.amounts import AMOUNT_FEN_MAX, amount_fen
from schemas.code_faults import DIGITS, TEXT_LENGTH_MAX, all_of, of_length, plain, wrong
from schemas.item_codes import diagnosis_code
from sync.errors import BadCode, BadValue

# GB/T 2260: the two digits of a province; 83 stands in residence permits only.
PROVINCES = frozenset(
    str(code)
    for block in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
    for code in block
) | {"71", "81", "82", "83"}
REGISTRARS_ELSEWHERE = frozenset({"10", "66", "99"})
"""In credit codes: registrars of the nation (100000) and of the production corps, which lie in no province."""
BORN_FIRST = 1850
OLD_RESIDENT_LENGTH = 15

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHECKS = "10X98765432"


def fixmedins_code(value: str) -> str:
    """Return a designated institution's code: H or P, a 6-digit region, a 5-digit number."""
    kind = "fixmedins_code"
    code = plain(value, kind).upper()
    of_length(code, (12,), kind)
    if code[0] not in "HP":
        raise wrong(kind, "sign", position=1, expected="institution_letter", found=code[0])
    all_of(code[1:], DIGITS, kind, expected="digit", first=2)
    _region_part(code[1:7], kind, first=2)
    return code


def region_code(value: str) -> str:
    """Return a region's code: 6 digits to the county, 9 to the township, 12 to the village.

    The statistical office pads codes with zeros (341502000000 is a county); the
    padding is cut off, so that one region has one code. Source: GB/T 2260 and
    the statistical division codes below it.
    """
    kind = "region_code"
    code = plain(value, kind)
    of_length(code, (6, 9, 12), kind)
    all_of(code, DIGITS, kind, expected="digit")
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    _region_part(code[:6], kind)
    if len(code) == 12 and code[6:9] == "000":
        raise wrong(kind, "region", position=7, expected="township_above", found=code[6:9])
    if len(code) > 6 and code[2:4] == "00":
        raise wrong(kind, "region", position=3, expected="city_of_township", found=code[2:4])
    return code


def asked_region(value: str) -> str:
    """Return the code of the region that somebody asks for; raises BadValue by its field."""
    try:
        return region_code(value)
    except BadCode as bad:
        raise BadValue(bad.detail, field="region") from bad


def social_credit_code(value: str) -> str:
    """Return a unified social credit code whose region and check character are right (GB 32100-2015).

    The organisation's own check character inside it (GB 11714) is not judged:
    codes that fail it have been issued and are in use.
    """
    kind = "social_credit_code"
    code = plain(value, kind).upper()
    of_length(code, (18,), kind)
    all_of(code, USCC_ALPHABET, kind, expected="uscc_sign")
    all_of(code[2:8], DIGITS, kind, expected="digit", first=3)
    if code[2:4] not in REGISTRARS_ELSEWHERE:
        _region_part(code[2:8], kind, first=3)
    expected = social_credit_check(code[:17])
    if code[17] != expected:
        raise wrong(kind, "check", position=18, expected=expected, found=code[17])
    return code


def social_credit_check(body: str) -> str:
    """Return the check character that belongs to 17 characters (GB 32100-2015)."""
    total = sum(USCC_ALPHABET.index(sign) * weight for sign, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def resident_number(value: str, *, today: date | None = None) -> str:
    """Return an 18-character resident identity number (GB 11643-1999).

    today: if given, a birthday after it is refused
    Judged are the province, the birthday and the check character; a county may
    long be abolished and is not. A foreigner's permit (900000 to 999999) has no
    region of GB/T 2260 and is refused here. The old form of 15 digits is named as such.
    """
    kind = "resident_number"
    code = plain(value, kind).upper()
    if len(code) == OLD_RESIDENT_LENGTH and code.isdecimal():
        raise wrong(kind, "old_form")
    of_length(code, (18,), kind)
    all_of(code[:17], DIGITS, kind, expected="digit")
    all_of(code[17], DIGITS + "X", kind, expected="digit_or_check_x", first=18)
    _region_part(code[:6], kind)
    born = _birthday(code[6:14])
    if born is None or born.year < BORN_FIRST:
        raise wrong(kind, "birthday", position=7)
    if today is not None and born > today:
        raise wrong(kind, "unborn", position=7, expected=today.isoformat())
    expected = resident_check(code[:17])
    if code[17] != expected:
        raise wrong(kind, "check", position=18, expected=expected, found=code[17])
    return code


def resident_check(body: str) -> str:
    """Return the check character that belongs to 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def mask_name(name: str) -> str:
    """Return a person's name fit for a screen: 张小三 as 张*三, 张三 as 张*."""
    shown = name.strip()
    if len(shown) < 2:
        return "*" * len(shown)
    if len(shown) == 2:
        return shown[0] + "*"
    return shown[0] + "*" * (len(shown) - 2) + shown[-1]


def mask_number(number: str) -> str:
    """Return a number fit for a screen: an identity number as 3415**********1234.

    At most four characters at each end and never more than half of it are
    shown, so a short number does not give itself away.
    """
    bare = number.strip()
    ends = min(4, len(bare) // 4)
    return bare[:ends] + "*" * (len(bare) - 2 * ends) + bare[len(bare) - ends :]


def _region_part(six: str, kind: str, *, first: int = 1) -> None:
    if six[:2] not in PROVINCES:
        raise wrong(kind, "region", position=first, expected="province", found=six[:2])
    if six[2:4] == "00" and six[4:] != "00":
        raise wrong(kind, "region", position=first + 2, expected="city_above", found=six[2:4])


def _birthday(eight: str) -> date | None:
    try:
        return date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return None


__all__ = [
    "AMOUNT_FEN_MAX", "PROVINCES", "TEXT_LENGTH_MAX", "USCC_ALPHABET", "amount_fen", "diagnosis_code",
    "fixmedins_code", "mask_name", "mask_number", "region_code", "resident_check", "resident_number",
    "social_credit_check", "social_credit_code",
]  # fmt: skip
