"""Names and numbers of people and institutions who do not exist, and cannot be mistaken for real ones.

- Every name says 测试 (test).
- Every e-mail address ends in .test, which RFC 2606 reserves.
- An institution's five-digit number begins at 90001; real ones are counted from 00001.
- Identity numbers and credit codes carry a region under 3499: province 34 exists, a city 99
  does not (GB/T 2260 counts cities from 01 and uses 90 for counties led by the province), so
  the shape and the check characters are right and nobody can hold such a number.
"""

import random
from datetime import date

from schemas import codes, regions

MARK = "测试"
MAIL_DOMAIN = "example.test"
FICTITIOUS_CITY = "3499"
FICTITIOUS_REGION = "349999"
BEDS_MAX = 2000
"""The most beds a demo hospital has: above it two patients could share an identity number."""

_STEMS = "甲乙丙丁戊己庚辛壬癸"
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_INSTITUTION_WORDS = {
    ("hospital", 3): "中心医院",
    ("hospital", 2): "医院",
    ("hospital", 1): "卫生院",
    ("clinic", None): "诊所",
    ("pharmacy", None): "药房",
    ("village_clinic", None): "村卫生室",
}


def chance(*parts: object) -> random.Random:
    """Return the generator that belongs to a thing of the city, the same on every machine.

    Each thing has its own, so that adding one never changes the others.
    """
    return random.Random("/".join(str(part) for part in parts))  # noqa: S311 - demo data, no secret


def person_name(rng: random.Random) -> str:
    """Return a person's name such as 测试甲001."""
    return f"{MARK}{rng.choice(_STEMS)}{rng.randrange(1, 1000):03d}"


def institution_name(*, region: str, kind: str, level: int | None, number: int) -> str:
    """Return an institution's name such as 六安市金安区测试第001医院."""
    place = regions.name(regions.CITY) + regions.name(region)
    digits = 4 if kind == "village_clinic" else 3
    return f"{place}{MARK}第{number:0{digits}d}{_INSTITUTION_WORDS[kind, level]}"


def credit_code(rng: random.Random, *, kind: str) -> str:
    """Return a unified social credit code of the fictitious region with a right check character."""
    # Registered as a public institution, a private non-enterprise unit, or a shop.
    authority = {"hospital": "12", "clinic": "52", "village_clinic": "52", "pharmacy": "92"}[kind]
    organisation = "".join(rng.choice(_ORGANISATION_ALPHABET) for _ in range(7))
    body = f"{authority}{FICTITIOUS_REGION}MA{organisation}"
    return body + codes.social_credit_check(body)


def person_number(rng: random.Random, *, county: int, place: int, female: bool, born_year: int) -> str:
    """Return an identity number of nobody, with a right check character.

    county: 1 to 99, the invented county; place: 0 to BEDS_MAX - 1, whose number it is there
    Two places never give the same number: the sequence holds the place modulo 500 and
    the day of birth the quarter, so a phantom patient is never made by chance.
    """
    if not (1 <= county <= 99 and 0 <= place < BEDS_MAX):
        raise ValueError(f"no number for county {county}, place {place}")
    quarter, rest = divmod(place, 500)
    day = 1 + 7 * quarter + rng.randrange(7)
    born = date(born_year, rng.randrange(1, 13), day)
    sequence = rest * 2 + (0 if female else 1)
    body = f"{FICTITIOUS_CITY}{county:02d}{born:%Y%m%d}{sequence:03d}"
    return body + codes.resident_check(body)
