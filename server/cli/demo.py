"""`wardledger demo`: a city, three phones, a day in the wards; then the desk to look around."""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from server.demo.play import Day
    from server.demo.stage import Stage

HOME = Path("var/demo")


def register(subparsers: Any) -> None:
    """Add `demo`."""
    parser = subparsers.add_parser(
        "demo",
        help="play a day of a demo city, then serve it",
        description="Make a demo ledger of a city under var/demo (an earlier demo there is removed), let three "
        "simulated phones work a past working day offline and sync, print what happened, and serve the desk "
        "until Ctrl-C. All people and institutions are generated and marked as demo data.",
    )
    parser.add_argument("--port", type=int, default=8480, help="the desk's port (default: %(default)s)")
    parser.add_argument(
        "--once", action="store_true", help="end after the day with an audit and its exit status"
    )
    parser.add_argument("--home", type=Path, default=HOME, help="the demo's folder (default: %(default)s)")
    parser.set_defaults(run=run, needs_app=False)


def run(args: argparse.Namespace, _app: None) -> int:
    """Play, print, and either audit and end or serve on."""
    from server.config import load
    from server.demo.history import began
    from server.demo.play import last_working_day, play
    from server.demo.stage import stage
    from server.reminders import calendar
    from server.wiring import CALENDARS

    home = args.home.absolute()
    zone = load({"WARDLEDGER_HOME": str(home)}).zone
    days = calendar.load((CALENDARS / "CN.json").read_text("utf-8"))
    day = last_working_day(datetime.now(zone).date(), days)
    start = datetime.combine(began(day), time(7, 30), zone)
    print(f"demo day: {day:%Y-%m-%d}, 08:00-18:00 {zone.key}; everything is generated demo data")
    with stage(home, args.port, start) as shown:
        done = play(shown, day, lambda words: print(f"  {_clock(shown)}  {words}", flush=True))
        _print(shown, done)
        sound = _audit(shown)
        if args.once:
            return 0 if sound and not done.troubles else 1
        _serve_on(shown, done)
    return 0


def _clock(shown: Stage) -> str:
    return f"{shown.services.now().astimezone(shown.config.zone):%H:%M}"


def _print(shown: Stage, done: Day) -> None:
    from rich.console import Console
    from rich.table import Table

    from server.storage import ledger_store

    console = Console(width=None if sys.stdout.isatty() else 110)
    cast = done.cast
    console.print(
        f"\n{cast.institutions} institutions, {cast.users} users, {cast.inspections} inspections this week, "
        f"{cast.patients} in-patients listed; {done.beds} beds checked, {done.photos} photographs "
        f"and {done.gathered} other files "
        f"({done.uploaded / 1e6:.1f} MB), {done.findings} findings, "
        f"{done.interrupted} upload broken off and gone on with"
    )
    table = Table("verdict", "changes", title="What became of the phones' changes")
    for verdict, count in sorted(done.verdicts.items()):
        table.add_row(verdict, str(count))
    console.print(table)
    rows = [("files", words) for words in done.files]
    rows += [("conflict", words) for words in done.conflicts]
    rows += [("called", words) for words in done.called]
    rows += [("review", words) for words in done.approvals]
    rows += [("reminder", words) for words in done.mails]
    rows += [("portal", words) for words in done.party]
    rows += [("TROUBLE", words) for words in done.troubles]
    for kind, words in rows:
        console.print(f"{kind:9} {words}", markup=False, highlight=False)
    console.print(
        f"receipts  {done.receipts} verified on the phones; {done.pulled} records pulled and checked"
    )
    services = shown.services
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    console.print(f"\ncheckpoint\n{head.note}", markup=False, highlight=False, soft_wrap=True)


def _audit(shown: Stage) -> bool:
    """Run `wardledger ledger audit` as anybody would, and return whether it found nothing."""
    import subprocess

    from server.config import environment_for

    command = [sys.executable, "-m", "server", "ledger", "audit"]
    return subprocess.run(command, env=environment_for(shown.home), check=False).returncode == 0  # noqa: S603


def _serve_on(shown: Stage, done: Day) -> None:
    from rich.console import Console
    from rich.table import Table

    shown.set_clock(None)
    console = Console()
    table = Table("role", "login", "password", title="Demo logins")
    for one in done.cast.logins:
        table.add_row(one.role, one.login, one.password)
    console.print(table)
    console.print(f"The institution's portal: {shown.config.url}/portal")
    console.print(f"The desk: {shown.config.url}/    Commands: WARDLEDGER_HOME={shown.home} wardledger ...")
    console.print("The clock shows real time from now on. Ctrl-C ends.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("stopping")
