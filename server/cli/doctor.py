"""`wardledger doctor`: is this installation in order, and what to do if not."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(subparsers: Any) -> None:
    """Add `doctor`."""
    parser = subparsers.add_parser(
        "doctor",
        help="say in plain words whether this installation is in order",
        description="Look at keys, database, ledger head, signer's record, clock, disk, files, reminders and "
        "quarantine, and say what to do where something is wrong. Changes nothing.",
    )
    parser.add_argument("--all", action="store_true", help="hash every stored file, not only a sample")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Print a line for each thing looked at; 1 if one is a problem."""
    from server.cli import write_json
    from server.cli.ledger import shown
    from server.operations.doctor import PROBLEM, examine
    from server.operations.installation import services

    with shown() as progress:
        checks = examine(services(app), every_file=args.all, progress=progress)
    healthy = not any(check.state == PROBLEM for check in checks)
    if args.json:
        write_json({"ok": healthy, "checks": [check.json() for check in checks]})
        return 0 if healthy else 1
    for check in checks:
        print(f"{check.state:<8} {check.name}: {check.words}")
        if check.next:
            print(f"{'':<8} {check.next}")
    return 0 if healthy else 1
