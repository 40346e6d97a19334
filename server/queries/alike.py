"""What resembles an item's picture: what the reader may see of it, and that there is more elsewhere."""

from __future__ import annotations

from collections import Counter

from schemas import regions
from server.console.pages import Elsewhere, Likenesses, Resembling
from server.queries import evidence_rows
from server.queries.reading import TABLE, Reading
from server.storage import likeness_store, record_store
from server.storage.likeness_store import Resemblance
from sync.merge import VOIDED, Record

SHOWN_MAX = 6


def likenesses(reading: Reading, item: Record) -> Likenesses:
    """Return what resembles an item, the nearest first; of what lies outside the reader's scope its bureau alone."""
    ledger = reading.services.ledger.id
    pairs = likeness_store.resembling(reading.connection, ledger, [item.id]).get(item.id, [])
    others = {pair.other: pair for pair in pairs}
    mine = reading.visible("evidence").where(TABLE.c.id.in_(others))
    seen = {one.id: one for one in reading.records(mine)}
    ordered = [seen[key] for key in others if key in seen][:SHOWN_MAX]
    known = evidence_rows.around(reading, ordered)
    return Likenesses(
        shown=tuple(_shown(one, others[one.id], known, reading.locale) for one in ordered),
        elsewhere=_elsewhere(reading, [key for key in others if key not in seen]),
        looked=likeness_store.looked(reading.connection, ledger, item.id),
    )


def _shown(one: Record, pair: Resemblance, known: evidence_rows.Around, locale: str) -> Resembling:
    row = evidence_rows.evidence_row(one, known, locale)
    return Resembling(
        id=row.id,
        institution=row.institution,
        subject=row.subject,
        author=row.author,
        captured=row.captured,
        state=row.state,
        bits=pair.bits,
        earlier=pair.later,
        turned=pair.turned > 0,
        file_state=row.file_state,
    )


def _elsewhere(reading: Reading, ids: list[str]) -> tuple[Elsewhere, ...]:
    """Return whose the others are: a record is read for its region, and nothing else of it leaves here."""
    found = record_store.load(reading.connection, reading.vault, ids)
    of = Counter(one.region for one in found.values() if one.life != VOIDED)
    return tuple(
        Elsewhere(bureau=regions.name(region, reading.locale), count=number)
        for region, number in sorted(of.items())
    )
