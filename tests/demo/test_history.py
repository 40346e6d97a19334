"""The months before the demo's day: cases in every state, by acts that the ledger's audit can derive again."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest

from server.demo import history
from server.demo.cast import Town, settle
from server.ledger.audit import audit
from server.queries.reading import reading
from server.storage import record_store
from sync.merge import Record
from tests.server.builders import Installation, install

DAY = date(2026, 11, 20)
SCALE = 0.05


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, Town]:
    """A small part of the city, with its months."""
    home = tmp_path_factory.mktemp("months")
    made = install(home, f"sqlite:///{home / 'ledger.db'}")
    zone = made.services.config.zone

    def set_clock(moment: datetime) -> None:
        made.clock.now = int(moment.timestamp() * 1000)

    set_clock(datetime.combine(history.began(DAY), datetime.min.time(), zone))
    town = settle(made.services, home / "imports", SCALE)
    assert history.live(made.services, set_clock, town, home / "imports", DAY) == 4 * history.WEEKS
    return made, town


def records(made: Installation, town: Town, kind: str) -> list[Record]:
    with reading(made.services, town.supervisor, "zh_CN") as look:
        return look.records(look.visible(kind))


def test_cases_are_closed_open_and_overdue(lived: tuple[Installation, Town]):
    cases = records(*lived, "rectification_case")
    stages = Counter(one.stage for one in cases)
    assert sum(stages.values()) > 40
    assert stages["satisfied"] > stages["closed"] > 0
    running = [one for one in cases if one.stage not in ("closed", "satisfied")]
    assert 4 < len(running) < len(cases) / 2
    overdue = [one for one in running if str(one.values["due_on"]) < DAY.isoformat()]
    assert len(overdue) > 0
    assert any(one.values.get("returns") for one in cases)


def test_some_findings_still_wait_for_the_supervisor(lived: tuple[Installation, Town]):
    stages = Counter(one.stage for one in records(*lived, "finding"))
    assert set(stages) == {"in_case", "heard"}
    assert stages["in_case"] > stages["heard"] > 0


def test_wards_were_gone_through_and_not_everybody_was_there(lived: tuple[Installation, Town]):
    seen = Counter(one.values["presence"] for one in records(*lived, "bed_check"))
    assert set(seen) <= set(history.PRESENCES)
    assert seen["in_bed"] > sum(seen.values()) * 0.8
    assert len(seen) > 1


def test_nothing_happened_on_the_day_itself_or_on_a_holiday(lived: tuple[Installation, Town]):
    made, town = lived
    assert made.services.today() < DAY
    for one in records(made, town, "inspection"):
        planned = date.fromisoformat(one.values["planned_on"])
        assert planned < DAY
        assert made.services.calendar.is_working_day(planned)


def test_who_closes_a_case_did_not_propose_to(lived: tuple[Installation, Town]):
    made, town = lived
    closed = [one for one in records(made, town, "rectification_case") if one.stage == "closed"]
    assert {one.values["rechecked_by"] for one in closed} == {town.checker}
    assert town.checker != town.supervisor


def test_the_audit_derives_the_months_again(lived: tuple[Installation, Town]):
    made, _ = lived
    assert audit(made.services).ok
    with made.services.database.reading() as connection:
        vault = made.services.vault.session(connection, made.services.ledger.id)
        visits = record_store.selected(made.services.ledger.id, "inspection")
        assert {one.stage for one in record_store.query(connection, vault, visits)} <= {
            "submitted",
            "accepted",
        }
