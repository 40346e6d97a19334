"""The doctor finds a sound installation sound, and names what is wrong with any other and what to do."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from server.cli import main
from server.operations import doctor
from server.operations.doctor import NOTICE, OK, PROBLEM, Check, examine
from server.storage import file_store, schema
from sync import lines
from tests.server.builders import ORIGIN, Installation, install
from tests.server.pushing import live_through_much

PLAIN = b"cipher of a photograph " * 1000
DIGEST = hashlib.sha256(PLAIN).hexdigest()


def problems(installation: Installation, **more: bool) -> list[Check]:
    return [check for check in examine(installation.services, **more) if check.state == PROBLEM]


def store_file(installation: Installation) -> Path:
    """Put a file into the store and return where it lies."""
    services = installation.services
    services.files.write("0" * 64, 0, [PLAIN], len(PLAIN))
    assert services.files.finish("0" * 64, DIGEST)
    with services.database.writing(1) as connection:
        file_store.arrived(connection, 1, digest=DIGEST, size=len(PLAIN), at=services.now_ms())
    return Path(services.config.files_url) / "cipher" / DIGEST[:2] / DIGEST


def test_a_sound_installation_has_no_problem(installation: Installation, tmp_path: Path):
    live_through_much(installation, tmp_path)
    store_file(installation)
    checks = examine(installation.services, every_file=True)
    assert {check.name for check in checks} == {
        "keys", "database", "migrations", "keys fit", "head", "signer", "secret", "clock", "recovery key", "files",
        "reminders",
        "quarantine", "waiting", "backup", "disk", "erased",
    }  # fmt: skip
    assert {check.name: check.state for check in checks} == {
        check.name: NOTICE if check.name in ("quarantine", "backup") else OK for check in checks
    }
    assert all(check.next for check in checks if check.state != OK)


def test_a_key_that_others_can_read_is_a_problem(installation: Installation):
    secret = installation.services.config.secret_file
    secret.chmod(0o640)
    (found,) = problems(installation)
    assert (found.name, found.next) == ("keys", f"Run `chmod 600 {secret}` and ask who has read it.")


def test_a_missing_key_is_a_problem_that_names_it(installation: Installation):
    (installation.services.config.keys_dir / "opening.json").unlink()
    assert "opening.json is missing" in problems(installation)[0].words


def test_a_database_that_is_not_there_is_a_problem_and_is_not_made(tmp_path: Path):
    path = tmp_path / "ledger.sqlite"
    made = install(tmp_path / "home", f"sqlite:///{path}")
    made.services.engine.dispose()
    for one in tmp_path.glob("ledger.sqlite*"):
        one.unlink()
    assert [check.name for check in problems(made)] == ["database"]
    assert not path.exists()


def test_tables_of_another_program_are_a_problem(installation: Installation):
    with installation.services.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
    (found,) = problems(installation)
    assert (found.name, "migration x" in found.words, "newer program" in found.next) == (
        "migrations",
        True,
        True,
    )


def test_tables_that_want_an_upgrade_are_a_problem_that_says_from_where_to_where(installation: Installation):
    with installation.services.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    (found,) = problems(installation)
    assert f"stand at migration 0001, this program wants {schema.newest()}" in found.words
    assert "wardledger upgrade" in found.next


@pytest.mark.parametrize(("name", "check"), [("ledger.key", "head"), ("secret", "secret")])
def test_keys_of_another_installation_are_a_problem(
    installation: Installation, tmp_path: Path, name: str, check: str
):
    live_through_much(installation, tmp_path)
    services = installation.services
    path = services.config.keys_dir / name
    path.write_text(lines.b64u(bytes(range(32))) + "\n")
    found = examine(replace(services))
    (told,) = [one for one in found if one.name == check]
    assert told.state == PROBLEM
    assert "own backup" in told.next


def test_a_head_that_nobody_signed_is_a_problem(installation: Installation, tmp_path: Path):
    live_through_much(installation, tmp_path)
    with installation.services.engine.begin() as connection:
        connection.execute(text("UPDATE head SET size = size + 1"))
    assert "head" in {check.name for check in problems(installation)}


def test_a_database_behind_the_signer_is_a_problem(installation: Installation, tmp_path: Path):
    services = installation.services
    with services.database.reading() as connection:
        old = dict(connection.execute(text("SELECT * FROM head")).mappings().one())
    live_through_much(installation, tmp_path)
    with services.engine.begin() as connection:
        columns = ", ".join(f'"{name}" = :{name}' for name in old)
        connection.execute(text(f"UPDATE head SET {columns}"), old)
    (found,) = problems(installation)
    assert found.name == "signer"
    assert "entries are missing" in found.words
    assert "ledger recover --recovery-key" in found.next


def test_a_database_ahead_of_the_signer_is_a_problem(installation: Installation, tmp_path: Path):
    old = installation.services.config.signer_file.read_bytes()
    live_through_much(installation, tmp_path)
    installation.services.config.signer_file.write_bytes(old)
    (found,) = problems(installation)
    assert (found.name, "ahead" in found.words, "newest" in found.next) == ("signer", True, True)


def test_a_missing_signer_s_record_is_a_problem(installation: Installation):
    installation.services.config.signer_file.unlink()
    assert [check.name for check in problems(installation)] == ["signer"]


def test_a_clock_before_the_newest_commit_is_a_problem(installation: Installation):
    installation.clock.advance(days=-1)
    assert [check.name for check in problems(installation)] == ["clock"]


def test_a_full_disk_is_a_problem(installation: Installation, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "FREE_BYTES_MIN", 2**80)
    assert {check.name for check in problems(installation)} == {"disk"}


def test_a_file_that_is_missing_or_was_cut_is_a_problem(installation: Installation):
    path = store_file(installation)
    path.write_bytes(PLAIN[:-1])
    assert f"has {len(PLAIN) - 1} bytes" in problems(installation)[0].words
    path.unlink()
    assert "is missing from the store" in problems(installation)[0].words


def test_a_file_whose_bytes_were_altered_is_found_by_hashing_all(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    path = store_file(installation)
    path.write_bytes(PLAIN[:-1] + b"X")
    monkeypatch.setattr(doctor, "FILES_SAMPLE", 0)
    assert not problems(installation)
    assert "its digest differs" in problems(installation, every_file=True)[0].words


def test_a_reminder_in_doubt_is_a_problem(installation: Installation):
    with installation.services.engine.begin() as connection:
        columns = (
            'ledger, "case", rung, recipient, channel, due_version, state, send_at, attempts, lease_until, id'
        )
        values = "1, 'c', 'T', 'r', 'mail', 1, 'unknown', 0, 1, 0, 'x'"
        connection.execute(text(f"INSERT INTO outbox ({columns}) VALUES ({values})"))
    (found,) = problems(installation)
    assert found.words == "1 reminders may or may not have been sent"
    with installation.services.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET mended = 'given_up'"))
    assert not problems(installation), "somebody has seen to it"


def test_the_command_line_tells_by_its_exit_status(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    config = installation.services.config
    for name, value in (("HOME", config.home), ("DATABASE_URL", config.database_url), ("ORIGIN", ORIGIN)):
        monkeypatch.setenv(f"WARDLEDGER_{name}", str(value))
    # The ledger's newest commit lies in the test's own time, which the clock at hand may not have reached.
    with installation.services.engine.begin() as connection:
        connection.execute(text("UPDATE head SET at = 0"))
    assert main(["doctor"]) == 0
    assert "ok       keys:" in capsys.readouterr().out
    config.secret_file.chmod(0o644)
    assert main(["doctor", "--json", "--all"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["ok"]
    assert [check["name"] for check in told["checks"] if check["state"] == PROBLEM] == ["keys"]
