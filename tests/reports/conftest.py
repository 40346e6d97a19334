"""Fixtures of the reports' tests: one world for each module and database, read only."""

from tests.api.conftest import world

__all__ = ["world"]
