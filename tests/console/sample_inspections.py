"""Demo facts of inspections: a list, a month, one with its timeline, a plan, and who has had none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from server.console.pages import CaptureInterval, Chip, Paging
from server.console.pages.bundles import BundleOffer
from server.console.pages.handover import Giver, HandoverForm, HandoverPage
from server.console.pages.inspections import (
    AgendaDay,
    AgendaPage,
    Available,
    CoveragePage,
    CoverageRow,
    Happening,
    InspectionPage,
    InspectionRow,
    InspectionsPage,
    Member,
    OfficerDraw,
    PlanForm,
    PlanPage,
)
from server.console.pages.schedules import ScheduleForm, ScheduleRow, SchedulesPage
from tests.console import sample_casework, sample_devices, sample_evidence, sample_rounds
from tests.console.sample_frame import FIRST, HOSPITALS, NOW, SECOND, ago

TODAY = date(2026, 11, 21)
PEOPLE = (("u1", FIRST.name), ("u2", SECOND.name))


def row(number: int, stage: str = "approved", **more: Any) -> InspectionRow:
    """Return one inspection."""
    given = {"kind": "routine_check", "mode": "open", "planned_on": TODAY + timedelta(days=number), **more}
    return InspectionRow(
        id=f"i{number}", version=40 + number, institution=HOSPITALS[number % 4], region="金安区", stage=stage,
        lead=FIRST, officers=(FIRST, SECOND), **given,
    )  # fmt: skip


def listed(*, empty: bool = False) -> InspectionsPage:
    """Return the list."""
    rows = (row(1, "draft", kind="special_check"), row(2, mode="covert"), row(3, "on_site"))
    return InspectionsPage(
        chips=(Chip(value="", count=3, active=True), Chip(value="draft", count=1)), rows=() if empty else rows,
        paging=Paging(total=0 if empty else 103), query={"kind": "routine_check"} if empty else {}, leads=PEOPLE,
        regions=(("341502", "金安区"), ("341503", "裕安区")), officers=PEOPLE, may_plan=True,
    )  # fmt: skip


def agenda() -> AgendaPage:
    """Return a month."""
    first = date(2026, 10, 26)
    days = [first + timedelta(days=n) for n in range(42)]
    weeks = [
        AgendaDay(
            on=day, working=day.weekday() < 5, inside=day.month == 11, left_out=2 if day == TODAY else 0,
            rows=(row(1, "draft"), row(2, mode="covert")) if day.day % 5 == 1 else (),
        )
        for day in days
    ]  # fmt: skip
    return AgendaPage(
        view="month", first=date(2026, 11, 1), weeks=tuple(tuple(weeks[n : n + 7]) for n in range(0, 42, 7)),
        before=date(2026, 10, 1), after=date(2026, 12, 1), total=16, may_plan=True,
    )  # fmt: skip


def inspection(*, blocked: str = "") -> InspectionPage:
    """Return one inspection, a plan whose officers were drawn; blocked: why it cannot be approved."""
    happened = (
        Happening(at=ago(hours=1), kind="inspection", what="team", by="测试丙003", record="i1", ledger_index=88,
                  note="+ 测试乙002"),
        Happening(at=ago(hours=2), kind="evidence", what="created", by=FIRST.name, record="e1", ledger_index=80,
                  captured=CaptureInterval(earliest=ago(hours=3), latest=ago(hours=2))),
        Happening(at=ago(hours=9), kind="inspection", what="stage", by="测试丙003", record="i1", ledger_index=60,
                  note="已批准"),
        Happening(at=ago(days=1), kind="inspection", what="created", by="测试丙003", record="i1", ledger_index=50),
    )  # fmt: skip
    return InspectionPage(
        row=row(1, "draft"),
        members=(Member(officer=FIRST, lead=True, until=date(2027, 3, 31)),
                 Member(officer=SECOND, lead=False, drawn=True, away=True, fault="expired" if blocked else "")),
        rounds=sample_rounds.rounds().rows[:2], evidence=sample_evidence.evidence_queue().rows[:3],
        findings=sample_casework.findings().rows[:2], happenings=happened, happenings_left_out=3, beds_checked=36,
        checklist="day_ward", note="测试备注", id_shown_at=NOW,
        draw=OfficerDraw(size=1, pool=9, seed="5e" * 32, entry=50),
        may_plan=True, blocked=blocked, officers=PEOPLE,
        bundle=BundleOffer(kind="inspection", id="i1", private=True),
    )  # fmt: skip


def plan(*, empty: bool = False) -> PlanPage:
    """Return the form of a plan; empty: before an institution is chosen."""
    officers = (
        Available(id="u1", officer=FIRST, may_lead=True, leads=True),
        Available(id="u2", officer=SECOND, may_lead=False, busy=2, chosen=True),
        Available(id="u3", officer=SECOND, may_lead=False, fault="no_certificate", away=True),
    )
    places = tuple((f"h{n}", place) for n, place in enumerate(HOSPITALS))
    return PlanPage(
        form=PlanForm(planned_on="2026-11-23", failed="" if empty else "members"), officers=() if empty else officers,
        places=() if empty else places[:2], found=() if empty else places[2:], asked="" if empty else "测试",
        checklists=(("day_ward", "day_ward"),),
    )  # fmt: skip


def coverage(*, empty: bool = False) -> CoveragePage:
    """Return who has had no inspection."""
    rows = tuple(
        CoverageRow(id=f"h{n}", institution=place, region="金安区", kind="hospital",
                    last_on=date(2026, 3, 2) if n else None, planned_on=TODAY if n == 2 else None)
        for n, place in enumerate(HOSPITALS)
    )  # fmt: skip
    return CoveragePage(
        group="medical", since=date(2026, 7, 1), until=date(2026, 12, 31), covered=176 if empty else 172, planned=1,
        total=176, rows=() if empty else rows, left_out=0 if empty else 7,
        regions=(("341502", "金安区"), ("341503", "裕安区")),
        may_plan=True,
    )  # fmt: skip


def schedules(*, empty: bool = False) -> SchedulesPage:
    """Return the schedules of rounds, with the form of a new one."""
    row = ScheduleRow(
        id="s1", kind="surprise", stage="active", institutions=HOSPITALS[:3], weekdays=("mon", "wed"), start="09:00",
        end="17:00", times_a_week=2, method="random", size=10, led_by=FIRST.name,
    )  # fmt: skip
    paused = replace(row, id="s2", kind="routine", stage="paused", end="", times_a_week=None)
    form = ScheduleForm(failed="" if empty else "weekdays")
    return SchedulesPage(
        rows=() if empty else (row, paused), form=form, places=() if empty else sample_rounds.call().places,
        may_make=True,
    )  # fmt: skip


def handover(*, failed: str = "", blocked: str = "") -> HandoverPage:
    """Return the form that hands a visit over: one phone holds work, one has told nothing."""
    one, two = sample_devices.device_rows()[:2]
    held = replace(one, health=sample_devices.health(unsent=14))
    return HandoverPage(
        row=inspection().row,
        givers=(Giver(id="u1", officer=FIRST, leads=True, phones=(held, two)),
                Giver(id="u2", officer=SECOND, leads=False)),
        takers=() if blocked else plan().officers, blocked=blocked,
        form=HandoverForm(giver="u1", failed=failed, reason="组长临时调离，由同事继续。" if failed else ""),
    )  # fmt: skip


PAGES = {
    "/rounds/schedules": schedules,
    "/rounds/schedules-none": lambda: schedules(empty=True),
    "/inspections": listed,
    "/inspections-none": lambda: listed(empty=True),
    "/inspections/calendar": agenda,
    "/inspections/coverage": coverage,
    "/inspections/coverage-none": lambda: coverage(empty=True),
    "/inspections/new": plan,
    "/inspections/new-none": lambda: plan(empty=True),
    "/inspections/i1": inspection,
    "/inspections/i1/handover": lambda: handover(failed="taker"),
    "/inspections/i2/handover": lambda: handover(blocked="not_open"),
    "/inspections/i2": lambda: inspection(blocked="unfit"),
}
