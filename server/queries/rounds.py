"""Ward rounds: the list, and one round with its bed grid."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from server.access.duties import team_of
from server.console.pages import Chip, Officer, Paging, RoundPage, RoundRow, RoundsPage
from server.queries import beds, people
from server.queries.beds import UNCHECKED, Bed
from server.queries.evidence_rows import evidence_rows
from server.queries.origins import origins
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from sync.merge import VOIDED, Record

STAGES = ("planned", "sampled", "in_progress", "explanation_open", "concluded", "confirmed")
PHOTOS_MAX = 2_000


def rounds_page(reading: Reading, *, state: str = "", page: int = 1) -> RoundsPage:
    """Return ward rounds in one state (all for ''), the last moved first."""
    every = reading.visible("ward_round")
    counts = reading.by_stage(every)
    shown = every.where(TABLE.c.stage == state) if state else every
    total = counts.get(state, 0) if state else sum(counts.values())
    ordered = shown.order_by(TABLE.c.version.desc(), TABLE.c.id)
    records = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    chips = [Chip(value="", count=sum(counts.values()), active=not state)]
    chips += [Chip(value=s, count=counts[s], active=s == state) for s in STAGES if counts.get(s)]
    return RoundsPage(
        chips=tuple(chips),
        rows=round_rows(reading, records),
        paging=Paging(total=total, page=page, size=PAGE_SIZE),
    )


def round_rows(reading: Reading, rounds: Sequence[Record]) -> tuple[RoundRow, ...]:
    """Return rounds as rows, however many in the same few queries."""
    inspections = reading.named(each.root for each in rounds)
    institutions = reading.named(i.values["institution"] for i in inspections.values())
    checks = _public_checks(reading, [each.id for each in rounds])
    names = people.officers(reading, {u for i in inspections.values() for u in team_of(i)})
    unsampled: dict[str, list[Record]] = {}
    for each in rounds:
        if not each.values.get("sample"):
            unsampled.setdefault(inspections[each.root].values["institution"], []).append(each)
    sizes = {each.id: len(each.values.get("sample") or ()) for each in rounds}
    sizes |= beds.listed_numbers(reading, unsampled) if unsampled else {}
    return tuple(
        _row(each, inspections[each.root], institutions, checks.get(each.id, []), sizes[each.id], names)
        for each in rounds
    )


def _row(
    ward_round: Record,
    inspection: Record,
    institutions: Mapping[str, Record],
    checks: Sequence[Mapping[str, Any]],
    listed: int,
    names: Mapping[str, Officer],
) -> RoundRow:
    values = ward_round.values
    said: dict[str, list[str]] = {}
    for check in checks:
        said.setdefault(check.get("encounter") or check["bed_listed"], []).append(check["presence"])
    presence = Counter(beds.presence_of(each) or UNCHECKED for each in said.values())
    size = max(listed, len(said))
    if size > len(said):
        presence[UNCHECKED] = size - len(said)
    return RoundRow(
        id=ward_round.id,
        institution=people.institution(institutions.get(inspection.values["institution"])),
        wards=tuple(values.get("wards") or ()),
        mode=values["mode"],
        state=str(ward_round.stage),
        checked=len(said),
        sample_size=size,
        started_at=moment(at) if (at := values.get("started_at")) else None,
        officers=people.team(inspection, names),
        presence=dict(presence),
        suspected=len({c.get("encounter") or c["bed_listed"] for c in checks if beds.suspects(c)}),
    )


def _public_checks(reading: Reading, rounds: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return {round: the public values of its checks}: fifty rounds' tallies need no private line opened."""
    statement = select(TABLE.c.parent, TABLE.c.state).where(
        TABLE.c.ledger == reading.services.ledger.id,
        TABLE.c.parent.in_(rounds),
        TABLE.c.type == "bed_check",
        TABLE.c.life != VOIDED,
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for parent, state in reading.connection.execute(statement):
        found.setdefault(str(parent), []).append(json.loads(state)["values"])
    return found


def round_page(reading: Reading, record: str, *, selected: str | None = None) -> RoundPage:
    """Return one round with every listed bed; raises NotFound. selected: a bed's id.

    As many queries for fifty beds as for one.
    """
    ward_round = reading.one("ward_round", record)
    inspection = reading.named([ward_round.root])[ward_round.root]
    institution = reading.named([inspection.values["institution"]]).get(inspection.values["institution"])
    checks = reading.records(
        reading.visible("bed_check").where(TABLE.c.parent == record).order_by(TABLE.c.id)
    )
    grid = beds.beds_of(beds.listed(reading, ward_round, inspection.values["institution"]), checks)
    _hang_photos(reading, inspection, grid)
    made = origins(reading, [check.acts[0].index for check in checks])
    flags = {bed.id: beds.flags_of(bed, institution, made) for bed in grid}
    names = people.officers(reading, team_of(inspection) | {check.created_by for check in checks})
    chosen = next((bed for bed in grid if bed.id == selected), None)
    values = ward_round.values
    census_at = values.get("census_at") or values.get("started_at")
    return RoundPage(
        id=record,
        institution=people.institution(institution),
        mode=values["mode"],
        state=str(ward_round.stage),
        census_at=moment(census_at) if census_at else _created_at(reading, ward_round),
        census_count=values.get("census_count") or len(grid),
        sample_size=len(grid),
        checked=sum(1 for bed in grid if bed.checks),
        wards=beds.wards(grid, flags),
        presence=beds.tally(grid),
        suspected=sum(1 for bed in grid if bed.suspected),
        officers=people.team(inspection, names),
        started_at=moment(at) if (at := values.get("started_at")) else None,
        ended_at=moment(at) if (at := values.get("ended_at")) else None,
        respond_by=moment(at) if (at := values.get("respond_by")) else None,
        sample_method=values.get("sample_method") or "",
        selected=beds.panel(grid, chosen, institution=institution, origins=made, names=names)
        if chosen
        else None,
    )


def _created_at(reading: Reading, ward_round: Record) -> Any:
    index = ward_round.acts[0].index
    return origins(reading, [index])[index].received


def _hang_photos(reading: Reading, inspection: Record, grid: Sequence[Bed]) -> None:
    """Put each photo of the inspection at the bed whose check it names, or that names it."""
    bed_of = {check.id: bed for bed in grid for check in bed.checks}
    bed_of |= {
        media: bed for bed in grid for check in bed.checks for media in check.values.get("media") or ()
    }
    if not bed_of:
        return
    statement = reading.visible("evidence").where(TABLE.c.root == inspection.id).order_by(TABLE.c.id)
    photos = reading.records(statement.limit(PHOTOS_MAX))
    placed = [p for p in photos if p.values.get("bed_check") in bed_of or p.id in bed_of]
    for photo, row in zip(placed, evidence_rows(reading, placed), strict=True):
        bed = bed_of.get(str(photo.values.get("bed_check"))) or bed_of[photo.id]
        bed.photos.append(row)
