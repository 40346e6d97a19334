"""What a ledger serves over HTTP is what Go's checksum database verifies: head, tiles, entries, proofs."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.commit.acts import act
from server.ledger import views
from server.storage import ledger_store
from sync import checkpoint, tiles
from sync.lines import unb64u
from tests.interop import go_tlog
from tests.server.builders import Installation, install
from tests.server.pushing import live_through_much
from tests.server.test_audit import hospital

MANY = 290


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """A fresh installation, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def served(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A ledger over one tile long in which much happened, as an auditor sees it."""
    live_through_much(installation, tmp_path)
    act(
        installation.services,
        [hospital(installation, number) for number in range(100, 100 + MANY)],
        kind="setting",
    )
    monkeypatch.setattr(views, "may_read_entries", lambda: True)
    return installation.app.test_client()


def request_of(installation: Installation, client: FlaskClient) -> dict[str, Any]:
    """Return all that the ledger serves, each piece fetched from its public address."""
    note = client.get("/ledger/checkpoint").text
    size = checkpoint.parse(note).size
    shown: dict[str, dict[str, bytes]] = {"tiles": {}, "bundles": {}}
    for level, number, width in tiles.tiles_of(size):
        path = tiles.number_path(number) + (f".p/{width}" if width < tiles.WIDTH else "")
        kinds = [("tiles", f"tile/{level}/{path}")] + (
            [("bundles", f"tile/entries/{path}")] if not level else []
        )
        for kind, place in kinds:
            shown[kind][place] = client.get(f"/ledger/{place}").data
    with installation.services.database.reading() as connection:
        heads = [checkpoint.parse(one) for _, _, one in ledger_store.checkpoints(connection, 1)]
        lines = ledger_store.entry_lines(connection, 1, 0, size)
    return {
        "verifier_key": checkpoint.verifier_key(heads[-1].name, installation.services.keyring.ledger_public),
        "note": note,
        "records": [
            {"index": n, "line": lines[n], "proof": inclusion(client, n)} for n in (0, 9, 255, 256, size - 1)
        ],
        "consistency": [
            {"size": head.size, "root": head.root, "proof": consistency(client, head.size, size)}
            for head in heads
            if head.size
        ],
        **shown,
    }


def inclusion(client: FlaskClient, index: int) -> list[bytes]:
    """Return the path of a served tlog-proof."""
    top = client.get(f"/ledger/proof?index={index}").text.partition("\n\n")[0]
    return [b64decode(row) for row in top.split("\n")[2:]]


def consistency(client: FlaskClient, old: int, new: int) -> list[bytes]:
    return [unb64u(node) for node in client.get(f"/ledger/proof?from={old}&to={new}").json["proof"]]


def test_go_verifies_what_the_ledger_serves(installation: Installation, served: FlaskClient):
    request = request_of(installation, served)
    found = go_tlog.verify(request)
    assert found["ok"], found
    assert found["size"] == checkpoint.parse(request["note"]).size > MANY
    assert (found["records"], found["proofs"]) == (5, len(request["consistency"]))
    assert found["entries"] == found["size"]


def test_go_refuses_an_entry_or_a_tile_that_is_not_the_ledger_s(
    installation: Installation, served: FlaskClient
):
    request = request_of(installation, served)
    other = {**request["records"][1], "line": request["records"][1]["line"].replace(b"change", b"chance")}
    assert not go_tlog.verify({**request, "records": [other]})["ok"]
    tile = bytearray(request["tiles"]["tile/0/000"])
    tile[40] ^= 1
    assert not go_tlog.verify({**request, "tiles": {**request["tiles"], "tile/0/000": bytes(tile)}})["ok"]
