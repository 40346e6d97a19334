"""Role by address by own and other place by author, team and outsider: each is asked for, and the answer compared."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest
from flask import Flask

from server.app import create_app
from server.config import load
from tests.house.rooms import ROOT
from tests.security.access import asked, rules
from tests.security.access.asking import Matrix, faults
from tests.security.access.people import PEOPLE
from tests.server.builders import install
from tests.server.world import build

TO_ADD = (
    "nobody says who may ask for {name}. Add a line to RULES in tests/security/access/ (a file of your room), such as "
    '"{name}": LISTS (any reader), reads("finding") (whoever reaches the record), acts("finding", body, may="...") '
    'or shown_by("tests/...::test_..."); tests/security/access/vocabulary.py has them all'
)
ROUTES = sorted(rules())


@pytest.fixture(scope="module")
def bare() -> Flask:
    """An application that nobody has asked for anything yet: it has no more than its addresses."""
    return create_app(load({"WARDLEDGER_HOME": "/nowhere"}))


def unruled(app: Flask) -> list[str]:
    """Return what must be said of an application's addresses and is not."""
    return [TO_ADD.format(name=name) for name in asked(app) if name not in rules()]


def test_every_address_has_a_rule(bare: Flask):
    assert unruled(bare) == []


def test_no_rule_is_about_an_address_that_is_gone(bare: Flask):
    assert rules().keys() - asked(bare).keys() == set()


def test_a_new_address_without_a_rule_is_named_with_what_to_add():
    app = create_app(load({"WARDLEDGER_HOME": "/nowhere"}))
    app.add_url_rule("/backdoor", "console.backdoor", lambda: "in", methods=["POST"])
    (told,) = unruled(app)
    assert "console.backdoor" in told
    assert "tests/security/access/" in told


@pytest.mark.parametrize("name", [name for name in ROUTES if rules()[name].tested])
def test_where_a_rule_names_a_test_that_test_is_there(name: str):
    path, _, function = rules()[name].tested.partition("::")
    assert (ROOT / path).is_file(), path
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    assert callable(getattr(module, function, None)), rules()[name].tested


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """Two counties, everybody signed in."""
    home = tmp_path_factory.mktemp("matrix")
    made = build(install(home, f"sqlite:///{home / 'matrix.sqlite'}"))
    yield Matrix(made)
    made.services.engine.dispose()


@pytest.mark.parametrize("name", ROUTES)
def test_everybody_gets_the_answer_that_is_promised_and_no_other(matrix: Matrix, name: str):
    assert faults(matrix, name, (None, *PEOPLE)) == []


def test_the_matrix_finds_a_door_that_stands_open(matrix: Matrix, monkeypatch: pytest.MonkeyPatch):
    """A view that forgets to ask who is there is told by name."""
    monkeypatch.setitem(matrix.app.view_functions, "api.one_finding", lambda **_: "all of it")
    assert any("nobody" in each for each in faults(matrix, "api.one_finding", (None, *PEOPLE)))
    assert any("neighbour, here" in each for each in faults(matrix, "api.one_finding", PEOPLE))


def test_the_matrix_finds_who_decides_on_his_own_work(matrix: Matrix, monkeypatch: pytest.MonkeyPatch):
    from server.casework import review
    from server.commit import duties

    # The door looks once more behind the desk, and would refuse it by itself.
    monkeypatch.setattr(review, "check_outsider", lambda *_: None)
    monkeypatch.setattr(duties, "check", lambda *_: [])
    assert any("both, here" in each for each in faults(matrix, "api.review", PEOPLE))
