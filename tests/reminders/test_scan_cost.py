"""The scan reads what is due: ten times as many open cases cost it not one row more."""

from __future__ import annotations

from tests.benchmarks.scan import measured


def test_the_rows_that_a_scan_reads_follow_the_due_cases_and_not_the_open_ones():
    found = {(cost.open, cost.due): (cost.rows, cost.queued) for cost in measured((60, 600), (0, 10, 40))}
    assert [found[60, due] for due in (0, 10, 40)] == [found[600, due] for due in (0, 10, 40)]
    assert found[600, 0] == (0, 0)
    assert found[600, 40][1] == 40
    assert found[600, 40][0] > found[600, 10][0], "the count is of something"
