"""Ward rounds: the list, and one round with its bed grid."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from schemas.records.ward_round import BEFORE, sample_of
from server.access import scope
from server.access.duties import team_of
from server.console.pages import (
    BedPanel,
    CalledRound,
    Chip,
    Officer,
    Paging,
    RoundPage,
    RoundRow,
    RoundsPage,
    Sample,
)
from server.queries import beds, people
from server.queries.bed_flags import Doubts, Look, doubts, expected
from server.queries.beds import UNCHECKED, Around, Bed
from server.queries.evidence_rows import evidence_rows
from server.queries.origins import origins
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from server.queries.sightings import standing
from server.rounds import censuses, orders
from server.rounds.calling import CALLER
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
        may_call=CALLER in scope.roles(reading.connection, reading.services.ledger.id, reading.user),
    )


def waiting_among(reading: Reading, rounds: Sequence[str]) -> int:
    """Return how many of some rounds were not called yet."""
    return sum(each.stage in BEFORE for each in reading.named(rounds).values())


def round_rows(reading: Reading, rounds: Sequence[Record]) -> tuple[RoundRow, ...]:
    """Return rounds as rows, however many in the same few queries."""
    # A round lies in its inspection or, called over the network, in itself: either names the institution and the team.
    homes = reading.named(each.root for each in rounds)
    institutions = reading.named(home.values["institution"] for home in homes.values())
    checks = public_checks(reading, [each.id for each in rounds])
    names = people.officers(reading, {user for home in homes.values() for user in team_of(home)})
    unsampled: dict[str, list[Record]] = {}
    for each in rounds:
        if beds.takes_wards(each):
            unsampled.setdefault(homes[each.root].values["institution"], []).append(each)
    sizes = {each.id: len(sample_of(each.values)) for each in rounds}
    sizes |= beds.listed_numbers(reading, unsampled) if unsampled else {}
    return tuple(
        _row(each, homes[each.root], institutions, checks.get(each.id, []), sizes[each.id], names)
        for each in rounds
    )


def _row(
    ward_round: Record,
    home: Record,
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
        institution=people.institution(institutions.get(home.values["institution"])),
        wards=tuple(values.get("wards") or ()),
        mode=values["mode"],
        state=str(ward_round.stage),
        checked=len(said),
        sample_size=size,
        started_at=_at(values, "started_at"),
        officers=people.team(home, names),
        presence=dict(presence),
        suspected=len({c.get("encounter") or c["bed_listed"] for c in checks if beds.suspects(c)}),
        called_at=_at(values, "called_at"),
        respond_by=_at(values, "respond_by"),
        waiting_for=_waiting_for(ward_round),
    )


def _at(values: Mapping[str, Any], name: str) -> datetime | None:
    return moment(int(values[name])) if name in values else None


def _waiting_for(ward_round: Record) -> str:
    """Return why the server has not carried out what a round orders, by `ward_round.FAULTS`."""
    return str(ward_round.values.get("order_fault") or "") if ward_round.stage == "planned" else ""


def public_checks(reading: Reading, rounds: Sequence[str]) -> dict[str, list[Mapping[str, Any]]]:
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
    values = ward_round.values
    home = reading.named([ward_round.root])[ward_round.root]
    named = reading.named([home.values["institution"], values.get("census")])
    institution, census = named.get(home.values["institution"]), named.get(str(values.get("census")))
    checks = reading.records(
        reading.visible("bed_check").where(TABLE.c.parent == record).order_by(TABLE.c.id)
    )
    grid = beds.beds_of(beds.listed(reading, ward_round, home.values["institution"]), checks)
    pictures = _hang_photos(reading, home, grid)
    made = origins(reading, [check.acts[0].index for check in checks])
    look = Look(ward_round, institution, made, reading.fence(ward_round.region), pictures)
    found = doubts(reading, look, {bed.id: bed.checks for bed in grid})
    users = team_of(home) | {check.created_by for check in checks}
    names = people.officers(reading, users | {values.get("operator")})
    chosen = next((bed for bed in grid if bed.id == selected), None)
    listed_at, count = _census(ward_round, census)
    return RoundPage(
        id=record,
        institution=people.institution(institution),
        mode=values["mode"],
        state=str(ward_round.stage),
        census_at=moment(listed_at) if listed_at else _created_at(reading, ward_round),
        census_count=len(grid) if count is None else count,
        sample_size=len(grid),
        checked=sum(1 for bed in grid if bed.checks),
        wards=beds.wards(grid, found.beds),
        presence=beds.tally(grid),
        suspected=sum(1 for bed in grid if bed.suspected),
        officers=people.team(home, names),
        started_at=_at(values, "started_at"),
        ended_at=_at(values, "ended_at"),
        respond_by=_at(values, "respond_by"),
        challenge=expected(ward_round, None),
        sample_method=values.get("draw_method") or values.get("sample_method") or "",
        seed_index=censuses.index_of(census) if census and "seed" in values else None,
        sample=_sample(ward_round),
        called=_called(ward_round, grid, found, names) if orders.is_remote(ward_round) else None,
        waiting_for=_waiting_for(ward_round),
        inspection=values.get("inspection") or values.get("occasion"),
        may_call=_may_call(reading, ward_round),
        flags=Counter(flag for bed in grid for flag in found.beds[bed.id]),
        selected=_panel(reading, grid, chosen, Around(look, found, names)) if chosen else None,
    )


def _census(ward_round: Record, census: Record | None) -> tuple[int | None, int | None]:
    """Return when the list was taken that a round goes by, Unix ms, and how many stand on it; None where unknown."""
    if census is not None:
        return int(census.values["taken_at"]), int(census.values["count"])
    values = ward_round.values
    return values.get("census_at") or values.get("started_at"), values.get("census_count")


def _may_call(reading: Reading, ward_round: Record) -> bool:
    waits = ward_round.stage in BEFORE and orders.is_remote(ward_round)
    return waits and CALLER in reading.roles_over(ward_round)


def _panel(reading: Reading, grid: Sequence[Bed], bed: Bed, around: Around) -> BedPanel:
    institution = around.look.institution
    ward_round = around.look.ward_round
    known = standing(reading, ward_round, institution.id, bed) if institution else None
    return beds.panel(grid, bed, around, known, reading.locale)


def _sample(ward_round: Record) -> Sample:
    values = ward_round.values
    return Sample(
        ordered=values.get("draw_size"),
        population=values.get("population_count"),
        number=values.get("draw_number"),
        seed=values.get("seed") or "",
        drawn_entry=ward_round.writes["seed"][-1].act.index if "seed" in values else None,
    )


def _called(
    ward_round: Record, grid: Sequence[Bed], found: Doubts, names: Mapping[str, Officer]
) -> CalledRound:
    """Return what the page of a remote round adds; before the call too."""
    values = ward_round.values
    return CalledRound(
        operator=names.get(str(values.get("operator")), people.NOBODY),
        call_at=_at(values, "call_at"),
        called_at=_at(values, "called_at"),
        explain_by=_at(values, "explain_by"),
        closed_at=_at(values, "answers_closed_at"),
        challenge_size=values.get("challenge_size"),
        by_bed=bool(values.get("challenge_by_bed")),
        answered_in_time=len(found.in_time),
        flagged=sum(1 for bed in grid if found.beds[bed.id]),
    )


def _created_at(reading: Reading, ward_round: Record) -> Any:
    index = ward_round.acts[0].index
    return origins(reading, [index])[index].received


def _hang_photos(reading: Reading, home: Record, grid: Sequence[Bed]) -> dict[str, list[str]]:
    """Put each photo of the round's scope at the bed whose check it names, or that names it; return ids by check."""
    every = [(check, bed) for bed in grid for check in bed.checks]
    checks = {check.id: bed for check, bed in every}
    named = {media: check.id for check, _ in every for media in check.values.get("media") or ()}
    if not checks:
        return {}
    statement = reading.visible("evidence").where(TABLE.c.root == home.id).order_by(TABLE.c.id)
    photos = reading.records(statement.limit(PHOTOS_MAX))
    placed = [p for p in photos if p.values.get("bed_check") in checks or p.id in named]
    found: dict[str, list[str]] = {}
    for photo, row in zip(placed, evidence_rows(reading, placed), strict=True):
        check = str(photo.values.get("bed_check"))
        check = check if check in checks else named[photo.id]
        checks[check].photos.append(row)
        found.setdefault(check, []).append(photo.id)
    return found
