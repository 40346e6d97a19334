"""Every connection to the database in use: whoever asks is told to come back, at the desk and on the phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.storage import database
from tests.server.builders import Installation, install

CONNECTIONS = 3


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An installation whose few connections are all in use."""
    monkeypatch.setattr(database, "POOL", {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": 0.1})
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    assert made.services.ledger
    taken = [made.services.engine.connect() for _ in range(CONNECTIONS)]
    yield made
    for connection in taken:
        connection.close()
    made.services.engine.dispose()


def test_a_program_is_told_that_the_server_is_busy(crowded: Installation):
    answer = crowded.app.test_client().get("/v1/keys")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "5")


def test_a_person_is_told_in_words(crowded: Installation):
    client = crowded.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "whoever"
    answer = client.get("/ledger")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "text/html" in answer.content_type


def test_readiness_says_what_is_wrong(crowded: Installation):
    answer = crowded.app.test_client().get("/readyz")
    assert answer.status_code == 503


def test_it_answers_again_once_a_connection_is_free(crowded: Installation):
    pool = crowded.services.engine
    pool.dispose()
    assert crowded.app.test_client().get("/v1/keys").status_code == 200
