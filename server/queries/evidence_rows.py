"""Evidence as rows of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.console.pages import CaptureInterval, EvidenceRow, Officer
from server.evidence import file_state
from server.evidence.picture import PICTURES
from server.evidence.risk import Facts, Risk, risk
from server.queries import people
from server.queries.origins import Origin, origins
from server.queries.reading import Reading
from server.rounds.flags import RESEMBLES
from server.storage import likeness_store, original_store
from sync.merge import VOIDED, Record


@dataclass(frozen=True)
class Around:
    """What the rows of some evidence need to know of other records.

    fence: how far grounds reach in a region; arriving: ciphers of which something has come
    repeating: items whose picture resembles one that is in the ledger before it
    repeated: items whose very bytes an earlier item shows
    """

    inspections: Mapping[str, Record]
    institutions: Mapping[str, Record]
    checks: Mapping[str, Record]
    encounters: Mapping[str, Record]
    origins: Mapping[int, Origin]
    names: Mapping[str, Officer]
    fence: Callable[[str], int]
    arriving: frozenset[str]
    repeating: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()

    def institution_of(self, item: Record) -> Record | None:
        """Return the institution where an item was captured."""
        inspection = self.inspections.get(item.root)
        return self.institutions.get(inspection.values["institution"]) if inspection else None

    def risk_of(self, item: Record) -> Risk:
        """Return what makes an item worth a closer look."""
        origin, position = self.origins[item.acts[0].index], item.values.get("position")
        place = people.place(position, self.institution_of(item), self.fence(item.region))
        return risk(
            Facts(
                file_state=file_state.shown(item, self.arriving),
                captured=_ms(origin.captured.latest),
                received=_ms(origin.received),
                outside=None if place is None or place.inside_fence is None else not place.inside_fence,
                located=bool(position),
                mocked=bool(position and position["mock"]),
                duplicate=item.id in self.repeated,
                resembling=item.id in self.repeating,
                conflict=bool(item.open_conflicts),
                accompanied=bool(item.values.get("second_officer")),
                clock=origin.captured.flags,
            )
        )


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
        _repeating(reading, items),
        _repeated(reading, items),
    )


def _repeating(reading: Reading, items: Sequence[Record]) -> frozenset[str]:
    ledger = reading.services.ledger.id
    return likeness_store.repeating(reading.connection, ledger, [item.id for item in items])


def _repeated(reading: Reading, items: Sequence[Record]) -> frozenset[str]:
    digests = [str(item.values["digest"]) for item in items]
    shown = original_store.shown_by(reading.connection, reading.services.ledger.id, digests)
    firsts = {digest: some[0].evidence for digest, some in shown.items()}
    return frozenset(item.id for item in items if firsts.get(str(item.values["digest"]), item.id) != item.id)


def evidence_rows(reading: Reading, items: Sequence[Record]) -> tuple[EvidenceRow, ...]:
    """Return evidence as rows, in the order given."""
    known = around(reading, items)
    return tuple(evidence_row(item, known, reading.locale) for item in items)


def evidence_row(item: Record, known: Around, locale: str) -> EvidenceRow:
    """Return one item as a row."""
    captured: CaptureInterval = known.origins[item.acts[0].index].captured
    institution = known.institution_of(item)
    where = people.place(item.values.get("position"), institution, known.fence(item.region))
    rated = known.risk_of(item)
    return EvidenceRow(
        id=item.id,
        kind=item.values["kind"],
        state="voided" if item.life == VOIDED else str(item.stage),
        institution=people.institution(institution),
        captured=captured,
        version=item.version,
        subject=_subject(item, known, locale),
        author=known.names.get(item.created_by, people.NOBODY).name,
        picture=item.values["media_type"] in PICTURES,
        file_state=file_state.shown(item, known.arriving),
        flags=(*((RESEMBLES,) if item.id in known.repeating else ()), *people.doubts(where, captured.flags)),
        risk=rated.level,
        grounds=rated.grounds,
    )


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _subject(item: Record, known: Around, locale: str) -> str:
    """Return the bed that an item shows, or nothing."""
    check = known.checks.get(str(item.values.get("bed_check")))
    if check is None:
        return ""
    bed = str(check.values["bed_listed"])
    encounter = known.encounters.get(str(check.values.get("encounter")))
    words = f"{bed} 床" if locale == "zh_CN" else f"bed {bed}"
    return f"{encounter.values['ward']} {words}" if encounter else words
