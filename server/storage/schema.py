"""Migrations: Alembic's revisions, run from inside the program."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

FOLDER = Path(__file__).parent / "migrations"


def _config() -> AlembicConfig:
    found = AlembicConfig()
    found.set_main_option("script_location", str(FOLDER))
    return found


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision."""
    found = _config()
    with engine.connect() as connection:
        found.attributes["connection"] = connection
        command.upgrade(found, "head")


def revision(connection: Connection) -> str | None:
    """Return the revision at which the database stands, None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the newest revision of this program."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def is_known(found: str | None) -> bool:
    """Return whether this program has the revision, so that it can go on from there."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return found is None or found in known


def is_current(connection: Connection) -> bool:
    """Return whether the database stands at the newest revision."""
    return revision(connection) == newest()
