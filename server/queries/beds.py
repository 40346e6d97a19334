"""The beds of a ward round: whom the census lists, who checked them, and what follows from the checks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, false, or_

from schemas.records import RULES
from schemas.records.ward_round import sample_of
from server.console import formats
from server.console.pages import BedCheck, BedPanel, BedTile, EvidenceRow, HangingRule, Officer, Ward
from server.queries import people
from server.queries.bed_flags import Doubts, Look, expected
from server.queries.reading import TABLE, Reading, moment
from server.queries.record_values import said
from server.rounds.bed_hanging import NONE, Standing
from server.rounds.local_rules import LocalRules
from server.rounds.roll import READ, is_on
from server.storage import record_store
from sync.as_of import as_of
from sync.merge import Record

UNCHECKED, DISPUTED = "unchecked", "disputed"
OVER = ("concluded", "confirmed")
LISTED_MAX = 2_000
ELSEWHERE = "–"
"""The ward of a bed that was checked and that no census lists."""


@dataclass
class Bed:
    """One bed of a round with everything that is known of it."""

    id: str
    ward: str
    number: str
    encounter: Record | None = None
    checks: list[Record] = field(default_factory=list)
    photos: list[EvidenceRow] = field(default_factory=list)

    @property
    def presence(self) -> str | None:
        """What the checks say together: None before the first, `disputed` where two differ."""
        return presence_of(check.values["presence"] for check in self.checks)

    @property
    def suspected(self) -> bool:
        """Whether a conclusion suspects something."""
        return any(suspects(check.values) for check in self.checks)


def presence_of(said: Iterable[str]) -> str | None:
    """Return what several checks of one bed say together."""
    different = set(said)
    if len(different) > 1:
        return DISPUTED
    return different.pop() if different else None


def suspects(values: Mapping[str, Any]) -> bool:
    """Return whether a bed check's conclusion is a suspicion."""
    return str(values.get("conclusion") or "").endswith("_suspected")


def listed(reading: Reading, ward_round: Record, institution: str) -> list[Record]:
    """Return the encounters that a round has to find: its sample, or whoever lay in its wards that day."""
    if sample := sample_of(ward_round.values):
        found = reading.named(sample).values()
        return [each for each in found if each.type == "encounter" and each.root == institution]
    if not takes_wards(ward_round):
        return []
    wards = ward_round.values.get("wards") or []
    day, until = day_of(reading, ward_round), _until(ward_round)
    there = reading.records(_in_wards(reading, [institution], wards))
    return [each for each in there if _lay_there(each, wards, day, until)]


def takes_wards(ward_round: Record) -> bool:
    """Return whether a round without a sample looks for whoever lies in its wards: not where the server draws."""
    return not sample_of(ward_round.values) and "draw_method" not in ward_round.values


def listed_numbers(reading: Reading, rounds: Mapping[str, Sequence[Record]]) -> dict[str, int]:
    """Return how many beds each round that takes whole wards has to find; rounds: by institution.

    One query for all of them, and no private line is opened.
    """
    every = {ward for some in rounds.values() for each in some for ward in each.values.get("wards") or ()}
    statement = _in_wards(reading, list(rounds), sorted(every))
    there: dict[str, list[Record]] = {}
    for row in reading.connection.execute(statement):
        there.setdefault(row.parent, []).append(record_store.glimpse(row, READ))
    return {
        each.id: sum(
            _lay_there(one, each.values.get("wards") or (), day_of(reading, each), _until(each))
            for one in there.get(institution, ())
        )
        for institution, some in rounds.items()
        for each in some
    }


def _in_wards(reading: Reading, institutions: Sequence[str], wards: Sequence[str]) -> Select[Any]:
    """Return a select over the encounters of some wards, the newest first, LISTED_MAX of each institution."""
    # The state is canonical JSON, so a ward stands in it in exactly one spelling.
    spelled = [TABLE.c.state.contains(f'"ward":{json.dumps(ward)}', autoescape=True) for ward in wards]
    statement = reading.visible("encounter").where(TABLE.c.parent.in_(institutions), or_(false(), *spelled))
    return statement.order_by(TABLE.c.id.desc()).limit(LISTED_MAX * max(1, len(institutions)))


def day_of(reading: Reading, ward_round: Record) -> date:
    """Return the day whose census a round goes by."""
    at = ward_round.values.get("census_at") or ward_round.values.get("started_at")
    if at is None:
        return reading.today
    return moment(at).astimezone(reading.services.config.zone).date()


def _until(ward_round: Record) -> int | None:
    """Return the entry up to which lists count for a round: its last once it is over, None while it goes on."""
    return ward_round.version if ward_round.stage in OVER else None


def _lay_there(patient: Record, wards: Collection[str], day: date, until: int | None) -> bool:
    values = patient.values if until is None else as_of(patient, RULES["encounter"], READ, until)
    return values is not None and values["ward"] in wards and is_on(values, day.isoformat())


def beds_of(encounters: Sequence[Record], checks: Sequence[Record]) -> list[Bed]:
    """Return the beds of a round in the order of wards and numbers, each check at its bed.

    A check that names no encounter belongs to the listed bed of its number; one that fits none is a bed
    that the census does not list, and is shown all the same.
    """
    beds = {e.id: Bed(e.id, str(e.values["ward"]), str(e.values["bed"]), e) for e in encounters}
    by_number = {bed.number: bed for bed in beds.values()}
    for check in checks:
        number = str(check.values["bed_listed"])
        bed = beds.get(str(check.values.get("encounter"))) or by_number.get(number)
        if bed is None:
            bed = beds[f"bed-{number}"] = by_number[number] = Bed(f"bed-{number}", ELSEWHERE, number)
        bed.checks.append(check)
    return sorted(beds.values(), key=lambda bed: (bed.ward == ELSEWHERE, bed.ward, _walk(bed.number), bed.id))


def _walk(number: str) -> tuple[int, str]:
    digits = "".join(sign for sign in number if sign.isdigit())
    return (int(digits[:9]) if digits else 0, number)


def tally(beds: Iterable[Bed]) -> dict[str, int]:
    """Return how many beds stand at each presence, `unchecked` included."""
    return dict(Counter(bed.presence or UNCHECKED for bed in beds))


def wards(beds: Sequence[Bed], flags: Mapping[str, tuple[str, ...]]) -> tuple[Ward, ...]:
    """Return the grid; flags: by bed id."""
    found: dict[str, list[BedTile]] = {}
    for bed in beds:
        tile = BedTile(
            id=bed.id,
            bed=bed.number,
            presence=bed.presence,
            photos=len(bed.photos),
            suspected=bed.suspected,
            flags=flags.get(bed.id, ()),
        )
        found.setdefault(bed.ward, []).append(tile)
    return tuple(Ward(name=name, beds=tuple(tiles)) for name, tiles in found.items())


@dataclass(frozen=True)
class Around:
    """What the panel of a bed needs to know beside it."""

    look: Look
    doubts: Doubts
    names: Mapping[str, Officer]


def panel(beds: Sequence[Bed], bed: Bed, around: Around, standing: Standing | None, locale: str) -> BedPanel:
    """Return the bed that is opened beside the grid; standing: where its in-patient stands by the local rule."""
    at = beds.index(bed)
    patient = bed.encounter.values if bed.encounter else {}
    return BedPanel(
        id=bed.id,
        ward=bed.ward,
        bed=bed.number,
        presence=bed.presence,
        person_name=_patient(bed, "name", formats.masked_name, locale),
        person_number=_patient(bed, "person_no", formats.masked_number, locale),
        diagnosis=str(patient.get("diag_code") or ""),
        admitted_on=date.fromisoformat(patient["admitted_on"]) if patient else None,
        checks=tuple(_check(check, around) for check in bed.checks),
        photos=tuple(bed.photos),
        flags=around.doubts.beds.get(bed.id, ()),
        challenge=expected(around.look.ward_round, bed.encounter.id if bed.encounter else None),
        hanging=standing.word if standing else NONE,
        absences=standing.absences if standing else (),
        hanging_rule=_rule(standing.rules) if standing else None,
        previous_bed=beds[at - 1].id if at else None,
        next_bed=beds[at + 1].id if at + 1 < len(beds) else None,
    )


def _patient(bed: Bed, name: str, masked: Callable[[str], str], locale: str) -> str:
    """Return what tells who lies in a bed by its ends alone, or the words that say it was erased."""
    if bed.encounter is None:
        return ""
    value = bed.encounter.values.get(name)
    return masked(str(value)) if value else said(bed.encounter, name, locale)


def _rule(rules: LocalRules) -> HangingRule:
    return HangingRule(
        region=rules.region,
        since=rules.since,
        absences=rules.bed_hanging_absences,
        days=rules.bed_hanging_days,
    )


def _check(check: Record, around: Around) -> BedCheck:
    values, origin = check.values, around.look.origins[check.acts[0].index]
    slip = values.get("slip") or {}
    # The doubts of the clock stand beside the time that they concern.
    flags = [flag for flag in around.doubts.checks[check.id] if flag not in origin.captured.flags]
    return BedCheck(
        presence=values["presence"],
        officer=around.names.get(check.created_by, people.NOBODY),
        captured=origin.captured,
        identity_method=values.get("identity_method") or "",
        reason=values.get("absence_reason") or "",
        note=values.get("note") or "",
        answers=values.get("answers") or "",
        observations=values.get("observations") or "",
        conclusion=values.get("conclusion") or "",
        flags=tuple(flags),
        place=people.place(values.get("position"), around.look.institution, around.look.fence),
        ledger_index=origin.index,
        call_result=values.get("call_result") or "",
        slip=slip.get("kind") or "",
        slip_signed_by=formats.masked_name(slip.get("signed_by") or ""),
        slip_from=_moment(slip.get("from_at")),
        slip_until=_moment(slip.get("until_at")),
        returned_at=_moment(values.get("returned_at")),
        admission_need=values.get("admission_need") or "",
        typed=values.get("challenge") or "",
        by_ward=check.created_by == around.look.ward_round.values.get("operator"),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)
