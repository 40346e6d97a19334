"""A NUL character, which PostgreSQL holds in no text, is refused by name wherever somebody puts one into an address."""

from __future__ import annotations

import pytest

from tests.server.desk_client import Desk
from tests.server.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/api/records/finding", {"stage": "\x00"}, "stage"),
        ("/api/records/finding", {"sta\x00ge": "draft"}, "stage"),
        ("/api/records/finding/%00", {}, "path"),
    ],
)
def test_a_program_is_told_which_value_holds_it(
    desk: Desk, path: str, query: dict[str, str], field: str
) -> None:
    answer = desk.get(path, **query)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "bad_value", field)


def test_a_person_gets_a_page_that_says_so(desk: Desk) -> None:
    answer = desk.get("/registers/finding", q="\x00")
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"


def test_without_it_the_same_is_answered(desk: Desk) -> None:
    assert desk.get("/api/records/finding", stage="draft").status_code == 200
