"""Many simulated phones, each with its own home and identity: they work a day offline, then sync."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from mobile_stub import identity, working
from mobile_stub.clock import Clock
from mobile_stub.identity import Hardness
from mobile_stub.phone import Phone, SyncReport
from mobile_stub.viewing import Shown
from mobile_stub.working import Style, Worked
from schemas.wire.enrol import Invite

PIN = "demo-fleet"
"""The PIN of every simulated phone: they hold nothing that is worth one."""
HARDNESS = Hardness(memory_kib=1024, passes=1, lanes=1)
JOBS_MAX = 32
DONE = ("record_signed", "submitted", "accepted", "archived")


@dataclass
class Tally:
    """What a fleet did; verdicts counts acknowledged changes, errors counts what parts of syncs failed with."""

    phones: int = 0
    days: int = 0
    rounds: int = 0
    beds: int = 0
    photos: int = 0
    findings: int = 0
    changes: int = 0
    sets: int = 0
    bytes_uploaded: int = 0
    records: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    alarms: int = 0

    def worked(self, done: Worked) -> None:
        """Count what was recorded."""
        self.rounds += done.ward_round is not None
        self.beds += len(done.bed_checks)
        self.photos += len(done.evidence)
        self.findings += len(done.findings)

    def synced(self, report: SyncReport) -> None:
        """Count what a sync did."""
        self.changes += report.pushed.changes
        self.sets += report.pushed.sets
        self.bytes_uploaded += report.uploaded.bytes
        self.records += report.pulled.items
        _add(self.verdicts, report.pushed.verdicts)
        _add(self.errors, {error.code: 1 for error in report.errors})
        self.alarms += report.alarm is not None

    def plus(self, other: Tally) -> None:
        """Add another phone's tally."""
        for name, value in vars(other).items():
            if isinstance(value, dict):
                _add(getattr(self, name), value)
            else:
                setattr(self, name, getattr(self, name) + value)


def _add(counts: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        counts[name] = counts.get(name, 0) + count


def home_of(folder: Path, number: int) -> Path:
    """Return the home of a simulated phone, numbered from 1."""
    return folder / f"phone-{number:04d}"


def muster(
    folder: Path,
    number: int,
    invite: Invite | None,
    *,
    clock: Clock | None = None,
    client: httpx.Client | None = None,
) -> Phone:
    """Return a simulated phone, open: enrolled by the invite, or the one that was enrolled in its home before."""
    home = home_of(folder, number)
    if invite is not None and not _enrolled(home):
        return Phone.enrol(home, invite, PIN, clock=clock, client=client, hardness=HARDNESS)
    return Phone.open(home, PIN, clock=clock, client=client)


def _enrolled(home: Path) -> bool:
    return identity.exists(home) and bool(identity.load(home, PIN).device)


def chance(seed: int, *parts: object) -> random.Random:
    """Return the generator of one phone's day; the same on every machine."""
    text = "/".join(str(part) for part in (seed, *parts))
    return random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - a simulation's chance


def inspections_of(phone: Phone, day: str | None = None) -> list[Shown]:
    """Return the inspections that this phone's user still works on, of one planned day where given."""
    found = [i for i in phone.show_all("inspection") if i.stage not in DONE]
    return [i for i in found if day is None or i.values.get("planned_on") == day]


def work_day(
    phone: Phone, rng: random.Random, inspections: Sequence[str], *, style: Style | None = None
) -> list[Worked]:
    """Work on each inspection, offline: a ward round where there are in-patients, else a visit with photos."""
    done = []
    for inspection in inspections:
        institution = phone.show(inspection).values["institution"]
        patients = (e.values.get("institution") for e in phone.show_all("encounter"))
        act = working.work_round if institution in patients else working.work_visit
        done.append(act(phone, rng, inspection, style=style))
    return done


def run_phone(
    folder: Path,
    number: int,
    invite: Invite | None,
    *,
    days: int,
    seed: int,
    style: Style | None = None,
    **more: Any,
) -> Tally:
    """Let one phone sync, work and sync for some days; return what it did."""
    tally = Tally(phones=1)
    with muster(folder, number, invite, **more) as phone:
        tally.synced(phone.sync())
        for day in range(days):
            rng = chance(seed, number, day)
            open_now = [one.id for one in inspections_of(phone)]
            chosen = open_now[day % len(open_now) : day % len(open_now) + 1] if open_now else []
            for done in work_day(phone, rng, chosen, style=style):
                tally.worked(done)
            tally.synced(phone.sync())
            tally.days += 1
    return tally


def run(
    folder: Path,
    invites: Sequence[Invite | None],
    *,
    days: int,
    seed: int,
    jobs: int = 4,
    style: Style | None = None,
    told: Callable[[int, int], None] | None = None,
    client: httpx.Client | None = None,
) -> Tally:
    """Run a fleet of as many phones as there are invites (None for one that is enrolled); return its tally.

    told: called with (phones done, phones) as they end
    """
    total = Tally()

    def one(place: int) -> Tally:
        return run_phone(folder, place + 1, invites[place], days=days, seed=seed, style=style, client=client)

    with ThreadPoolExecutor(min(jobs, JOBS_MAX)) as pool:
        for count, tally in enumerate(pool.map(one, range(len(invites))), 1):
            total.plus(tally)
            if told:
                told(count, len(invites))
    return total
