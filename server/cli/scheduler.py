"""`wardledger scheduler`: the reminders' ticks."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.wiring import Services

SECONDS_MIN, SECONDS_MAX = 0.05, 3600.0


def register(subparsers: Any) -> None:
    """Add `scheduler`."""
    parser = subparsers.add_parser(
        "scheduler",
        help="send the reminders that are due",
        description="Look for deadlines that want a reminder and send it, until SIGTERM or Ctrl-C. Several may "
        "run at once: every reminder is sent once. Without WARDLEDGER_SMTP_URL reminders wait in the outbox.",
    )
    parser.add_argument("--once", action="store_true", help="do what is due now, print what came of it, end")
    parser.add_argument(
        "--seconds", type=_seconds, default=15.0, help="between two looks (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="with --once: print JSON")
    parser.set_defaults(run=run)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("seconds are a number") from error
    if not SECONDS_MIN <= seconds <= SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"seconds are {SECONDS_MIN:g} to {SECONDS_MAX:g}")
    return seconds


def run(args: argparse.Namespace, app: Flask) -> int:
    """Tick once and tell the tally, or tick until told to end; 1 if a reminder failed or is unknown."""

    import sys

    from server.cli import USAGE
    from server.keys import fitting
    from server.operations.installation import services
    from server.operations.running import working
    from server.reminders.channels import BadChannel

    here = services(app)
    fitting.check(here)
    try:
        with working(here.config):
            return _once(here, as_json=args.json) if args.once else _until_told(here, args.seconds)
    except BadChannel as bad:
        print(f"settings: {bad}", file=sys.stderr)
        return USAGE


def _until_told(services: Services, seconds: float) -> int:
    import logging

    from server.cli import OK
    from server.logging import configure
    from server.reminders import schedule

    configure("INFO")
    # The library tells every tick; ours tells those that did something.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    assert services.ledger.id, "looked up here, so that a missing ledger is refused before the first tick"
    schedule.run(services, seconds=seconds)
    return OK


def _once(services: Services, *, as_json: bool) -> int:
    """Tick until nothing is left to do now."""
    from server.cli import FAILED, OK, write_json
    from server.reminders import schedule
    from server.reminders.dispatch import DISPATCH_MAX

    tally: Counter[str] = Counter()
    while True:
        ticked = schedule.tick(services, services.now())
        tally.update(ticked)
        if ticked.total() - ticked["queued"] < DISPATCH_MAX:
            break
    if as_json:
        write_json(dict(tally))
    else:
        print(", ".join(f"{number} {word}" for word, number in tally.items()) or "nothing is due")
    return FAILED if tally["failed"] or tally["unknown"] else OK
