"""Changes that wait: a release follows what was held, and the table of them is what the entries lead to."""

from __future__ import annotations

from dataclasses import replace

from server.ledger.checks import Scope
from server.storage import waiting_store
from server.storage.ledger_scan import Place
from server.storage.waiting_store import OPEN, Waiting
from sync.entries import RELEASE, Entry, entry_outcome
from sync.outcomes import HELD


class Pending:
    """Follows what was held or late through the entries; holds one small row for each."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._rows: dict[int, Waiting] = {}
        self._places: dict[tuple[str, int, int], int] = {}

    def take(self, place: Place, entry: Entry) -> None:
        """Follow one entry, noting a release of what was not held."""
        if entry.device is None or entry.seq is None:
            if entry.kind == RELEASE:
                self._scope.note("entry", place.index, "line", "releases a change of no device")
            return
        outcome, key = entry_outcome(entry), (entry.device, entry.seq, entry.n)
        if entry.kind == RELEASE:
            known = self._rows.get(self._places.get(key, -1))
            if known is None or known.verdict != HELD:
                self._scope.note("entry", place.index, "line", "releases a change that was not held")
                return
            moved = replace(
                known, verdict=outcome.verdict, waiting_for=outcome.waiting_for, moved=place.index
            )
            self._rows[known.index] = moved
        elif outcome.verdict in OPEN:
            self._places[key] = place.index
            self._rows[place.index] = Waiting(
                place.index,
                next((body.change for body in place.bodies if body.n == 0), None),
                entry.device,
                entry.addressed or entry.record,
                entry.type,
                outcome.verdict,
                outcome.waiting_for,
                entry.at,
            )

    def check(self) -> None:
        """Compare the table of what waits with what the entries led to."""
        expected = dict(self._rows)
        with self._scope.guarding("waiting", "", ""):
            for row in waiting_store.everything(self._scope.connection, self._scope.ledger.id):
                wanted = expected.pop(row.index, None)
                if wanted is None:
                    self._scope.note("waiting", row.index, "", "the ledger leads to no such change")
                    continue
                for column in Waiting.__slots__:
                    if getattr(row, column) != getattr(wanted, column):
                        self._scope.note("waiting", row.index, column, "differs from the entries")
        for index in sorted(expected):
            self._scope.note("waiting", index, "", "missing; the ledger leads to it")
