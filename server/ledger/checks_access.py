"""The access log against its roots in the ledger: every line that was entered is there, as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from server.ledger.checks import FINDINGS_MAX, Scope
from server.storage import access_places
from server.storage.access_places import Line, Place
from sync.merge import Record
from sync.merkle import root_of

TYPE = "access_root"
PLACES, LINES = "access_place", "access_log"
SLACK_MS = 24 * 60 * 60 * 1000
"""A line that is so much older than the last one with a place should have had its own long ago."""


def check_access(scope: Scope, records: Mapping[str, Record]) -> None:
    """Compare each line with the hash at its place, and the hashes with the roots that were entered."""
    roots = sorted(
        (one for one in records.values() if one.type == TYPE), key=lambda one: int(one.values["first"])
    )
    with scope.guarding(PLACES, "", ""):
        newest = _Walk(scope, roots).through()
        if newest:
            _forgotten(scope, newest)


class _Walk:
    """Goes through the places in order, beside the records that say which of them stand under one root."""

    def __init__(self, scope: Scope, roots: list[Record]):
        self._scope = scope
        self._roots = iter(roots)
        self._next = 0
        self._newest = 0

    def through(self) -> int:
        """Check everything; return the time of the last line that has a place, 0 where there is none."""
        places = access_places.all_places(self._scope.connection, self._scope.ledger.id)
        for root in self._roots:
            self._stretch(root, places)
        for place, _ in places:
            self._scope.note(PLACES, place.place, "", "no root in the ledger covers this place")
        return self._newest

    def _stretch(self, root: Record, places: Iterator[tuple[Place, Line | None]]) -> None:
        first, count = int(root.values["first"]), int(root.values["count"])
        if first != self._next:
            self._scope.note(PLACES, first, "place", f"the root {root.id} begins here, not at {self._next}")
        hashes: list[bytes] = []
        for expected in range(first, first + count):
            found = next(places, None)
            if found is None or found[0].place != expected:
                self._scope.note(PLACES, expected, "", f"missing; {TYPE} {root.id} covers it")
                if found is None:
                    break
            place, line = found
            with self._scope.guarding(PLACES, place.place, "hash"):
                hashes.append(bytes.fromhex(place.hash))
                self._line(place, line)
        self._next = first + count
        if root_of(hashes).hex() != root.values["root"]:
            words = f"the places {first} to {self._next - 1} do not lead to the root in {TYPE} {root.id}"
            self._scope.note(PLACES, first, "hash", words)

    def _line(self, place: Place, line: Line | None) -> None:
        if line is None:
            self._scope.note(LINES, place.id, "", f"missing; place {place.place} was entered with it")
            return
        self._newest = line.access.at
        with self._scope.guarding(LINES, place.id, ""):
            if line.leaf.hex() != place.hash:
                words = f"not the line that was entered at place {place.place}"
                self._scope.note(LINES, place.id, "", words)


def _forgotten(scope: Scope, newest: int) -> None:
    found = access_places.unplaced(scope.connection, scope.ledger.id, after="", limit=FINDINGS_MAX)
    for line in found:
        if line.access.at < newest - SLACK_MS:
            scope.note(LINES, line.id, "", "no root was ever entered over this line")
