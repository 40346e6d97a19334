"""Plays a fleet's days against a running server: the phones work offline, sync at their hour, and all is verified."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.drafting import Draft
from server.accounts.invites import invite
from server.commit.acts import act, new_id
from server.config import environment_for
from server.demo.stage import Stage, stage
from server.evidence import picture, verify
from server.storage import record_store
from server.wiring import Services
from sync.errors import FileCorrupt, FileUnverified
from tests.fleet_days import team as teams
from tests.fleet_days.plan import BURST_MINUTES, LEAD, MEMBER, FleetPlan, Visit
from tests.fleet_days.pool import Pool
from tests.fleet_days.team import Captured, Place, Synced, Walker
from tests.server import phones

FIRST_DAY = date(2026, 11, 16)
ZONE = ZoneInfo("Asia/Shanghai")
BUCKET_MINUTES = 15
"""Uploads within so many minutes of the day happen beside each other."""
MORNING_MINUTE = 7 * 60
Told = Callable[[str], None]


@dataclass
class Figures:
    """What happened. evening: share of the visits whose upload fell into the evening's two hours."""

    plan: FleetPlan
    captured: Captured = field(default_factory=Captured)
    synced: Synced = field(default_factory=Synced)
    evening: float = 0.0
    backlog: int = 0
    verified: int = 0
    duplicates: int = 0
    conflicts_open: int = 0
    audit: str = ""
    faults: list[str] = field(default_factory=list)
    took_seconds: float = 0.0


@dataclass
class Team:
    """A team on the ground: its two phones, and where each of its days takes place.

    thread: the only one that touches its phones, since a phone's journal belongs to the thread that opened it
    """

    walkers: tuple[Walker, Walker]
    places: dict[int, Place]
    thread: ThreadPoolExecutor


def play(
    plan: FleetPlan, home: Path, *, port: int, scale: float, jobs: int = 4, told: Told = print
) -> Figures:
    """Play a plan and return its figures; `faults` is empty where everything arrived and the audit is sound.

    home: a folder of its own; scale: of the files' bytes; jobs: how many teams sync beside each other
    """
    began = time.monotonic()
    told("drawing the files")
    pool = Pool(plan.seed, scale)
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 6, tzinfo=ZONE)
    with stage(home, port, start) as shown:
        told("laying the ground: users, in-patients, approved inspections; phones enrol")
        shown.serve()
        players = _Players(shown, plan, pool, jobs)
        try:
            players.morning()
            for day in range(max(one.upload_day for one in plan.visits) + 1):
                told(f"day {day + 1}")
                players.day(day)
            figures = players.figures
            told("comparing every file, auditing the ledger")
            compare(shown.services, figures)
            _audit(shown, figures)
        finally:
            players.close()
    figures.took_seconds = time.monotonic() - began
    return figures


class _Players:
    """The teams of a plan, on their ground."""

    def __init__(self, shown: Stage, plan: FleetPlan, pool: Pool, jobs: int):
        self._stage, self._plan, self._pool = shown, plan, pool
        self._gate = threading.Semaphore(jobs)
        self.figures = Figures(plan)
        self._teams: list[Team] = []
        for number in range(plan.teams):
            self._teams.append(_muster(shown, plan, number))

    def close(self) -> None:
        """Put every phone away."""
        for team in self._teams:
            for walker in team.walkers:
                team.thread.submit(teams.put_away, walker).result()
            team.thread.shutdown()

    def morning(self) -> None:
        """Let every phone fetch its work."""
        self._stage.set_clock(_moment(0, MORNING_MINUTE))
        self._all([(team, partial(self._sync, team)) for team in self._teams])

    def day(self, day: int) -> None:
        """Let the teams work, each offline, and those with a network that day sync at their hour."""
        visits = [one for one in self._plan.visits if one.day == day]
        for visit in visits:
            self._work(visit)
        buckets: dict[int, list[Visit]] = {}
        for visit in self._plan.uploads():
            if visit.upload_day == day:
                buckets.setdefault(visit.upload_minute // BUCKET_MINUTES, []).append(visit)
        for bucket, here in sorted(buckets.items()):
            moment = _moment(day, bucket * BUCKET_MINUTES)
            # A slow machine may take longer for a bucket than it lasts; the ledger's clock never goes back.
            self._stage.set_clock(max(moment, self._stage.services.now()))
            # Two visits of one team are one phone's: they are brought home one after the other.
            held: dict[int, list[Visit]] = {}
            for visit in here:
                held.setdefault(visit.team, []).append(visit)
            self._all([(self._teams[team], partial(self._bring_home, some)) for team, some in held.items()])

    def _all(self, acts: list[tuple[Team, Callable[[], Synced]]]) -> None:
        """Let teams sync beside each other, as many at once as there are jobs."""

        def in_turn(turn: Callable[[], Synced]) -> Synced:
            with self._gate:
                return turn()

        for waiting in [team.thread.submit(in_turn, turn) for team, turn in acts]:
            self.figures.synced.plus(waiting.result())

    def _work(self, visit: Visit) -> None:
        team = self._teams[visit.team]
        for walker, error_ms in zip(team.walkers, visit.clock_errors_ms, strict=True):
            walker.stand_at(_ms(_moment(visit.day, visit.begin_minute)), error_ms)
        place = team.places[visit.day]
        done = team.thread.submit(teams.work, team.walkers, visit, place, self._pool).result()
        whole, figures = self.figures.captured, self.figures
        whole.digests += done.digests
        whole.bytes += done.bytes
        whole.cuts += done.cuts
        whole.beds += done.beds
        figures.backlog += visit.upload_day > visit.day
        figures.evening += (BURST_MINUTES[0] <= visit.upload_minute < BURST_MINUTES[1]) / len(
            self._plan.visits
        )

    def _bring_home(self, visits: list[Visit]) -> Synced:
        done = Synced()
        for visit in visits:
            team = self._teams[visit.team]
            place = team.places[visit.day]
            done.plus(self._sync(team, visit))
            teams.contest(team.walkers, place)
            done.plus(self._sync(team, visit))
        return done

    def _sync(self, team: Team, visit: Visit | None = None) -> Synced:
        """Let both phones sync, the lead first, each until its files are sent; what breaks off is gone on with."""
        done = Synced()
        errors = visit.clock_errors_ms if visit else (0, 0)
        for by in (LEAD, MEMBER):
            walker = team.walkers[by]
            for _ in range(teams.cuts_to_come(walker) + teams.SPARE_SYNCS):
                # The phone's clocks stand while it syncs; the server's has run on.
                walker.stand_at(self._stage.services.now_ms(), errors[by])
                if _sync_once(walker, done) and walker.files_waiting == 0:
                    break
            else:
                done.faults.append(f"{walker.files_waiting} files still wait on a phone after every sync")
        return done


def _sync_once(walker: Walker, done: Synced) -> bool:
    """Sync one phone once, count what it did, and return whether it went through."""
    broken, began = len(walker.network.broken), time.monotonic()
    report = walker.phone.sync()
    done.seconds.append(time.monotonic() - began)
    done.cut += len(walker.network.broken) - broken
    done.cipher_bytes += report.uploaded.bytes
    for verdict, count in report.pushed.verdicts.items():
        done.verdicts[verdict] = done.verdicts.get(verdict, 0) + count
    others = [error for error in report.errors if not teams.is_cut(error.part, error.code)]
    done.faults += [f"{error.part}: {error.code}: {error.detail}" for error in others]
    if report.alarm:
        done.faults.append(f"alarm: {report.alarm}")
    return report.clean


def _moment(day: int, minute: int) -> datetime:
    midnight = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=ZONE)
    return midnight + timedelta(days=day, minutes=minute)


def _ms(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _muster(shown: Stage, plan: FleetPlan, number: int) -> Team:
    """Lay a team's ground: a hospital with in-patients, two officers, an inspection for each of its days."""
    services = shown.services
    mine = [one for one in plan.visits if one.team == number]
    beds = max(len(one.beds) for one in mine)
    ground = phones.visit(services, beds=beds, number=number + 1)
    places = {one.day: _plan_visit(services, ground, one) for one in mine}
    walkers, thread = [], ThreadPoolExecutor(1)
    for place, who in enumerate((ground.lead, ground.member)):
        with services.database.reading() as connection:
            vault = services.vault.session(connection, services.ledger.id)
            officer = record_store.load(connection, vault, [who])[who]
        ticket = invite(services, officer)
        folder, now = shown.home / "phones", services.now_ms()
        walkers.append(thread.submit(teams.equip, folder, 2 * number + place + 1, ticket, now).result())
    return Team((walkers[LEAD], walkers[MEMBER]), places, thread)


def _plan_visit(services: Services, ground: phones.Visit, visit: Visit) -> Place:
    inspection, ward_round = new_id(services), new_id(services)
    planned = {
        "kind": "routine_check", "mode": "open", "institution": ground.institution, "lead": ground.lead,
        "planned_on": _moment(visit.day, 0).date().isoformat(), "stage": {"from": "draft", "to": "approved"},
    }  # fmt: skip
    ordered = {
        "inspection": inspection, "mode": "bedside", "trigger": "plan", "sample_method": "all_listed",
        "stage": {"from": "planned", "to": "sampled"},
    }  # fmt: skip
    sample = ground.encounters[: len(visit.beds)]
    drafts = [
        Draft("create", "inspection", inspection, planned, add={"members": [ground.lead, ground.member]}),
        Draft("create", "ward_round", ward_round, ordered, add={"wards": ["W11"], "sample": list(sample)}),
    ]
    act(services, drafts, user=ground.supervisor)
    return Place(inspection, ward_round, sample)


def compare(services: Services, figures: Figures) -> None:
    """Open every original and compare it with what was captured; what differs goes to the figures' faults."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        items = record_store.query(connection, vault, record_store.selected(services.ledger.id, "evidence"))
        conflicts = record_store.query(
            connection, vault, record_store.selected(services.ledger.id, "conflict")
        )
    for item in items:
        try:
            for _ in picture.original(services, item).parts:
                pass
            figures.verified += item.values["file_state"] == verify.VERIFIED
        except (FileCorrupt, FileUnverified) as refusal:
            figures.faults.append(f"{item.id}: {refusal.code}")
    arrived = Counter(str(item.values["digest"]) for item in items)
    if arrived != Counter(figures.captured.digests):
        figures.faults.append("the digests that arrived are not those that were captured")
    figures.duplicates = sum(count - 1 for count in arrived.values())
    figures.conflicts_open = len(conflicts)
    contested = sum(visit.conflicts for visit in figures.plan.visits)
    if figures.conflicts_open != contested:
        figures.faults.append(f"{figures.conflicts_open} conflicts are open, {contested} were made")
    if figures.synced.cut != figures.captured.cuts:
        figures.faults.append(f"{figures.synced.cut} uploads broke off, {figures.captured.cuts} should have")
    figures.faults += figures.synced.faults


def _audit(shown: Stage, figures: Figures) -> None:
    command = [sys.executable, "-m", "server", "ledger", "audit"]
    done = subprocess.run(
        command, env=environment_for(shown.home), capture_output=True, text=True, check=False
    )
    figures.audit = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    if done.returncode:
        figures.faults.append(f"the audit failed: {figures.audit}")
