"""The database itself refuses to alter or drop what the ledger holds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection


def guard(connection: Connection, append_only: Sequence[str], no_update: Sequence[str] = ()) -> None:
    """Install the triggers of some tables; UPDATE, DELETE and TRUNCATE then fail with a clear message.

    append_only: tables whose rows stay; no_update: tables whose rows may go but never change
    """
    guards = [(table, verb) for table in append_only for verb in ("UPDATE", "DELETE")]
    guards += [(table, "UPDATE") for table in no_update]
    if connection.dialect.name == "sqlite":
        for table, verb in guards:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION wardledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
    )
    guards += [(table, "TRUNCATE") for table in append_only]
    for table, verb in guards:
        each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION wardledger_append_only()"
        )
