"""The audit finds nothing in a ledger that nobody touched, and every altered byte in one that somebody did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.ledger.audit import Report, audit
from server.ledger.checks import FINDINGS_MAX
from server.projections import FOLDS
from server.storage import ledger_store
from server.storage.models import APPEND_ONLY, NO_UPDATE
from sync.checkpoint import Checkpoint
from sync.entries import from_line
from sync.merkle import HASH_BYTES, leaf_hash
from tests.server.altering import (
    TABLES,
    altered,
    flipped,
    key_of,
    remove,
    report_of,
    rows_of,
    set_column,
)
from tests.server.builders import FOUNDING, Installation, install
from tests.server.pushing import City, live_through_much

COLUMNS = [(name, column.name) for name, table in TABLES.items() for column in table.columns]
MANY = 300
VOUCHED = ("time_token", "cosignature", "contradiction", "access_place")
"""Tables that hold something only where somebody was asked or read: see tests/outside, test_access_roots.py."""


@pytest.fixture
def city(installation: Installation, tmp_path: Path) -> City:
    """A city in whose ledger much happened, on SQLite and on PostgreSQL."""
    return live_through_much(installation, tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The same on SQLite, made once: whoever alters it takes it back."""
    folder = tmp_path_factory.mktemp("audit")
    made = install(folder / "home", f"sqlite:///{folder / 'ledger.sqlite'}")
    yield live_through_much(made, folder)
    made.services.engine.dispose()


def names(report: Report, table: str, *keys: str) -> bool:
    """Return whether a finding names the table and one of the keys."""
    return any(
        finding.table == table
        and any(key == finding.key or key.startswith(f"{finding.key}/") for key in keys)
        for finding in report.findings
    )


def alter(city: City, table: str, column: str, number: int) -> tuple[Report, tuple[str, str]]:
    """Flip a byte in a column of one row; return what the audit says, and the row's key before and after."""
    with altered(city.installation.services) as connection:
        rows = rows_of(connection, table)
        filled = [row for row in rows if row[column] not in (None, b"", "")] or rows
        row = filled[number % len(filled)]
        value = flipped(TABLES[table], column, row[column])
        set_column(connection, table, row, column, value)
        keys = key_of(table, row), key_of(table, {**row, column: value})
        return report_of(city.installation.services, connection), keys


def test_a_ledger_that_nobody_touched_is_found_in_order(city: City):
    report = audit(city.installation.services)
    assert report.ok, report.text()
    assert report.checkpoint is not None
    assert report.entries == report.checkpoint.size > 20
    assert report.text()[0].startswith(
        f"audit ok: {report.entries} entries, {report.records} records, checkpoint"
    )


def test_the_ledger_that_is_audited_holds_every_verdict_that_a_phone_can_get(kept: City):
    with kept.installation.services.database.reading() as connection:
        entries = [from_line(row["line"]) for row in rows_of(connection, "entry")]
    assert {entry.outcome["verdict"] for entry in entries} >= {
        "refused",
        "held",
        "conflict",
        "merged",
        "applied",
    }
    assert {entry.kind for entry in entries} >= {"change", "decision", "device", "setting", "import"}


def test_a_new_ledger_is_in_order(installation: Installation):
    report = audit(installation.services)
    assert report.ok, report.text()
    assert report.entries == FOUNDING


def test_an_audit_of_a_ledger_of_several_tiles_tells_how_far_it_is(installation: Installation):
    services = installation.services
    for start in range(0, MANY, 300):
        act(
            services, [hospital(installation, number) for number in range(start, start + 300)], kind="setting"
        )
    told: list[tuple[str, int, int]] = []
    report = audit(services, lambda *step: told.append(step))
    assert report.ok, report.text()
    assert ("entries", FOUNDING + MANY - 1, FOUNDING + MANY) in told


def hospital(installation: Installation, number: int) -> Draft:
    values = {
        "fixmedins_code": f"H341502{number:05d}",
        "name": f"测试第{number:03d}医院",
        "kind": "hospital",
        "region": "341502",
    }
    return Draft("create", "institution", new_id(installation.services), values)


def test_an_audit_beside_a_server_that_goes_on_writing_finds_nothing(city: City):
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            city.inspect()
            city.phones[1].push(city.finding())

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            reports = [audit(city.installation.services) for _ in range(5)]
        finally:
            done.set()
        writing.result()
    assert all(report.ok for report in reports), [report.text() for report in reports]
    assert reports[-1].entries > reports[0].entries


def test_a_head_that_was_prepared_and_never_committed_troubles_no_audit(installation: Installation):
    services = installation.services
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    services.signer.prepare(Checkpoint(services.ledger.origin, head.epoch, 1, b"\x01" * 32))
    assert audit(services).ok


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("entry", "line"), ("body", "line"), ("private_line", "sealed"), ("tile", "hashes"), ("checkpoint", "note"),
        ("change_set", "receipt"), ("head", "edge"), ("record", "state"), ("grant", "start"),
        ("catalogue_line", "line"),
    ],
)  # fmt: skip
def test_an_altered_byte_is_found_in_every_table(kept: City, table: str, column: str):
    report, keys = alter(kept, table, column, 5)
    assert names(report, table, *keys), report.text()


@pytest.mark.slow
@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{name}.{column}" for name, column in COLUMNS])
def test_an_altered_byte_is_found_and_named(kept: City, table: str, column: str):
    report, keys = alter(kept, table, column, 5)
    assert names(report, table, *keys), report.text()


@pytest.mark.nightly
@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{name}.{column}" for name, column in COLUMNS])
def test_an_altered_byte_is_found_in_every_row(kept: City, table: str, column: str):
    with kept.installation.services.database.reading() as connection:
        count = len(rows_of(connection, table))
    for number in range(count):
        report, keys = alter(kept, table, column, number)
        assert names(report, table, *keys), (number, report.text())


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_an_altered_byte_is_found_on_postgresql_too(tmp_path: Path, postgres_url: str):
    made = install(tmp_path / "home", postgres_url)
    city = live_through_much(made, tmp_path)
    for table, column in COLUMNS:
        report, keys = alter(city, table, column, 5)
        assert names(report, table, *keys), (table, column, report.text())
    made.services.engine.dispose()


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_gone_is_found_and_named(kept: City, table: str):
    services = kept.installation.services
    with altered(services) as connection:
        rows = rows_of(connection, table)
        row = rows[len(rows) // 2]
        remove(connection, table, row)
        report = report_of(services, connection)
    assert names(report, table, key_of(table, row)), report.text()


def test_an_altered_entry_is_told_from_an_altered_tile(kept: City):
    entry, _ = alter(kept, "entry", "line", 7)
    assert "entry 7 line: leaf does not match tile 0/0" in entry.text()
    assert not names(entry, "tile", "0/0")
    assert not names(entry, "checkpoint", *(finding.key for finding in entry.findings))
    tile, _ = alter(kept, "tile", "hashes", 0)
    assert names(tile, "tile", "0/0")
    assert not any(finding.table == "entry" for finding in tile.findings)


def test_an_entry_that_is_altered_together_with_its_tile_contradicts_the_signed_heads(kept: City):
    services = kept.installation.services
    with altered(services) as connection:
        row = next(row for row in rows_of(connection, "entry") if b'"kind":"device"' in row["line"])
        line = row["line"].replace(b'"kind":"device"', b'"kind":"setting"')
        assert line != row["line"]
        set_column(connection, "entry", row, "line", line)
        tile = rows_of(connection, "tile")[0]
        at = row["index"] * HASH_BYTES
        hashes = tile["hashes"][:at] + leaf_hash(line) + tile["hashes"][at + HASH_BYTES :]
        set_column(connection, "tile", tile, "hashes", hashes)
        report = report_of(services, connection)
    assert {finding.table for finding in report.findings} >= {"head", "checkpoint", "change_set"}


def test_a_record_that_the_ledger_does_not_lead_to_is_found(kept: City):
    services = kept.installation.services
    with altered(services) as connection:
        row = next(row for row in rows_of(connection, "record") if row["type"] == "institution")
        stranger = "0" * 36
        connection.execute(TABLES["record"].insert().values({**row, "id": stranger}))
        report = report_of(services, connection)
    assert f"record {stranger} id: the ledger leads to no such record" in report.text()


def test_a_database_that_went_back_is_found_by_the_signer_s_own_record(kept: City):
    services = kept.installation.services
    with altered(services) as connection:
        head = rows_of(connection, "head")[0]
        newest = rows_of(connection, "checkpoint")[-1]
        remove(connection, "checkpoint", newest)
        report = report_of(services, connection)
    assert (
        f"checkpoint {newest['epoch']}/{head['size']}: missing; the signer's record has it" in report.text()
    )


def test_a_missing_signer_s_record_is_one_finding(kept: City):
    services = kept.installation.services
    path = services.config.signer_file
    moved = path.rename(path.with_suffix(".away"))
    try:
        report = audit(services)
    finally:
        moved.rename(path)
    assert [finding.table for finding in report.findings] == ["signer"]


@pytest.mark.parametrize("table", ["device", "deadline"])
def test_an_altered_projection_is_found(kept: City, table: str):
    column = {"device": "stage", "deadline": "due_on"}[table]
    with altered(kept.installation.services) as connection:
        connection.execute(text(f"UPDATE {table} SET {column} = 'lost'"))
        report = report_of(kept.installation.services, connection)
    assert {finding.table for finding in report.findings} == {table}
    assert {finding.column for finding in report.findings} == {column}


def test_every_projection_that_is_folded_is_audited():
    assert FOLDS.keys() == {"device", "rectification_case", "evidence"}, (
        "compare the new table in checks_projections too"
    )


def test_many_findings_in_one_table_are_counted_and_hide_none_in_another(installation: Installation):
    services = installation.services
    act(
        services,
        [hospital(installation, number) for number in range(FINDINGS_MAX + 9 - FOUNDING)],
        kind="setting",
    )
    with altered(services) as connection:
        connection.execute(text("UPDATE record SET region = '341503'"))
        connection.execute(text("UPDATE head SET at = 1"))
        report = report_of(services, connection)
    assert sum(finding.table == "record" for finding in report.findings) == FINDINGS_MAX
    assert report.more == {"record": 9}
    assert names(report, "head", "1")


@pytest.mark.nightly
def test_whatever_stands_in_a_column_the_audit_ends_with_a_report(kept: City):
    services = kept.installation.services
    for table, column in COLUMNS:
        for value in (b"\xff\xfe", "\x00", -1, 2**62):
            with altered(services) as connection:
                row = rows_of(connection, table)[-1]
                keys = [part.name for part in TABLES[table].primary_key]
                where = " AND ".join(f'"{name}" = :{name}' for name in keys)
                order = text(f'UPDATE "{table}" SET "{column}" = :value WHERE {where}')
                with suppress(IntegrityError):
                    connection.execute(order, {"value": value, **{name: row[name] for name in keys}})
                    assert not report_of(services, connection).ok, (table, column, value)


def test_the_database_itself_refuses_to_alter_or_drop_what_the_ledger_holds(city: City):
    engine = city.installation.services.engine
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO access_log VALUES (1, 'a', 1, 'b', 'c', NULL)"))
        connection.execute(text("INSERT INTO duty VALUES (1, 'a', 1, 'propose', 'b', NULL)"))
    tables = [table for table in APPEND_ONLY if table not in VOUCHED]
    orders = [f"UPDATE {table} SET ledger = ledger" for table in (*tables, *NO_UPDATE)]
    orders += [f"DELETE FROM {table}" for table in tables]
    for order in orders:
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(order))
    assert audit(city.installation.services).ok
