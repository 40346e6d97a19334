"""The key list: signed, short-lived, and of the ledger's own keys."""

from __future__ import annotations

from schemas.wire.keys import read_keys
from server.keys import history, served
from server.keys.keyring import Opening, fresh_openings
from sync import lines, signing
from sync.envelope import X25519, XWING
from tests.server.builders import Installation

EPOCH = "ab" * 16


def test_the_key_list_is_signed_by_the_ledger_key_and_ends_within_seven_days(installation: Installation):
    services = installation.services
    keys = services.keyring
    payload = signing.verify(served.key_list(services, EPOCH), signing.KEYS, keys.ledger.public_key())
    assert 0 < payload["exp"] - payload["iat"] <= 7 * 86_400_000
    assert [key["kem"] for key in payload["opening"]] == [XWING, X25519]
    for key in payload["opening"]:
        assert lines.digest(lines.unb64u(key["key"]))[:16] == key["kid"]
        assert keys.opening_by_kid(key["kid"], services.now_ms()) is not None
    assert payload["ledger"] == [lines.b64u(keys.ledger_public)]
    assert (payload["statements"], payload["compromised"]) == ([], [])


def test_a_phone_reads_the_list_by_its_pin(installation: Installation):
    services = installation.services
    found = read_keys(served.key_list(services, EPOCH), services.keyring.ledger_digest)
    assert found.origin == services.ledger.origin
    assert found.opening_key().kid == services.keyring.opening[0].kid


def test_the_newest_hybrid_key_is_offered_first_and_a_retired_one_not_at_all(installation: Installation):
    old = [Opening(key, 0, 500) for key in installation.services.keyring.opening]
    new = fresh_openings(installation.services.random, 400)
    names = [one.key.kid for one in served.offered((*old, *new), 450)]
    assert names == [one.key.kid for one in (*new, *old)]
    assert [one.key.kid for one in served.offered((*old, *new), 500)] == [one.key.kid for one in new]


def test_the_ledger_tells_which_key_stood_for_which_head(installation: Installation):
    known = served.known_keys(installation.services)
    (key,) = known.of(history.LEDGER)
    assert (key.digest, key.stage) == (installation.services.keyring.ledger_digest, history.ACTIVE)
    for size in (0, 1, 4, 1000):
        assert known.standing_at(size) == [signing.public_key(key.public)]


def test_the_command_lists_every_key_and_no_secret(tmp_path, capsys, monkeypatch):
    from tests.server.commands import command_line

    cli = command_line(tmp_path, capsys, monkeypatch)
    cli.init("--admin", "root01")
    rows = cli("keys", "list", "--json").json
    assert [row["purpose"] for row in rows] == ["ledger", "recovery", "opening", "opening", "kek"]
    assert rows[-1]["note"].endswith("data keys")
    said = cli("keys", "list").out
    for path in (cli.home / "keys").iterdir():
        assert path.read_text().strip() not in said
    for row in rows:
        assert row["kid"] in said
