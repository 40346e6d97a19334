"""The demo city: its size, its codes, its marks, and that a seed always gives the same one."""

import csv
import io
from collections import Counter
from datetime import date

import pytest

from schemas import codes, regions
from server.demo import city, names, patients
from sync.errors import BadCode

SEED = 20261116
MONDAY = date(2026, 11, 16)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def institutions() -> list[city.Institution]:
    return city.institutions(SEED)


@pytest.fixture(scope="module")
def users() -> list[city.User]:
    return city.users(SEED)


@pytest.fixture(scope="module")
def hospital(institutions: list[city.Institution]) -> city.Institution:
    return institutions[0]


@pytest.fixture(scope="module")
def census(hospital: city.Institution) -> list[dict[str, str]]:
    return rows(city.census_csv(hospital.fixmedins_code, SEED, MONDAY))


def test_the_city_has_as_many_institutions_as_luan(institutions: list[city.Institution]) -> None:
    kinds = Counter(one.kind for one in institutions)
    assert kinds["hospital"] + kinds["clinic"] == 218
    assert kinds["pharmacy"] == 900
    assert kinds["village_clinic"] == 1_600


def test_every_code_of_an_institution_is_valid_and_nobody_shares_one(
    institutions: list[city.Institution],
) -> None:
    for one in institutions:
        assert codes.fixmedins_code(one.fixmedins_code) == one.fixmedins_code
        assert codes.social_credit_code(one.uscc) == one.uscc
        assert one.fixmedins_code[0] == ("P" if one.kind == "pharmacy" else "H")
        assert one.fixmedins_code[1:7] == one.region
    for column in ("fixmedins_code", "uscc", "name"):
        assert len({getattr(one, column) for one in institutions}) == len(institutions)


def test_every_institution_is_marked_as_demo(institutions: list[city.Institution]) -> None:
    for one in institutions:
        assert names.MARK in one.name
        assert names.MARK in one.contact_name
        assert one.contact_email.endswith(".test")
        assert int(one.fixmedins_code[7:]) > 90_000
        assert one.uscc[2:8] == names.FICTITIOUS_REGION


def test_institutions_lie_in_all_counties_and_near_them(institutions: list[city.Institution]) -> None:
    assert {one.region for one in institutions} == set(regions.COUNTIES)
    assert all(31_00_00000 < one.lat_e7 < 32_60_00000 for one in institutions)
    assert all(115_50_00000 < one.lon_e7 < 117_30_00000 for one in institutions)


def test_only_hospitals_have_beds_and_a_level(institutions: list[city.Institution]) -> None:
    for one in institutions:
        assert (one.beds > 0) == (one.level is not None) == (one.kind == "hospital")
        assert one.beds <= names.BEDS_MAX


def test_the_institutions_file_has_a_header_and_is_read_with_and_without_a_mark() -> None:
    text = city.institutions_csv(SEED, 0.02)
    with_mark = text.encode("utf-8-sig").decode("utf-8-sig")
    assert tuple(rows(text)[0]) == city.INSTITUTION_COLUMNS
    assert rows(with_mark) == rows(text)
    assert rows(text)[-1]["level"] == ""


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    assert city.institutions_csv(SEED, 0.1) == city.institutions_csv(SEED, 0.1)
    assert city.institutions_csv(SEED, 0.1) != city.institutions_csv(SEED + 1, 0.1)


def test_a_small_city_is_a_part_of_the_large_one(institutions: list[city.Institution]) -> None:
    small = city.institutions(SEED, 0.02)
    assert set(small) < set(institutions)
    assert {one.kind for one in small} == {one.kind for one in institutions}


@pytest.mark.parametrize("scale", [0.0, -1.0, city.SCALE_MAX + 1])
def test_a_scale_without_a_city_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        city.institutions(SEED, scale)


def test_a_census_lists_most_beds_of_the_hospital_each_once(
    hospital: city.Institution, census: list[dict[str, str]]
) -> None:
    assert tuple(census[0]) == patients.COLUMNS
    assert 0.7 * hospital.beds < len(census) <= hospital.beds
    for column in ("bed", "mdtrt_id", "person_no"):
        assert len({row[column] for row in census}) == len(census)
    assert {row["ward"] for row in census} == set(city.wards(hospital))


def test_every_patient_has_valid_codes_and_is_nobody(census: list[dict[str, str]]) -> None:
    for row in census:
        assert codes.resident_number(row["person_no"], today=MONDAY) == row["person_no"]
        assert row["person_no"].startswith(names.FICTITIOUS_CITY)
        assert int(row["person_no"][16]) % 2 == int(row["sex"]) % 2
        assert codes.diagnosis_code(row["diag_code"]) == row["diag_code"]
        assert names.MARK in row["name"]
        assert row["discharged_on"] == ""
        assert 0 <= int(row["age"]) <= 100


def test_an_admission_lies_at_most_two_weeks_back(census: list[dict[str, str]]) -> None:
    stays = [(MONDAY - date.fromisoformat(row["admitted_on"])).days for row in census]
    assert min(stays) == 0
    assert max(stays) <= 14


def test_a_patient_keeps_bed_and_number_from_one_day_to_the_next(
    hospital: city.Institution, census: list[dict[str, str]]
) -> None:
    tuesday = rows(city.census_csv(hospital.fixmedins_code, SEED, date(2026, 11, 17)))
    stayed = {tuple(row.values()) for row in census} & {tuple(row.values()) for row in tuesday}
    assert 0.8 * len(census) < len(stayed) < len(census)


def test_a_census_is_the_same_every_time(hospital: city.Institution) -> None:
    once = city.census_csv(hospital.fixmedins_code, SEED, MONDAY)
    assert once == city.census_csv(hospital.fixmedins_code.lower(), SEED, MONDAY)


def test_the_whole_city_has_some_twenty_thousand_inpatients(institutions: list[city.Institution]) -> None:
    beds = sum(one.beds for one in institutions)
    assert 20_000 < beds < 30_000


def test_a_census_is_refused_for_a_pharmacy_a_stranger_and_a_malformed_code() -> None:
    pharmacy = city.institutions(SEED, 0.001)[-1]
    with pytest.raises(ValueError, match="no beds"):
        city.census_csv(pharmacy.fixmedins_code, SEED, MONDAY)
    with pytest.raises(ValueError, match="none of this city's"):
        city.census_csv("H11010500001", SEED, MONDAY)
    with pytest.raises(BadCode):
        city.census_csv("H1", SEED, MONDAY)


@pytest.mark.parametrize(("county", "place"), [(0, 0), (100, 0), (1, -1), (1, names.BEDS_MAX)])
def test_no_number_is_made_outside_the_invented_counties_and_places(county: int, place: int) -> None:
    with pytest.raises(ValueError, match="no number"):
        names.person_number(names.chance(1), county=county, place=place, female=True, born_year=1970)


def test_two_places_of_a_hospital_never_share_a_number() -> None:
    made = {
        names.person_number(names.chance(draw), county=1, place=place, female=False, born_year=1960)
        for place in range(names.BEDS_MAX)
        for draw in range(3)
    }
    again = {number[:6] + number[14:17] + str((int(number[12:14]) - 1) // 7) for number in made}
    assert len(again) == names.BEDS_MAX


def test_there_are_seventy_six_officers_and_every_role_has_somebody(users: list[city.User]) -> None:
    roles = Counter(user.role for user in users)
    assert roles["inspector"] + roles["lead_inspector"] == 76
    assert set(roles) == {
        "inspector", "lead_inspector", "supervisor", "second_reviewer", "legal_reviewer", "leader",
        "auditor", "admin", "institution_user",
    }  # fmt: skip


def test_users_have_their_own_logins_and_are_marked_as_demo(users: list[city.User]) -> None:
    assert len({user.login for user in users}) == len(users)
    assert all(names.MARK in user.display_name and user.email.endswith(".test") for user in users)
    assert all((user.institution is not None) == (user.role == "institution_user") for user in users)


def test_every_region_has_a_supervisor_besides_its_officers(users: list[city.User]) -> None:
    supervised = {user.region for user in users if user.role == "supervisor"}
    assert supervised == {regions.CITY, *regions.COUNTIES}


def test_a_weekday_has_about_forty_sessions_and_a_weekend_few(
    institutions: list[city.Institution], users: list[city.User]
) -> None:
    week = city.week_of_inspections(SEED, institutions, users, MONDAY)
    days = Counter(one.planned_on for one in week)
    assert all(33 <= count <= 40 for day, count in days.items() if day.weekday() < 5)
    assert len([day for day in days if day.weekday() < 5]) == 5
    assert sum(count for day, count in days.items() if day.weekday() >= 5) < 20


@pytest.mark.parametrize("scale", [0.01, 1.0])
def test_every_session_has_two_officers_of_one_unit_who_are_nowhere_else(
    scale: float, users: list[city.User]
) -> None:
    some = {one.fixmedins_code: one for one in city.institutions(SEED, scale)}
    week = city.week_of_inspections(SEED, list(some.values()), users, MONDAY)
    known = {user.login: user for user in users}
    at: Counter[tuple[str, date, str]] = Counter()
    for one in week:
        assert len(set(one.members)) >= 2
        assert one.lead in one.members
        assert known[one.lead].role == "lead_inspector"
        assert {known[login].region for login in one.members} == {one.region}
        assert regions.contains(one.region, some[one.institution].region)
        assert set(one.wards) <= set(city.wards(some[one.institution]))
        assert bool(one.wards) == (some[one.institution].kind == "hospital")
        at.update((who, one.planned_on, one.half_day) for who in (*one.members, one.institution))
    assert max(at.values()) == 1


def test_the_week_has_all_kinds_and_is_covert_only_at_unannounced_checks(
    institutions: list[city.Institution], users: list[city.User]
) -> None:
    week = city.week_of_inspections(SEED, institutions, users, MONDAY)
    assert {one.kind for one in week} == {"routine_check", "special_check", "unannounced_check"}
    assert {one.kind for one in week if one.mode == "covert"} == {"unannounced_check"}
    assert week == city.week_of_inspections(SEED, institutions, users, MONDAY)


def test_without_institutions_nothing_is_planned(users: list[city.User]) -> None:
    assert city.week_of_inspections(SEED, [], users, MONDAY) == []
