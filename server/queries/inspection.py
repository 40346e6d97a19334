"""One inspection: who goes, what came of it, and everything that happened as one timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from schemas.records import TYPES
from schemas.records.deputation import ACTIVE as STANDS_IN
from schemas.records.deputation import PLANNED as TO_STAND_IN
from server.access.duties import team_of
from server.casework import officers, plans
from server.casework.officers import OFFICERS_MIN
from server.casework.planning import waits_for_draw
from server.console.pages import Officer
from server.console.pages.inspections import Happening, InspectionPage, Member, OfficerDraw
from server.queries import people
from server.queries.evidence_rows import evidence_rows
from server.queries.findings import finding_rows
from server.queries.inspections import inspection_rows, known_officers, may_plan
from server.queries.origins import Origin, origins
from server.queries.reading import TABLE, Reading, moment
from server.queries.rounds import round_rows
from server.queries.taking import bundle_offer
from server.storage.record_store import query, selected
from sync.merge import VOIDED, Record, Write

RECORDS_MAX = 2_000
SHOWN_MAX = 300
LISTED_MAX = 100
TOLD = (
    "inspection", "ward_round", "evidence", "finding", "conflict", "decision", "task", "rectification_case",
    "checklist_answer", "interview", "notice", "rectification_report",
)  # fmt: skip
"""What a timeline tells of; the beds of a round are counted and stand on its own page."""
TEAM_FIELDS = ("members", "lead")


def inspection_page(reading: Reading, record: str) -> InspectionPage:
    """Return one inspection; raises NotFound."""
    one = reading.one("inspection", record)
    known = [kind for kind in TOLD if kind in TYPES]
    inside = reading.visible(*known).where(TABLE.c.root == record)
    found = reading.records(inside.order_by(TABLE.c.version.desc(), TABLE.c.id).limit(RECORDS_MAX))
    happened = _happenings(reading, found)
    by_kind: dict[str, list[Record]] = {}
    for each in found:
        by_kind.setdefault(each.type, []).append(each)
    checks = reading.visible("bed_check").where(TABLE.c.root == record, TABLE.c.life != VOIDED)
    values = one.values
    planner = may_plan(reading)
    members = _members(reading, one)
    return InspectionPage(
        row=inspection_rows(reading, [one])[0],
        members=members,
        rounds=round_rows(reading, by_kind.get("ward_round", ())[:LISTED_MAX]),
        evidence=evidence_rows(reading, by_kind.get("evidence", ())[:LISTED_MAX]),
        findings=finding_rows(reading, by_kind.get("finding", ())[:LISTED_MAX]),
        happenings=tuple(happened[:SHOWN_MAX]),
        happenings_left_out=max(0, len(happened) - SHOWN_MAX),
        beds_checked=reading.count(checks),
        checklist=str(values.get("checklist") or values.get("checklist_wanted") or ""),
        note=str(values.get("note") or ""),
        id_shown_at=moment(int(values["id_shown_at"])) if "id_shown_at" in values else None,
        draw=_draw(one),
        may_plan=planner,
        blocked=_blocked(reading, one, members) if planner and one.stage == "draft" else "",
        officers=known_officers(reading) if planner else (),
        bundle=bundle_offer(reading, "inspection", one),
    )


def _draw(one: Record) -> OfficerDraw | None:
    if "draw_size" not in one.values:
        return None
    found = OfficerDraw(size=one.values["draw_size"], pool=len(one.values.get("draw_from", ())))
    if waits_for_draw(one):
        return found
    return replace(found, seed=one.values["draw_seed"], entry=one.acts[0].index)


def _members(reading: Reading, one: Record) -> tuple[Member, ...]:
    on = date.fromisoformat(one.values["planned_on"])
    lead = one.values.get("lead")
    team = team_of(one)
    users = reading.named(team)
    away = absent(reading, on)
    recused = plans.recusals(reading.connection, reading.vault, str(one.values["institution"]), one.id)
    drawn = set(one.values.get("drawn", ()))
    found = []
    for key in sorted(team, key=lambda user: (user != lead, user)):
        user = users.get(key)
        until = user.values.get("certificate_until") if user else None
        found.append(
            Member(
                officer=people.officer(user, reading.locale) if user else people.NOBODY,
                lead=key == lead,
                until=date.fromisoformat(until) if until else None,
                fault=(officers.fault_of(user, on, recused) or "") if user else "unknown",
                drawn=key in drawn,
                away=key in away,
            )
        )
    return tuple(found)


def absent(reading: Reading, on: date) -> frozenset[str]:
    """Return who is away on a day by a deputation that is planned or stands."""
    ledger = reading.services.ledger.id
    standing = selected(ledger, "deputation").where(TABLE.c.stage.in_((STANDS_IN, TO_STAND_IN)))
    day = on.isoformat()
    return frozenset(
        str(one.values["absent"])
        for one in query(reading.connection, reading.vault, standing)
        if one.values["from_on"] <= day <= one.values["until_on"]
    )


def _blocked(reading: Reading, one: Record, members: Sequence[Member]) -> str:
    """Return why this reader cannot approve a plan, by `inspection_marks.BLOCKS`, or ''."""
    if waits_for_draw(one):
        return "draw_waits"
    if reading.user in team_of(one):
        return "own"
    if len(members) < OFFICERS_MIN:
        return "too_few"
    return "unfit" if any(member.fault for member in members) else ""


# -- what happened -----------------------------------------------------------------------------------


def _happenings(reading: Reading, records: Sequence[Record]) -> list[Happening]:
    """Return everything that happened to some records, newest first: one for each record and entry."""
    indexes = {act.index for one in records for act in one.acts}
    made = origins(reading, indexes)
    names = people.officers(reading, {origin.by for origin in made.values()} | _moved(records))
    found = [each for one in records for each in _of(one, made, names, reading.locale)]
    return sorted(found, key=lambda each: (each.ledger_index, each.record), reverse=True)


def _moved(records: Iterable[Record]) -> set[str]:
    """Return the users whom teams were given or lost."""
    return {str(w.value) for one in records for field in TEAM_FIELDS if one.type == "inspection"
            for w in one.writes.get(field, ())}  # fmt: skip


def _of(
    one: Record, made: Mapping[int, Origin], names: Mapping[str, Officer], locale: str
) -> Iterable[Happening]:
    for n, act in enumerate(one.acts):
        origin = made[act.index]
        writes = {name: [w for w in some if w.act.index == act.index] for name, some in one.writes.items()}
        what, note = _said(one, writes, names, locale, first=n == 0)
        yield Happening(
            at=origin.received,
            kind=one.type,
            what=what,
            by=names[origin.by].name,
            record=one.id,
            ledger_index=act.index,
            note=note,
            captured=origin.captured if origin.device else None,
        )


def _said(
    one: Record,
    writes: Mapping[str, Sequence[Write]],
    names: Mapping[str, Officer],
    locale: str,
    *,
    first: bool,
) -> tuple[str, str]:
    """Return (what an entry did to a record, a few words on it): never a word that a person typed."""
    stage = writes.get("stage")
    if stage and not first:
        known = {s.name: s.zh if locale == "zh_CN" else s.en for s in TYPES[one.type].stages}
        return "stage", known.get(str(stage[-1].value), str(stage[-1].value))
    if first:
        act = (
            TYPES[one.type].by_name["act"].choices[str(one.values["act"])] if one.type == "decision" else None
        )
        return "created", act[0 if locale == "zh_CN" else 1] if act else ""
    moved = [w for field in TEAM_FIELDS for w in writes.get(field, ())] if one.type == "inspection" else []
    if moved:
        signs = [("− " if w.kind == "remove" else "+ ") + names[str(w.value)].name for w in moved]
        return "team", (" " if locale != "zh_CN" else "　").join(dict.fromkeys(signs))
    fields = [
        TYPES[one.type].by_name[name]
        for name, some in writes.items()
        if some and name in TYPES[one.type].by_name
    ]
    words = [field.zh if locale == "zh_CN" else field.en for field in fields]
    return "changed", ("、" if locale == "zh_CN" else ", ").join(words)
