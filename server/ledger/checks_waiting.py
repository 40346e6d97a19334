"""Changes that wait: a release follows what was held, a ruling what was late, and the table of them the entries."""

from __future__ import annotations

from dataclasses import replace

from schemas.upcasts import upcast
from server.ledger.checks import Scope
from server.storage import ledger_store, waiting_store
from server.storage.ledger_scan import Place
from server.storage.waiting_store import OPEN, Waiting
from sync import lines
from sync.changes import At, Change
from sync.entries import ADOPT, RELEASE, Entry, entry_outcome, from_line
from sync.outcomes import HELD, LATE, SET_ASIDE

WRITTEN = ("op", "type", "record", "set", "add", "remove", "over")
"""The members of a change that say what it writes."""


class Pending:
    """Follows what was held or late through the entries; holds one small row for each."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._rows: dict[int, Waiting] = {}
        self._places: dict[tuple[str | None, int], int] = {}
        self._late: dict[int, int] = {}

    def take(self, place: Place, entry: Entry) -> None:
        """Follow one entry, noting a release of what was not held and a ruling on what was not late."""
        if entry.late is not None or entry.kind == ADOPT:
            self._rule(place, entry)
        if entry.device is None or entry.seq is None:
            if entry.kind == RELEASE:
                self._scope.note("entry", place.index, "line", "releases a change of no device")
            return
        outcome, key = entry_outcome(entry), (entry.set, entry.n)
        if entry.kind == RELEASE:
            known = self._rows.get(self._places.get(key, -1))
            if known is None or known.verdict != HELD:
                self._scope.note("entry", place.index, "line", "releases a change that was not held")
                return
            moved = replace(
                known, verdict=outcome.verdict, waiting_for=outcome.waiting_for, moved=place.index
            )
            self._rows[known.index] = moved
            if moved.verdict == LATE:
                self._late[place.index] = known.index
        elif outcome.verdict in OPEN:
            self._places[key] = place.index
            if outcome.verdict == LATE:
                self._late[place.index] = place.index
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

    def _rule(self, place: Place, entry: Entry) -> None:
        """Follow an adoption, or a decision to set aside, to the change that was late."""
        known = self._rows.get(self._late.get(-1 if entry.late is None else entry.late, -1))
        if known is None or known.verdict != LATE:
            self._scope.note("entry", place.index, "late", "rules on a change that was not late")
            return
        adopted = entry.kind == ADOPT
        if adopted and not self._same_writes(place, entry):
            self._scope.note("entry", place.index, "change", "adopts something else than what was late")
        verdict = entry_outcome(entry).verdict if adopted else SET_ASIDE
        self._rows[known.index] = replace(known, verdict=verdict, moved=place.index)

    def _same_writes(self, place: Place, entry: Entry) -> bool:
        """Return whether an adoption writes what the late change would have; erased lines say nothing against it."""
        assert entry.late is not None, "an adoption of nothing was noted before"
        ledger = self._scope.ledger.id
        own = next((body.line for body in place.bodies if body.n == 0), b"")
        its = ledger_store.bodies_at(self._scope.connection, ledger, [entry.late]).get(entry.late, b"")
        with self._scope.guarding("body", place.index, "line"):
            late = ledger_store.lines_at(self._scope.connection, ledger, [entry.late])[entry.late]
            return _written(own, entry.schema) == _written(its, from_line(late).schema)
        return False

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


def _written(line: bytes, schema: int) -> list[object]:
    """Return what a change line writes as the present schema says it, and which private lines it commits to."""
    body = lines.decode(line)
    given = {name: body[name] for name in WRITTEN if name in body}
    for which in ("add", "remove"):
        given[which] = {name: tuple(values) for name, values in given.get(which, {}).items()}
    change = upcast(Change(id="", base=None, at=At(wall=0), **given), schema)
    return [*(getattr(change, name) for name in WRITTEN), body.get("private", [])]
