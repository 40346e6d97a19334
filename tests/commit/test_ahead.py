"""Imports judged before the lock come to the same as those judged under it, wherever their entry ends up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit import ahead, queue
from server.commit.acts import act, new_id
from server.commit.queue import Committer
from server.commit.submission import Import
from server.imports.census import import_census
from server.imports.importing import Report
from server.imports.institutions import import_institutions
from server.keys.vault import VaultSession
from server.ledger.audit import audit
from server.storage import bulk, ledger_store, record_store
from server.wiring import Services
from sync.errors import VersionChanged
from tests.imports import files
from tests.imports.files import HOSPITAL, OTHER, Cells
from tests.server.builders import Installation, install

CODE = HOSPITAL.fixmedins_code


@pytest.fixture
def services(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """An installation that knows a small city's institutions; every row counts as many."""
    monkeypatch.setattr(bulk, "COPY_MIN", 1)
    monkeypatch.setattr(bulk, "COPY_UPSERT_MIN", 1)
    made: Installation = install(tmp_path / "home", database_url)
    import_institutions(made.services, files.institutions(tmp_path / "institutions.csv"))
    yield made.services
    made.services.engine.dispose()


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Import]:
    """The imports as they were handed to the door after looking ahead."""
    found: list[Import] = []
    look = queue.look_ahead

    def watched(*given: Any) -> Import:
        found.append(look(*given))
        return found[-1]

    monkeypatch.setattr(queue, "look_ahead", watched)
    return found


def census(services: Services, path: Path, change: Callable[[list[Cells]], object] = bool) -> Report:
    return import_census(services, files.census(path, change), CODE)


def encounters(services: Services) -> dict[str, dict[str, Any]]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.query(connection, vault, record_store.selected(services.ledger.id, "encounter"))
    return {record.values["mdtrt_id"]: {**record.values, "version": record.version} for record in found}


def head(services: Services) -> int:
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def elsewhere(services: Services) -> None:
    """Move the ledger on without touching the hospital."""
    values = {"login": new_id(services), "display_name": "测试甲001", "region": "341500"}
    draft = Draft("create", "user", new_id(services), values, add={"roles": ["inspector"]})
    act(services, [draft], kind="setting")


def meanwhile(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Let something happen between looking ahead and the commit."""
    look = queue.look_ahead

    def looking(*given: Any) -> Import:
        found = look(*given)
        monkeypatch.setattr(queue, "look_ahead", look)
        do()
        return found

    monkeypatch.setattr(queue, "look_ahead", looking)


def test_a_census_is_judged_ahead_and_leads_where_judging_under_the_lock_leads(
    services, tmp_path, looked, monkeypatch
):
    census(services, tmp_path / "first.csv")
    census(services, tmp_path / "next.csv", lambda rows: rows[0].update(bed="9999") or rows.pop())
    assert [one.ahead is not None for one in looked] == [True, True]
    assert audit(services).ok
    seen = {key: {**value, "version": 0} for key, value in encounters(services).items()}
    plain = install(tmp_path / "plain", f"sqlite:///{tmp_path / 'plain.db'}").services
    import_institutions(plain, tmp_path / "institutions.csv")
    monkeypatch.setattr(queue, "look_ahead", lambda _database, _ledger, _vault, given: given)
    census(plain, tmp_path / "first.csv")
    census(plain, tmp_path / "next.csv", lambda rows: rows[0].update(bed="9999") or rows.pop())
    ids = {"institution", "version"}
    assert {key: without(value, ids) for key, value in encounters(plain).items()} == {
        key: without(value, ids) for key, value in seen.items()
    }
    plain.engine.dispose()


def without(values: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def test_an_entry_made_elsewhere_meanwhile_shifts_the_import_and_nothing_else(
    services, tmp_path, looked, monkeypatch
):
    census(services, tmp_path / "first.csv")
    planned = head(services)
    meanwhile(monkeypatch, lambda: elsewhere(services))
    report = census(services, tmp_path / "next.csv", lambda rows: rows[0].update(bed="9999"))
    assert looked[-1].ahead.index == planned
    assert report.index == planned + 1
    moved = [value for value in encounters(services).values() if value["version"] == report.index]
    assert [value["bed"] for value in moved] == ["9999"]
    assert audit(services).ok


def test_what_moved_in_the_hospital_meanwhile_makes_the_import_be_planned_anew(
    services, tmp_path, looked, monkeypatch
):
    def rename() -> None:
        with services.database.reading() as connection:
            vault = services.vault.session(connection, services.ledger.id)
            hospital = record_store.by_natural_key(connection, vault, "institution", [CODE])[CODE]
        act(services, [Draft("edit", "institution", hospital.id, {"beds": 77})], kind="setting")

    meanwhile(monkeypatch, rename)
    before = head(services)
    report = census(services, tmp_path / "first.csv")
    assert (len(looked), report.index, head(services)) == (2, before + 1, before + 2)
    assert audit(services).ok


def test_a_stale_import_is_refused_before_it_asks_for_the_lock(services, tmp_path, looked):
    census(services, tmp_path / "first.csv")
    stale = looked[-1]
    with pytest.raises(VersionChanged):
        services.door.submit(Import(stale.header, stale.rows, stale.at, seen=stale.seen))
    assert len(looked) == 1


def test_an_import_into_no_known_root_is_judged_under_the_lock(services, tmp_path, looked):
    import_institutions(
        services, files.institutions(tmp_path / "l.csv", lambda r: r[0].update(name="测试改名"))
    )
    assert [one.ahead for one in looked] == [None]
    assert audit(services).ok


def test_without_a_data_key_the_import_is_judged_under_the_lock_which_makes_one(
    services, tmp_path, looked, monkeypatch
):
    def no_key(_session: VaultSession, root: str, *_: bytes) -> bytes:
        raise ahead._KeyMissing(root)

    monkeypatch.setattr(ahead._OpeningSession, "seal", no_key)
    report = census(services, tmp_path / "first.csv")
    assert looked[0].ahead is None
    assert report.created == len(encounters(services))
    assert audit(services).ok


def test_looking_ahead_makes_no_data_key(services):
    with services.database.reading() as connection:
        session = ahead._OpeningSession(services.vault, connection, services.ledger.id)
        with pytest.raises(ahead._KeyMissing):
            session.seal("a root without a key", b"record", b"plain")


def test_an_edit_of_what_was_contested_is_judged_under_the_lock(services, tmp_path, looked):
    census(services, tmp_path / "first.csv")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        epoch = ledger_store.head(connection, services.ledger.id).epoch
        patient = record_store.query(
            connection, vault, record_store.selected(services.ledger.id, "encounter").limit(1)
        )[0]
    base = (epoch, patient.version)
    for bed in ("0001", "0002"):
        act(services, [Draft("edit", "encounter", patient.id, {"bed": bed}, base=base)], kind="setting")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        contested = record_store.load(connection, vault, [patient.id])[patient.id]
    assert contested.open_conflicts == ("bed",)
    over = contested.contests["bed"].candidates
    act(services, [Draft("resolve", "encounter", patient.id, {"bed": "0001"}, over=over)], kind="setting")
    report = census(services, tmp_path / "next.csv")
    assert report.changed == 1
    assert looked[-1].ahead is None
    assert audit(services).ok


def test_an_import_never_shares_its_commit(services, tmp_path, monkeypatch):
    shared: list[int] = []
    commit = Committer._commit
    held = threading.Event()

    def noting(door: Committer, submissions: list[Any]) -> Any:
        if any(isinstance(one, Import) for one in submissions):
            shared.append(len(submissions))
        held.wait(10)
        return commit(door, submissions)

    monkeypatch.setattr(Committer, "_commit", noting)
    work = [
        lambda: elsewhere(services),
        lambda: import_census(services, files.city_census(tmp_path / "one.csv", [HOSPITAL])),
        lambda: import_census(services, files.city_census(tmp_path / "two.csv", [OTHER])),
        lambda: elsewhere(services),
    ]
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    while services.door._waiting.qsize() < len(work) - 1:
        threading.Event().wait(0.01)
    held.set()
    for thread in threads:
        thread.join()
    assert shared == [1, 1]
    assert audit(services).ok
