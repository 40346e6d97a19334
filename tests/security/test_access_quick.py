"""A corner of the matrix for every check: one address of each sort, asked for by few."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.access import rules
from tests.security.access.asking import Matrix, faults
from tests.security.access.people import BY_LOGIN
from tests.security.access.vocabulary import OPEN_ELSEWHERE
from tests.server.builders import install
from tests.server.world import build

CORNER = {
    "console.home": "supervisor",
    "console.finding": "supervisor neighbour member idle",
    "api.review": "supervisor both auditor neighbour",
    "console.call_now": "auditor",
    "intake.feed": "supervisor",
    "health.healthz": "portal",
}


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """Two counties, everybody signed in."""
    home = tmp_path_factory.mktemp("matrix")
    made = build(install(home, f"sqlite:///{home / 'matrix.sqlite'}"))
    yield Matrix(made)
    made.services.engine.dispose()


def test_a_corner_of_the_matrix_answers_as_promised(matrix: Matrix):
    for name, logins in CORNER.items():
        assert faults(matrix, name, (None, *(BY_LOGIN[login] for login in logins.split()))) == []


def test_the_corner_has_an_address_of_each_sort():
    assert {rules()[name].sort for name in CORNER} == {rule.sort for rule in rules().values()} - {
        OPEN_ELSEWHERE
    }
