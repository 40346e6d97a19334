"""One entry proven to a stranger: a file that holds on any machine, and no longer once a byte of it is altered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.cli import main
from server.ledger.proofs import FORMAT, package, verify_package
from server.storage import ledger_store
from sync import checkpoint, lines
from sync.entries import from_line
from sync.errors import BadProof, BadSignature, Malformed, NotFound, Refusal
from sync.signing import public_raw
from tests.server.builders import FOUNDING, ORIGIN, Installation, install
from tests.server.commands import find_in_environment
from tests.server.pushing import City, live_through_much

FINDING = FOUNDING + 9
"""Where the first finding of the city stands in its ledger."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city in whose ledger much happened, on SQLite; the tests only read it."""
    folder = tmp_path_factory.mktemp("proofs")
    made = install(folder / "home", f"sqlite:///{folder / 'ledger.sqlite'}")
    yield live_through_much(made, folder)
    made.services.engine.dispose()


@pytest.fixture
def here(city: City, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The installation that the command line finds in its environment."""
    find_in_environment(city.installation.services.config, monkeypatch)
    return city.installation


def packed(city: City, index: int) -> dict[str, Any]:
    services = city.installation.services
    with services.database.reading() as connection:
        return package(connection, services.ledger, index, services.keyring.ledger_public)


def index_of(city: City, **members: str) -> int:
    """Return the first entry with these members."""
    with city.installation.services.database.reading() as connection:
        for index, line, _ in ledger_store.all_entries(connection, 1):
            entry = from_line(line)
            if all(getattr(entry, name) == value for name, value in members.items()):
                return index
    raise AssertionError(members)


def raw(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


def test_every_entry_is_proven_by_a_file_of_its_own(city: City):
    for index in range(20):
        proven = verify_package(raw(packed(city, index)))
        assert (proven.index, proven.head.origin) == (index, ORIGIN)


def test_the_proof_of_a_finding_shows_its_amount_and_no_name(city: City):
    body = packed(city, index_of(city, type="finding"))
    assert body["format"] == FORMAT
    assert '"amount_fen":120000' in body["change"]
    assert "测试甲" not in json.dumps(body, ensure_ascii=False)
    assert "三号床" not in json.dumps(body, ensure_ascii=False)


def test_of_a_change_that_nobody_could_read_only_the_digest_is_shown(city: City):
    with city.installation.services.database.reading() as connection:
        unread = [i for i, line, _ in ledger_store.all_entries(connection, 1) if from_line(line).type is None]
    proven = verify_package(raw(packed(city, unread[0])))
    assert not proven.change_shown
    assert proven.entry.outcome["verdict"] == "refused"


def test_an_entry_beyond_the_head_cannot_be_proven(city: City):
    with pytest.raises(NotFound):
        packed(city, 10_000)


def test_a_proof_holds_under_the_published_key_and_under_no_other(city: City):
    body = packed(city, 9)
    assert verify_package(raw(body), body["key"]).key == body["key"]
    name = body["key"].split("+")[0]
    stranger = checkpoint.verifier_key(name, public_raw(Ed25519PrivateKey.generate()))
    with pytest.raises(BadSignature):
        verify_package(raw(body), stranger)
    other = checkpoint.verifier_key(
        "ledger.test/wuhu/" + "0" * 32, city.installation.services.keyring.ledger_public
    )
    with pytest.raises(BadProof):
        verify_package(raw(body), other)


def test_a_proof_altered_in_any_character_is_refused(city: City):
    body = packed(city, 9)
    for member, value in body.items():
        if not isinstance(value, str):
            continue
        for place in range(0, len(value), 7):
            other = "B" if value[place] != "B" else "C"
            altered = {**body, member: value[:place] + other + value[place + 1 :]}
            with pytest.raises(Refusal):
                verify_package(raw(altered), body["key"])
    with pytest.raises(BadProof):
        verify_package(raw({**body, "index": 8}), body["key"])
    with pytest.raises(BadProof):
        verify_package(raw({**body, "change": packed(city, 10)["change"]}), body["key"])


@pytest.mark.parametrize(
    "junk", [b"", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000, b" " * 2_000_000, b'{"format":1}']
)
def test_a_file_that_is_no_proof_is_refused(junk: bytes):
    with pytest.raises(Malformed):
        verify_package(junk)


@pytest.mark.parametrize("key", ["", "x", "a+b", "a+b+c", "a+00000000+AAAA", "a+00000000+" + "A" * 44])
def test_a_key_that_is_none_is_refused(city: City, key: str):
    with pytest.raises(Refusal):
        verify_package(raw(packed(city, 1)), key or "+")


def test_the_command_line_proves_and_verifies(
    here: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "proof.json"
    assert main(["ledger", "prove", str(FINDING), "-o", str(file)]) == 0
    key = json.loads(file.read_text())["key"]
    capsys.readouterr()
    assert main(["ledger", "verify", str(file), "--key", key, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["index"], told["type"], told["key_given"]) == (True, FINDING, "finding", True)
    assert main(["ledger", "verify", str(file)]) == 0
    assert "compare it with the one that the bureau publishes" in capsys.readouterr().out


def test_the_command_line_refuses_a_tampered_proof_with_status_1(
    here: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "proof.json"
    assert main(["ledger", "prove", str(FINDING), "-o", str(file)]) == 0
    file.write_text(file.read_text().replace("120000", "120001"))
    assert main(["ledger", "verify", str(file)]) == 1
    assert main(["ledger", "verify", str(file), "--json"]) == 1
    assert "NOT proven: the change line is not the one" in capsys.readouterr().err
    assert main(["ledger", "verify", str(tmp_path / "nowhere.json")]) == 1


@pytest.mark.slow
def test_a_proof_is_verified_where_there_is_no_installation(here: Installation, tmp_path: Path):
    file = tmp_path / "proof.json"
    assert main(["ledger", "prove", str(FINDING), "-o", str(file)]) == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WARDLEDGER_")}
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "server", "ledger", "verify", str(file)]
    done = subprocess.run(
        command,
        cwd=empty,
        env={**environment, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not list(empty.iterdir())


def test_an_entry_number_that_is_none_is_wrong_usage(here: Installation):
    for word in ("nine", "-1", "1.5", "٣"):
        with pytest.raises(SystemExit) as ended:
            main(["ledger", "prove", word])
        assert ended.value.code == 2
    assert main(["ledger", "prove", "99999"]) == 1


def test_the_command_line_audits_and_tells_by_its_exit_status(
    here: Installation, capsys: pytest.CaptureFixture[str]
):
    assert main(["ledger", "audit"]) == 0
    assert capsys.readouterr().out.startswith("audit ok: ")
    assert main(["ledger", "audit", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
    signer = here.services.config.signer_file
    moved = signer.rename(signer.with_suffix(".away"))
    try:
        assert main(["ledger", "audit"]) == 1
        assert "signer signer.log: the signer's own record is missing" in capsys.readouterr().out
    finally:
        moved.rename(signer)


def test_quarantine_is_listed_and_shown_without_a_name(
    here: Installation, capsys: pytest.CaptureFixture[str]
):
    assert main(["quarantine", "list", "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in kept} >= {"bad_value", "malformed"}
    assert main(["quarantine", "list"]) == 0
    assert kept[0]["id"] in capsys.readouterr().out
    assert main(["quarantine", "show", kept[0]["id"]]) == 0
    shown = capsys.readouterr().out
    assert "size_bytes" in shown
    assert "lines" in shown
    assert "测试甲" not in shown
    assert main(["quarantine", "show", "0" * 36]) == 1


def test_the_digest_in_a_proof_is_that_of_the_line_that_the_phone_signed(city: City):
    body = packed(city, 9)
    assert lines.digest(body["change"].encode()) == from_line(body["entry"].encode()).change
