"""The demo's day: three phones work without a network, sync, disagree, settle; the desk decides; a mail goes out."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage

import httpx

from mobile_stub import fleet, working
from mobile_stub.phone import Phone, SyncReport
from mobile_stub.trouble import Offline
from mobile_stub.working import Style
from server.accounts.invites import invite
from server.casework import desk, reviewing
from server.casework.confirm import Confirmation
from server.casework.review import Review
from server.demo import called_round, gathering, history, party
from server.demo.cast import Cast, Task, bring_on, case_of, settle
from server.demo.marking import stamp
from server.demo.material import Material
from server.demo.stage import Stage
from server.demo.weak_network import WeakNetwork, weak_client
from server.documents import issuing
from server.reminders.calendar import Calendar, add_working_days
from server.storage import ledger_scan, outbox_store, record_store
from server.wiring import Clock, demo_clock
from sync.errors import Refusal
from sync.merge import Record

MAIL_SECONDS = 60
Say = Callable[[str], None]


@dataclass
class Day:
    """What happened, for the tables at the end."""

    cast: Cast
    verdicts: Counter[str] = field(default_factory=Counter)
    beds: int = 0
    photos: int = 0
    findings: int = 0
    receipts: int = 0
    pulled: int = 0
    uploaded: int = 0
    interrupted: int = 0
    gathered: int = 0
    files: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    approvals: list[str] = field(default_factory=list)
    case: str = ""
    called: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    party: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def synced(self, report: SyncReport) -> None:
        """Count what a sync did, and keep what went wrong."""
        self.verdicts.update(report.pushed.verdicts)
        self.receipts += report.pushed.sets
        self.pulled += report.pulled.items
        self.uploaded += report.uploaded.bytes
        for error in report.errors:
            if (error.part, error.code) == ("files", Offline.code):
                # What waits is sent by the next sync; whether it arrived is looked at in the end.
                self.interrupted += 1
            else:
                self.troubles.append(f"{error.part}: {error.code}: {error.detail}")
        if report.alarm:
            self.troubles.append(f"alarm: {report.alarm}")


class DemoClock:
    """A phone's clock that follows the demo's; both of its clocks run with the demo's day."""

    session = "demo-day"

    def __init__(self, now: Clock):
        self._now = now
        self._start = now()

    def wall_ms(self) -> int:
        """Return the demo's time."""
        return self._now()

    def mono_ms(self) -> int:
        """Return ms since the demo's day began on this phone."""
        return self._now() - self._start


def play(stage: Stage, day: date, say: Say) -> Day:
    """Play the whole day and return what happened; a part that fails is among `troubles`."""
    services, zone = stage.services, stage.config.zone

    def at(hour: int, minute: int = 0) -> None:
        stage.set_clock(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone))

    say(f"making the city's ledger: institutions and users; then {history.WEEKS} weeks of visits and cases")
    town = settle(services, stage.home / "imports")
    visits = history.live(services, stage.set_clock, town, stage.home / "imports", day)
    at(7, 30)
    say(f"{visits} visits lie behind; now the week's inspections, and the morning's in-patients")
    cast = bring_on(services, stage.home / "imports", day, town)
    done = Day(cast)
    stage.serve()
    stage.start("scheduler", "--seconds", "1")
    at(8)
    say("three phones enrol and fetch the day's work")
    client, network = weak_client()
    clients = (None, client, None)
    phones = [
        _enrol(stage, number, task.user, client)
        for number, (task, client) in enumerate(zip(cast.tasks, clients, strict=True), start=1)
    ]
    try:
        for phone in phones:
            done.synced(phone.sync())
        visit = cast.tasks[1]
        files = gathering.begin(
            phones[1], visit.inspection, visit.ward_round, services.now().astimezone(zone)
        )
        at(8, 45)
        say("ward rounds and photographs, without a network")
        for number, (phone, task) in enumerate(zip(phones, cast.tasks, strict=True)):
            at(8, 45)
            _work(stage, phone, random.Random(f"{day}/{number}"), task, done)  # noqa: S311 - a simulation's chance
        _bring_home(stage, phones, network, visit, files.result(), done, at, say)
        _surprise(stage, cast, done, at, say)
        _disagree(stage, phones, cast, done, at, say)
        _decide(stage, phones, cast, done, at, say)
        _put_right(stage, town.checker, done, at, say)
    finally:
        for phone in phones:
            phone.close()
        client.close()
    done.files = gathering.told(services)
    return done


def _enrol(stage: Stage, number: int, who: str, client: httpx.Client | None = None) -> Phone:
    services = stage.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        user = record_store.load(connection, vault, [who])[who]
    ticket = invite(services, user)
    clock = DemoClock(demo_clock(stage.home / "clock.json"))
    return fleet.muster(stage.home / "phones", number, ticket, clock=clock, client=client)


def _work(stage: Stage, phone: Phone, rng: random.Random, task: Task, done: Day) -> None:
    style = Style(photo_share=0.2, stamp=stamp, pass_time=stage.pass_time)
    worked = working.work_round(phone, rng, task.inspection, ward_round=task.ward_round, style=style)
    done.beds += len(worked.bed_checks)
    done.photos += len(worked.evidence)
    done.findings += len(worked.findings)
    if task != done.cast.tasks[-1]:
        # The third round goes on after lunch, so that the desk has one in progress to look at.
        phone.edit(task.ward_round, {"ended_at": phone.kit.clock.wall_ms()})
        phone.step(task.ward_round, "concluded")


def _bring_home(
    stage: Stage,
    phones: list[Phone],
    network: WeakNetwork,
    visit: Task,
    files: tuple[Material, ...],
    done: Day,
    at: Callable[..., None],
    say: Say,
) -> None:
    """The second phone captures papers, recordings and a clip; then all three sync, it over a weak network."""
    at(11, 15)
    say("papers, recordings and a clip besides; one picture is shown twice")
    gathered = gathering.capture(phones[1], network, visit.inspection, files, stage.pass_time)
    done.gathered = len(gathered.evidence)
    at(11, 45)
    say(
        "back at the hospital's gate: change-sets, files, receipts; one upload breaks off and is gone on with"
    )
    for phone in phones + phones:
        done.synced(phone.sync())
    done.troubles += gathering.troubles(stage.services, network, gathered, files)


def _surprise(stage: Stage, cast: Cast, done: Day, at: Callable[..., None], say: Say) -> None:
    """A hospital is called without warning; its ward answers, partly offline, and the desk sees what is doubtful."""
    at(12, 40)
    say("a surprise: one hospital is called over the network, its ward answers by its own phone")
    services = stage.services
    hospital = called_round.prepare(services, cast.tasks[-1].inspection)
    rng = random.Random(f"{services.now().date()}/call")  # noqa: S311 - a simulation's chance
    style = Style(stamp=stamp, pass_time=stage.pass_time)
    with closing(_enrol(stage, len(cast.tasks) + 1, hospital.operator)) as ward:
        done.synced(ward.sync())
        at(12, 45)
        ward_round = called_round.call(services, cast.supervisor, hospital)
        done.synced(ward.sync())
        called_round.answer(ward, rng, ward_round, hospital, style)
        for _ in range(2):
            done.synced(ward.sync())
        called_round.answer_badly(ward, rng, ward_round, hospital, style)
        # The rest was answered in time and has no network until the time is over: that is no fault.
        at(13, 20)
        for _ in range(2):
            done.synced(ward.sync())
    seen = called_round.seen(services, cast.supervisor, ward_round)
    words = ", ".join(f"{flag} {count}" for flag, count in sorted(seen.flags.items()))
    done.called.append(
        f"{hospital.name}: {seen.in_time} of {seen.beds} beds answered in time; flags: {words}"
    )
    if seen.flags != called_round.EXPECTED:
        done.troubles.append(f"the flags of the called round are {words}")


def _disagree(
    stage: Stage, phones: list[Phone], cast: Cast, done: Day, at: Callable[..., None], say: Say
) -> None:
    """Two officers edit one amount, offline; both values are kept until the lead decides."""
    at(13, 30)
    say("two officers of one team edit the same amount, each offline")
    first, second, _ = phones
    inspection = cast.tasks[0].inspection
    finding = first.write_finding(
        inspection,
        violation_code="bed_hanging",
        facts="抽查床位长期无人, 费用每日产生",
        amount_fen=126_000,
        evidence=[one.id for one in first.show_all("evidence")[:3]],
    )
    done.findings += 1
    done.synced(first.sync())
    done.synced(second.sync())
    first.edit(finding, {"amount_fen": 152_000})
    second.edit(finding, {"amount_fen": 98_000})
    at(15)
    for phone in (first, second, first, second):
        done.synced(phone.sync())
    opened = [c for c in first.show_all("conflict") if c.values["state"] == "open"]
    for conflict in opened:
        done.conflicts.append(
            f"{conflict.values['record_type']}.{conflict.values['field']}: "
            f"{len(conflict.values['candidates'])} values kept, settled by the team: 1,520.00 元"
        )
        first.resolve(conflict.id, 152_000)
    at(15, 30)
    heard = datetime.fromtimestamp(stage.services.now_ms() / 1000, stage.config.zone).date()
    done.synced(first.sync())
    first.take_statement(finding, kind="agrees", text="情况属实, 无异议", heard_on=heard.isoformat())
    for phone in (first, second):
        done.synced(phone.sync())
    done.case = finding


def _decide(
    stage: Stage, phones: list[Phone], cast: Cast, done: Day, at: Callable[..., None], say: Say
) -> None:
    """The supervisor approves evidence and confirms the finding; the reminder goes out."""
    at(16)
    say("the supervisor approves evidence and confirms the finding")
    services = stage.services
    waiting = _pending(stage)
    refusal = _own_approval(stage, waiting[0]) if waiting else ""
    for item in waiting[:3]:
        reviewing.review_evidence(services, cast.supervisor, item.id, Review("approve", item.version))
    if waiting:
        done.approvals.append(f"{min(3, len(waiting))} of {len(waiting)} items approved by the supervisor")
        done.approvals.append(f"the author's own approval was refused: {refusal}")
    served = add_working_days(services.today(), -1, services.calendar)
    item, inspection = desk.load(services, cast.supervisor, "finding", done.case)
    issuing.confirm_finding(services, cast.supervisor, done.case, Confirmation(item.version, served, 15))
    say("the scheduler sends the reminder")
    # The message to the institution calls the case by the number of its notice.
    number = case_of(services, inspection.id).values["number"]
    mails = stage.mailbox.wait(number, MAIL_SECONDS)
    done.letters = mails
    done.mails = [f"{mail['To']}: {mail['Subject']}" for mail in mails]
    if not mails:
        done.troubles.append(f"no reminder arrived within {MAIL_SECONDS} s")
    elif not _noted(stage):
        done.troubles.append(f"the reminder was not noted as sent within {MAIL_SECONDS} s")
    at(16, 30)
    for phone in phones:
        done.synced(phone.sync())
    shown = phones[0].show(waiting[0].id) if waiting else None
    if shown is not None:
        done.approvals.append(f"on the author's phone the item now reads: {shown.stage}")


def _put_right(stage: Stage, checker: str, done: Day, at: Callable[..., None], say: Say) -> None:
    """The institution acknowledges from its link and reports in the portal; the case is verified, and closed."""
    at(16, 45)
    say("the institution acknowledges by its link, reports in the portal; one verifies, another closes")
    services, url = stage.services, stage.config.url
    _, inspection = desk.load(services, done.cast.supervisor, "finding", done.case)
    case = case_of(services, inspection.id)
    login = party.admit(services, case)
    done.cast = replace(done.cast, logins=(*done.cast.logins, login))
    try:
        acknowledged = party.acknowledge(url, done.letters)
        party.report(services, url, login, case.id)
        stage_then = party.settle(services, done.cast.supervisor, checker, case.id)
    except (httpx.HTTPError, Refusal) as fault:
        done.troubles.append(f"the institution's side: {type(fault).__name__}: {fault}")
        return
    done.party = [
        f"link: {acknowledged}",
        f"report with proof handed in by {login.login}",
        f"case: {stage_then}",
    ]
    if (acknowledged, stage_then) != ("done", "closed"):
        done.troubles.append(f"the case ended as {stage_then}, the link as {acknowledged}")


def _noted(stage: Stage) -> bool:
    """Wait until what was sent is in the ledger: the clock may not leap between an act and its commit."""
    until = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < until:
        with stage.services.database.reading() as connection:
            counts = ledger_scan.outbox_counts(connection, stage.services.ledger.id)
        if counts.get(outbox_store.SENT) and not counts.get(outbox_store.SENDING):
            return True
        time.sleep(0.1)
    return False


def _pending(stage: Stage) -> list[Record]:
    services = stage.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        statement = record_store.selected(services.ledger.id, "evidence").where(
            record_store.TABLE.c.stage == "pending_review"
        )
        return record_store.query(connection, vault, statement.order_by(record_store.TABLE.c.version))


def _own_approval(stage: Stage, item: Record) -> str:
    services = stage.services
    try:
        reviewing.review_evidence(services, item.created_by, item.id, Review("approve", item.version))
    except Refusal as refusal:
        return refusal.code
    return "NOT REFUSED"


def last_working_day(today: date, calendar: Calendar) -> date:
    """Return the last working day before today."""
    day = today - timedelta(days=1)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day
