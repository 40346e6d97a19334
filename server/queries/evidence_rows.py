"""Evidence as rows of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from server.console.pages import CaptureInterval, EvidenceRow, Officer
from server.evidence import file_state
from server.evidence.picture import PICTURES
from server.queries import people
from server.queries.origins import Origin, origins
from server.queries.reading import Reading
from sync.merge import Record


@dataclass(frozen=True)
class Around:
    """What the rows of some evidence need to know of other records.

    fence: how far grounds reach in a region; arriving: ciphers of which something has come
    """

    inspections: Mapping[str, Record]
    institutions: Mapping[str, Record]
    checks: Mapping[str, Record]
    encounters: Mapping[str, Record]
    origins: Mapping[int, Origin]
    names: Mapping[str, Officer]
    fence: Callable[[str], int]
    arriving: frozenset[str]

    def institution_of(self, item: Record) -> Record | None:
        """Return the institution where an item was captured."""
        inspection = self.inspections.get(item.root)
        return self.institutions.get(inspection.values["institution"]) if inspection else None


def around(reading: Reading, items: Sequence[Record]) -> Around:
    """Return what rows of these items need, however many in the same few queries."""
    inspections = reading.named(item.root for item in items)
    institutions = reading.named(i.values["institution"] for i in inspections.values())
    # A phone may name any record there, also one that is no bed check, or another inspection's.
    named = reading.named(item.values.get("bed_check") for item in items)
    checks = {
        key: each for key, each in named.items() if each.type == "bed_check" and each.root in inspections
    }
    named = reading.named(check.values.get("encounter") for check in checks.values())
    return Around(
        inspections,
        institutions,
        checks,
        {key: each for key, each in named.items() if each.type == "encounter" and each.root in institutions},
        origins(reading, [item.acts[0].index for item in items]),
        people.officers(reading, {item.created_by for item in items}),
        reading.fence,
        file_state.arriving(reading.services, reading.connection, items),
    )


def evidence_rows(reading: Reading, items: Sequence[Record]) -> tuple[EvidenceRow, ...]:
    """Return evidence as rows, in the order given."""
    known = around(reading, items)
    return tuple(evidence_row(item, known, reading.locale) for item in items)


def evidence_row(item: Record, known: Around, locale: str) -> EvidenceRow:
    """Return one item as a row."""
    captured: CaptureInterval = known.origins[item.acts[0].index].captured
    institution = known.institution_of(item)
    where = people.place(item.values.get("position"), institution, known.fence(item.region))
    return EvidenceRow(
        id=item.id,
        kind=item.values["kind"],
        state=str(item.stage),
        institution=people.institution(institution),
        captured=captured,
        subject=_subject(item, known, locale),
        author=known.names.get(item.created_by, people.NOBODY).name,
        picture=item.values["media_type"] in PICTURES,
        file_state=file_state.shown(item, known.arriving),
        flags=people.doubts(where, captured.flags),
    )


def _subject(item: Record, known: Around, locale: str) -> str:
    """Return the bed that an item shows, or nothing."""
    check = known.checks.get(str(item.values.get("bed_check")))
    if check is None:
        return ""
    bed = str(check.values["bed_listed"])
    encounter = known.encounters.get(str(check.values.get("encounter")))
    words = f"{bed} 床" if locale == "zh_CN" else f"bed {bed}"
    return f"{encounter.values['ward']} {words}" if encounter else words
