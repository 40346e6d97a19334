"""Findings: the list, and one finding with what stands against its confirmation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, case

from server.access.duties import is_outsider, team_of
from server.casework import asking_party
from server.casework.confirm import DEFAULT_WORKING_DAYS, PRESETS, WORKING_DAYS_MAX
from server.catalogues import naming
from server.console import formats
from server.console.pages import (
    AskParty,
    Candidate,
    Chip,
    ConfirmForm,
    DuePreset,
    FieldConflict,
    FindingPage,
    FindingRow,
    FindingsPage,
    Officer,
    OpenCase,
    Paging,
    Statement,
)
from server.queries import narrowing, people
from server.queries.evidence_rows import evidence_rows
from server.queries.handed_files import files_of
from server.queries.narrowing import Order, narrowed
from server.queries.origins import Origin, origins
from server.queries.reading import PAGE_SIZE, TABLE, Reading, oldest_first
from server.queries.record_values import GONE, said
from server.reminders.calendar import Calendar, due_date
from server.storage import public_values
from sync.changes import Erased
from sync.errors import BadValue
from sync.merge import Record

CONFLICT = "conflict"
STAGES = ("heard", "proposed", "draft", "confirmed", "in_case", "withdrawn")
SERVED_DAYS_MAX = 365
CASES_MAX = 20
"""How far back a date of service may lie before it is a slip of the keyboard."""


def orders() -> tuple[Order, ...]:
    """Return the orders of the list, the usual one first: what waits for the desk, then the rest."""
    rank = case({stage: n for n, stage in enumerate(STAGES)}, value=TABLE.c.stage, else_=len(STAGES))
    return (
        Order("waiting", (rank, *oldest_first())),
        Order("-version", (TABLE.c.version.desc(), TABLE.c.id)),
        Order("version", oldest_first()),
    )


def findings_page(
    reading: Reading, *, state: str = "", page: int = 1, given: Mapping[str, str] | None = None
) -> FindingsPage:
    """Return findings in one stage ('' for all, `conflict` for open conflicts), those that wait first.

    given: `region` and `sort` of the address; raises BadValue or BadCode
    """
    ways = orders()
    wanted = narrowed(given or {}, ways)
    every = wanted.within(reading.visible("finding"))
    contested = every.where(TABLE.c.open_conflicts > 0)
    counts = reading.by_stage(every)
    counts |= {CONFLICT: reading.count(contested), "": sum(counts.values())}
    shown = {CONFLICT: contested, "": every}.get(state, every.where(TABLE.c.stage == state))
    ordered = shown.order_by(*wanted.order.columns)
    records = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    chips = [
        Chip(value=s, count=counts[s], active=s == state) for s in ("", CONFLICT, *STAGES) if counts.get(s)
    ]
    return FindingsPage(
        chips=tuple(chips),
        rows=finding_rows(reading, records),
        paging=Paging(total=counts.get(state, 0), page=page, size=PAGE_SIZE),
        narrowing=narrowing.shown(reading, wanted, ways, state),
    )


def finding_rows(reading: Reading, findings: Sequence[Record]) -> tuple[FindingRow, ...]:
    """Return findings as rows, however many in the same few queries."""
    inspections = reading.named(each.root for each in findings)
    institutions = reading.named(i.values["institution"] for i in inspections.values())
    proposed = {each.id: index for each in findings if (index := _reached(each, "proposed")) is not None}
    made = origins(reading, proposed.values())
    words = naming.named(reading.connection, reading.services.ledger.id, findings, inspections)
    return tuple(
        FindingRow(
            id=each.id,
            institution=people.institution(institutions.get(inspections[each.root].values["institution"])),
            violation_code=each.values["violation_code"],
            violation=words[each.id].said(reading.locale)[0],
            amount_fen=each.values.get("amount_fen"),
            state=str(each.stage),
            proposed_at=made[proposed[each.id]].received if each.id in proposed else None,
            evidence_count=len(each.values.get("evidence") or ()),
            conflict=bool(each.open_conflicts),
        )
        for each in findings
    )


def _reached(finding: Record, stage: str) -> int | None:
    """Return the index at which a record first came to a stage, or None."""
    return min((w.act.index for w in finding.writes.get("stage", ()) if w.value == stage), default=None)


@dataclass(frozen=True)
class Term:
    """What stands in the form: a date of service and working days; failed: why they do not do."""

    served_on: date
    working_days: int = DEFAULT_WORKING_DAYS
    failed: str = ""


def term(served_on: str | None, working_days: str | None, today: date) -> Term:
    """Return the term that somebody asks for, the usual one where nothing is asked; raises BadValue."""
    try:
        served = date.fromisoformat(served_on) if served_on else today
    except ValueError as error:
        raise BadValue("a date of service is written like 2026-11-21", field="served_on") from error
    if not today - timedelta(days=SERVED_DAYS_MAX) <= served <= today:
        raise BadValue(
            f"the date of service lies between {SERVED_DAYS_MAX} days ago and today", field="served_on"
        )
    return Term(served, working_days_of(working_days))


def working_days_of(text: str | None, usual: int = DEFAULT_WORKING_DAYS) -> int:
    """Return a number of working days that somebody typed, the usual one for nothing; raises BadValue."""
    text = text or str(usual)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= WORKING_DAYS_MAX:
        raise BadValue(f"between 1 and {WORKING_DAYS_MAX} working days", field="working_days")
    return int(text)


def finding_page(reading: Reading, record: str, wanted: Term, *, asking_failed: str = "") -> FindingPage:
    """Return one finding with the form as `wanted` fills it; raises NotFound.

    asking_failed: why the party was not asked, in words
    """
    finding = reading.one("finding", record)
    inspection = reading.named([finding.root])[finding.root]
    institution = reading.named([inspection.values["institution"]]).get(inspection.values["institution"])
    values = finding.values
    made = origins(reading, _indexes(finding))
    words = naming.named(
        reading.connection, reading.services.ledger.id, [finding], {inspection.id: inspection}
    )
    violation, basis = words[finding.id].said(reading.locale)
    names = people.officers(reading, team_of(inspection) | {origin.by for origin in made.values()})
    proposed = _reached(finding, "proposed")
    evidence = values.get("evidence") or []
    items = reading.records(reading.visible("evidence").where(TABLE.c.id.in_(evidence)).order_by(TABLE.c.id))
    return FindingPage(
        id=record,
        version=finding.version,
        institution=people.institution(institution),
        violation_code=values["violation_code"],
        violation=violation,
        amount_fen=values.get("amount_fen"),
        state=str(finding.stage),
        facts=said(finding, "facts", reading.locale),
        legal_basis=basis,
        legal_basis_on=date.fromisoformat(on) if (on := values.get("legal_basis_on")) else None,
        persons=tuple(formats.masked_name(name) for name in values.get("persons") or ()),
        officers=people.team(inspection, names),
        proposed_at=made[proposed].received if proposed is not None else None,
        statement=_statement(reading, finding, made, names),
        evidence=evidence_rows(reading, items),
        conflicts=tuple(
            _conflict(finding, name, made, names, reading.locale) for name in finding.open_conflicts
        ),
        form=_form(reading, finding, inspection, wanted),
        case_id=_case_of(reading, finding),
        asking=_asking(reading, finding, inspection, asking_failed),
    )


def _asking(reading: Reading, finding: Record, inspection: Record, failed: str) -> AskParty | None:
    if finding.stage != "proposed":
        return None
    values = finding.values
    signed = inspection.stage in asking_party.RECORD_SIGNED
    return AskParty(
        working_days=asking_party.DEFAULT_WORKING_DAYS,
        asked_on=date.fromisoformat(values["asked_on"]) if values.get("asked_on") else None,
        answer_by=date.fromisoformat(values["answer_by"]) if values.get("answer_by") else None,
        may=signed and "supervisor" in reading.roles_over(finding),
        failed=failed,
    )


def _indexes(finding: Record) -> set[int]:
    """Return the entries whose makers the page names."""
    fields = ("statement_kind", "stage", *finding.open_conflicts)
    return {write.act.index for name in fields for write in finding.writes.get(name, ())}


def _statement(
    reading: Reading, finding: Record, made: Mapping[int, Origin], names: Mapping[str, Officer]
) -> Statement | None:
    kind = finding.values.get("statement_kind")
    if not kind:
        return None
    last = max(finding.writes["statement_kind"], key=lambda write: write.act.index)
    return Statement(
        kind=kind,
        recorded_by=names[made[last.act.index].by],
        text=said(finding, "statement", reading.locale),
        heard_on=date.fromisoformat(on) if (on := finding.values.get("heard_on")) else None,
        files=files_of(reading.records(_stated(reading, finding.id))),
    )


def _stated(reading: Reading, finding: str) -> Select[Any]:
    named = public_values.text_in(reading.connection, "finding") == finding
    return reading.visible("statement").where(named).order_by(TABLE.c.id)


def _conflict(
    finding: Record, name: str, made: Mapping[int, Origin], names: Mapping[str, Officer], locale: str
) -> FieldConflict:
    standing = finding.contests[name].candidates
    writes = [write for write in finding.writes[name] if write.act.change in standing]
    return FieldConflict(
        field=name,
        candidates=tuple(
            Candidate(
                value=_standing(write.value, locale),
                officer=names[made[write.act.index].by],
                captured=made[write.act.index].captured,
            )
            for write in writes
        ),
    )


def _standing(value: Any, locale: str) -> Any:
    """Return a value as the page shows it: words where it was erased, a dash where this reader must not see it."""
    return GONE[locale] if type(value) is Erased else "–" if value is None else value


def _form(reading: Reading, finding: Record, inspection: Record, wanted: Term) -> ConfirmForm | None:
    if finding.stage not in ("proposed", "heard"):
        return None
    calendar = reading.calendar_of(finding.region)
    due_on = due_date(wanted.served_on, wanted.working_days, calendar)
    days = sorted({*PRESETS, wanted.working_days})
    return ConfirmForm(
        served_on=wanted.served_on,
        working_days=wanted.working_days,
        due_on=due_on,
        presets=tuple(_preset(n, wanted.served_on, calendar) for n in days),
        earliest=reading.today - timedelta(days=SERVED_DAYS_MAX),
        latest=reading.today,
        provisional=bool(calendar.provisional_years(wanted.served_on, due_on)),
        blocked=_blocked(reading, finding, inspection),
        failed=wanted.failed,
        cases=_joinable(reading, finding),
    )


def _joinable(reading: Reading, finding: Record) -> tuple[OpenCase, ...]:
    """Return the cases of the inspection that take a further finding: none was numbered or served yet."""
    where = (TABLE.c.parent == finding.root, TABLE.c.stage == "assigned")
    found = reading.records(reading.visible("rectification_case").where(*where).order_by(TABLE.c.id))
    return tuple(
        OpenCase(id=one.id, findings=len(one.values.get("findings") or ()))
        for one in found[:CASES_MAX]
        if "number" not in one.values
    )


def _preset(working_days: int, served_on: date, calendar: Calendar) -> DuePreset:
    return DuePreset(working_days=working_days, due_on=due_date(served_on, working_days, calendar))


def _blocked(reading: Reading, finding: Record, inspection: Record) -> str | None:
    """Return why this reader may not confirm a finding, by `marks.BLOCKS`; the act itself checks again."""
    if "supervisor" not in reading.roles_over(finding):
        return "not_permitted"
    if not is_outsider(reading.user, finding, inspection):
        return "team_member" if reading.user in team_of(inspection) else "author"
    if finding.open_conflicts:
        return "conflict_open"
    return None if finding.stage == "heard" else "not_heard"


def _case_of(reading: Reading, finding: Record) -> str | None:
    """Return the case that a confirmed finding went into."""
    if finding.stage not in ("confirmed", "in_case"):
        return None
    cases = reading.records(reading.visible("rectification_case").where(TABLE.c.parent == finding.root))
    return next((each.id for each in cases if finding.id in (each.values.get("findings") or ())), None)
