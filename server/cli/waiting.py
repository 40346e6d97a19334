"""`wardledger waiting`: changes of phones that did not come into force yet, for what they wait and since when."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.storage.waiting_store import Waiting

PAGE = 100
DAY_MS = 24 * 60 * 60_000


def register(subparsers: Any) -> None:
    """Add `waiting`."""
    parser = subparsers.add_parser(
        "waiting",
        help="list what phones recorded and has not come into force yet",
        description="List the changes that are held until something arrives, and those that are late and wait for a "
        "person, the longest waiting first. Nothing of them is lost; a held one comes into force by itself in the "
        "commit that brings what it waits for.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, one page after the other")
    parser.add_argument("--after", type=int, default=-1, metavar="ENTRY", help="go on behind this entry")
    parser.add_argument("--limit", type=int, default=PAGE, metavar="N", help=f"how many (default: {PAGE})")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """List a page."""
    from server.cli import write_json
    from server.operations.installation import services
    from server.storage import waiting_store

    here = services(app)
    limit = max(1, args.limit)
    with here.database.reading() as connection:
        found = waiting_store.open_ones(connection, here.ledger.id, after=args.after, limit=limit + 1)
    rows = [_facts(one, here.now_ms()) for one in found[:limit]]
    if args.json:
        write_json(rows)
        return 0
    if not rows:
        print("nothing waits")
        return 0
    print(f"{'entry':>8}  {'verdict':<7}  {'days':>4}  {'waits for':<40}  {'type':<16}  device")
    for row in rows:
        waits = row["waiting_for"] or "a person's word"
        print(
            f"{row['entry']:>8}  {row['verdict']:<7}  {row['days']:>4}  {waits:<40}  {row['type'] or '-':<16}  "
            f"{row['device']}"
        )
    if len(found) > limit:
        print(f"more: wardledger waiting --after {rows[-1]['entry']}")
    return 0


def _facts(one: Waiting, now_ms: int) -> dict[str, Any]:
    return {
        "entry": one.index,
        "verdict": one.verdict,
        "waiting_for": one.waiting_for,
        "change": one.change,
        "type": one.type,
        "record": one.record,
        "device": one.device,
        "received_at": datetime.fromtimestamp(one.at / 1000, UTC).isoformat(timespec="seconds"),
        "days": max(0, now_ms - one.at) // DAY_MS,
        "last_judged": one.moved,
    }
