"""What the months before the demo's day left: visits, rounds, findings, and cases on their way, closed or overdue.

The demo's clock is set to each moment in turn, so every entry bears the time at which it would have been made.
Whatever would fall on the demo's day or later does not happen: so some cases stand in every stage.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any

from schemas.drafting import Draft
from server.casework import desk
from server.casework.confirm import Confirmation
from server.commit.acts import act, new_id
from server.demo import city, names
from server.demo.cast import SEED, Town, case_of, places_of
from server.demo.city import PlannedInspection
from server.imports.census import import_census
from server.reminders.calendar import add_working_days
from server.storage import record_store
from server.wiring import Services
from sync.merge import Record

WEEKS = 20
VISITS_A_WEEK = 4
ROUND_EVERY = 2
"""Of the visits to hospitals, one in so many goes through a ward."""
BEDS_MAX = 24
FINDING_SHARE, CONFIRM_SHARE, ANSWER_SHARE, RETURN_SHARE = 0.75, 0.94, 0.86, 0.2
TERMS = (3, 7, 15, 15, 15, 30)
"""Working days that a case is given, as often as they stand here."""
FOUND = {
    "bed_hanging": ("核查时患者不在院，住院费用照常产生", 2_400_00),
    "upcoding": ("按较高病种申报，病历记载与申报病种不符", 5_800_00),
    "overtreatment": ("同一检查项目短期内重复收费，无复查指征", 1_350_00),
    "stock_mismatch": ("药品进销存数量不符，差额已按医保结算", 3_200_00),
    "dispensing_without_prescription": ("处方药未凭处方销售并纳入医保结算", 860_00),
}
AT_PHARMACIES = ("stock_mismatch", "dispensing_without_prescription")
PRESENCES = ("in_bed",) * 46 + ("on_site_off_bed",) * 3 + ("absent",)

SetClock = Callable[[datetime], None]


@dataclass
class _Past:
    """The months as they are played: what is still to happen, by its moment."""

    services: Services
    town: Town
    folder: Path
    rng: random.Random
    places: dict[str, str] = field(default_factory=dict)
    queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    number: Iterator[int] = field(default_factory=count)

    def later(self, moment: datetime, what: Callable[[], None]) -> None:
        heappush(self.queue, (moment, next(self.number), what))

    def at(self, working_days: int, hour: int) -> datetime:
        """Return a moment so many working days from the present."""
        day = add_working_days(self.services.today(), working_days, self.services.calendar)
        return datetime.combine(day, time(hour, self.rng.randrange(60)), self.services.config.zone)

    def by(self, user: str, *drafts: Draft) -> None:
        act(self.services, list(drafts), user=user)

    def move(
        self, case: str, source: str, target: str, values: dict[str, Any] | None = None, *, by: str
    ) -> None:
        step = {"stage": {"from": source, "to": target}}
        self.by(by, Draft("edit", "rectification_case", case, {**(values or {}), **step}))


def began(day: date) -> date:
    """Return the Monday on which the months before a demo's day begin."""
    return day - timedelta(days=day.weekday() + 7 * WEEKS)


def live(services: Services, set_clock: SetClock, town: Town, folder: Path, day: date) -> int:
    """Play the weeks before `day`, and return how many visits there were; the clock stands before `day` then."""
    zone = services.config.zone
    past = _Past(services, town, folder, names.chance(SEED, "history"))
    monday, visits = began(day), 0
    while monday + timedelta(days=7) <= day:
        week = [
            plan
            for plan in city.week_of_inspections(SEED, town.institutions, town.people, monday)
            if services.calendar.is_working_day(plan.planned_on)
        ]
        chosen = past.rng.sample(week, min(VISITS_A_WEEK, len(week)))
        past.places |= places_of(services, [plan.institution for plan in chosen])
        past.later(datetime.combine(monday, time(8, 10), zone), partial(_plan, past, chosen))
        visits += len(chosen)
        monday += timedelta(days=7)
    while past.queue and past.queue[0][0] < datetime.combine(day, time(0), zone):
        moment, _, what = heappop(past.queue)
        set_clock(moment)
        what()
    return visits


def _plan(past: _Past, week: Sequence[PlannedInspection]) -> None:
    """Plan a week's visits, as one act of the supervisor."""
    zone = past.services.config.zone
    drafts = []
    for plan in week:
        record = new_id(past.services)
        values = {
            "kind": plan.kind,
            "mode": plan.mode,
            "institution": past.places[plan.institution],
            "lead": past.town.ids[plan.lead],
            "planned_on": plan.planned_on.isoformat(),
            "stage": {"from": "draft", "to": "approved"},
        }
        members = [past.town.ids[login] for login in plan.members]
        drafts.append(Draft("create", "inspection", record, values, add={"members": members}))
        hour = 9 if plan.half_day == "morning" else 14
        begins = datetime.combine(plan.planned_on, time(hour, past.rng.randrange(60)), zone)
        past.later(begins, partial(_visit, past, plan, record))
    past.by(past.town.supervisor, *drafts)


def _visit(past: _Past, plan: PlannedInspection, inspection: str) -> None:
    """Go there: a ward at some hospitals, a finding at most places; the record is signed and handed in."""
    lead = past.town.ids[plan.lead]
    past.by(lead, _step("inspection", inspection, "approved", "on_site"))
    if plan.wards and past.rng.randrange(ROUND_EVERY) == 0:
        _walk(past, plan, inspection, lead)
    if past.rng.random() < FINDING_SHARE:
        finding = _find(past, plan, inspection, lead)
        if past.rng.random() < CONFIRM_SHARE:
            past.later(past.at(2, 15), lambda: _confirm(past, finding, inspection))
    signed = _step("inspection", inspection, "on_site", "record_signed")
    past.by(lead, signed, _step("inspection", inspection, "record_signed", "submitted"))
    accepted = _step("inspection", inspection, "submitted", "accepted")
    past.later(past.at(1, 11), lambda: past.by(past.town.supervisor, accepted))


def _step(kind: str, record: str, source: str, target: str) -> Draft:
    return Draft("edit", kind, record, {"stage": {"from": source, "to": target}})


def _walk(past: _Past, plan: PlannedInspection, inspection: str, lead: str) -> None:
    """Go through one ward of a hospital, bed by bed."""
    services, today = past.services, past.services.today()
    path = past.folder / f"census-{plan.institution}-{today.isoformat()}.csv"
    path.write_text(city.census_csv(plan.institution, SEED, today), "utf-8-sig")
    import_census(services, path, plan.institution)
    listed = _listed(past, plan)[:BEDS_MAX]
    if not listed:
        return
    ward_round = new_id(services)
    values = {
        "inspection": inspection,
        "mode": "bedside",
        "trigger": "plan",
        "initiator": past.town.supervisor,
        "census_count": len(listed),
        "census_at": services.now_ms(),
        "sample_method": "all_listed",
        "stage": {"from": "planned", "to": "sampled"},
    }
    add = {"wards": [plan.wards[0]], "sample": sorted(one.id for one in listed)}
    past.by(past.town.supervisor, Draft("create", "ward_round", ward_round, values, add=add))
    started = {"started_at": services.now_ms(), "stage": {"from": "sampled", "to": "in_progress"}}
    ended = {
        "ended_at": services.now_ms() + 60_000 * len(listed),
        "stage": {"from": "in_progress", "to": "concluded"},
    }
    checks = [Draft("create", "bed_check", new_id(services), _seen(past, ward_round, one)) for one in listed]
    past.by(lead, Draft("edit", "ward_round", ward_round, started), *checks)
    past.by(lead, Draft("edit", "ward_round", ward_round, ended))


def _listed(past: _Past, plan: PlannedInspection) -> list[Record]:
    """Return who lies in the ward that is gone through, by bed."""
    services = past.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        where = record_store.TABLE.c.parent == past.places[plan.institution]
        statement = record_store.selected(services.ledger.id, "encounter").where(where)
        found = record_store.query(connection, vault, statement)
    there = [one for one in found if one.values["ward"] == plan.wards[0]]
    return sorted(there, key=lambda one: str(one.values["bed"]))


def _seen(past: _Past, ward_round: str, encounter: Record) -> dict[str, Any]:
    """Return what was seen at a bed."""
    presence = past.rng.choice(PRESENCES)
    told: dict[str, dict[str, str]] = {
        "in_bed": {"conclusion": "normal"},
        "on_site_off_bed": {"absence_reason": "exam", "conclusion": "explained"},
        "absent": {"absence_reason": "unknown", "conclusion": "bed_hanging_suspected"},
    }
    return {
        "ward_round": ward_round,
        "encounter": encounter.id,
        "bed_listed": encounter.values["bed"],
        "identity_method": "id_card" if presence == "in_bed" else "ward_staff",
        "presence": presence,
        **told[presence],
    }


def _find(past: _Past, plan: PlannedInspection, inspection: str, lead: str) -> str:
    """Write a finding and hear the party; return its id."""
    pharmacy = plan.institution.startswith("P")
    fitting = [code for code in FOUND if (code in AT_PHARMACIES) == pharmacy]
    violation = past.rng.choice(fitting)
    facts, amount = FOUND[violation]
    finding = new_id(past.services)
    written = {
        "inspection": inspection,
        "violation_code": violation,
        "facts": f"{facts}。",
        "amount_fen": round(amount * past.rng.uniform(0.4, 6)),
        "origin": "on_site",
        "stage": {"from": "draft", "to": "proposed"},
    }
    heard = {
        "statement_kind": past.rng.choice(("agrees", "agrees", "agrees", "disputes")),
        "heard_on": past.services.today().isoformat(),
        "stage": {"from": "proposed", "to": "heard"},
    }
    past.by(lead, Draft("create", "finding", finding, written), Draft("edit", "finding", finding, heard))
    return finding


def _confirm(past: _Past, finding: str, inspection: str) -> None:
    """Confirm a finding, which opens its case, and let the case take its course."""
    services, supervisor = past.services, past.town.supervisor
    item, _ = desk.load(services, supervisor, "finding", finding)
    term = past.rng.choice(TERMS)
    desk.confirm_finding(services, supervisor, finding, Confirmation(item.version, services.today(), term))
    case = case_of(services, inspection).id
    past.later(past.at(1, 10), lambda: past.move(case, "notified", "rectifying", by=supervisor))
    if past.rng.random() < ANSWER_SHARE:
        answered = max(2, round(term * past.rng.uniform(0.5, 1.15)))
        past.later(past.at(answered, 14), lambda: _answer(past, case, returns=0))


def _answer(past: _Past, case: str, *, returns: int) -> None:
    """The institution reports; the supervisor has it verified, and another one closes it or sends it back."""
    supervisor, checker = past.town.supervisor, past.town.checker
    past.move(case, "rectifying", "report_submitted", by=supervisor)
    past.later(past.at(1, 10), lambda: past.move(case, "report_submitted", "verifying", by=supervisor))
    if returns == 0 and past.rng.random() < RETURN_SHARE:
        past.later(past.at(3, 15), lambda: _send_back(past, case))
        return
    past.later(past.at(3, 16), lambda: _close(past, case))
    if past.rng.random() < ANSWER_SHARE:
        called = {"call_back_result": past.rng.choice(("satisfied", "satisfied", "fair"))}
        past.later(past.at(8, 10), lambda: past.move(case, "closed", "satisfied", called, by=checker))


def _send_back(past: _Past, case: str) -> None:
    told = {"returns": 1, "return_reason": "退款凭证不完整，整改措施未附佐证。"}
    past.move(case, "verifying", "returned", told, by=past.town.checker)
    past.later(past.at(1, 9), lambda: past.move(case, "returned", "rectifying", by=past.town.supervisor))
    past.later(past.at(5, 14), lambda: _answer(past, case, returns=1))


def _close(past: _Past, case: str) -> None:
    checker = past.town.checker
    look_back = past.services.today() + timedelta(days=90)
    checked = {"rechecked_by": checker, "money_settled": True, "look_back_on": look_back.isoformat()}
    past.move(case, "verifying", "closed", checked, by=checker)
