"""Whatever a phone sends: the answer is the documented one, nothing is half-written, and its next set goes through."""

from __future__ import annotations

import pytest

from server.storage.waiting_store import OPEN
from sync.ids import named_id
from sync.outcomes import NOT_IN_FORCE
from tests.bad_input.case import APPLIED, TAKEN, Case, said
from tests.bad_input.envelopes import largest_text
from tests.bad_input.scene import MOVED_BY_A_SET, Scene, Stored, look, open_scene, records_in_force, told
from tests.bad_input.table import CASES
from tests.server.pushing import City

RECORD_ID, RECORD_TYPE = 1, 2
TWINS = sorted({c.twin: c for c in CASES if c.twin}.values(), key=lambda c: c.twin is largest_text)
"""One case for each twin, as many share the plainest; the one that stores megabytes comes last."""


def check_ledger(case: Case, scene: Scene, before: Stored) -> None:
    """Hold what was appended to what the case says, and the device's chain with it."""
    entries = scene.entries(before.size)
    assert tuple(told(entry["outcome"]) for entry in entries) == case.entries
    seq, digest = scene.chain()
    if case.entries:
        scene.phone.moved(scene.text)
        assert (seq, digest) == (scene.phone.seq, scene.phone.prev)
    else:
        assert (seq, digest) == scene.chain_before
    named = {entry["outcome"].get("field") for entry in entries if entry["outcome"]["verdict"] != APPLIED}
    if case.answer == TAKEN:
        assert named <= {case.field or None, None}


def check_tables(case: Case, scene: Scene, before: Stored, after: Stored) -> None:
    """Hold every table and file to what was there before: only what is in force may have moved anything."""
    in_force = records_in_force(scene.entries(before.size))
    moved = {
        row[RECORD_ID]
        for row in after.rows["record"] ^ before.rows["record"]
        if row[RECORD_TYPE] != "conflict"
    }
    stops = case.stopped and "fork" in case.answer
    assert moved <= in_force | (
        {scene.phone.id, named_id("wardledger fork", scene.phone.id, "task")} if stops else set()
    )
    assert len(after.added(before, "quarantine")) == bool(case.kept)
    assert len(after.added(before, "waiting")) == sum(told.startswith(OPEN) for told in case.entries)
    allowed = MOVED_BY_A_SET if case.entries or stops else {"quarantine", "data_key"} if case.kept else set()
    assert after.moved(before) <= allowed
    for table in ("entry", "body", "checkpoint", "change_set", "quarantine", "private_line"):
        assert before.rows[table] <= after.rows[table], f"{table} lost a row"
    if not case.entries and not stops:
        assert after.files == before.files


def check_quarantine(case: Case, scene: Scene) -> None:
    """What is kept of this phone is what it sent, to the byte, and nothing else is kept."""
    assert scene.kept() == ([(case.kept, scene.text)] if case.kept else [])


def check_next(case: Case, scene: Scene) -> None:
    """A good set of the same phone goes through, unless the phone was stopped."""
    before = look(scene.installation).size
    answer = scene.phone.send(scene.city.finding())
    assert said(answer) == (case.stopped or TAKEN)
    if not case.stopped:
        assert [told(entry["outcome"]) for entry in scene.entries(before)] == [APPLIED]


def check(case: Case, scene: Scene) -> None:
    """Send bad input, and hold all that there is afterwards to what the case says."""
    answer = case.do(scene)
    before, after = scene.before, look(scene.installation)
    assert before is not None, "a case posts something"
    assert said(answer) == case.answer
    if case.answer != TAKEN and case.field:
        assert answer.get_json()["field"] == case.field
    check_ledger(case, scene, before)
    check_tables(case, scene, before, after)
    check_quarantine(case, scene)
    check_next(case, scene)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sent)
def test_bad_input_gets_its_documented_answer_and_leaves_nothing_half_written(scene: Scene, case: Case):
    check(case, scene)


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("case", [case for case in CASES if case.postgres], ids=lambda case: case.sent)
def test_bad_input_gets_the_same_answer_on_postgresql(postgres_city: City, case: Case):
    check(case, open_scene(postgres_city))


@pytest.mark.parametrize("case", TWINS, ids=lambda case: case.sent)
def test_the_nearest_thing_to_bad_input_is_accepted(scene: Scene, case: Case):
    assert case.twin is not None
    answer = case.twin(scene)
    assert answer.status_code == 201, answer.get_json(silent=True)
    assert scene.before is not None
    entries = scene.entries(scene.before.size)
    assert entries
    assert not [entry for entry in entries if entry["outcome"]["verdict"] in NOT_IN_FORCE]
    assert scene.kept() == []


def test_every_case_is_named_once():
    assert len({case.sent for case in CASES}) == len(CASES)
