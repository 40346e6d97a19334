"""The schedule: ticks the scan and the dispatch. APScheduler only ticks; what is due lives in the database."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from server.accounts import access_roots, deputations
from server.casework import bulletins, forks, keeping_up, recalculating, recusing, second_draw, waiting_tasks
from server.evidence import resembling, verify
from server.intake import unnamed, uploads
from server.keys import ledger_rotation, rotation
from server.outside import timestamps, witnesses
from server.reminders import facts, following, petitions, receipts, rung_tasks
from server.reminders.channels import Channel, open_channels
from server.reminders.dispatch import dispatch
from server.reminders.in_app import IN_APP
from server.reminders.scan import scan
from server.rounds import orders, scheduling
from server.wiring import Services

TICK_SECONDS = 15.0
log = structlog.get_logger()


def tick(services: Services, now: datetime, channels: Mapping[str, Channel] | None = None) -> Counter[str]:
    """Scan and dispatch once at `now` (aware UTC), see to rounds and files; return how many were `queued`, `sent` ...

    channels: those of the settings, unless given; without a mail server reminders wait in the outbox
    """
    ways = open_channels(services.config, facts.language_of(services)) if channels is None else channels
    # Who stands in from today on gets the reminders of today.
    stood_in = deputations.sweep(services) + recusing.sweep(services)
    # A table of working days whose day has come moves deadlines before they are looked at.
    stood_in += recalculating.sweep(services)
    tally = Counter({"queued": scan(services, now)}) + petitions.sweep(services, now) + stood_in
    tally.update(dispatch(services, ways, now))
    tally.update(receipts.sweep(services, ways, now))
    tally.update({"acknowledged": following.sweep(services)})
    # Reminders first: what may be wrong with a round must not keep one from being sent.
    tally.update(scheduling.fire(services))
    tally.update(orders.sweep(services))
    tally.update({"verified": verify.sweep(services), "expired": uploads.sweep(services)})
    tally.update({"dropped": unnamed.sweep(services)})
    tally.update({"second_reviews": second_draw.sweep(services)})
    tally.update({"compared": resembling.sweep(services)})
    tally.update(rotation.sweep(services) + ledger_rotation.sweep(services))
    tally.update({"bulletins": bulletins.sweep(services)})
    tally.update({"tasks_over": rung_tasks.drop_over(services)})
    tally.update(waiting_tasks.sweep(services))
    tally.update({"kept_up": keeping_up.sweep(services)})
    tally.update({"stopped": forks.sweep(services)})
    tally.update({"accesses": access_roots.sweep(services)})
    # Last: these wait for others' machines.
    tally.update({"timestamped": timestamps.sweep(services), "cosigned": witnesses.sweep(services)})
    return +tally


def run(services: Services, *, seconds: float = TICK_SECONDS) -> None:
    """Tick every `seconds` until SIGTERM or SIGINT; the tick that is under way ends first.

    Only for the main thread, which alone may take signals. Raises BadChannel.
    """
    channels = open_channels(services.config, facts.language_of(services))
    if channels.keys() <= {IN_APP}:
        log.warning("neither a mail server nor a gateway is configured, reminders wait in the outbox")
    stopping = threading.Event()
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(1)}, timezone=UTC)
    # The first tick goes at once. Ticks that were missed are one: the scan finds all that is due.
    scheduler.add_job(
        _tick_and_go_on,
        "interval",
        (services, channels),
        seconds=seconds,
        next_run_time=datetime.now(UTC),
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    scheduler.start()
    try:
        stopping.wait()
    finally:
        scheduler.shutdown(wait=True)
        for number, handler in before.items():
            signal.signal(number, handler)


def _tick_and_go_on(services: Services, channels: Mapping[str, Channel]) -> None:
    """Tick; an outage of database or disk is told and tried again at the next tick."""
    try:
        tally = tick(services, services.now(), channels)
    except Exception:
        log.exception("tick failed")
        return
    if tally:
        log.info("ticked", **tally)
