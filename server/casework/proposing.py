"""What the machine proposes: settlement suspended for an overdue case; a person alone decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection

from schemas.drafting import Draft
from server.storage import record_store
from server.storage.record_store import TABLE

OPEN = ("proposed", "told_party", "legal_reviewed")
LEVEL = "2"
"""Of the six: the suspension of settlement."""


def suspension(key: str, case: str, institution: str, *, by: str, findings: Sequence[str] = ()) -> Draft:
    """Return the proposal to suspend settlement; pure.

    key: follows from what it is proposed for, so that a second scheduler meets a record that is there, and what a
    person took back does not come again by itself; by: `ladder` or `bulletin`
    """
    values = {
        "case": case,
        "institution": institution,
        "track": "agreement",
        "level": LEVEL,
        "proposed_by": by,
    }
    add: dict[str, Any] = {"measures": ["settlement_suspension"]}
    if findings:
        add["findings"] = sorted(findings)
    return Draft("create", "sanction", key, values, add=add)


def lying(connection: Connection, ledger: int, cases: Collection[str]) -> set[str]:
    """Return the cases for which a sanction is proposed already and not decided: one proposal is enough."""
    if not cases:
        return set()
    open_ones = record_store.selected(ledger, "sanction").where(
        TABLE.c.parent.in_(sorted(cases)), TABLE.c.stage.in_(OPEN)
    )
    return set(connection.execute(open_ones.with_only_columns(TABLE.c.parent)).scalars())
