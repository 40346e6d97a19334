"""A city the size of Lu'an, generated from a seed: institutions, their in-patients, users, a week's work.

The same seed gives the same city on every machine; a smaller scale gives a part of
the same city. In full: 218 hospitals and clinics, 900 pharmacies, 1,600 village
clinics, some 22,000 in-patients, 76 officers with phones and about 40 sessions on a
working day. Everything is marked as demo data (names.py).
"""

import csv
import io
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle

from schemas import codes, regions
from server.demo import names, patients

SCALE_MAX = 5.0

INSTITUTION_COLUMNS = (
    "fixmedins_code", "name", "kind", "level", "beds", "region", "uscc", "contact_name", "contact_email",
    "lat_e7", "lon_e7", "credit_grade",
)  # fmt: skip


@dataclass(frozen=True)
class Stock:
    """How many institutions of one kind and level there are, and where their numbers begin."""

    kind: str
    level: int | None
    letter: str
    first: int
    count: int
    beds: tuple[int, int]


# The ranges of numbers leave room for SCALE_MAX, so that a code tells kind and level.
STOCKS = (
    Stock("hospital", 3, "H", 90_001, 8, (800, 1_800)),
    Stock("hospital", 2, "H", 90_101, 30, (200, 480)),
    Stock("hospital", 1, "H", 90_301, 100, (20, 99)),
    Stock("clinic", None, "H", 91_001, 80, (0, 0)),
    Stock("village_clinic", None, "H", 92_001, 1_600, (0, 0)),
    Stock("pharmacy", None, "P", 90_001, 900, (0, 0)),
)

# County: weight by population, centre in degrees, officers as (leads, inspectors).
_COUNTIES = {
    "341502": (21, (31.735, 116.520), (3, 7)),
    "341503": (20, (31.738, 116.479), (3, 7)),
    "341504": (5, (31.863, 115.925), (1, 3)),
    "341522": (21, (32.353, 116.278), (3, 8)),
    "341523": (16, (31.462, 116.948), (2, 7)),
    "341524": (10, (31.727, 115.934), (2, 6)),
    "341525": (7, (31.392, 116.351), (2, 6)),
}
_CITY_OFFICERS = (4, 12)


@dataclass(frozen=True)
class Institution:
    """A designated institution of the demo city; a row of institutions_csv."""

    fixmedins_code: str
    name: str
    kind: str
    level: int | None
    beds: int
    region: str
    uscc: str
    contact_name: str
    contact_email: str
    lat_e7: int
    lon_e7: int
    credit_grade: str


@dataclass(frozen=True)
class User:
    """Somebody who signs in; institution is the code of an institution_user's own institution."""

    login: str
    display_name: str
    role: str
    region: str
    email: str
    institution: str | None = None


@dataclass(frozen=True)
class Unit:
    """The officers of one region, as logins."""

    region: str
    leads: tuple[str, ...]
    inspectors: tuple[str, ...]


@dataclass(frozen=True)
class PlannedInspection:
    """One session of the week: lead is one of members; wards are set for hospitals only."""

    kind: str
    mode: str
    institution: str
    region: str
    members: tuple[str, ...]
    lead: str
    planned_on: date
    half_day: str
    wards: tuple[str, ...]


def institutions(seed: int, scale: float = 1.0) -> list[Institution]:
    """Return the city's institutions; a smaller scale returns the first of each kind and level."""
    if not 0 < scale <= SCALE_MAX:
        raise ValueError(f"scale must be above 0 and at most {SCALE_MAX}")
    return [
        _institution(seed, stock, number)
        for stock in STOCKS
        for number in range(max(1, round(stock.count * scale)))
    ]


def institutions_csv(seed: int, scale: float = 1.0) -> str:
    """Return the institutions as CSV (RFC 4180) with a header of INSTITUTION_COLUMNS.

    Write it as utf-8-sig for spreadsheets; readers take it with and without the mark.
    """
    return _csv(
        INSTITUTION_COLUMNS,
        ([getattr(one, column) for column in INSTITUTION_COLUMNS] for one in institutions(seed, scale)),
    )


def wards(institution: Institution) -> tuple[str, ...]:
    """Return the codes of a hospital's wards (W11, W12, ...), none for who has no beds."""
    return tuple(sorted({patients.ward_code(place) for place in range(institution.beds)}))


def census_csv(institution_code: str, seed: int, day: date) -> str:
    """Return one hospital's in-patients of one day as CSV with a header of patients.COLUMNS.

    A patient stays 5 to 14 days, so the lists of two following days are mostly the same.
    sex is 1 male, 2 female, as the insurance codes it. Raises BadCode, and ValueError
    for a code that is none of this city's or has no beds.
    """
    institution = _institution_by_code(institution_code, seed)
    if institution.beds == 0:
        raise ValueError("the institution has no beds")
    code = institution.fixmedins_code
    rows = (patients.encounter(code, seed, place, day) for place in range(institution.beds))
    return _csv(patients.COLUMNS, (row for row in rows if row is not None))


def users(seed: int) -> list[User]:
    """Return who signs in: 76 officers with phones, the other roles, the larger hospitals' contacts."""
    found: list[User] = []
    for region, (leads, inspectors) in _officers().items():
        found += _staff("lead_inspector", "组长", region, leads, found)
        found += _staff("inspector", "稽核员", region, inspectors, found)
        found += _staff("supervisor", "主管", region, 2 if region == regions.CITY else 1, found)
    for role, word, count in (
        ("second_reviewer", "复审员", 2), ("legal_reviewer", "法制审核员", 2), ("leader", "分管领导", 1),
        ("auditor", "审计员", 1), ("admin", "管理员", 1),
    ):  # fmt: skip
        found += _staff(role, word, regions.CITY, count, found)
    for stock in STOCKS[:2]:
        for number in range(stock.count):
            one = _institution(seed, stock, number)
            code = one.fixmedins_code
            contact = (code.lower(), one.contact_name, "institution_user", one.region, one.contact_email)
            found.append(User(*contact, institution=code))
    return found


def week_of_inspections(
    seed: int, institutions: Sequence[Institution], users: Sequence[User], first_day: date
) -> list[PlannedInspection]:
    """Return seven days of sessions from first_day: about 40 on a weekday, a few at the weekend.

    A team is a lead and one or two inspectors of one unit and works within its region;
    nobody is at two places in one half day. Holidays are the caller's to leave out.
    """
    rng = names.chance(seed, "week", first_day)
    planned: list[PlannedInspection] = []
    for unit in _units(users):
        visits = _visits(rng, [one for one in institutions if regions.contains(unit.region, one.region)])
        for day in (first_day + timedelta(days) for days in range(7)):
            for half_day in ("morning", "afternoon"):
                then = [one for one in planned if (one.planned_on, one.half_day) == (day, half_day)]
                elsewhere = {one.institution for one in then}
                planned += _half_day(rng, unit, visits, day=day, half_day=half_day, elsewhere=elsewhere)
    return sorted(planned, key=lambda one: (one.planned_on, one.half_day != "morning", one.region))


def _units(users: Sequence[User]) -> Iterator[Unit]:
    for region in _officers():
        there = [user for user in users if user.region == region]
        yield Unit(
            region,
            leads=tuple(user.login for user in there if user.role == "lead_inspector"),
            inspectors=tuple(user.login for user in there if user.role == "inspector"),
        )


def _half_day(
    rng: random.Random,
    unit: Unit,
    visits: Iterator[Institution],
    *,
    day: date,
    half_day: str,
    elsewhere: set[str],
) -> Iterator[PlannedInspection]:
    """Yield a unit's sessions; elsewhere are the institutions that another unit visits at that time."""
    share = 0.96 if day.weekday() < 5 else 0.08
    free = rng.sample(unit.inspectors, len(unit.inspectors))
    taken = set(elsewhere)
    for waiting, lead in zip(range(len(unit.leads) - 1, -1, -1), unit.leads, strict=True):
        institution = next(visits, None)
        if institution is None or institution.fixmedins_code in taken or not free or rng.random() > share:
            continue
        taken.add(institution.fixmedins_code)
        # A third officer goes along only while each lead who still waits has one left.
        size = 2 if len(free) > waiting + 1 and rng.random() < 0.3 else 1
        kind = rng.choices(("routine_check", "special_check", "unannounced_check"), (70, 20, 10))[0]
        covert = kind == "unannounced_check" and institution.kind == "pharmacy"
        there = wards(institution)
        yield PlannedInspection(
            kind=kind,
            mode="covert" if covert else "open",
            institution=institution.fixmedins_code,
            region=unit.region,
            members=(lead, *(free.pop() for _ in range(size))),
            lead=lead,
            planned_on=day,
            half_day=half_day,
            wards=tuple(sorted(rng.sample(there, min(len(there), rng.choice((1, 1, 2)))))),
        )


def _visits(rng: random.Random, candidates: Sequence[Institution]) -> Iterator[Institution]:
    """Yield whom to visit, for ever: hospitals far above their share, everybody once before anybody twice."""
    queues = []
    for kinds, weight in ((("hospital", "clinic"), 45), (("pharmacy",), 35), (("village_clinic",), 20)):
        group = [one for one in candidates if one.kind in kinds]
        if group:
            queues.append((cycle(rng.sample(group, len(group))), weight))
    while queues:
        yield next(rng.choices([queue for queue, _ in queues], [weight for _, weight in queues])[0])


def _institution(seed: int, stock: Stock, number: int) -> Institution:
    rng = names.chance(seed, "institution", stock.letter, stock.first + number)
    region = _region(seed, stock, number)
    # A rural clinic lies anywhere in the county, a hospital in its town.
    spread = {"village_clinic": 0.12, "pharmacy": 0.03}.get(stock.kind, 0.05 if stock.level == 1 else 0.015)
    lat, lon = _COUNTIES[region][1]
    code = f"{stock.letter}{region}{stock.first + number}"
    return Institution(
        fixmedins_code=codes.fixmedins_code(code),
        name=names.institution_name(region=region, kind=stock.kind, level=stock.level, number=number + 1),
        kind=stock.kind,
        level=stock.level,
        beds=rng.randint(*stock.beds),
        region=region,
        uscc=names.credit_code(rng, kind=stock.kind),
        contact_name=names.person_name(rng),
        contact_email=f"{code.lower()}@{names.MAIL_DOMAIN}",
        lat_e7=round((lat + rng.uniform(-spread, spread)) * 10**7),
        lon_e7=round((lon + rng.uniform(-spread, spread)) * 10**7),
        credit_grade=rng.choices("ABCD", (30, 45, 22, 3))[0],
    )


def _region(seed: int, stock: Stock, number: int) -> str:
    """Return the county; the first of every seven go round, so that a small city still has all of them."""
    if number < len(_COUNTIES):
        return list(_COUNTIES)[number]
    rng = names.chance(seed, "region", stock.letter, stock.first + number)
    return rng.choices(list(_COUNTIES), [weight for weight, _, _ in _COUNTIES.values()])[0]


def _institution_by_code(institution_code: str, seed: int) -> Institution:
    code = codes.fixmedins_code(institution_code)
    number = int(code[7:])
    stocks = [stock for stock in STOCKS if stock.letter == code[0] and stock.first <= number]
    if stocks:
        stock = max(stocks, key=lambda one: one.first)
        found = _institution(seed, stock, number - stock.first)
        if found.fixmedins_code == code:
            return found
    raise ValueError("the code is none of this city's")


def _officers() -> dict[str, tuple[int, int]]:
    return {regions.CITY: _CITY_OFFICERS} | {code: officers for code, (_, _, officers) in _COUNTIES.items()}


def _staff(role: str, word: str, region: str, count: int, before: Iterable[User]) -> list[User]:
    """Return the next users of a role, numbered through the city."""
    first = 1 + sum(1 for user in before if user.role == role)
    return [
        User(
            login=f"{role.replace('_', '-')}-{number:02d}",
            display_name=f"{names.MARK}{word}{number:03d}",
            role=role,
            region=region,
            email=f"{role.replace('_', '-')}-{number:02d}@{names.MAIL_DOMAIN}",
        )
        for number in range(first, first + count)
    ]


def _csv(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
