"""Who lies in which bed of a demo hospital on which day: people who do not exist."""

import random
from datetime import date, timedelta

from server.demo import names

COLUMNS = (
    "mdtrt_id", "person_no", "name", "sex", "age", "ward", "bed", "admitted_on", "discharged_on",
    "diag_code", "drg_code", "payment_mode",
)  # fmt: skip
WARD_BEDS = 40
WARDS_FROM = 11
"""Wards count from 11 so that no code begins with a zero that a spreadsheet would eat."""

# Diagnosis, its group, weight: what a county hospital's wards are full of.
_DIAGNOSES = (
    ("I10.x00x002", "FV23", 12), ("I63.900x002", "BR23", 14), ("J18.900", "ES25", 11),
    ("J44.100", "ES31", 10), ("E11.900", "KS13", 9), ("I25.103", "FU23", 9), ("K29.500", "GZ15", 6),
    ("M51.202", "IU25", 8), ("K80.200x003", "HC25", 4), ("S72.000", "IF15", 4), ("N18.900", "LR13", 4),
    ("C34.900", "ER13", 3), ("H25.900", "CB39", 3), ("A09.901", "GW13", 2),
)  # fmt: skip
_PAYMENT_MODES = ("drg", "bed_day", "fee_for_service")
_PAYMENT_SHARES = (85, 10, 5)


def ward_code(place: int) -> str:
    """Return the ward (W11, W12, ...) in which a hospital's place-th bed stands."""
    return f"W{WARDS_FROM + place // WARD_BEDS}"


def bed_code(place: int) -> str:
    """Return the code of a hospital's place-th bed, unique in the hospital: 1101 is the first of W11."""
    return f"{WARDS_FROM + place // WARD_BEDS}{place % WARD_BEDS + 1:02d}"


def encounter(institution_code: str, seed: int, place: int, day: date) -> list[object] | None:
    """Return who lies in the place-th bed on the day, as a row of COLUMNS, None for an empty bed.

    A bed's time is cut into stretches of its own length; each holds one stay, often with
    an empty day before or after it. So a day's patient is found without the days before.
    """
    bed = bed_code(place)
    bed_chance = names.chance(seed, "bed", institution_code, bed)
    stretch_days = bed_chance.randint(6, 15)
    stretch, day_in_stretch = divmod(day.toordinal() + bed_chance.randrange(stretch_days), stretch_days)
    rng = names.chance(seed, "stay", institution_code, bed, stretch)
    first, end = rng.choice(((0, stretch_days - 1), (1, stretch_days), (0, stretch_days)))
    if not first <= day_in_stretch < end or rng.random() < 0.06:
        return None
    admitted = day - timedelta(day_in_stretch - first)
    female = rng.random() < 0.48
    number, age = _person(rng, institution_code, place, female=female, admitted=admitted)
    diagnosis, group = _diagnosis(rng, age=age, female=female)
    return [
        f"{institution_code[1:]}{admitted:%Y%m%d}{bed}",
        number,
        names.person_name(rng),
        2 if female else 1,
        age,
        ward_code(place),
        bed,
        admitted.isoformat(),
        "",
        diagnosis,
        group,
        rng.choices(_PAYMENT_MODES, _PAYMENT_SHARES)[0],
    ]


def _person(
    rng: random.Random, institution_code: str, place: int, *, female: bool, admitted: date
) -> tuple[str, int]:
    """Return an identity number and the age on admission."""
    number = names.person_number(
        rng,
        county=int(institution_code[7:]) % 99 + 1,
        place=place,
        female=female,
        born_year=admitted.year - min(97, max(1, round(rng.gauss(61, 17)))) - 1,
    )
    before_birthday = f"{admitted:%m%d}" < number[10:14]
    return number, admitted.year - int(number[6:10]) - before_birthday


def _diagnosis(rng: random.Random, *, age: int, female: bool) -> tuple[str, str]:
    if age < 18:
        return "J18.900", "ES23"
    if female and age < 40 and rng.random() < 0.5:
        return "O80.000", "OR15"
    diagnosis, group, _ = rng.choices(_DIAGNOSES, [weight for _, _, weight in _DIAGNOSES])[0]
    return diagnosis, group
