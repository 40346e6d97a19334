"""Head, tiles and proofs as anybody may fetch them; entry lines as nobody may who has not said who he is."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server.commit.acts import act
from server.keys.declared import public_halves
from server.ledger import views
from server.storage import ledger_store
from sync import checkpoint, tiles
from sync.lines import unb64u
from sync.merkle import leaf_hash, verify_consistency
from tests.server.builders import ORIGIN, Installation, install
from tests.server.test_audit import hospital

SIZE, KEYS = 300, 4
"""Entries, and how many of them the founding made."""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A ledger of 300 entries on SQLite; the tests only read it."""
    folder: Path = tmp_path_factory.mktemp("views")
    made = install(folder / "home", f"sqlite:///{folder / 'ledger.sqlite'}")
    act(made.services, [hospital(made, 0)], kind="setting")
    act(made.services, [hospital(made, number) for number in range(1, SIZE - KEYS)], kind="setting")
    return made


@pytest.fixture
def client(grown: Installation) -> FlaskClient:
    """A stranger's browser."""
    return grown.app.test_client()


def lines_of(grown: Installation) -> list[bytes]:
    with grown.services.database.reading() as connection:
        return ledger_store.entry_lines(connection, 1, 0, SIZE)


def test_the_checkpoint_is_the_signed_head(grown: Installation, client: FlaskClient):
    answer = client.get("/ledger/checkpoint")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-cache"
    head = checkpoint.verify(answer.text, grown.services.keyring.verifiers())
    assert (head.origin, head.size) == (ORIGIN, SIZE)


def test_every_tile_is_served_under_its_path_and_holds_the_leaves(grown: Installation, client: FlaskClient):
    leaves = b"".join(leaf_hash(line) for line in lines_of(grown))
    assert client.get("/ledger/tile/0/000").data == leaves[: 256 * 32]
    assert client.get("/ledger/tile/0/001.p/44").data == leaves[256 * 32 :]
    assert len(client.get("/ledger/tile/1/000.p/1").data) == 32


def test_a_smaller_part_of_a_tile_stays_served_for_those_who_know_an_older_head(client: FlaskClient):
    part, whole = client.get("/ledger/tile/0/000.p/7"), client.get("/ledger/tile/0/000")
    assert part.data == whole.data[: 7 * 32]
    assert part.headers["Cache-Control"] == "no-cache"
    assert "immutable" in whole.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "0/001", "0/001.p/45", "0/002.p/1", "1/000", "1/000.p/2", "2/000.p/1", "6/000", "00/000", "x/000",
        "-1/000", "0/0", "0/1", "0/000.p/0", "0/000.p/256", "0/000.p/", "0/x000/000", "0/000.p/1/2",
        "0/x999/x999/x999/x999/x999/x999/x999/999", "9" * 40 + "/000", "0/٠٠٠",
    ],
)  # fmt: skip
def test_a_tile_that_is_not_there_or_is_spelled_otherwise_is_not_found(client: FlaskClient, path: str):
    answer = client.get(f"/ledger/tile/{path}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_entry_bundles_are_refused_to_whoever_has_not_said_who_he_is(client: FlaskClient):
    answer = client.get("/ledger/tile/entries/000")
    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")


def test_an_auditor_gets_entry_bundles(
    grown: Installation, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(views, "may_read_entries", lambda: True)
    first, rest = client.get("/ledger/tile/entries/000"), client.get("/ledger/tile/entries/001.p/44")
    assert [*tiles.unbundle(first.data), *tiles.unbundle(rest.data)] == lines_of(grown)
    assert first.headers["Cache-Control"] == "private, no-store"
    assert client.get("/ledger/tile/entries/001").status_code == 404


@pytest.mark.parametrize("index", [0, 1, 255, 256, SIZE - 1])
def test_an_entry_is_proven_under_the_head(grown: Installation, client: FlaskClient, index: int):
    answer = client.get(f"/ledger/proof?index={index}")
    leaf = leaf_hash(lines_of(grown)[index])
    found, head = checkpoint.verify_proof_text(answer.text, leaf, grown.services.keyring.verifiers())
    assert (found, head.size) == (index, SIZE)
    assert answer.content_type == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, SIZE), (1, SIZE), (257, SIZE), (SIZE, SIZE), (3, 200)])
def test_an_older_head_is_proven_to_be_a_prefix(grown: Installation, client: FlaskClient, old: int, new: int):
    body = client.get(f"/ledger/proof?from={old}&to={new}").json
    assert (body["from"], body["to"]) == (old, new)
    from sync.merkle import root_of_lines

    lines = lines_of(grown)
    path = [unb64u(node, length=32) for node in body["proof"]]
    verify_consistency(old, root_of_lines(lines[:old]), new, root_of_lines(lines[:new]), path)


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        (f"index={SIZE}", 404, "not_found", "index"),
        (f"from=1&to={SIZE + 1}", 404, "not_found", "to"),
        ("from=7&to=5", 400, "bad_value", "from"),
        ("index=-1", 400, "malformed", "index"),
        ("index=01", 400, "malformed", "index"),
        ("index=1e2", 400, "malformed", "index"),
        ("index=", 400, "malformed", "index"),
        ("index=99999999999999999999", 400, "malformed", "index"),
        ("index=١", 400, "malformed", "index"),
        ("index=1&index=2", 400, "malformed", "index"),
        ("from=1", 400, "malformed", None),
        ("index=1&from=1&to=2", 400, "malformed", None),
        ("index=1&line=1", 400, "malformed", None),
        ("", 400, "malformed", None),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_its_reason(
    client: FlaskClient, query: str, status: int, code: str, field: str | None
):
    answer = client.get(f"/ledger/proof?{query}")
    assert (answer.status_code, answer.json["code"], answer.json.get("field")) == (status, code, field)
    assert answer.content_type == "application/problem+json"


def test_a_new_ledger_begins_with_its_public_keys(installation: Installation):
    client = installation.app.test_client()
    head = checkpoint.verify(client.get("/ledger/checkpoint").text, installation.services.keyring.verifiers())
    assert head.size == len(public_halves(installation.services.keyring)) == KEYS
    assert client.get(f"/ledger/tile/0/000.p/{head.size}").status_code == 200
    assert client.get("/ledger/tile/0/000").status_code == 404
    assert client.get(f"/ledger/proof?index={head.size - 1}").status_code == 200
    assert client.get(f"/ledger/proof?index={head.size}").status_code == 404
    assert client.get("/ledger/proof?from=0&to=0").json["proof"] == []
