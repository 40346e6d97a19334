"""What deciding on several items in one act would do, item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.casework.reviewing import Prepared
from server.console.pages.together import Chosen, TogetherPage
from server.queries.evidence_rows import evidence_rows
from server.queries.reading import TABLE, Reading


def together_page(
    reading: Reading, act: str, prepared: Sequence[Prepared], versions: Mapping[str, int]
) -> TogetherPage:
    """Return the items in the order chosen, each with what stands against it; what the reader may not see is counted.

    versions: {evidence: the version that was on the screen}
    """
    wanted = [each.evidence for each in prepared]
    found = reading.records(reading.visible("evidence").where(TABLE.c.id.in_(wanted)))
    rows = {row.id: row for row in evidence_rows(reading, found)}
    chosen = tuple(
        Chosen(
            row=rows[each.evidence],
            version=versions[each.evidence],
            code=each.refusal.code if each.refusal else "",
        )
        for each in prepared
        if each.evidence in rows
    )
    return TogetherPage(act=act, items=chosen, unseen=len(prepared) - len(chosen))
