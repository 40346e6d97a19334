"""The region tree: who lies in whom is read off the codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codes, regions
from sync.errors import BadCode
from sync.rules import Grant, Grants
from tests.schemas import code_makers


@pytest.mark.parametrize(
    ("code", "significant", "level", "parent"),
    [
        ("340000", "34", "province", None),
        ("341500", "3415", "city", "340000"),
        ("341502", "341502", "county", "341500"),
        ("341502001", "341502001", "township", "341502"),
        ("341502001001", "341502001001", "village", "341502001"),
        ("441900003", "441900003", "township", "441900"),
    ],
)
def test_a_code_knows_its_level_its_prefix_and_its_parent(
    code: str, significant: str, level: str, parent: str | None
) -> None:
    assert regions.significant(code) == significant
    assert regions.level(code) == level
    assert regions.parent(code) == parent


@pytest.mark.parametrize(
    ("outer", "inner"),
    [("340000", "341502001"), ("341500", "341525"), ("341502", "341502001001"), ("341502", "341502")],
)
def test_a_region_contains_what_lies_under_it_and_itself(outer: str, inner: str) -> None:
    assert regions.contains(outer, inner)


@pytest.mark.parametrize(
    ("outer", "inner"), [("341502", "341500"), ("341502", "341503001"), ("341500", "340100")]
)
def test_a_region_does_not_contain_its_parent_or_its_neighbour(outer: str, inner: str) -> None:
    assert not regions.contains(outer, inner)


def test_every_step_upward_contains_the_step_before_and_ends_at_the_province() -> None:
    code: str | None = "341502001001"
    seen = []
    while code is not None:
        seen.append(regions.level(code))
        above = regions.parent(code)
        assert above is None or regions.contains(above, code)
        code = above
    assert tuple(reversed(seen)) == regions.LEVELS


def test_a_malformed_region_is_refused_and_contains_nothing() -> None:
    with pytest.raises(BadCode):
        regions.contains("", "341502")


def test_the_demo_city_has_its_seven_counties_named_in_both_languages() -> None:
    assert len(regions.COUNTIES) == 7
    assert all(regions.parent(code) == regions.CITY for code in regions.COUNTIES)
    assert regions.name("341524") == "金寨县"
    assert regions.name("341524", "en") == "Jinzhai County"


def test_a_region_without_a_known_name_is_shown_by_its_code() -> None:
    assert regions.name("110105") == "110105"


@st.composite
def villages(draw: st.DrawFn) -> str:
    """A region of the lowest level."""
    county = draw(code_makers.counties())
    township = draw(st.integers(1, 999).map("{:03d}".format))
    return county + township + draw(st.integers(1, 999).map("{:03d}".format))


@st.composite
def places(draw: st.DrawFn) -> str:
    """A region of any level, in its normal form."""
    whole = draw(villages())
    return draw(st.sampled_from([whole[:2] + "0000", whole[:4] + "00", whole[:6], whole[:9], whole]))


@given(places())
def test_a_region_s_lineage_goes_up_to_its_province_and_each_one_contains_it(code: str) -> None:
    above = regions.lineage(code)
    assert above[-1] == code
    assert regions.level(above[0]) == "province"
    assert all(regions.contains(one, code) for one in above)
    assert [regions.level(one) for one in above] == list(regions.LEVELS[: len(above)])


@given(places(), places())
def test_a_grant_over_a_region_works_downward_as_the_tree_says(outer: str, inner: str) -> None:
    granted = Grants([Grant("user", "supervisor", outer, "via", 0)])
    reached = bool(granted.roles("user", "root", inner, 0))
    assert reached == regions.contains(outer, inner)


@given(villages())
def test_a_grant_over_a_township_reaches_its_villages_and_not_its_county(code: str) -> None:
    township = regions.parent(code)
    assert township is not None
    granted = Grants([Grant("user", "supervisor", township, "via", 0)])
    assert granted.roles("user", "root", code, 0)
    assert not granted.roles("user", "root", township[:6], 0)
    sibling = "002" if township.endswith("001") else "001"
    assert not granted.roles("user", "root", township[:6] + sibling + code[9:], 0)


@pytest.mark.parametrize("region", [None, "000000", "340000", "341500", "341502"])
def test_what_holds_in_a_region_or_in_the_nation_holds_below_it(region: str | None) -> None:
    assert regions.reaches(region, "341502001003")


@pytest.mark.parametrize("region", ["341503", "350000", "341502002"])
def test_what_holds_elsewhere_does_not(region: str) -> None:
    assert not regions.reaches(region, "341502001003")


def test_every_region_that_has_a_name_is_a_code_and_lies_in_one_that_has_a_name() -> None:
    for code, (zh, en) in regions.NAMES.items():
        assert regions.region_code(code) == code
        assert set(regions.lineage(code)) <= set(regions.NAMES)
        assert zh
        assert en


def test_every_province_of_the_standard_has_a_name() -> None:
    assert {code[:2] for code in regions.NAMES} == codes.PROVINCES - {"83"}
