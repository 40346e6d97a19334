"""`wardledger reminders`: what will be sent, and what became of what was sent."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.reminders.facts import Standing
    from server.reminders.ladder import Reminder
    from server.storage.outbox_store import Posted
    from server.wiring import Services

DAYS_MAX = 366
LOGGED_MAX = 500
"""How many messages a listing shows; the desk's log has them all."""
TROUBLED_MAX = 200
"""How many reminders that failed, or of which nobody knows, are listed."""


def register(subparsers: Any) -> None:
    """Add `reminders`."""
    parser = subparsers.add_parser(
        "reminders", help="foresee reminders, see what became of them, send one again"
    )
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    preview = verbs.add_parser(
        "preview",
        help="what will be sent if nothing changes",
        description="List the reminders of the coming days, soonest first, then those that failed or may not "
        "have arrived. Nothing is sent.",
    )
    preview.add_argument("--days", type=_days, default=30, help="how far to look (default: %(default)s)")
    preview.add_argument("--json", action="store_true", help="print JSON")
    preview.set_defaults(run=run_preview)
    _register_log(verbs)


def _register_log(verbs: Any) -> None:
    """Add `log`, `dead-letters` and `resend`."""
    from schemas.records.reminder import CHANNELS
    from server.storage.outbox_store import STATES

    log = verbs.add_parser(
        "log",
        help="messages that were sent or wait, the newest first",
        description="List messages; no address is shown.",
    )
    log.add_argument("--state", choices=STATES, help="only those in this state")
    log.add_argument("--channel", choices=list(CHANNELS), help="only those of this channel")
    log.add_argument("--case", help="only those of this case, by its id")
    log.add_argument("--json", action="store_true", help="print JSON")
    log.set_defaults(run=run_log)
    dead = verbs.add_parser(
        "dead-letters",
        help="messages that failed, or may not have arrived, until somebody has seen to them",
        description="List what wants somebody's look. Nothing is sent.",
    )
    dead.add_argument("--json", action="store_true", help="print JSON")
    dead.set_defaults(run=run_dead)
    resend = verbs.add_parser(
        "resend",
        help="let a message that failed be sent once more",
        description="Queue a message again, with a reason, as a supervisor of its region; the next tick sends it.",
    )
    resend.add_argument("message", help="its id, as `dead-letters` shows it")
    resend.add_argument("--by", required=True, metavar="LOGIN", help="the supervisor in whose name")
    resend.add_argument("--reason", required=True, help="why, in a sentence")
    resend.add_argument("--json", action="store_true", help="print JSON")
    resend.set_defaults(run=run_resend)


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= DAYS_MAX:
        raise argparse.ArgumentTypeError(f"days are a number from 1 to {DAYS_MAX}")
    return int(text)


def run_preview(args: argparse.Namespace, app: Flask) -> int:
    """Print what is coming and what is in trouble."""
    from datetime import timedelta

    from server.cli import OK, write_json
    from server.operations.installation import services
    from server.reminders import petitions, scan
    from server.storage import outbox_store
    from server.storage.outbox_store import FAILED, UNKNOWN

    here = services(app)
    now = here.now()
    end = now + timedelta(days=args.days)
    foreseen = [*scan.coming(here, now, end), *petitions.coming(here, now, end)]
    foreseen.sort(key=lambda one: one[0].send_at)
    with here.database.reading() as connection:
        troubled = outbox_store.in_states(connection, here.ledger.id, (FAILED, UNKNOWN), TROUBLED_MAX)
    joined = scan.joined(foreseen)
    coming = [
        {**_foreseen(here, reminder, standing), "joined": joined.get(reminder.key, 1)}
        for reminder, standing in foreseen
    ]
    trouble = [_troubled(row) for row in troubled]
    if args.json:
        write_json({"coming": coming, "troubled": trouble})
        return OK
    _table(f"coming in {args.days} days", coming, empty="No reminder is coming.")
    if trouble:
        _table("failed or of unknown result", trouble)
    return OK


def _foreseen(services: Services, reminder: Reminder, standing: Standing) -> dict[str, Any]:
    when = reminder.send_at.astimezone(services.config.zone)
    return {
        "when": when.isoformat(timespec="minutes"),
        "case": reminder.case,
        "number": standing.case.values.get("number"),
        "rung": reminder.rung,
        "role": reminder.role,
        "recipient": reminder.recipient,
        "channel": reminder.channel,
        "why": reminder.why,
    }


def _troubled(row: Posted) -> dict[str, Any]:
    return {**row.key._asdict(), "state": row.state, "attempts": row.attempts, "error": row.error}


def run_log(args: argparse.Namespace, app: Flask) -> int:
    """Print messages, the newest first."""
    from server.operations.installation import services
    from server.storage import outbox_store

    here = services(app)
    with here.database.reading() as connection:
        found = outbox_store.newest(
            connection, here.ledger.id, LOGGED_MAX, state=args.state, channel=args.channel, case=args.case
        )
    return _listed(found, "messages", "No message is here.", as_json=args.json)


def run_dead(args: argparse.Namespace, app: Flask) -> int:
    """Print what wants somebody's look."""
    from server.operations.installation import services
    from server.storage import outbox_store

    here = services(app)
    with here.database.reading() as connection:
        found = outbox_store.unmended(connection, here.ledger.id, LOGGED_MAX)
    return _listed(found, "dead letters", "No message wants a look.", as_json=args.json)


def run_resend(args: argparse.Namespace, app: Flask) -> int:
    """Queue a message once more."""
    from server.accounts import users
    from server.casework.mending import RESENT, Mending, mend
    from server.operations.installation import services

    here = services(app)
    by = users.find(here, args.by).id
    row = mend(here, by, args.message, Mending(RESENT, args.reason))
    return _listed([row], "queued again", "", as_json=args.json)


def _listed(rows: list[Posted], title: str, empty: str, *, as_json: bool) -> int:
    from server.cli import OK, write_json

    told = [{"id": row.id, **_troubled(row)} for row in rows]
    if as_json:
        write_json({"messages": told})
    else:
        _table(title, told, empty=empty)
    return OK


def _table(title: str, rows: list[dict[str, Any]], *, empty: str = "") -> None:
    """Print rows as a table as wide as it has to be: a recipient that is cut off names nobody."""
    from rich.console import Console
    from rich.table import Table

    if not rows:
        print(empty)
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), no_wrap=True)
    for row in rows:
        table.add_row(*(str("" if value is None else value) for value in row.values()))
    console = Console()
    needed = console.measure(table, options=console.options.update(width=1_000)).maximum
    console.width = max(console.width, needed)
    console.print(table)
