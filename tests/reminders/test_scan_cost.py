"""The scan reads what is due: ten times as many open cases cost it not one row more."""

from __future__ import annotations

from schemas.drafting import Draft
from server.commit.acts import new_id
from server.reminders import rung_tasks
from tests.benchmarks.scan import counted, measured
from tests.reminders.served_case import Bureau, served_case


def test_the_rows_that_a_scan_reads_follow_the_due_cases_and_not_the_open_ones():
    found = {(cost.open, cost.due): (cost.rows, cost.queued) for cost in measured((60, 600), (0, 10, 40))}
    assert [found[60, due] for due in (0, 10, 40)] == [found[600, due] for due in (0, 10, 40)]
    assert found[600, 0] == (0, 0)
    assert found[600, 40][1] == 40
    assert found[600, 40][0] > found[600, 10][0], "the count is of something"


def phone_calls(bureau: Bureau, cases: list[str]) -> None:
    """Let every case have a task of its rung that nobody has done."""
    for case in cases:
        task = {
            "about": case, "kind": "phone_call", "cause": "overdue/1/v1", "for_role": "supervisor",
            "due_on": "2026-12-10",
        }  # fmt: skip
        bureau.decide(Draft("create", "task", new_id(bureau.services), task))


def rows_of_a_look(bureau: Bureau) -> tuple[int, int]:
    """Return how many tasks were dropped, and how many rows were read for it."""
    with counted(bureau.services) as rows:
        dropped = rung_tasks.drop_over(bureau.services)
    return dropped, rows[0]


def test_what_is_read_to_drop_tasks_follows_what_changed_and_not_what_is_unfinished(bureau: Bureau):
    if bureau.services.engine.dialect.name != "sqlite":
        return  # Rows are counted where SQLite hands them over.
    few = [served_case(bureau) for _ in range(3)]
    phone_calls(bureau, few)
    rung_tasks.drop_over(bureau.services)
    quiet = rows_of_a_look(bureau)
    bureau.edit("rectification_case", few[0], due_on="2026-12-18", due_version=2)
    of_few = rows_of_a_look(bureau)
    many = [served_case(bureau) for _ in range(15)]
    phone_calls(bureau, many)
    rung_tasks.drop_over(bureau.services)
    rung_tasks.drop_over(bureau.services)
    assert rows_of_a_look(bureau) == quiet
    assert quiet[0] == 0
    bureau.edit("rectification_case", many[0], due_on="2026-12-18", due_version=2)
    assert rows_of_a_look(bureau) == of_few
    assert of_few[0] == 1
    assert of_few[1] > quiet[1], "the count is of something"
