"""Codes of what is treated, done and dispensed: diagnoses, service items, drugs, trace codes.

Only the form is judged here. Whether a code exists, and on which day, is data: see schemas/catalogues.
docs/codes.md names the source of each form and says which forms are general knowledge.
"""

from __future__ import annotations

import re

from schemas.code_faults import DIGITS, LETTERS, all_of, of_length, plain, wrong

DIAGNOSIS_LENGTHS = (3, 5, 6, 7, 11)
SERVICE_DIGITS, ITEM_DIGITS, ITEM_EXTENSION_MAX, LOCAL_MAX = 15, 9, 5, 20
WESTERN_LENGTH, PATENT_LENGTH, PACK_DIGITS = 23, 20, 9
APPROVED = "国药准字"
TRACE_LENGTH, BAR_CODE_LENGTH, IDENTIFIER_LENGTH = 20, 13, 7
RUNG = re.compile(r"served(\+[1-9][0-9]{0,1})?|T([+-][1-9][0-9]{0,2})?")
VIOLATION_LENGTH_MAX = 48

_SIGNS = {
    "letter": LETTERS,
    "digit": DIGITS,
    "digit_or_x": DIGITS + "x",
    "dot": ".",
    "small_x": "x",
}
_DIAGNOSIS = (
    "letter", "digit", "digit", "dot", "digit_or_x", "digit", "digit", "small_x", "digit", "digit", "digit",
)  # fmt: skip
_APPROVAL_LETTERS = ("HC", "HJ", "ZC", "ZJ", "SC", "SJ", "H", "Z", "S", "B", "T", "F", "J")


def diagnosis_code(value: str) -> str:
    """Return an ICD-10 code, also of the national insurance edition: I10, I10.x00, J18.900, I63.900x002.

    A category has three characters, a subcategory one to three more behind the dot, the national
    extension x and three digits behind those; + and * mark the aetiology and the manifestation of a pair.
    """
    kind = "diagnosis_code"
    code = plain(value, kind)
    code = code[:1].upper() + code[1:].replace("X", "x")
    body = code[:-1] if code.endswith(("+", "*")) else code
    for position, (sign, expected) in enumerate(zip(body, _DIAGNOSIS, strict=False), 1):
        if sign not in _SIGNS[expected]:
            raise wrong(kind, "sign", position=position, expected=expected, found=sign)
    of_length(body, DIAGNOSIS_LENGTHS, kind)
    return code


def service_code(value: str) -> str:
    """Return a service item's code: 15 digits, perhaps a local one behind a dash, or the nine-digit price item.

    001101000010000-110100001 is the national code with the city's own price item; 110200005A is a price
    item with a local extension, whose first digit names its section.
    """
    kind = "service_code"
    code = plain(value, kind).upper()
    head, dash, local = code.partition("-")
    if dash or len(head) == SERVICE_DIGITS:
        of_length(head, (SERVICE_DIGITS,), kind)
        all_of(head, DIGITS, kind, expected="digit")
        if dash and not 1 <= len(local) <= LOCAL_MAX:
            raise wrong(kind, "length", expected=f"1 to {LOCAL_MAX} behind the dash", found=len(local))
        all_of(local, DIGITS + LETTERS + "-", kind, expected="digit_or_letter", first=SERVICE_DIGITS + 2)
        return code
    of_length(head, tuple(range(ITEM_DIGITS, ITEM_DIGITS + ITEM_EXTENSION_MAX + 1)), kind)
    all_of(head[:ITEM_DIGITS], DIGITS, kind, expected="digit")
    if head[0] not in "1234":
        raise wrong(kind, "sign", position=1, expected="item_section", found=head[0])
    all_of(head[ITEM_DIGITS:], DIGITS + LETTERS, kind, expected="digit_or_letter", first=ITEM_DIGITS + 1)
    return code


def drug_code(value: str) -> str:
    """Return an insurance drug code: X and 22 more for chemical and biological drugs, Z and 19 more for Chinese
    patent medicines; the last nine are digits (specification, package, enterprise)."""
    kind = "drug_code"
    code = plain(value, kind).upper()
    if code[:1] not in ("X", "Z"):
        raise wrong(kind, "sign", position=1, expected="drug_letter", found=code[:1] or "nothing")
    of_length(code, (WESTERN_LENGTH if code[0] == "X" else PATENT_LENGTH,), kind)
    pack = len(code) - PACK_DIGITS
    all_of(code[1:pack], DIGITS + LETTERS, kind, expected="digit_or_letter", first=2)
    all_of(code[pack:], DIGITS, kind, expected="digit", first=pack + 1)
    return code


def approval_number(value: str) -> str:
    """Return a drug approval number: 国药准字, a letter for the kind of drug, eight digits.

    Behind H, Z or S a second letter may stand: J for drugs made abroad, C for those of Hong Kong, Macao
    and Taiwan. Blanks inside are left out.
    """
    kind = "approval_number"
    number = plain(value, kind).replace(" ", "").upper()
    if not number.startswith(APPROVED):
        raise wrong(kind, "prefix", expected=APPROVED)
    body = number[len(APPROVED) :]
    letters = next((one for one in _APPROVAL_LETTERS if body.startswith(one)), "")
    if not letters:
        found = body[:1] or "nothing"
        raise wrong(kind, "sign", position=len(APPROVED) + 1, expected="approval_letter", found=found)
    first = len(APPROVED) + len(letters) + 1
    all_of(body[len(letters) :], DIGITS, kind, expected="digit", first=first)
    of_length(number, (len(APPROVED) + len(letters) + 8,), kind)
    return number


def trace_code(value: str) -> str:
    """Return a drug trace code: 20 digits, of which the first seven identify the drug. Blanks inside are left out.

    A product's bar code, which is what a scanner reads from the next label, is named as such.
    """
    kind = "trace_code"
    code = plain(value, kind).replace(" ", "")
    if len(code) == BAR_CODE_LENGTH and code.isdecimal():
        raise wrong(kind, "bar_code")
    all_of(code, DIGITS, kind, expected="digit")
    of_length(code, (TRACE_LENGTH,), kind)
    return code


def traced_drug(code: str) -> str:
    """Return the identifier of the drug and its package from a trace code: its first seven digits."""
    return trace_code(code)[:IDENTIFIER_LENGTH]


def violation_code(value: str) -> str:
    """Return a violation's code as catalogues name it: small letters, digits and _, a letter first."""
    kind = "violation_code"
    code = plain(value, kind).lower()
    if not 1 <= len(code) <= VIOLATION_LENGTH_MAX:
        raise wrong(kind, "length", expected=f"1 to {VIOLATION_LENGTH_MAX}", found=len(code))
    small = LETTERS.lower()
    all_of(code[:1], small, kind, expected="letter")
    all_of(code[1:], small + DIGITS + "_", kind, expected="digit_or_letter", first=2)
    return code


def rung_name(value: str) -> str:
    """Return a rung's name: `served`, `served+1` after it, `T`, or working days from the due date such as T-3."""
    kind = "rung"
    code = plain(value, kind)
    if not RUNG.fullmatch(code):
        raise wrong(kind, "form", expected="served, served+1, T, T-3 or T+3")
    return code
