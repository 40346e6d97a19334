"""The table of all cases, as docs/protocol.md prints it: `python -m tests.bad_input`."""

from __future__ import annotations

from tests.bad_input import envelopes, lines_spoilt, requests, rights, sets
from tests.bad_input.case import Case

BEGIN, END = "<!-- bad input: printed by `python -m tests.bad_input` -->", "<!-- bad input: end -->"
GROUPS: dict[str, tuple[Case, ...]] = {
    "The request": requests.CASES,
    "The envelope": envelopes.CASES,
    "The set": sets.CASES,
    "The bytes of a line": lines_spoilt.BYTES,
    "The members and values of a change": lines_spoilt.MEMBERS,
    "The private lines": lines_spoilt.PRIVATE,
    "What is not known here yet": lines_spoilt.WAITING,
    "Clocks": lines_spoilt.CLOCKS,
    "Against the ledger": rights.CASES,
}
HEAD = "| {} | Answer | In the ledger | Field | Kept | Seq used |\n|---|---|---|---|---|---|"
CASES = tuple(case for cases in GROUPS.values() for case in cases)


def table() -> str:
    """Return the section's tables, one for each group, between the marks."""
    parts = [BEGIN]
    for name, cases in GROUPS.items():
        parts.append("\n".join([HEAD.format(name), *(case.row() for case in cases)]))
    return "\n\n".join([*parts, END])
