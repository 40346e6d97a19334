"""`wardledger alike`: compare pictures that were not compared yet, or all of them anew."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(subparsers: Any) -> None:
    """Add `alike`."""
    parser = subparsers.add_parser(
        "alike",
        help="compare pictures with all earlier ones",
        description="Work off the pictures that wait to be compared, as the scheduler does by and by, and say how many "
        "pairs resemble each other. With --again everything is compared anew, for instance after an upgrade.",
    )
    parser.add_argument(
        "--again", action="store_true", help="forget what was found and compare everything anew"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Compare until nothing waits; tell how many were looked at and found."""
    from server.cli import OK, write_json
    from server.evidence import resembling
    from server.operations.installation import services
    from server.storage import likeness_store

    here = services(app)
    if args.again:
        with here.database.writing(here.ledger.id) as connection:
            likeness_store.ask_all(connection, here.ledger.id)
    looked = 0
    while done := resembling.sweep(here):
        looked += done
        if sys.stderr.isatty():
            print(f"\r{looked} compared", end="", file=sys.stderr, flush=True)
    with here.database.reading() as connection:
        counts = likeness_store.counts(connection, here.ledger.id)
    found = {"compared": looked, **counts}
    if args.json:
        write_json(found)
    else:
        print(
            f"{looked} pictures compared; {counts['hashed']} have a hash, {counts['nothing']} show nothing to compare"
        )
        print(f"{counts['pairs']} pairs resemble each other")
    return OK
