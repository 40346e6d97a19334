"""The database itself refuses to alter or drop what the ledger holds."""

from __future__ import annotations

from sqlalchemy import Connection

from server.storage.models import APPEND_ONLY, NO_UPDATE


def guard(connection: Connection) -> None:
    """Install the triggers; UPDATE, DELETE and TRUNCATE then fail with a clear message."""
    guards = [(table, verb) for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")]
    guards += [(table, "UPDATE") for table in NO_UPDATE]
    if connection.dialect.name == "sqlite":
        for table, verb in guards:
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    connection.exec_driver_sql(
        "CREATE FUNCTION wardledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
    )
    guards += [(table, "TRUNCATE") for table in APPEND_ONLY]
    for table, verb in guards:
        each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION wardledger_append_only()"
        )
