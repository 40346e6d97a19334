"""A person whose number was erased is found by it no longer, not even by its hash; another one still is."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.storage.search_store import HASHES
from tests.commit.erasing_scene import Bureau, bureau_of
from tests.server.builders import Installation
from tests.server.pushing import found_city
from tests.server.world import person_number


@pytest.fixture
def bureau(installation: Installation) -> Bureau:
    """A bureau on SQLite and on PostgreSQL."""
    return bureau_of(found_city(installation))


def admitted(bureau: Bureau, number: int) -> str:
    """Enter an in-patient; return the encounter."""
    services = bureau.installation.services
    record = new_id(services)
    values = {
        "institution": bureau.city.institution,
        "mdtrt_id": f"M{number:05d}",
        "person_no": person_number(number),
        "name": f"测试患者{number:03d}",
        "ward": "W11",
        "bed": f"11{number:02d}",
        "admitted_on": "2026-11-10",
        "diag_code": "I10.x00x002",
    }
    act(services, [Draft("create", "encounter", record, values)], user="machine", kind="setting")
    return record


def hashes(bureau: Bureau, record: str) -> int:
    """Return by how many hashes a record is found."""
    with bureau.installation.services.database.reading() as connection:
        statement = select(func.count()).select_from(HASHES).where(HASHES.c.record == record)
        return int(connection.execute(statement).scalar_one())


def test_its_hash_goes_in_the_commit_that_erases_the_number(bureau: Bureau):
    one, other = admitted(bureau, 1), admitted(bureau, 2)
    assert hashes(bureau, one) == hashes(bureau, other) == 1
    bureau.erase(one)
    assert hashes(bureau, one) == 0
    assert hashes(bureau, other) == 1, "who was not erased is still found"
