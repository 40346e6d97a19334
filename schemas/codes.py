"""Codes of the field: each function returns the one normal form of a code or refuses it.

Full-width characters, blanks at the ends and lower-case letters are what people
and spreadsheets add; they are normalised away. Everything else is refused, and
the refusal says which position is wrong and what was expected there. A refusal
never repeats the code itself: it may name a person, and refusals reach logs.
"""

import re
import unicodedata
from datetime import date

from sync.errors import BadCode

# GB/T 2260: the two digits of a province; 83 stands in residence permits only.
PROVINCES = frozenset(
    str(code)
    for block in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66))
    for code in block
) | {"71", "81", "82", "83"}
AMOUNT_FEN_MAX = 10**13
"""A hundred billion yuan: beyond any fund's year, and exact in every JSON reader."""
TEXT_LENGTH_MAX = 64

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHECKS = "10X98765432"
_DIGITS = "0123456789"
# ICD-10 with the national clinical edition's sixth digit and its x-numbered extension;
# + and * mark the aetiology and the manifestation of a pair.
_DIAGNOSIS = re.compile(r"[A-Z][0-9]{2}(\.[0-9x]([0-9]{1,2}(x[0-9]{3})?)?)?[+*]?")


def fixmedins_code(value: str) -> str:
    """Return a designated institution's code: H or P, a 6-digit region, a 5-digit number."""
    code = _plain(value, "fixmedins_code").upper()
    _length(code, (12,), "fixmedins_code")
    if code[0] not in "HP":
        raise _wrong("fixmedins_code", 1, "H (hospital, clinic) or P (pharmacy)")
    _all_of(code[1:], _DIGITS, "fixmedins_code", first=2)
    _region_part(code[1:7], "fixmedins_code", first=2)
    return code


def region_code(value: str) -> str:
    """Return a region's code: 6 digits to the county, 9 to the township, 12 to the village.

    The statistical office pads codes with zeros (341502000000 is a county); the
    padding is cut off, so that one region has one code. Source: GB/T 2260 and
    the statistical division codes below it.
    """
    code = _plain(value, "region_code")
    _length(code, (6, 9, 12), "region_code")
    _all_of(code, _DIGITS, "region_code")
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    _region_part(code[:6], "region_code")
    if len(code) == 12 and code[6:9] == "000":
        raise _wrong("region_code", 7, "a township above the village")
    if len(code) > 6 and code[2:4] == "00":
        raise _wrong("region_code", 3, "a city above the township")
    return code


def social_credit_code(value: str) -> str:
    """Return a unified social credit code whose check character is right (GB 32100-2015).

    The organisation's own check character inside it (GB 11714) is not judged:
    codes that fail it have been issued and are in use.
    """
    kind = "social_credit_code"
    code = _plain(value, kind).upper()
    _length(code, (18,), kind)
    _all_of(code, _USCC_ALPHABET, kind)
    _all_of(code[2:8], _DIGITS, kind, first=3)
    expected = social_credit_check(code[:17])
    if code[17] != expected:
        raise _wrong(kind, 18, expected)
    return code


def social_credit_check(body: str) -> str:
    """Return the check character that belongs to 17 characters (GB 32100-2015)."""
    total = sum(_USCC_ALPHABET.index(sign) * weight for sign, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def resident_number(value: str, *, today: date | None = None) -> str:
    """Return an 18-character resident identity number (GB 11643-1999).

    today: if given, a birthday after it is refused
    Judged are the province, the birthday and the check character; a county may
    long be abolished and is not. A foreigner's permit (900000 to 999999) has no
    region of GB/T 2260 and is refused here.
    """
    kind = "resident_number"
    code = _plain(value, kind).upper()
    _length(code, (18,), kind)
    _all_of(code[:17], _DIGITS, kind)
    _region_part(code[:6], kind)
    born = _birthday(code[6:14])
    if born is None or born.year < 1850 or (today is not None and born > today):
        raise _wrong(kind, 7, "a birthday as year, month, day")
    expected = resident_check(code[:17])
    if code[17] != expected:
        raise _wrong(kind, 18, expected)
    return code


def resident_check(body: str) -> str:
    """Return the check character that belongs to 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def diagnosis_code(value: str) -> str:
    """Return an ICD-10 code, also of the national clinical edition: I10, I10.x00, I63.900x002.

    Only the shape is judged: the yearly table of codes is data of a region, not
    of this program.
    """
    code = _plain(value, "diagnosis_code")
    code = code[:1].upper() + code[1:].replace("X", "x")
    if not _DIAGNOSIS.fullmatch(code):
        raise BadCode(
            "diagnosis_code: expected a letter, two digits, perhaps . and three signs, then x and three",
            kind="diagnosis_code",
        )
    return code


def amount_fen(value: object) -> int:
    """Return an amount of money: a whole number of fen from 0 to AMOUNT_FEN_MAX.

    A bool and a float are refused even when they equal a whole number: a float
    has already been rounded by somebody.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadCode("amount_fen: expected a whole number of fen", kind="amount_fen")
    if not 0 <= value <= AMOUNT_FEN_MAX:
        raise BadCode(f"amount_fen: expected 0 to {AMOUNT_FEN_MAX}", kind="amount_fen")
    return value


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
    plain = number.strip()
    ends = min(4, len(plain) // 4)
    return plain[:ends] + "*" * (len(plain) - 2 * ends) + plain[len(plain) - ends :]


def _plain(value: object, kind: str) -> str:
    if not isinstance(value, str):
        raise BadCode(f"{kind}: expected text", kind=kind)
    if len(value) > TEXT_LENGTH_MAX:
        raise BadCode(f"{kind}: expected at most {TEXT_LENGTH_MAX} characters", kind=kind)
    return unicodedata.normalize("NFKC", value).strip()


def _length(code: str, lengths: tuple[int, ...], kind: str) -> None:
    if len(code) not in lengths:
        wanted = " or ".join(str(length) for length in lengths)
        raise BadCode(f"{kind}: expected {wanted} characters, got {len(code)}", kind=kind)


def _all_of(part: str, alphabet: str, kind: str, *, first: int = 1) -> None:
    for place, sign in enumerate(part, first):
        if sign not in alphabet:
            expected = "a digit" if alphabet == _DIGITS else "a digit or a letter except I, O, S, V, Z"
            raise _wrong(kind, place, expected)


def _region_part(six: str, kind: str, *, first: int = 1) -> None:
    if six[:2] not in PROVINCES:
        raise _wrong(kind, first, "a province of GB/T 2260")
    if six[2:4] == "00" and six[4:] != "00":
        raise _wrong(kind, first + 2, "a city above the county")


def _birthday(eight: str) -> date | None:
    try:
        return date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        return None


def _wrong(kind: str, position: int, expected: str) -> BadCode:
    return BadCode(
        f"{kind}: position {position}: expected {expected}", kind=kind, position=position, expected=expected
    )
