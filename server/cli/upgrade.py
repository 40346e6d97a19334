"""`wardledger upgrade`: the tables of this program's version."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sync.errors import Refusal

if TYPE_CHECKING:
    from flask import Flask


class NewerDatabase(Refusal):
    """The database was made by a newer program than this one; nothing was done."""

    code = "newer_database"
    next = "Install the program of that version again; a database is never taken back."


def register(subparsers: Any) -> None:
    """Add `upgrade`."""
    parser = subparsers.add_parser(
        "upgrade",
        help="bring the database to this program's version",
        description="Bring the database's tables to the version of this program. Stop server and scheduler before, "
        "and have a backup. Where they are of this version already, nothing is done.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Upgrade and say from where to where."""
    from server.operations import search_index
    from server.operations.installation import services
    from server.storage import schema

    engine = services(app).engine
    with engine.connect() as connection:
        before = schema.revision(connection)
    if not schema.is_known(before):
        raise NewerDatabase(
            f"the database is at revision {before}, this program knows up to {schema.newest()}"
        )
    if before == schema.newest():
        print(f"the database is at {before} already; nothing was done")
        return 0
    schema.upgrade(engine)
    print(f"database  {before} -> {schema.newest()}")
    search_index.fill(services(app))
    return 0
