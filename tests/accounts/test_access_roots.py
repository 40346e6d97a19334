"""The access log's root is entered in the ledger every ten minutes; a line that is dropped or altered is named."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schemas.records.access_root import LINES_MAX
from server.accounts import access_log, access_roots
from server.commit.acts import new_id
from server.ledger.audit import Report, audit, audit_snapshot
from server.reminders import schedule
from server.storage import access_places, access_store, ledger_store, record_store
from server.storage.access_places import TABLE as PLACES
from server.storage.access_store import TABLE as LINES
from server.storage.access_store import Access
from sync.entries import from_line
from sync.merge import Record
from sync.merkle import root_of_lines
from tests.server.altering import altered
from tests.server.builders import FOUNDING, Installation, install

USER = "01a1e73b-0000-7000-8000-00000000000a"


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """A fresh installation, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()


def read_some(installation: Installation, number: int, *, minutes: float = 10) -> None:
    """Let somebody read so many items, and time go by."""
    for _ in range(number):
        installation.clock.advance(seconds=1)
        access_log.note(installation.services, USER, access_log.READ_FILE, new_id(installation.services))
    installation.clock.advance(seconds=60 * minutes)


def roots(installation: Installation) -> list[Record]:
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        wanted = record_store.selected(services.ledger.id, access_roots.TYPE)
        found = record_store.query(connection, vault, wanted)
    return sorted(found, key=lambda one: one.values["first"])


def size(installation: Installation) -> int:
    services = installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def report_after(installation: Installation, order: str, **values: Any) -> Report:
    """Return what the audit says after a statement that nothing refuses."""
    with altered(installation.services) as connection:
        assert connection.execute(text(order), values).rowcount == 1
        return audit_snapshot(installation.services, connection)


def words(report: Report) -> list[tuple[str, str, str]]:
    return [(found.table, found.key, found.detail) for found in report.findings]


def lines(installation: Installation) -> list[access_places.Line]:
    services = installation.services
    with services.database.reading() as connection:
        return [line for _, line in access_places.all_places(connection, services.ledger.id) if line]


def test_the_root_over_the_new_lines_is_one_entry_that_names_nobody(installation: Installation):
    read_some(installation, 3)
    assert schedule.tick(installation.services, installation.services.now())["accesses"] == 3
    (root,) = roots(installation)
    assert (root.values["first"], root.values["count"]) == (0, 3)
    services = installation.services
    with services.database.reading() as connection:
        (line,) = ledger_store.entry_lines(connection, services.ledger.id, FOUNDING, 10)
        body = ledger_store.bodies(connection, services.ledger.id, FOUNDING)[0].line
    entry = from_line(line)
    assert (entry.kind, entry.type, entry.by) == ("access", access_roots.TYPE, "machine")
    assert USER.encode() not in line + body
    assert audit(services).ok


def test_the_root_is_that_of_the_lines_as_the_protocol_writes_them(installation: Installation):
    read_some(installation, 2)
    access_roots.sweep(installation.services)
    written = [
        f'{{"act":"read_file","at":{one.access.at},"id":"{one.id}","record":"{one.access.record}","user":"{USER}"}}'
        for one in lines(installation)
    ]
    assert roots(installation)[0].values["root"] == root_of_lines(one.encode() for one in written).hex()


def test_a_sign_in_names_no_record(installation: Installation):
    access_log.note(installation.services, USER, access_log.SIGN_IN)
    installation.clock.advance(seconds=600)
    access_roots.sweep(installation.services)
    (one,) = lines(installation)
    written = f'{{"act":"sign_in","at":{one.access.at},"id":"{one.id}","user":"{USER}"}}'
    assert roots(installation)[0].values["root"] == root_of_lines([written.encode()]).hex()


def test_nothing_is_entered_before_ten_minutes_nor_where_nobody_read(installation: Installation):
    assert access_roots.sweep(installation.services) == 0
    read_some(installation, 1, minutes=9)
    assert access_roots.sweep(installation.services) == 0
    assert size(installation) == FOUNDING
    installation.clock.advance(seconds=60)
    assert access_roots.sweep(installation.services) == 1
    assert access_roots.sweep(installation.services) == 0


def test_the_next_stretch_begins_where_the_last_one_ended(installation: Installation):
    for number in (3, 1, 2):
        read_some(installation, number)
        assert access_roots.sweep(installation.services) == number
    assert [(one.values["first"], one.values["count"]) for one in roots(installation)] == [
        (0, 3),
        (3, 1),
        (4, 2),
    ]
    assert audit(installation.services).ok


def test_a_line_that_was_committed_late_comes_into_the_next_stretch(installation: Installation):
    """Its id and time lie before lines that have a place already: no order by time would find it."""
    services = installation.services
    late = new_id(services)
    at = services.now_ms()
    read_some(installation, 2)
    access_roots.sweep(services)
    with services.engine.execution_options(immediate=True).begin() as connection:
        access_store.add(connection, services.ledger.id, late, Access(at, USER, access_log.READ_FILE, None))
    assert access_roots.sweep(services) == 1
    assert lines(installation)[-1].id == late
    assert audit(services).ok


def test_a_clock_that_was_set_back_keeps_no_line_out(installation: Installation):
    read_some(installation, 1)
    access_roots.sweep(installation.services)
    installation.clock.advance(days=-1)
    read_some(installation, 2)
    assert access_roots.sweep(installation.services) == 2


def test_more_lines_than_fit_under_one_root_come_under_several(installation: Installation, monkeypatch: Any):
    monkeypatch.setattr(access_roots, "LINES_MAX", 2)
    read_some(installation, 5)
    assert access_roots.sweep(installation.services) == 5
    assert [one.values["count"] for one in roots(installation)] == [2, 2, 1]
    assert LINES_MAX == 10_000


def test_two_schedulers_enter_each_line_once(installation: Installation):
    read_some(installation, 5)
    with ThreadPoolExecutor(2) as pool:
        entered = sum(pool.map(lambda _: access_roots.sweep(installation.services), range(2)))
    assert entered == 5
    assert sum(one.values["count"] for one in roots(installation)) == 5
    assert audit(installation.services).ok


def test_a_kill_between_leaves_neither_root_nor_places(installation: Installation, monkeypatch: Any):
    read_some(installation, 2)

    def die(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(access_places, "put", die)
        with pytest.raises(RuntimeError, match="killed"):
            access_roots.sweep(installation.services)
    assert (roots(installation), lines(installation)) == ([], [])
    assert access_roots.sweep(installation.services) == 2


# -- what the audit names ----------------------------------------------------------------------------------------


@pytest.fixture
def entered(installation: Installation) -> Installation:
    """An installation with two stretches of two lines each."""
    for _ in range(2):
        read_some(installation, 2)
        access_roots.sweep(installation.services)
    return installation


def test_a_dropped_line_is_named(entered: Installation):
    third = lines(entered)[2]
    report = report_after(entered, "DELETE FROM access_log WHERE id = :id", id=third.id)
    assert words(report) == [("access_log", third.id, "missing; place 2 was entered with it")]


@pytest.mark.parametrize(
    "change", ["at = at + 1", "act = 'sign_in'", "record = NULL", "\"user\" = 'somebody'"]
)
def test_an_altered_line_is_named(entered: Installation, change: str):
    second = lines(entered)[1]
    report = report_after(entered, f"UPDATE access_log SET {change} WHERE id = :id", id=second.id)
    assert words(report) == [("access_log", second.id, "not the line that was entered at place 1")]


def test_a_line_that_was_altered_with_its_hash_is_found_by_the_root(entered: Installation):
    second = lines(entered)[1]
    with altered(entered.services) as connection:
        other = access_places.Line(second.id, Access(1, "somebody", "read_file", None))
        connection.execute(
            LINES.update().where(LINES.c.id == second.id).values(at=1, user="somebody", record=None)
        )
        connection.execute(PLACES.update().where(PLACES.c.place == 1).values(hash=other.leaf.hex()))
        report = audit_snapshot(entered.services, connection)
    ((table, key, said),) = words(report)
    assert (table, key, "places 0 to 1 do not lead to the root" in said) == ("access_place", "0", True)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_dropped_place_is_named(entered: Installation, place: int):
    report = report_after(entered, "DELETE FROM access_place WHERE place = :place", place=place)
    assert ("access_place", str(place)) in {(table, key) for table, key, _ in words(report)}


def test_a_place_that_no_root_covers_is_named(entered: Installation):
    read_some(entered, 1)
    with altered(entered.services) as connection:
        (line,) = access_places.unplaced(connection, 1, after="", limit=9)
        access_places.put(connection, 1, 4, [line])
        report = audit_snapshot(entered.services, connection)
    assert words(report) == [("access_place", "4", "no root in the ledger covers this place")]


def test_a_line_that_was_slipped_in_behind_the_others_is_named(entered: Installation):
    services = entered.services
    old = new_id(services)
    at = services.now_ms() - 3 * 24 * 60 * 60_000
    with services.engine.execution_options(immediate=True).begin() as connection:
        access_store.add(connection, 1, old, Access(at, USER, access_log.READ_FILE, None))
    assert words(audit(services)) == [("access_log", old, "no root was ever entered over this line")]


def test_lines_that_still_wait_for_their_root_are_no_fault(entered: Installation):
    read_some(entered, 3)
    assert audit(entered.services).ok


def test_the_database_refuses_to_alter_or_drop_a_place(entered: Installation):
    for order in ("UPDATE access_place SET place = place", "DELETE FROM access_place"):
        with pytest.raises(DBAPIError, match="append-only"), entered.services.engine.begin() as connection:
            connection.execute(text(order))
