"""What every round of a hospital saw of one in-patient: whether the local rule speaks of a phantom bed (挂床)."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import or_, select

from server.queries.beds import Bed, day_of, presence_of
from server.queries.reading import TABLE, Reading
from server.rounds import bed_hanging, local_rules
from server.rounds.bed_hanging import Sighting, Standing
from sync.merge import Record

ROUNDS_MAX = 1_000


def standing(reading: Reading, ward_round: Record, institution: str, bed: Bed) -> Standing | None:
    """Return where the in-patient of a bed stands on the day of a round, from what the reader may see of others.

    None for a bed that no census lists.
    """
    if bed.encounter is None:
        return None
    day = day_of(reading, ward_round)
    rules = local_rules.holding(reading.local_rules, ward_round.region, day)
    return bed_hanging.standing(_sightings(reading, institution, bed.encounter.id), rules, day)


def _sightings(reading: Reading, institution: str, encounter: str) -> list[Sighting]:
    ledger = reading.services.ledger.id
    inspections = select(TABLE.c.id).where(
        TABLE.c.ledger == ledger, TABLE.c.type == "inspection", TABLE.c.parent == institution
    )
    there = or_(TABLE.c.parent == institution, TABLE.c.parent.in_(inspections))
    # A remote round lies in itself and names its institution, one at the bedside lies in its inspection.
    rounds = reading.visible("ward_round").where(there).order_by(TABLE.c.version.desc()).limit(ROUNDS_MAX)
    known = {each.id: each for each in reading.records(rounds)}
    named = TABLE.c.state.contains(f'"encounter":{json.dumps(encounter)}', autoescape=True)
    checks = reading.records(reading.visible("bed_check").where(TABLE.c.parent.in_(known), named))
    by_round: dict[str, list[Record]] = {}
    for check in checks:
        if check.values.get("encounter") == encounter:
            by_round.setdefault(check.values["ward_round"], []).append(check)
    return [_sighting(key, day_of(reading, known[key]), some) for key, some in by_round.items()]


def _sighting(ward_round: str, day: date, checks: list[Record]) -> Sighting:
    said = {check.values["presence"] for check in checks}
    explained = any(bed_hanging.is_explained(check.values) for check in checks)
    return Sighting(ward_round, day, None if len(said) > 1 else presence_of(said), explained)
