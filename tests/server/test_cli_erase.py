"""`wardledger erase`: looks first, erases with two persons, and tells what it did and what it cannot reach."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli import main
from server.ledger.audit import audit
from tests.commit.erasing_scene import Bureau, bureau_of, with_logins
from tests.server.builders import Installation
from tests.server.commands import find_in_environment
from tests.server.pushing import found_city


@pytest.fixture
def bureau(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """A bureau that the command line finds in its environment, with a finding."""
    find_in_environment(installation.services.config, monkeypatch)
    return with_logins(bureau_of(found_city(installation)), facts="演示数据：命令行")


def words(bureau: Bureau, *more: str) -> list[str]:
    """Return the words of a command that erases the finding."""
    return ["erase", "--record", bureau.finding, "--basis", "court_order", "--by", "chief", *more]


def test_a_dry_run_names_fields_and_changes_nothing(bureau: Bureau, capsys: pytest.CaptureFixture[str]):
    assert main(words(bureau, "--dry-run")) == 0
    said = capsys.readouterr().out
    assert "facts" in said
    assert "nothing was changed" in said
    assert "命令行" not in said
    assert bureau.holds("命令行")


def test_two_persons_erase_and_the_entry_is_named(bureau: Bureau, capsys: pytest.CaptureFixture[str]):
    assert main(words(bureau, "--second", "jurist", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"] == 1
    assert told["records"] == [{"id": bureau.finding, "type": "finding", "fields": ["facts", "persons"]}]
    assert told["entry"] > 0
    assert not bureau.holds("命令行")
    assert audit(bureau.installation.services).ok


def test_it_refuses_one_person_an_unknown_field_and_an_open_case(
    bureau: Bureau, capsys: pytest.CaptureFixture[str]
):
    assert main(words(bureau)) == 1
    assert "not_allowed" in capsys.readouterr().err
    assert main(words(bureau, "--second", "jurist", "--field", "amount_fen")) == 1
    assert "unknown_field" in capsys.readouterr().err
    mild = [word if word != "court_order" else "person_request" for word in words(bureau)]
    assert main([*mild, "--second", "jurist"]) == 1
    assert "under_hold" in capsys.readouterr().err
    assert main(["erase", "--record", bureau.city.id(), *words(bureau)[3:], "--second", "jurist"]) == 1
    assert "not_found" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*words(bureau)[:-4], "--basis", "because", "--by", "chief"])
    assert bureau.holds("命令行")


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_no_page_of_a_sqlite_file_keeps_the_destroyed_cipher(bureau: Bureau, suffix: str):
    """What was deleted is overwritten in the files too: the data key that sealed it is still there."""
    services = bureau.installation.services
    if services.engine.dialect.name != "sqlite":
        return
    from server.storage import erased_store, ledger_store

    with services.database.reading() as connection:
        index = ledger_store.indexes_of(connection, services.ledger.id, bureau.finding)[0]
        (held,) = erased_store.lines_at(connection, services.ledger.id, {(index, 0)})
    path = Path(f"{services.engine.url.database}{suffix}")
    assert main(words(bureau, "--second", "jurist")) == 0
    assert not path.exists() or held.sealed[40:] not in path.read_bytes()
