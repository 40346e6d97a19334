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
TROUBLED_MAX = 200
"""How many reminders that failed, or of which nobody knows, are listed."""


def register(subparsers: Any) -> None:
    """Add `reminders preview`."""
    parser = subparsers.add_parser("reminders", help="foresee the reminders")
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


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= DAYS_MAX:
        raise argparse.ArgumentTypeError(f"days are a number from 1 to {DAYS_MAX}")
    return int(text)


def run_preview(args: argparse.Namespace, app: Flask) -> int:
    """Print what is coming and what is in trouble."""
    from datetime import timedelta

    from server.cli import OK, write_json
    from server.operations.installation import services
    from server.reminders import scan
    from server.storage import outbox_store
    from server.storage.outbox_store import FAILED, UNKNOWN

    here = services(app)
    now = here.now()
    foreseen = scan.coming(here, now, now + timedelta(days=args.days))
    with here.database.reading() as connection:
        troubled = outbox_store.in_states(connection, here.ledger.id, (FAILED, UNKNOWN), TROUBLED_MAX)
    coming = [_foreseen(here, reminder, standing) for reminder, standing in foreseen]
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
