"""`wardledger restore`: put a backup back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(subparsers: Any) -> None:
    """Add `restore`."""
    parser = subparsers.add_parser(
        "restore",
        help="put a backup back, and say whether the ledger must be recovered",
        description="Hash a backup, audit its database, put its files back and then its database in the place of "
        "the one that is there, which is kept aside. Keys and the signer's own record are left as they are: put "
        "the keys back from their own backup first, and never put back the signer's record. Refuses while a "
        "server runs, and onto a ledger that is there unless --replace is given. If anything fails, everything "
        "stays as it was.",
    )
    parser.add_argument(
        "path", type=Path, metavar="BACKUP", help="the folder of one backup, see `backup list`"
    )
    parser.add_argument(
        "--replace", action="store_true", help="put aside the ledger that this installation holds"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Restore and tell how the ledger stands."""
    from server.cli import OK, write_json
    from server.cli.ledger import shown
    from server.operations.installation import services
    from server.operations.restore import restore

    with shown() as progress:
        done = restore(services(app), args.path, replacing=args.replace, progress=progress)
    if args.json:
        write_json(done.json())
        return OK
    print(f"restored  {done.entries} entries, audited; {done.files} files were put back")
    if done.migrated:
        print(f"migrated  from {done.migrated}, as this program wants it")
    if done.aside:
        print(f"aside     the database that was here: {done.aside}")
    for problem in done.problems:
        print(f"problem   {problem}")
    print(f"ledger    {done.standing.words}")
    if done.standing.next:
        print(f"          {done.standing.next}")
    return OK
