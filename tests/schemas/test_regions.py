"""The region tree: who lies in whom is read off the codes."""

import pytest

from schemas import regions
from sync.errors import BadCode


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
